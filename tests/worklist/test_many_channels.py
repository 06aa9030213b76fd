"""A thousand channels on one server: each is told all, and the database asked little.

``PORTAL_SUBSCRIBERS`` in the environment opens another number of them.
"""

import asyncio
import os
from contextlib import AsyncExitStack
from typing import Final

import psycopg
import pytest
from websockets.asyncio.client import ClientConnection

from tests.stack import Stack
from tests.synthetic import new_uid
from tests.worklist.listening import LONG_S, STATE_REPORT, Event, Worklist

pytestmark = pytest.mark.timeout(300)

SUBSCRIBERS: Final = int(os.environ.get("PORTAL_SUBSCRIBERS", "1000"))
WORKITEMS: Final = 20
OPENED_AT_ONCE: Final = 50
# Of those of a web process that has so many channels: its threads, and what listens.
MOST_CONNECTIONS: Final = 60
# Subscriptions as a global one makes them; a thousand requests would take long.
SUBSCRIBE: Final = """
WITH made AS (INSERT INTO worklist_subscriber (partition_id, aetitle, owner,
  delivered_seq) SELECT id, %(prefix)s || n, 'bootstrap',
  (SELECT max(seq) FROM core_feedentry)
FROM core_partition, generate_series(1, %(number)s) n WHERE name = %(partition)s
RETURNING id, delivered_seq)
INSERT INTO worklist_subscription (subscriber_id, filter, is_on, deletion_lock,
  is_made_by_filter, from_seq, above)
SELECT id, '', true, false, false, delivered_seq, 0
FROM made
"""
STATEMENTS: Final = (
    "SELECT xact_commit + xact_rollback FROM pg_stat_database"
    " WHERE datname = current_database()"
)
CONNECTIONS: Final = (
    "SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'cl%'"
)


async def all_of(socket: ClientConnection, number: int) -> list[Event]:
    """Return the next events, while many others are told as well."""
    async with asyncio.timeout(LONG_S):
        told = [Event.read(str(await socket.recv())) for _ in range(number)]
    return [each for each in told if each.type == STATE_REPORT]


def test_a_thousand_are_told_all_in_order(stack: Stack) -> None:
    worklist = Worklist(stack, partition=f"p{new_uid()[-20:]}")
    prefix = f"S{new_uid()[-8:]}"
    asyncio.run(worklist.schedule())
    database = psycopg.connect(stack.places.database_url, autocommit=True)
    named = {"prefix": prefix, "number": SUBSCRIBERS, "partition": worklist.name}
    database.execute(SUBSCRIBE, named)

    async def open_all(
        group: AsyncExitStack, cursor: str = ""
    ) -> list[ClientConnection]:
        turns = asyncio.Semaphore(OPENED_AT_ONCE)

        async def opened(number: int) -> ClientConnection:
            async with turns:
                channel = worklist.channel(
                    f"{prefix}{number}", cursor, ping_interval=None
                )
                return await group.enter_async_context(channel)

        numbers = range(1, SUBSCRIBERS + 1)
        return list(await asyncio.gather(*map(opened, numbers)))

    def asked() -> int:
        (number,) = database.execute(STATEMENTS).fetchone() or (0,)
        return int(number)

    async def run() -> None:
        async with AsyncExitStack() as group:
            sockets = await open_all(group)
            await asyncio.sleep(2.0)  # what was asked is counted
            before = asked()
            uids = [await worklist.schedule() for _ in range(WORKITEMS)]
            told = await asyncio.gather(
                *(all_of(socket, WORKITEMS) for socket in sockets)
            )
            assert all([each.uid for each in events] == uids for events in told)
            await asyncio.sleep(2.0)
            # Far from one for each channel and event. Who they are is asked now and
            # then: on a slow machine more than once meanwhile.
            assert asked() - before < SUBSCRIBERS * WORKITEMS / 5
            (connections,) = database.execute(CONNECTIONS).fetchone() or (0,)
            assert connections < MOST_CONNECTIONS
        # All come back at once, from the midst.
        async with AsyncExitStack() as group:
            sockets = await open_all(group, told[0][9].number)
            again = await asyncio.gather(
                *(all_of(socket, WORKITEMS - 10) for socket in sockets)
            )
            assert again == [events[10:] for events in told]

    try:
        asyncio.run(run())
    finally:
        database.close()
