"""Data partitions: the tenants, found by name, created by the first store into one.

Whoever may manage data renames, disables and deletes them. What a name leads to is
kept in each process for `KEPT_S`, so that hot paths ask no database; PostgreSQL
notifies the web processes of changes, which then forget at once
(`core.feed_listener`). A name that was given up is nobody's for `RESTS_S`: until then
a process may remember whose it was.
"""

from core.models import DEFAULT_PARTITION
from core.partitions.changes import (
    CHANNEL,
    change_partition,
    create_partition,
    delete_partition,
)
from core.partitions.contents import register_contents
from core.partitions.finding import (
    disabled_partitions,
    find_partition,
    get_or_create_partition,
    get_partition,
    known_partition,
    known_stored_as,
    list_partitions,
    names_told_of,
    partition_told_of,
    stored_as,
)
from core.partitions.names import KEPT_S, RESTS_S, forget

__all__ = [
    "CHANNEL",
    "DEFAULT_PARTITION",
    "KEPT_S",
    "RESTS_S",
    "change_partition",
    "create_partition",
    "delete_partition",
    "disabled_partitions",
    "find_partition",
    "forget",
    "get_or_create_partition",
    "get_partition",
    "known_partition",
    "known_stored_as",
    "list_partitions",
    "names_told_of",
    "partition_told_of",
    "register_contents",
    "stored_as",
]
