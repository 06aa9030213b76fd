"""Deleting the studies whose time is over, which a store may have limited.

The time stands in the row of the study (`Study.expires_at`): the last store into the
study sets it, and one that says nothing of it takes it away.
"""

import time
from typing import Final

from core import access
from core.database import raw_connection
from imaging.delete import delete_expired_study

BATCH: Final = 100


def delete_expired_studies(*, time_limit_s: float) -> int:
    """Delete up to `BATCH` studies whose time is over, those first that wait longest.

    Each in a transaction of its own, as if a user had deleted it: with an audit row
    and entries in the change feed. Any number may run at once.

    Returns
    -------
    int
        How many studies; where the time limit is over, not all of them.
    """
    end = time.monotonic() + time_limit_s
    actor = access.system("expiry")
    number = 0
    for partition_id, study_instance_uid in _expired():
        if time.monotonic() > end:
            break
        number += bool(
            delete_expired_study(
                actor=actor,
                partition_id=partition_id,
                study_instance_uid=study_instance_uid,
            )
        )
    return number


def _expired() -> list[tuple[int, str]]:
    rows = raw_connection().execute(
        "SELECT partition_id, study_instance_uid FROM imaging_study"
        " WHERE expires_at <= now() ORDER BY expires_at, id LIMIT %s",
        (BATCH,),
    )
    return [(row[0], row[1]) for row in rows]
