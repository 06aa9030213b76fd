"""Tends the tables of the lake: merges small files, removes old ones.

While the follower rests, so that the two never change the same files. Nothing happens
where there is no lake.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from core import followers
from imaging.lake.follower import LakeFollower
from imaging.lake.limits import lift_limits
from imaging.lake.places import configured_lake
from imaging.lake.states import keep_states

if TYPE_CHECKING:
    from imaging.lake.tables import LakeTable


def compact_lake(*, wait: bool) -> int:
    """Merge small files into such of 128 MB; return how many were merged.

    Parameters
    ----------
    wait
        Whether to wait for the follower, or to do nothing while it writes.

    Raises
    ------
    Upstream
        The lake cannot be reached.
    """
    return _tend(lambda table: table.compact(), wait=wait)


def vacuum_lake(*, wait: bool) -> int:
    """Remove files that no state of the retention time has; return how many.

    Raises
    ------
    Upstream
        The lake cannot be reached.
    """
    return _tend(lambda table: table.vacuum(), wait=wait)


def _tend(work: "Callable[[LakeTable], int]", *, wait: bool) -> int:
    place = configured_lake()
    if place is None:
        return 0
    from imaging.lake.tables import (  # noqa: PLC0415 loads delta-rs
        open_lake,
        storage_errors,
    )

    with followers.paused(LakeFollower(), wait=wait) as is_paused:
        if not is_paused:
            return 0
        lift_limits()
        with storage_errors():
            lake = open_lake(place)
            done = sum(work(table) for table in lake.values())
            keep_states(lake.values())
    return done
