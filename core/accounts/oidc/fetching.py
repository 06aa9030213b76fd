"""Asking an issuer for its keys: its own host, no redirects, little and soon.

References
----------
OpenID Connect Discovery 1.0, section 4; RFC 7517.
"""

import json
from http.client import HTTPException
from typing import IO, Any, Final
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from core.errors import Upstream

TIMEOUT_S: Final = 5.0
MAXIMUM_BYTES: Final = 1024 * 1024
_DISCOVERY: Final = "/.well-known/openid-configuration"


def fetch_keys(issuer: str) -> list[dict[str, Any]]:
    """Return the public keys that an issuer signs with, as JWKs.

    Raises
    ------
    Upstream
        It does not answer, or not as the standard says.
    """
    about = _get(issuer.rstrip("/") + _DISCOVERY)
    if about.get("issuer") != issuer:
        message = f"the issuer {issuer} calls itself {about.get('issuer')!r}"
        raise _failed(message)
    address = about.get("jwks_uri")
    if not isinstance(address, str) or _origin(address) != _origin(issuer):
        message = f"the issuer {issuer} keeps its keys on another host"
        raise _failed(message)
    keys = _get(address).get("keys")
    if not isinstance(keys, list):
        message = f"the issuer {issuer} has no keys"
        raise _failed(message)
    return [key for key in keys if isinstance(key, dict)]


class _NoRedirect(HTTPRedirectHandler):
    """Keeps requests at the host that an administrator named."""

    def redirect_request(
        self,
        req: Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Any,
        newurl: str,
    ) -> None:
        """Follow nothing: the answer is an error then."""


_opener: Final = build_opener(_NoRedirect)


def _get(address: str) -> dict[str, Any]:
    # Only http and https: `portal.settings` checks issuers, `_origin` the rest.
    request = Request(address, headers={"Accept": "application/json"})  # noqa: S310
    try:
        with _opener.open(request, timeout=TIMEOUT_S) as answer:
            body = answer.read(MAXIMUM_BYTES + 1)
        held = json.loads(body)
    except (OSError, HTTPException, ValueError, RecursionError) as error:
        message = f"{address}: {error}"
        raise _failed(message) from error
    if len(body) > MAXIMUM_BYTES or not isinstance(held, dict):
        message = f"{address} answers no JSON object of a sane size"
        raise _failed(message)
    return held


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc


def _failed(what: str) -> Upstream:
    return Upstream(what, retryable=True)
