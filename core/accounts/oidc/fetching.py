"""Asking an issuer: its own host, no redirects, little and soon.

References
----------
OpenID Connect Discovery 1.0, section 4; RFC 6749, 7517.
"""

import json
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request

from core.errors import Upstream
from core.without_redirects import OPENER

TIMEOUT_S: Final = 5.0
MAXIMUM_BYTES: Final = 1024 * 1024
_DISCOVERY: Final = "/.well-known/openid-configuration"


def fetch_about(issuer: str) -> Mapping[str, Any]:
    """Return what an issuer says of itself: its discovery document.

    Raises
    ------
    Upstream
        It does not answer, or not as the standard says.
    """
    about = _ask(issuer.rstrip("/") + _DISCOVERY)
    if about.get("issuer") != issuer:
        message = f"the issuer {issuer} calls itself {about.get('issuer')!r}"
        raise _failed(message)
    return about


def endpoint(about: Mapping[str, Any], name: str) -> str:
    """Return an address of an issuer that its discovery document names.

    Raises
    ------
    Upstream
        There is none, or on another host.
    """
    issuer, address = about["issuer"], about.get(name)
    if not isinstance(address, str) or _origin(address) != _origin(issuer):
        message = f"the issuer {issuer} has no {name} on its own host"
        raise _failed(message)
    return address


def fetch_keys(issuer: str) -> list[dict[str, Any]]:
    """Return the public keys that an issuer signs with, as JWKs.

    Raises
    ------
    Upstream
        It does not answer, or not as the standard says.
    """
    keys = _ask(endpoint(fetch_about(issuer), "jwks_uri")).get("keys")
    if not isinstance(keys, list):
        message = f"the issuer {issuer} has no keys"
        raise _failed(message)
    return [key for key in keys if isinstance(key, dict)]


def post_form(
    address: str, fields: Mapping[str, str], headers: Mapping[str, str]
) -> Mapping[str, Any]:
    """Return the JSON that a form is answered with, also where that is an error.

    Raises
    ------
    Upstream
        There is no such answer.
    """
    return _ask(address, urlencode(fields).encode(), headers)


def _ask(
    address: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    # Only http and https: `portal.settings` checks issuers, `_origin` the rest.
    sent = {"Accept": "application/json", **(headers or {})}
    request = Request(address, body, sent)  # noqa: S310
    try:
        answered = _read(request)
        held = json.loads(answered)
    except (OSError, HTTPException, ValueError, RecursionError) as error:
        message = f"{address}: {error}"
        raise _failed(message) from error
    if len(answered) > MAXIMUM_BYTES or not isinstance(held, dict):
        message = f"{address} answers no JSON object of a sane size"
        raise _failed(message)
    return held


def _read(request: Request) -> bytes:
    try:
        with OPENER.open(request, timeout=TIMEOUT_S) as answer:
            return bytes(answer.read(MAXIMUM_BYTES + 1))
    except HTTPError as error:
        with error:
            # RFC 6749 5.2: why a form is refused stands in the body.
            if request.data is None or error.code not in {400, 401}:
                raise
            return error.read(MAXIMUM_BYTES + 1)


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc


def _failed(what: str) -> Upstream:
    return Upstream(what, retryable=True)
