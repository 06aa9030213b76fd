"""How a server knows us: a token of the settings, or one that is given for a signature.

References
----------
SMART Backend Services (SMART App Launch 2.2, "Backend Services"); RFC 7523.
"""

import time
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from core import kept_secrets
from core.errors import Gone, Invalid, Upstream
from fhirlink.models import Auth, RemoteServer
from fhirlink.remote.client import Away, Connection, require_done

ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_S: Final = 240  # five minutes are the most that SMART allows
SPARE_S: Final = 30.0  # a token is given back before it ends
_DEFAULT_S: Final = 300.0
_OF: Final = "remote servers"
_CURVES: Final = {256: "ES256", 384: "ES384", 521: "ES512"}

_kept: Final[dict[tuple[int, str], tuple[str, float]]] = {}


def hidden(secret: str) -> str:
    """Return a secret as the database keeps it."""
    return kept_secrets.hidden(secret, of=_OF)


def algorithm_of(pem: str) -> str:
    """Return with which algorithm a private key signs.

    Raises
    ------
    Invalid
        It is no key in PEM without a password, or of another kind.
    """
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        message = "SMART takes a private key in PEM, without a password."
        raise Invalid(message, path="secret") from error
    if isinstance(key, RSAPrivateKey) and key.key_size >= 2048:
        return "RS384"
    if isinstance(key, EllipticCurvePrivateKey) and key.curve.key_size in _CURVES:
        return _CURVES[key.curve.key_size]
    message = "SMART takes a key of RSA (2048 bits and more) or of an elliptic curve."
    raise Invalid(message, path="secret")


def authorization(server: RemoteServer) -> dict[str, str]:
    """Return the header that a server knows us by; none where it needs none.

    Raises
    ------
    Away
        There is no token at the moment.
    """
    if server.auth == Auth.NONE:
        return {}
    secret = _shown(server)
    if server.auth == Auth.BEARER:
        return {"Authorization": f"Bearer {secret}"}
    key = (server.pk, f"{server.token_url} {server.client_id} {server.secret}")
    token, until = _kept.get(key, ("", 0.0))
    if time.monotonic() >= until:
        token, lasts_s = _asked_for(server, secret)
        _kept[key] = (token, time.monotonic() + max(lasts_s - SPARE_S, 0.0))
    return {"Authorization": f"Bearer {token}"}


def forget(server: RemoteServer) -> None:
    """Ask for a new token next time: the server takes the last one no more."""
    for key in [each for each in _kept if each[0] == server.pk]:
        del _kept[key]


def _asked_for(server: RemoteServer, pem: str) -> tuple[str, float]:
    """Return a token, and how long it lasts."""
    form = {
        "grant_type": "client_credentials",
        "scope": server.scope,
        "client_assertion_type": ASSERTION,
        "client_assertion": assertion(server, pem),
    }
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
    }
    with Connection(server.token_url) as connection:
        body = urlencode(form).encode()
        answer = require_done(connection.ask("POST", "", body, headers))
    if answer.status != 200:
        message = f"The server gives no token: {answer.status}."
        raise Away(message, is_certain=True)
    try:
        given: Any = answer.json()
        token, lasts = given["access_token"], given.get("expires_in", _DEFAULT_S)
        if isinstance(token, str) and token.isascii() and token.isprintable():
            return token, float(lasts)
    except (KeyError, TypeError, ValueError, Upstream):
        pass
    message = "The server's answer has no token."
    raise Away(message, is_certain=True)


def assertion(server: RemoteServer, pem: str) -> str:
    """Return what proves to a server of tokens who we are, once."""
    claims = {
        "iss": server.client_id,
        "sub": server.client_id,
        "aud": server.token_url,
        "exp": int(time.time()) + ASSERTION_S,
        "jti": str(uuid4()),
    }
    headers = {"kid": server.key_id} if server.key_id else None
    return jwt.encode(claims, pem, algorithm_of(pem), headers)


def _shown(server: RemoteServer) -> str:
    otherwise = "Its secret can be read no more: enter it again."
    try:
        return kept_secrets.shown(server.secret, of=_OF, otherwise=otherwise)
    except Gone as error:
        raise Away(error.message, is_certain=True) from error
