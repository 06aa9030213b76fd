"""Reading the change feed for many subscribers at once: a few statements a batch."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from psycopg.rows import args_row

from core.changefeed_access import SUBSCRIPTION, WORKITEM
from core.database import raw_connection
from imaging.part10 import JsonModel
from worklist.access import scopes_leading_to
from worklist.events.number import Number
from worklist.events.reports import (
    FILTERED,
    GLOBAL,
    EventType,
    reports_of,
    state_report,
    text_of,
)
from worklist.events.watching import Range, Told, Watching

_ENTRIES: Final = f"""
SELECT e.seq, e.kind, e.op, e.key, e.partition_id, e.version, w.id, v.happened,
  v.passed, v.information
FROM core_feedentry e
LEFT JOIN worklist_workitem w ON w.partition_id = e.partition_id
  AND w.sop_instance_uid = e.key[cardinality(e.key)]
LEFT JOIN worklist_workitemversion v ON v.id = e.version
  AND v.sop_instance_uid = w.sop_instance_uid AND v.partition_id = w.partition_id
WHERE e.partition_id = ANY(%s::bigint[]) AND e.seq > %s AND e.seq <= %s
  AND e.kind IN ('{WORKITEM}', '{SUBSCRIPTION}')
ORDER BY e.seq LIMIT %s
"""  # noqa: S608 own names
_WATCHING: Final = """
SELECT subscriber_id, workitem_id, is_on, deletion_lock, from_seq, initial_version,
  above, up_to
FROM worklist_subscription
WHERE workitem_id = ANY(%(workitems)s::bigint[])
  AND subscriber_id = ANY(%(subscribers)s::bigint[])
UNION ALL SELECT subscriber_id, NULL, is_on, deletion_lock, from_seq, NULL, above, up_to
FROM worklist_subscription
WHERE subscriber_id = ANY(%(subscribers)s::bigint[]) AND workitem_id IS NULL
  AND filter = ''
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the feed as far as subscribers are told of it.

    Attributes
    ----------
    uid
        Of the workitem, or one that stands for many.
    aetitle
        Of whom a subscription is; empty where something happened to a workitem.
    workitem
        Its key; None where there is none any more.
    events
        What it tells whoever is told of the workitem, with their numbers.
    tells_state
        Whether one of these tells the state.
    """

    seq: int
    op: str
    partition_id: int
    uid: str
    aetitle: str
    workitem: int | None
    version: int | None
    information: JsonModel | None
    events: tuple[tuple[Number, str], ...]
    tells_state: bool

    @property
    def is_of_many(self) -> bool:
        """Return whether it is a subscription to all, or to what matches."""
        return self.uid in {GLOBAL, FILTERED}

    def initial(self) -> tuple[Number, str]:
        """Return the event that tells the state of its moment first."""
        number = Number(self.seq, 0)
        return number, text_of(state_report(self.information or {}), self.uid, number)


@dataclass(frozen=True, slots=True)
class Batch:
    """What was read of the feed after one number and up to another, for subscribers.

    Attributes
    ----------
    subscribers
        The keys of those that it was read for.
    scopes
        The keys of what leads to each workitem, for those who see it by that.
    """

    after: int
    up_to: int
    entries: Sequence[Entry]
    subscribers: frozenset[int]
    watching: Mapping[int, Watching]
    scopes: Mapping[int, frozenset[int]]


def read_batch(
    *,
    partitions: Collection[int],
    subscribers: Collection[int],
    after: int,
    up_to: int,
    limit: int,
) -> Batch:
    """Return what happened after number `after`, up to `up_to` or until `limit`.

    Who is told of it, and what leads there, is as it is now.
    """
    with raw_connection().cursor(args_row(_entry), binary=True) as cursor:
        cursor.execute(_ENTRIES, (list(partitions), after, up_to, limit))
        entries = cursor.fetchall()
    workitems = {each.workitem for each in entries if each.workitem is not None}
    return Batch(
        after,
        entries[-1].seq if len(entries) == limit else up_to,
        entries,
        frozenset(subscribers),
        watching_of(subscribers, workitems) if entries else {},
        scopes_leading_to(workitems) if workitems else {},
    )


def watching_of(
    subscribers: Collection[int], workitems: Collection[int]
) -> dict[int, Watching]:
    """Return what subscribers are told of, as far as it concerns some workitems."""
    rows = raw_connection().execute(
        _WATCHING,
        {"subscribers": list(subscribers), "workitems": list(workitems)},
    )
    return _watching(rows.fetchall())


def _watching(rows: Iterable[Sequence[Any]]) -> dict[int, Watching]:
    ranges: dict[int, list[Range]] = defaultdict(list)
    alone: dict[int, dict[int, Told | None]] = defaultdict(dict)
    for subscriber, workitem, is_on, lock, from_seq, initial, above, up_to in rows:
        if workitem is None:
            ranges[subscriber].append(Range(above, up_to, from_seq, lock))
        else:
            told = Told(from_seq, lock, initial) if is_on else None
            alone[subscriber][workitem] = told
    return {
        key: Watching(ranges.get(key, ()), alone.get(key, {}))
        for key in ranges.keys() | alone.keys()
    }


def _entry(
    seq: int,
    kind: str,
    op: str,
    key: list[str],
    partition_id: int,
    version: int | None,
    workitem: int | None,
    happened: list[str] | None,
    passed: list[str] | None,
    content: bytes | None,
) -> Entry:
    uid = key[-1]
    information: JsonModel | None = None if content is None else orjson.loads(content)
    reports = []
    if kind == WORKITEM and information is not None:
        reports = reports_of(happened or (), passed or (), information)
    numbered = [(Number(seq, n), each) for n, each in enumerate(reports, start=1)]
    return Entry(
        seq=seq,
        op=op,
        partition_id=partition_id,
        uid=uid,
        aetitle=key[0] if kind == SUBSCRIPTION else "",
        workitem=workitem,
        version=version,
        information=information,
        events=tuple((n, text_of(each, uid, n)) for n, each in numbered),
        tells_state=any(each.type is EventType.STATE for each in reports),
    )
