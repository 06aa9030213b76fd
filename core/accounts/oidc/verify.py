"""Whether a token was signed by an issuer that is trusted, for us, and for now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any, Final

import jwt
from django.conf import settings

from core.accounts.oidc.keys import ALGORITHMS, Keys
from core.accounts.oidc.reading import Flaw, Unverified, bad, looks_like_jwt, read

LEEWAY: Final = timedelta(seconds=60)
"""By how much the issuer's clock may differ from ours."""

MAXIMUM_SUBJECT: Final = 255  # OpenID Connect Core 1.0, section 2
_REQUIRED: Final = ("iss", "sub", "aud", "exp")

_keys: dict[str, Keys] = {}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a verified token is about.

    Attributes
    ----------
    subject
        What the issuer calls it, for ever.
    name
        What people call it; may change, and need not be the issuer's to give.
    made_at
        When the token was made, where it says so.
    until
        When it is not accepted any more.
    """

    issuer: str
    subject: str
    name: str
    groups: frozenset[str]
    made_at: datetime | None
    until: datetime


def is_jwt(token: str) -> bool:
    """Return whether an issuer must say whose token it is."""
    return bool(settings.OIDC_ISSUERS) and looks_like_jwt(token)


async def prepare(token: str) -> None:
    """Have the key at hand that `verify` needs; nothing is believed yet.

    Raises
    ------
    Unauthenticated
        There can be no such key.
    Busy
        The issuer cannot be asked.
    """
    said = read(token)
    await _keys_of(said).prepare(said.key_id, said.algorithm)


def verify(token: str) -> Identity:
    """Return who an access token is about.

    Raises
    ------
    Unauthenticated
        It is not from an issuer that is trusted, not for us, not for now, or not whole.
    """
    return _identity(_verified(token, settings.OIDC_AUDIENCES))


def verify_id_token(token: str, *, issuer: str, client_id: str, nonce: str) -> Identity:
    """Return who an ID token says has signed in (OpenID Connect Core 1.0, 3.1.3.7).

    Raises
    ------
    Unauthenticated
        As `verify` does; it is from another issuer, for another client, or another
        sign-in.
    """
    claims = _verified(token, [client_id])
    if claims["iss"] != issuer:
        raise bad(Flaw.ISSUER)
    audience = claims["aud"]
    is_for_several = isinstance(audience, list) and len(audience) > 1
    if claims.get("azp", None if is_for_several else client_id) != client_id:
        raise bad(Flaw.AUDIENCE)
    held = claims.get("nonce")
    if not isinstance(held, str) or not compare_digest(held.encode(), nonce.encode()):
        raise bad(Flaw.NONCE)
    return _identity(claims)


def _verified(token: str, audiences: Sequence[str]) -> Mapping[str, Any]:
    """Return the claims of a token, once they are known to be the issuer's."""
    said = read(token)
    key = _keys_of(said).find(said.key_id, said.algorithm)
    if key is None:
        raise bad(Flaw.KEY)
    try:
        claims: Mapping[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[said.algorithm],
            audience=audiences,
            issuer=said.issuer,
            leeway=LEEWAY,
            options={"require": list(_REQUIRED)},
        )
    except jwt.ExpiredSignatureError as error:
        raise bad(Flaw.EXPIRED) from error
    except jwt.InvalidAudienceError as error:
        raise bad(Flaw.AUDIENCE) from error
    except (jwt.PyJWTError, OverflowError) as error:
        raise bad(Flaw.INVALID) from error
    return claims


def _keys_of(said: Unverified) -> Keys:
    """Return the keys of the issuer that a token names, if that is trusted."""
    if said.issuer not in settings.OIDC_ISSUERS:
        raise bad(Flaw.ISSUER)
    if said.algorithm not in ALGORITHMS:
        raise bad(Flaw.ALGORITHM)
    return _keys.setdefault(said.issuer, Keys(said.issuer))


def _identity(claims: Mapping[str, Any]) -> Identity:
    subject = claims["sub"]
    if not 0 < len(subject) <= MAXIMUM_SUBJECT or not subject.isprintable():
        raise bad(Flaw.SUBJECT)
    name = _claim(claims, settings.OIDC_NAME_CLAIM)
    groups = _claim(claims, settings.OIDC_GROUPS_CLAIM)
    given = [groups] if isinstance(groups, str) else groups
    return Identity(
        issuer=claims["iss"],
        subject=subject,
        name=name if isinstance(name, str) and name else subject,
        groups=frozenset(
            one
            for one in (given if isinstance(given, list) else ())
            if type(one) is str
        ),
        made_at=_moment(claims["iat"]) if "iat" in claims else None,
        until=_moment(claims["exp"], LEEWAY),
    )


def _moment(seconds: float, later: timedelta = timedelta()) -> datetime:
    try:
        return datetime.fromtimestamp(int(seconds), UTC) + later
    except (OverflowError, ValueError, OSError, TypeError) as error:
        raise bad(Flaw.INVALID) from error


def _claim(claims: Mapping[str, Any], name: str) -> object:
    """Return a claim, also one inside of others: ``realm_access.roles``."""
    if name in claims:  # names may be addresses, which have dots
        return claims[name]
    held: object = claims
    for step in name.split("."):
        held = held.get(step) if isinstance(held, Mapping) else None
    return held
