"""A token after its end, where a process has kept whose it was."""

import asyncio
from typing import Final

import httpx
import pytest

from core import authentication, database, feed_listener
from core.accounts.tokens import revoke_token
from core.asgi import Boundary
from core.models import Account
from portal.asgi import dispatch
from tests.access.cast import STUDY, Cast
from tests.access.sending import bearer

pytestmark = pytest.mark.usefixtures("committing")

LONG_S: Final = 60
STUDIES: Final = f"/dicomweb/studies/{STUDY}"


def test_a_token_that_was_kept_in_memory_ends_when_it_is_revoked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only news of the database ends it here: what is kept, is kept for an hour."""
    monkeypatch.setattr(authentication, "KEPT_S", 3600.0)
    cast = Cast()
    who = bearer(cast, "reader")
    held = Account.objects.get(username="reader").tokens.get().pk
    boundary = Boundary(dispatch)

    async def run() -> None:
        transport = httpx.ASGITransport(boundary)
        async with httpx.AsyncClient(transport=transport, base_url="http://h") as web:

            async def status() -> int:
                return (await web.get(f"{STUDIES}/metadata", headers=who)).status_code

            assert await status() == 200
            assert await status() == 200
            assert boundary._authenticator._kept
            await database.run(revoke_token, token_id=held)
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
