"""How much each partition holds, has stored and has deleted: a follower of the feed.

Counting the tables would take minutes; this adds up entry by entry. An entry names its
version, and the feed tells which version a replacement or a delete has ended, so that
everything is derived from entries and the sizes of versions, which outlive deletes.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, date
from typing import Final

from core import changefeed
from core.access import Actor, Verb, require
from core.changefeed import Entry
from core.database import raw_connection
from core.followers import Follower
from imaging.feed import KIND
from imaging.models import Study, Usage


@dataclass(frozen=True, slots=True)
class PartitionUsage:
    """What a partition holds, as far as the follower has come."""

    partition_name: str
    number_of_instances: int
    size_bytes: int


@dataclass(slots=True)
class _Counts:
    """The columns of a row that are added up."""

    instances_stored: int = 0
    instances_replaced: int = 0
    instances_deleted: int = 0
    bytes_stored: int = 0
    bytes_freed: int = 0


class UsageFollower(Follower):
    """Adds up what entries say; each counts once, as the cursor's transaction holds."""

    name = "usage"

    def apply(self, entries: Sequence[Entry]) -> None:
        """Add the entries about instances to the days that they are of."""
        own = [entry for entry in entries if entry.kind == KIND]
        ended = changefeed.versions_before([one for one in own if one.op != "create"])
        sizes = _sizes([*(entry.version for entry in own), *ended.values()])
        days: defaultdict[tuple[int, date], _Counts] = defaultdict(_Counts)
        for entry in own:
            assert entry.partition_id is not None  # noqa: S101 instances lie in one
            counts = days[entry.partition_id, entry.at.astimezone(UTC).date()]
            _count(counts, entry.op, sizes[entry.version], sizes[ended.get(entry.seq)])
        _add(days)

    def reset(self) -> None:
        """Forget all days."""
        Usage.objects.all().delete()


def list_usage(*, actor: Actor) -> list[PartitionUsage]:
    """Return what each partition holds that has ever held anything, oldest first.

    Raises
    ------
    Forbidden
        The actor manages nothing.
    """
    require(actor, Verb.MANAGE)
    visible = actor.reach(Verb.MANAGE).partitions
    days = Usage.objects.select_related("partition").filter(partition__deleted_at=None)
    if visible is not None:
        days = days.filter(partition__in=visible)
    last = days.order_by("partition_id", "-day").distinct("partition_id")
    return [
        PartitionUsage(row.partition.name, row.instances_held, row.bytes_held)
        for row in last
    ]


def count_studies(partition_id: int) -> int:
    """Return how many studies a partition holds at this moment."""
    return Study.objects.filter(partition_id=partition_id).count()


def _count(counts: _Counts, op: changefeed.Op, stored: int, freed: int) -> None:
    counts.instances_stored += op == "create"
    counts.instances_replaced += op == "update"
    counts.instances_deleted += op == "delete"
    counts.bytes_stored += stored
    counts.bytes_freed += freed


def _sizes(versions: Iterable[int | None]) -> dict[int | None, int]:
    """Return the size of each version in bytes, and 0 where an entry names none."""
    named = sorted({version for version in versions if version is not None})
    rows = raw_connection().execute(
        "SELECT id, size_bytes FROM imaging_instanceversion"
        " WHERE id = ANY(%s::bigint[])",
        (named,),
    )
    return {None: 0, **dict(rows.fetchall())}


def _add(days: dict[tuple[int, date], _Counts]) -> None:
    """Add to the rows of days, and tell what is held from then on."""
    rows = [(*key, *astuple(counts)) for key, counts in sorted(days.items())]
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        raw_connection().execute(_ADD, columns)
        raw_connection().execute(_HOLD, columns[:2])


_ADD: Final = """
INSERT INTO imaging_usage AS held (partition_id, day, instances_stored,
    instances_replaced, instances_deleted, bytes_stored, bytes_freed,
    instances_held, bytes_held)
SELECT *, 0, 0 FROM unnest(%s::bigint[], %s::date[], %s::bigint[], %s::bigint[],
    %s::bigint[], %s::bigint[], %s::bigint[])
ON CONFLICT (partition_id, day) DO UPDATE SET
    instances_stored = held.instances_stored + excluded.instances_stored,
    instances_replaced = held.instances_replaced + excluded.instances_replaced,
    instances_deleted = held.instances_deleted + excluded.instances_deleted,
    bytes_stored = held.bytes_stored + excluded.bytes_stored,
    bytes_freed = held.bytes_freed + excluded.bytes_freed
"""
# The days after an old one follow it: a dead letter may be replayed long after.
_HOLD: Final = """
UPDATE imaging_usage AS held
SET instances_held = total.instances, bytes_held = total.bytes
FROM (SELECT later.id, sum(day.instances_stored - day.instances_deleted) AS instances,
        sum(day.bytes_stored - day.bytes_freed) AS bytes
    FROM (SELECT partition_id, min(day) AS day FROM unnest(%s::bigint[], %s::date[])
        AS changed (partition_id, day) GROUP BY partition_id) AS first
    JOIN imaging_usage later ON later.partition_id = first.partition_id
        AND later.day >= first.day
    JOIN imaging_usage day ON day.partition_id = later.partition_id
        AND day.day <= later.day
    GROUP BY later.id) AS total
WHERE held.id = total.id
"""
