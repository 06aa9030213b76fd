"""Whether what was done at workitems is held, and was told: at least once, in order."""

from collections.abc import Iterator
from typing import Final

import psycopg

from tests.crash.event_listener import EventListener
from tests.crash.performer import ORDER, Performer
from tests.stack import Stack

HELD: Final = "SELECT sop_instance_uid, state FROM worklist_workitem"


def check_worklist(
    stack: Stack,
    connection: psycopg.Connection,
    performer: Performer,
    listener: EventListener,
) -> Iterator[str]:
    """Yield what was acknowledged and is not held, or not told as it happened."""
    held: dict[str, str] = dict(connection.execute(HELD).fetchall())
    for uid, state in performer.acknowledged.items():
        now = held.get(uid)
        if now is None or ORDER.index(now) < ORDER.index(state):
            yield f"lost: {uid} was acknowledged as {state} and is {now}"
    listener.catch_up(stack.base_url, stack.token, held)
    yield from listener.missing(held)
    yield from listener.out_of_order()
    for client in (performer, listener):
        yield from client.problems
        client.problems.clear()
