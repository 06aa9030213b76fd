"""Having somebody stand still in the midst of a write, and others meet them."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection, transaction

from core import changefeed
from core.changefeed import Change
from tests.imaging.stores import ADMIN

LONG_S: Final = 20


def in_thread(work: Callable[[], object]) -> None:
    """Do something in a thread of its own, and close its connection."""
    try:
        work()
    finally:
        connection.close()


@contextmanager
def feed_held() -> Iterator[None]:
    """Have all who append to the feed wait: they have done all else by then."""
    with transaction.atomic():
        changefeed.append([Change("test", "create", ("0",), None)], actor=ADMIN)
        yield
        transaction.set_rollback(True)


def await_waiting(number: int = 1) -> list[int]:
    """Wait until so many others wait for the feed, or for a change of projects.

    Returns
    -------
    list of int
        Their processes of PostgreSQL.
    """
    cursor = connection.cursor()
    for _ in range(LONG_S * 100):
        cursor.execute(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            " AND database = (SELECT oid FROM pg_database"
            " WHERE datname = current_database())"
        )
        if len(found := [int(row[0]) for row in cursor.fetchall()]) == number:
            return found
        threading.Event().wait(0.01)
    raise AssertionError
