"""Who writes workitems of a partition, and who has to see all that they have written.

Any number write at once. Who subscribes to what matches, or to all there is, waits for
those who have begun, and has others wait: so no workitem is written unseen by both.
"""

from typing import Final

from core.database import raw_connection

_LOCK: Final = 701745  # of PostgreSQL's advisory locks, with the partition's key


def begin_writing(partition_id: int) -> None:
    """Write workitems until the transaction ends; before keys of new ones are made."""
    raw_connection().execute(
        "SELECT pg_advisory_xact_lock_shared(%s, %s)", (_LOCK, partition_id)
    )


def wait_for_writers(partition_id: int) -> None:
    """Wait for all who write, and hold up others until the transaction ends."""
    raw_connection().execute(
        "SELECT pg_advisory_xact_lock(%s, %s)", (_LOCK, partition_id)
    )
