"""Waiting for news of the feed, also over a lost connection."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction

from core import changefeed, database, feed_listener, partitions
from core.access import system
from core.accounts import news
from core.changefeed import Change
from core.feed_listener import FeedListener
from core.models import Account
from core.partitions import names

pytestmark = pytest.mark.django_db(transaction=True)
LONG_S = 20
ACTOR = system("test")


def write() -> int:
    with transaction.atomic(durable=True):
        change = Change("thing", "create", ("a",), None)
        return changefeed.append([change], actor=ACTOR)


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


def last_statement() -> str:
    """Return what the listener has asked of PostgreSQL last."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT query FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'portal feed listener'"
        )
        return "".join(query for (query,) in cursor.fetchall())


def test_the_feed_is_heard_only_while_somebody_follows_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feed_listener, "LEAVE_S", 0.0)

    async def scene(listener: FeedListener) -> None:
        await eventually_said(f"LISTEN {partitions.CHANNEL}")
        with listener.following():
            await database.run(write)
            assert await listener.wait_beyond(0, LONG_S)
        await database.run(write)  # the last that is heard
        await eventually_said(f"UNLISTEN {changefeed.CHANNEL}")
        await database.run(write)
        assert listener.head < 3
        assert await listener.wait_beyond(2, LONG_S)  # read when it is followed again
        assert listener.head == 3

    play(scene)


async def eventually_said(statement: str) -> None:
    """Wait until the last statement of the listener is this one."""
    for _ in range(LONG_S * 50):
        if await database.run(last_statement) == statement:
            return
        await asyncio.sleep(0.02)
    raise AssertionError


def test_many_appends_at_once_wake_up_to_the_last() -> None:
    async def scene(listener: FeedListener) -> None:
        with listener.following():
            for _ in range(20):
                await database.run(write)
            assert await listener.wait_beyond(19, LONG_S)

    play(scene)


def test_a_change_of_a_partition_is_forgotten_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(names, "KEPT_S", 1e6)

    async def scene(_listener: FeedListener) -> None:
        partitions.forget()
        await database.run(partitions.create_partition, actor=ACTOR, name="site-1")
        await database.run(partitions.get_partition, actor=ACTOR, name="site-1")
        assert partitions.known_partition(actor=ACTOR, name="site-1") is not None
        await database.run(disable_elsewhere)
        for _ in range(LONG_S * 50):
            if partitions.known_partition(actor=ACTOR, name="site-1") is None:
                return
            await asyncio.sleep(0.01)
        raise AssertionError

    play(scene)


def disable_elsewhere() -> None:
    """Do as another process does that disables a partition."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_partition SET disabled_at = now()")
        cursor.execute(f"NOTIFY {partitions.CHANNEL}")


def test_who_waits_is_woken_when_the_server_stops() -> None:
    async def scene(listener: FeedListener) -> None:
        waiting = asyncio.create_task(listener.wait_beyond(0, LONG_S))
        await asyncio.sleep(0)
        listener.end()
        assert await waiting is False
        assert await listener.wait_beyond(0, LONG_S) is False

    play(scene)


def test_the_listener_of_a_process_is_started_and_stopped() -> None:
    async def main() -> None:
        feed_listener.start_listening()
        try:
            await database.run(write)
            assert await feed_listener.listener().wait_beyond(0, LONG_S)
            feed_listener.end_waiting()
            assert feed_listener.listener().is_ending
        finally:
            await feed_listener.stop_listening()

    asyncio.run(main())


def test_a_change_of_who_may_do_what_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[None] = []
    monkeypatch.setattr(news, "_keepers", [lambda: told.append(None)])

    async def scene(listener: FeedListener) -> None:
        await eventually_said(f"LISTEN {partitions.CHANNEL}")
        for change in (make_an_account, give_it_a_role, close_it):
            told.clear()
            await database.run(change)
            for _ in range(LONG_S * 50):
                if told or change is make_an_account:
                    break
                await asyncio.sleep(0.01)
            assert bool(told) == (change is not make_an_account)
        assert listener.hears

    play(scene)


def make_an_account() -> None:
    Account.objects.create(username="ada")


def give_it_a_role() -> None:
    group = Group.objects.create(name="somebody")
    Account.objects.get(username="ada").groups.add(group)


def close_it() -> None:
    Account.objects.update(is_active=False)
