"""Waiting for news of the feed, also over a lost connection."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from django.db import connection, transaction

from core import changefeed, database, feed_listener
from core.access import system
from core.changefeed import Change
from core.feed_listener import FeedListener

pytestmark = pytest.mark.django_db(transaction=True)
LONG_S = 20


def write() -> int:
    with transaction.atomic(durable=True):
        change = Change("thing", "create", ("a",), None)
        return changefeed.append([change], actor=system("test"))


def end_listeners() -> None:
    """End the listener's connection as a restart of the database does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = 'portal feed listener'"
            " AND datname = current_database()"
        )
        assert cursor.rowcount == 1


@asynccontextmanager
async def listening() -> AsyncIterator[FeedListener]:
    listener = FeedListener()
    listener.start()
    try:
        yield listener
    finally:
        await listener.stop()


def play(scene: Callable[[FeedListener], Awaitable[None]]) -> None:
    async def main() -> None:
        async with listening() as listener:
            await scene(listener)

    asyncio.run(main())


def test_all_who_wait_are_woken_by_an_append() -> None:
    async def scene(listener: FeedListener) -> None:
        waiting = [
            asyncio.create_task(listener.wait_beyond(0, LONG_S)) for _ in range(3)
        ]
        assert await database.run(write) == 1
        assert await asyncio.gather(*waiting) == [True] * 3
        assert listener.head == 1

    play(scene)


def test_entries_of_before_are_known() -> None:
    write()

    async def scene(listener: FeedListener) -> None:
        assert await listener.wait_beyond(0, LONG_S) is True
        assert await listener.wait_beyond(1, 0.05) is False

    play(scene)


def test_what_was_missed_is_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_listener, "RECONNECT_S", 0.2)

    async def scene(listener: FeedListener) -> None:
        await database.run(write)
        assert await listener.wait_beyond(0, LONG_S)
        await database.run(end_listeners)
        await database.run(write)
        assert await listener.wait_beyond(1, LONG_S)
        assert listener.head == 2

    play(scene)
