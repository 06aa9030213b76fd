"""Who sends a request: a bearer token (RFC 6750) or a session of the web sign-in.

A bearer token is one of ours (`core.accounts.tokens`) or one that an OpenID Connect
issuer has signed (`core.accounts.oidc`).

What the database says is kept for a few seconds, so that the hundred frame requests
of a viewer ask once; but only while the process hears of changes. Whatever may change
who may do what, triggers notify of it (migration 0006), and what is kept is forgotten.
Refusals are not kept, and only a few are looked up at once: whoever guesses tokens
waits behind himself, not before those who have one.
"""

import asyncio
import hashlib
import re
import time
from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

from django.conf import settings
from django.http import parse_cookie
from django.utils import timezone

from core import database
from core.access import Actor
from core.accounts import oidc
from core.accounts.sessions import actor_of_session
from core.accounts.tokens import actor_of_token
from core.errors import Unauthenticated

KEPT_S: Final = 5.0
MAXIMUM_KEPT: Final = 10_000
LOOKED_UP_AT_ONCE: Final = 2
# RFC 6750 2.1, of a sane length.
_BEARER: Final = re.compile(
    r"bearer +([A-Za-z0-9\-._~+/]{1,16384}=*)\s*", re.IGNORECASE
)
_SESSION_KEY: Final = re.compile(r"[A-Za-z0-9]{1,64}")


class Caller(NamedTuple):
    """Who sends a request, and by which session if by one."""

    actor: Actor
    session_key: str = ""

    @property
    def by_session(self) -> bool:
        """Return whether a browser may have added the credentials."""
        return bool(self.session_key)


class _Kept(NamedTuple):
    until: float
    actor: Actor


class Authenticator:
    """Finds the actor of a request; one for each event loop.

    Parameters
    ----------
    hears
        Tells whether the process hears of changes; where it does not, nothing is kept.
    """

    def __init__(self, hears: Callable[[], bool]) -> None:
        self._hears = hears
        self._changes = 0
        self._kept: dict[bytes, _Kept] = {}
        self._pending: dict[bytes, asyncio.Task[Actor]] = {}
        self._turns = asyncio.Semaphore(LOOKED_UP_AT_ONCE)

    def forget(self) -> None:
        """Forget what is kept: who may do what has changed.

        Look-ups that have begun may have seen what was before: whoever waits for them
        gets their answers, nobody else.
        """
        self._changes += 1
        self._kept.clear()
        self._pending.clear()

    async def authenticate(self, authorization: str | None, cookies: str) -> Caller:
        """Return the caller that the headers name.

        Parameters
        ----------
        authorization
            Value of ``Authorization``; it goes before the session.
        cookies
            Value of ``Cookie``, or nothing.

        Raises
        ------
        Unauthenticated
            There are no credentials, or bad, expired or revoked ones.
        """
        if authorization is not None:
            found = _BEARER.fullmatch(authorization)
            if not found:
                message = "Send a bearer token: Authorization: Bearer TOKEN."
                raise Unauthenticated(message)
            look_up = oidc.actor_of_jwt if oidc.is_jwt(found[1]) else actor_of_token
            return Caller(await self._find(look_up, found[1]))
        name = settings.SESSION_COOKIE_NAME
        session_key = parse_cookie(cookies).get(name, "") if name in cookies else ""
        if not _SESSION_KEY.fullmatch(session_key):
            message = "Sign in, or send a bearer token."
            raise Unauthenticated(message)
        actor = await self._find(actor_of_session, session_key)
        return Caller(actor, session_key)

    async def _find(self, look_up: Callable[[str], Actor], secret: str) -> Actor:
        # Secrets do not lie in memory longer than the request that brings them.
        text = f"{look_up.__name__} {secret}"
        key = hashlib.sha256(text.encode()).digest()
        kept = self._kept.get(key)
        if kept is not None and kept.until > time.monotonic() and self._hears():
            return kept.actor
        task = self._pending.get(key)
        if task is None:
            task = asyncio.create_task(self._look_up(look_up, secret, key))
            self._pending[key] = task
            task.add_done_callback(partial(self._forget, key))
        # Requests that wait for the same answer must not end it when one is cancelled.
        return await database.in_time(asyncio.shield(task))

    def _forget(self, key: bytes, task: asyncio.Task[Actor]) -> None:
        if self._pending.get(key) is task:
            del self._pending[key]
        if not task.cancelled():
            task.exception()  # seen, also where every request has gone meanwhile

    async def _look_up(
        self, look_up: Callable[[str], Actor], secret: str, key: bytes
    ) -> Actor:
        if look_up is oidc.actor_of_jwt:
            # The issuer may be slow: nobody else waits for it, and no thread.
            await oidc.prepare(secret)
        async with self._turns:
            changes = self._changes
            actor = await database.run_read(look_up, secret)
        self._kept.pop(key, None)
        if changes != self._changes:
            return actor
        while len(self._kept) >= MAXIMUM_KEPT:
            del self._kept[next(iter(self._kept))]  # the oldest
        self._kept[key] = _Kept(time.monotonic() + _kept_s(actor), actor)
        return actor


def _kept_s(actor: Actor) -> float:
    """Return how long an actor may be kept, in seconds: not beyond its own end."""
    if actor.until is None:
        return KEPT_S
    return min(KEPT_S, (actor.until - timezone.now()).total_seconds())
