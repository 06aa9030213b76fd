"""Secrets that the portal must be able to use again: kept encrypted.

Who reads the database or its copies has not the key, which is ``PORTAL_SECRET_KEY``.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from core.errors import Gone


def hidden(text: str, *, of: str) -> str:
    """Return text as only this portal reads it.

    Parameters
    ----------
    of
        What it is for: a secret of one thing cannot be put in the place of another's.
    """
    return _fernet(of).encrypt(text.encode()).decode()


def shown(text: str, *, of: str, otherwise: str) -> str:
    """Return what was hidden.

    Parameters
    ----------
    otherwise
        What to say where it can be read no more.

    Raises
    ------
    Gone
        The key is another one since.
    """
    try:
        return _fernet(of).decrypt(text.encode()).decode()
    except InvalidToken as error:
        raise Gone(otherwise) from error


def _fernet(of: str) -> Fernet:
    key = hashlib.sha256(f"{of}:{settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
