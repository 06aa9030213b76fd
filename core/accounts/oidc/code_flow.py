"""Signing in at an issuer by the browser: the authorization code flow with PKCE.

`begin` makes the address at the issuer that the browser is sent to, and what has to be
kept in that browser until it comes back; `finish` makes an account of what it brings.
The code that it brings is worth nothing without the verifier that was kept, the ID
token is for this very sign-in (nonce), and no browser ends what it did not begin
(state).

References
----------
OpenID Connect Core 1.0, section 3.1; RP-Initiated Logout 1.0; RFC 6749, 7636, 9207,
9700.
"""

import base64
import hashlib
import logging
import re
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hmac import compare_digest
from typing import Any, Final, NamedTuple
from urllib.parse import quote_plus, urlencode

from asgiref.sync import async_to_sync
from django.conf import settings

from core import audit
from core.access import Actor
from core.accounts.oidc import fetching
from core.accounts.oidc.clients import Client
from core.accounts.oidc.members import account_of
from core.accounts.oidc.verify import prepare, verify_id_token
from core.audit import Action, Event, Outcome
from core.errors import Busy, Unauthenticated, Upstream
from core.models import Account

logger = logging.getLogger(__name__)

ABOUT_KEPT_S: Final = 600.0
WAITING: Final = 16  # of a process, each with a thread; the issuer may be slow
_UNKNOWN: Final = Actor(None, "", {})
_ERROR: Final = re.compile(r"[a-z_]{1,50}")

_places: Final = threading.BoundedSemaphore(WAITING)
_abouts: dict[str, tuple[float, Mapping[str, Any]]] = {}


class Begun(NamedTuple):
    """A sign-in that the browser is away for; kept in that browser."""

    state: str
    nonce: str
    verifier: str


def begin(client: Client, *, redirect_uri: str) -> tuple[str, Begun]:
    """Return the address at the issuer to go to, and what to keep until `finish`.

    Raises
    ------
    Busy
        The issuer does not answer.
    """
    begun = Begun(*(secrets.token_urlsafe(32) for _ in range(3)))
    challenge = hashlib.sha256(begun.verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": redirect_uri,
        "scope": settings.OIDC_SCOPE,
        "state": begun.state,
        "nonce": begun.nonce,
        "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    with _asking(client):
        address = fetching.endpoint(_about(client), "authorization_endpoint")
    return _with_query(address, asked), begun


def finish(
    client: Client, *, redirect_uri: str, begun: Begun, answer: Mapping[str, str]
) -> Account:
    """Return the account of who has signed in at the issuer; audited.

    Parameters
    ----------
    answer
        The query that the browser has come back with.

    Raises
    ------
    Unauthenticated
        The issuer has refused, or what came back proves nothing.
    Busy
        The issuer does not answer.
    """
    try:
        _check(client, begun, answer)
        with _asking(client):
            token = _redeem(client, redirect_uri, begun, answer.get("code", ""))
            async_to_sync(prepare)(token)
        account = account_of(
            verify_id_token(
                token,
                issuer=client.issuer,
                client_id=client.client_id,
                nonce=begun.nonce,
            )
        )
    except Unauthenticated as error:
        record_failure(client, error.message)
        message = f"Signing in at {client.label} has failed. {error.message}"
        raise Unauthenticated(message) from error
    actor = Actor(account.pk, account.username, {})
    audit.record(Event(actor, Action.SIGN_IN, detail=f"at {client.issuer}"))
    return account


def record_failure(client: Client, why: str) -> None:
    """Write into the audit log that somebody unknown did not get in."""
    detail = f"at {client.issuer}: {why}"
    failure = Event(_UNKNOWN, Action.SIGN_IN, Outcome.MINOR_FAILURE, detail=detail)
    audit.record_refusal(failure)


def address_to_sign_out(client: Client) -> str | None:
    """Return where people sign out at the issuer, if it has such a page.

    It asks them whether they want to: it is told no more than who we are.
    """
    try:
        with _asking(client):
            address = fetching.endpoint(_about(client), "end_session_endpoint")
    except Busy:
        return None
    return _with_query(address, {"client_id": client.client_id})


def _check(client: Client, begun: Begun, answer: Mapping[str, str]) -> None:
    if not compare_digest(answer.get("state", "").encode(), begun.state.encode()):
        message = "This browser did not begin it, or has begun another one. Try again."
        raise Unauthenticated(message)
    if answer.get("iss", client.issuer) != client.issuer:
        message = "Another issuer has answered."
        raise Unauthenticated(message)
    if "error" in answer:
        raise _refused(answer["error"])


def _redeem(client: Client, redirect_uri: str, begun: Begun, code: str) -> str:
    """Return the ID token that the issuer gives for a code."""
    about = _about(client)
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "client_id": client.client_id,
        "code_verifier": begun.verifier,
    }
    headers = {}
    methods = about.get("token_endpoint_auth_methods_supported")
    if client.secret and "client_secret_basic" in (methods or ["client_secret_basic"]):
        pair = f"{quote_plus(client.client_id)}:{quote_plus(client.secret)}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    elif client.secret:
        fields["client_secret"] = client.secret
    address = fetching.endpoint(about, "token_endpoint")
    answer = fetching.post_form(address, fields, headers)
    token = answer.get("id_token")
    if not isinstance(token, str):
        error = answer.get("error")
        logger.warning("%s gives no ID token: %r", client.issuer, str(error)[:50])
        raise _refused(error)
    return token


def _refused(error: object) -> Unauthenticated:
    """Return the refusal of an issuer, which says why by a code of RFC 6749."""
    known = isinstance(error, str) and _ERROR.fullmatch(error)
    return Unauthenticated(f"The issuer says: {error if known else 'no'}.")


@contextmanager
def _asking(client: Client) -> Iterator[None]:
    """Ask the issuer, in one of `WAITING` places."""
    if not _places.acquire(blocking=False):
        message = "Too many people sign in at the moment. Try again soon."
        raise Busy(message)
    try:
        yield
    except Upstream as error:
        logger.warning("an issuer cannot be asked: %s", error.message)
        message = f"{client.label} cannot be asked at the moment. Try again soon."
        raise Busy(message) from error
    finally:
        _places.release()


def _about(client: Client) -> Mapping[str, Any]:
    """Return the discovery document, asked for anew now and then."""
    now = time.monotonic()
    kept = _abouts.get(client.issuer)
    if kept is None or now - kept[0] > ABOUT_KEPT_S:
        kept = _abouts[client.issuer] = (now, fetching.fetch_about(client.issuer))
    return kept[1]


def _with_query(address: str, query: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"
