"""A follower of the lake that is killed: ``python -m tests.imaging.lake.victim BATCH``.

At each batch of the feed it dies once at every point between reading and the moved
cursor: while a table takes rows, and after its commit, for each table; then it lives.
Each life is a process of its own. Prints how many ended by a kill.
"""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import django

django.setup()

from core import changefeed, followers  # noqa: E402 need the settings
from core.models import FollowerCursor  # noqa: E402
from imaging.lake import LakeFollower  # noqa: E402

POINTS = [(table, when) for table in range(4) for when in ("in", "after")]
LIVES = (-1, "")


def run(batch: int) -> int:
    """Take the whole feed; return how often that took a death."""
    deaths = 0
    while in_process(is_behind) == 0:
        for point in [*POINTS, LIVES]:
            code = in_process(partial(take, batch, *point))
            if code == 0:  # it lives, or had nothing for the table to die at
                break
            assert code == -signal.SIGKILL, code
            deaths += 1
    return deaths


def in_process(act: Callable[[], None]) -> int:
    """Do something in another process; return how that ended."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    try:
        act()
        code = 0
    finally:
        if code:
            traceback.print_exc()
        os._exit(code)


def is_behind() -> None:
    """End well if there are entries to take."""
    cursor = FollowerCursor.objects.filter(name="lake").first()
    os._exit(int(cursor is not None and cursor.seq == changefeed.head()))


def take(batch: int, number: int, when: str) -> None:
    """Take entries, and be killed at a write of a table."""
    from imaging.lake import tables  # noqa: PLC0415 its threads outlive no fork

    module: Any = tables
    write = module.write_deltalake
    written = iter(range(sys.maxsize))

    def dying(table: Any, rows: Any, **options: Any) -> None:
        is_it = next(written) == number
        if is_it and when == "in":
            rows = module.RecordBatchReader.from_batches(rows.schema, cut_off(rows))
        write(table, rows, **options)
        if is_it:
            os.kill(os.getpid(), signal.SIGKILL)

    module.write_deltalake = dying
    followers.advance(LakeFollower(), limit=batch)


def cut_off(rows: Any) -> Iterator[Any]:
    """Yield record batches, and die when all are taken and none is committed."""
    yield from rows
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.stdout.write(f"{run(int(sys.argv[1]))}\n")
