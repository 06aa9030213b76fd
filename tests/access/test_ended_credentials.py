"""A token or session after its end, where a process has kept whose it was."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

import httpx
import pytest

from core import authentication, database, feed_listener
from core.access import system
from core.accounts.changes import end_sessions
from core.accounts.session_store import SessionStore
from core.accounts.sign_in import record_sign_out
from core.accounts.tokens import revoke_token
from core.asgi import Boundary
from core.models import Account
from portal.asgi import dispatch
from tests.access.cast import STUDY, Cast
from tests.access.sending import bearer, session_of

pytestmark = pytest.mark.usefixtures("committing")

LONG_S: Final = 60
STUDIES: Final = f"/dicomweb/studies/{STUDY}"


@pytest.fixture(autouse=True)
def _kept_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have only news of the database end what is kept."""
    monkeypatch.setattr(authentication, "KEPT_S", 3600.0)


def test_a_token_that_was_kept_in_memory_ends_when_it_is_revoked() -> None:
    cast = Cast()
    held = Account.objects.get(username="reader").tokens.get().pk
    check_that_it_ends(bearer(cast, "reader"), partial(revoke_token, token_id=held))


def test_a_session_that_was_kept_in_memory_ends_when_somebody_signs_out() -> None:
    Cast()
    cookie = session_of("reader")

    def sign_out() -> None:
        SessionStore(cookie["cookie"].partition("=")[2]).delete()
        record_sign_out(Account.objects.get(username="reader"))

    check_that_it_ends(cookie, sign_out)


def test_a_session_that_was_kept_in_memory_ends_with_all_of_its_account() -> None:
    Cast()
    end = partial(end_sessions, actor=system("test"), name="reader")
    check_that_it_ends(session_of("reader"), end)


def check_that_it_ends(who: dict[str, str], end: Callable[[], object]) -> None:
    """Ask with credentials until they are refused, which they must be for good."""
    boundary = Boundary(dispatch)

    async def run() -> None:
        transport = httpx.ASGITransport(boundary)
        async with httpx.AsyncClient(transport=transport, base_url="http://h") as web:

            async def status() -> int:
                return (await web.get(f"{STUDIES}/metadata", headers=who)).status_code

            assert await status() == 200
            assert await status() == 200
            assert boundary._authenticator._kept
            await database.run(end)
            async with asyncio.timeout(LONG_S):
                while await status() != 401:
                    await asyncio.sleep(0.01)
            assert {await status() for _ in range(5)} == {401}

    async def listening() -> None:
        feed_listener.start_listening()
        try:
            async with asyncio.timeout(LONG_S):
                while not feed_listener.hears():
                    await asyncio.sleep(0.01)
            await run()
        finally:
            await feed_listener.stop_listening()

    asyncio.run(listening())
