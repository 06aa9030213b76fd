"""What a JWT says before anybody has verified it, read by the letter."""

import base64
import binascii
import json
import math
import re
from enum import StrEnum
from typing import Any, Final, NamedTuple

from core.errors import Unauthenticated

MAXIMUM_LENGTH: Final = 16 * 1024
"""Characters of a token; those with many groups have some thousand."""

# ``eyJ`` is ``{"`` in base64url. Our own tokens have no dots.
_FORM: Final = re.compile(r"(eyJ[\w-]+)\.([\w-]+)\.[\w-]*", re.ASCII)


class Flaw(StrEnum):
    """Why a token is refused; the client is told."""

    FORM = "it is no JWT of a sane length"
    UNREADABLE = "it cannot be read"
    EXTENSION = "it needs an extension"
    TYPE = "it is of a type that is no access token"
    UNNAMED = "it names no issuer, algorithm or key"
    ISSUER = "its issuer is not trusted here"
    ALGORITHM = "its algorithm is not trusted here"
    KEY = "its key is not known"
    EXPIRED = "it has expired"
    AUDIENCE = "it is for another audience"
    INVALID = "it is not valid"
    SUBJECT = "its subject cannot be kept"
    DISABLED = "the account is disabled"
    NAME = "no account can be made for it"
    NONCE = "it was made for another sign-in"


class Unverified(NamedTuple):
    """Who a token says has signed it, and how."""

    issuer: str
    algorithm: str
    key_id: str | None


def looks_like_jwt(token: str) -> bool:
    """Return whether a bearer token has the form of a signed JWT."""
    return _FORM.fullmatch(token) is not None


def read(token: str) -> Unverified:
    """Return what names the key that a token must be verified with.

    Raises
    ------
    Unauthenticated
        It is too long, no JWT, says something twice, or wants what is not done here.
    """
    parts = _FORM.fullmatch(token)
    if parts is None or len(token) > MAXIMUM_LENGTH:
        raise bad(Flaw.FORM)
    header, claims = _object(parts[1]), _object(parts[2])
    if "crit" in header or "b64" in header:
        raise bad(Flaw.EXTENSION)
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in {
        "jwt",
        "at+jwt",
    }:
        raise bad(Flaw.TYPE)
    issuer, algorithm = claims.get("iss"), header.get("alg")
    key_id = header.get("kid")
    if (
        not isinstance(issuer, str)
        or not isinstance(algorithm, str)
        or not isinstance(key_id, str | None)
    ):
        raise bad(Flaw.UNNAMED)
    return Unverified(issuer, algorithm, key_id)


def bad(why: Flaw) -> Unauthenticated:
    """Return the refusal of a token, for the reason that is given."""
    message = f"The token is refused: {why}."
    return Unauthenticated(message, error="invalid_token")


def _object(part: str) -> dict[str, Any]:
    try:
        text = base64.b64decode(part + "=" * (-len(part) % 4), b"-_", validate=True)
        held = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_float=_finite,
            parse_constant=_finite,
        )
    except (ValueError, RecursionError, binascii.Error) as error:
        raise bad(Flaw.UNREADABLE) from error
    if not isinstance(held, dict):
        raise bad(Flaw.UNREADABLE)
    return held


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) != len(pairs):
        # RFC 7519 4 lets readers take the last one; then two readers may differ.
        message = "a name stands twice"
        raise ValueError(message)
    return held


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        message = "no number"
        raise ValueError(message)
    return number
