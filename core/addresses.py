"""The address of this server, as the client that sends a request knows it."""

from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from starlette.types import Scope

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_HTTP: Final = {"ws": "http", "wss": "https"}


def origin_of(scope: Scope) -> str:
    """Return scheme, host and port that addresses in the answer begin with."""
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    _, port = scope.get("server") or ("", None)
    scheme: str = scope["scheme"]
    return f"{_HTTP.get(scheme, scheme)}://{_authority(host.decode('latin-1'), port)}"


@lru_cache(256)
def _authority(host: str, server_port: int | None) -> str:
    """Return host and port as the client knows them.

    dicomweb-client (Python, 0.61) leaves the port out of ``Host``. Behind a proxy
    that is right; on this machine the port is known, and addresses need it.
    """
    named = urlsplit(f"//{host}")
    is_bare = named.hostname in _LOOPBACK and named.port is None
    if is_bare and server_port not in {None, 80, 443}:
        return f"{host}:{server_port}"
    return host
