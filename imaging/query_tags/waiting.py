"""Waiting for whoever began to write before a tag was added, or was to be removed.

Such a transaction may not have seen it, and commit at any later time. Each of them has
a number by the time it reads the tags (`imaging.query_tags.rows`); all of these are
below one that is drawn afterwards. Once none up to there is running, everybody who
writes knows of the tag.
"""

import time
from typing import Final

from core.database import raw_connection

_WAIT_S: Final = 10.0  # in one step
_PAUSE_S: Final = 0.05


def last_writer() -> int:
    """Return a number that no transaction which has one now is above."""
    ((number,),) = raw_connection().execute(_DRAW).fetchall()
    return int(number)


def have_ended(number: int) -> bool:
    """Return whether all transactions up to a number have ended; waits some seconds."""
    until = time.monotonic() + _WAIT_S
    while not _are_over(number):
        if time.monotonic() >= until:
            return False
        time.sleep(_PAUSE_S)
    return True


def _are_over(number: int) -> bool:
    ((are_over,),) = raw_connection().execute(_OVER, (number,)).fetchall()
    return bool(are_over)


_DRAW: Final = "SELECT pg_current_xact_id()::text::bigint"
# Not the list of a snapshot: who has drawn a number since the last one that ended is
# not on it. Other databases of the cluster count, and end as well.
_OVER: Final = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint > %s
"""
