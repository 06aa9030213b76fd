"""Secrets that a request brings and an operation needs: kept encrypted."""

from core import kept_secrets

_OF = "exports"
_GONE = "The credentials can be read no more: start a new export."


def hidden(text: str) -> str:
    """Return text as only this portal reads it."""
    return kept_secrets.hidden(text, of=_OF)


def shown(text: str) -> str:
    """Return what was hidden.

    Raises
    ------
    Gone
        The key is another one since.
    """
    return kept_secrets.shown(text, of=_OF, otherwise=_GONE)
