"""Bearer tokens of WebSockets that pages open: beside the subprotocols.

A page can give a WebSocket no headers but ``Sec-WebSocket-Protocol`` (RFC 6455 1.9),
and an address is kept in logs. So a client may offer, beside the subprotocol that it
speaks, one that carries a token: ``bearer.TOKEN``. That is never selected, so no answer
has it.
"""

from typing import Final

from starlette.types import Scope

BEARER: Final = "bearer."

_HEADER: Final = b"sec-websocket-protocol"


def authorization_in(scope: Scope) -> str | None:
    """Return what would stand in ``Authorization``; None where no token is offered.

    Of several the first one counts.
    """
    for offered in scope.get("subprotocols", ()):
        if offered.lower().startswith(BEARER):
            return f"Bearer {offered[len(BEARER) :]}"
    return None


def forget_tokens(scope: Scope) -> None:
    """Leave tokens out of what whoever serves the connection is told."""
    scope["subprotocols"] = [
        offered
        for offered in scope.get("subprotocols", ())
        if not offered.lower().startswith(BEARER)
    ]
    scope["headers"] = [each for each in scope["headers"] if each[0] != _HEADER]
