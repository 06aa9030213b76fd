"""Sessions of the web sign-in: whose they are, and when they were last used."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare

from core.access import Actor
from core.accounts.actors import actor_of_account
from core.accounts.noted_uses import NotedUses
from core.accounts.session_store import SessionStore
from core.errors import Unauthenticated
from core.models import Account


def actor_of_session(session_key: str) -> Actor:
    """Return who signed in with the session.

    Unlike `django.contrib.auth.get_user` it never writes: an edge that only reads
    must not end or renew a session.

    Raises
    ------
    Unauthenticated
        The session is unknown or has ended, the account is not active, or its
        password has changed since.
    """
    store = SessionStore(session_key)
    key = str(store.get(SESSION_KEY, ""))
    account = (
        Account.objects.filter(pk=int(key), is_active=True).first()
        if key.isdecimal()
        else None
    )
    if account is None or not constant_time_compare(
        str(store.get(HASH_SESSION_KEY, "")), account.get_session_auth_hash()
    ):
        message = "The session has ended. Sign in again."
        raise Unauthenticated(message)
    return replace(actor_of_account(account), via="session")


class NoteSessions:
    """Middleware: a page that looked at a session has used it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on, and note the use."""
        answer = self._get_response(request)
        session = request.session
        if session.accessed and session.session_key and SESSION_KEY in session:
            session_uses.note(session.session_key)
        return answer


def _write(used_at: Mapping[str, datetime]) -> None:
    for key, at in used_at.items():
        SessionStore(key).go_on(at)


session_uses: Final = NotedUses[str]("sessions", _write)
