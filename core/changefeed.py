"""The change feed: one ordered log of everything that changes.

`append` is the last statement of a write transaction. It takes a lock that is held
until the commit, so that entries become visible in the order of their numbers: a
reader that has read up to N never later sees a new entry <= N. Numbers have no gaps,
rolled back or not. Times never go back along the feed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final, Literal

from django.db import connection
from psycopg.rows import args_row

from core.access import Actor, Verb, require
from core.changefeed_access import visible_entries
from core.database import as_rows, raw_connection

Op = Literal["create", "update", "delete"]

CHANNEL: Final = "changefeed"  # what PostgreSQL notifies of each append
MAXIMUM_CHANGES: Final = 10_000
LAST: Final = 2**63 - 1  # no entry has a higher number


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a write has changed.

    Attributes
    ----------
    kind
        What it is, for instance ``instance``.
    key
        Which one, outermost part first: study, series and instance UID.
    partition_id
        Key of the partition that it lies in; None for what lies in none.
    version
        The version of this moment, kept by the kind's app.
    """

    kind: str
    op: Op
    key: tuple[str, ...]
    partition_id: int | None
    version: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One change as the feed keeps it, forever."""

    seq: int
    at: datetime
    kind: str
    op: Op
    key: tuple[str, ...]
    partition_id: int | None
    version: int | None
    actor: str
    reason: str


def append(changes: Sequence[Change], *, actor: Actor) -> int:
    """Add changes to the feed as the last statement of the write transaction.

    One round trip. Others that append wait until this transaction has ended.

    Returns
    -------
    int
        The number of the last one; the others have the numbers before it.

    Raises
    ------
    RuntimeError
        There is no transaction that the entries could commit with.
    ValueError
        There are no changes, or more than `MAXIMUM_CHANGES`.
    """
    if not connection.in_atomic_block:
        message = "append() belongs into the transaction of what has changed"
        raise RuntimeError(message)
    if not 1 <= len(changes) <= MAXIMUM_CHANGES:
        message = f"append() takes 1 to {MAXIMUM_CHANGES} changes, not {len(changes)}"
        raise ValueError(message)
    row = (
        raw_connection()
        .execute(
            "SELECT core_append(%s::json, %s::text)",
            (
                as_rows(
                    {
                        "kind": change.kind,
                        "op": change.op,
                        "key": change.key,
                        "partition_id": change.partition_id,
                        "version": change.version,
                        "reason": change.reason,
                    }
                    for change in changes
                ),
                actor.name,
            ),
        )
        .fetchone()
    )
    assert row is not None  # noqa: S101 a function call always returns a row
    return int(row[0])


def append_all(changes: Iterable[Change], *, actor: Actor) -> None:
    """Add any number of changes in their order, `MAXIMUM_CHANGES` in a round trip.

    They are made as they are written: there may be very many.
    """
    waiting = iter(changes)
    while chunk := list(islice(waiting, MAXIMUM_CHANGES)):
        append(chunk, actor=actor)


def head() -> int:
    """Return the number of the last entry; 0 where there is none."""
    row = (
        raw_connection()
        .execute("SELECT seq FROM core_feedentry ORDER BY seq DESC LIMIT 1")
        .fetchone()
    )
    return 0 if row is None else int(row[0])


@dataclass(frozen=True, slots=True)
class Filter:
    """What to read of the feed; what is left out does not filter.

    Attributes
    ----------
    kinds
        Entries of one of these.
    key_prefix
        The outermost parts of the key, for instance a StudyInstanceUID.
    partition_ids
        Keys of partitions; whatever lies in one of them.
    from_at, until_at
        Entries at or after the first and before the second.
    """

    kind: str | None = None
    kinds: tuple[str, ...] | None = None
    op: Op | None = None
    key_prefix: tuple[str, ...] = ()
    partition_ids: tuple[int, ...] | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None


EVERYTHING: Final = Filter()


def read(
    *,
    actor: Actor,
    after: int,
    limit: int,
    offset: int = 0,
    up_to: int = LAST,
    where: Filter = EVERYTHING,
) -> list[Entry]:
    """Return the entries after number `after` that the actor may see, in order."""
    require(actor, Verb.READ)
    conditions, values = _conditions(actor, where)
    return _select(
        f"WHERE {' AND '.join(['seq > %s AND seq <= %s', *conditions])}"
        " ORDER BY seq LIMIT %s OFFSET %s",
        [after, up_to, *values, limit, offset],
    )


def count(*, actor: Actor, where: Filter = EVERYTHING) -> int:
    """Return how many entries there are that the actor may see: reads all of them."""
    require(actor, Verb.READ)
    conditions, values = _conditions(actor, where)
    row = (
        raw_connection()
        .execute(
            "SELECT count(*) FROM core_feedentry"  # noqa: S608 values are bound
            f" WHERE {' AND '.join(['true', *conditions])}",
            values,
        )
        .fetchone()
    )
    return 0 if row is None else int(row[0])


def latest(*, actor: Actor, where: Filter = EVERYTHING) -> Entry | None:
    """Return the last entry that the actor may see; None where there is none."""
    require(actor, Verb.READ)
    conditions, values = _conditions(actor, where)
    entries = _select(
        f"WHERE {' AND '.join(['true', *conditions])} ORDER BY seq DESC LIMIT 1",
        values,
    )
    return entries[0] if entries else None


def versions_before(entries: Sequence[Entry]) -> dict[int, int | None]:
    """Return which version each entry has ended, by the entry's number.

    None where the key had none: before a ``create``, or after a ``delete``. Reads
    what the feed holds of the outermost parts of the keys, once for all entries.
    """
    if not entries:
        return {}
    rows = raw_connection().execute(
        "SELECT seq, before FROM (SELECT seq, lag(version) OVER"
        " (PARTITION BY kind, partition_id, key ORDER BY seq) AS before"
        " FROM core_feedentry WHERE key[1] = ANY(%s::text[])"
        " AND key IN (SELECT key FROM json_to_recordset(%s::json)"
        " AS wanted (key text[])) AND seq <= %s) AS entry"
        " WHERE seq = ANY(%s::bigint[])",
        (
            list({part for entry in entries for part in entry.key[:1]}),
            as_rows({"key": entry.key} for entry in entries),
            max(entry.seq for entry in entries),
            [entry.seq for entry in entries],
        ),
    )
    return dict(rows.fetchall())


def _select(rest: str, values: list[Any]) -> list[Entry]:
    """Return the entries of a query built from constants only."""
    with raw_connection().cursor(row_factory=args_row(_entry)) as cursor:
        cursor.execute(
            "SELECT seq, at, kind, op, key, partition_id, version, actor, reason"  # noqa: S608 values are bound
            f" FROM core_feedentry {rest}",
            values,
        )
        return cursor.fetchall()


def _entry(
    seq: int, at: datetime, kind: str, op: Op, key: list[str], *rest: Any
) -> Entry:
    return Entry(seq, at, kind, op, tuple(key), *rest)


# Times and numbers go up together, so a time is turned into the number that it stands
# for: the primary key is then walked from there instead of from the first entry.
FIRST_AT: Final = (
    "coalesce((SELECT seq FROM core_feedentry WHERE at >= %s ORDER BY at, seq LIMIT 1),"
    " 9223372036854775807)"
)


def _conditions(actor: Actor, where: Filter) -> tuple[list[str], list[Any]]:
    """Return the SQL of what the actor may see and wants to, and its values."""
    choices: tuple[tuple[str, Any, bool], ...] = (
        ("kind = %s", where.kind, where.kind is None),
        ("kind = ANY(%s)", list(where.kinds or ()), where.kinds is None),
        ("op = %s", where.op, where.op is None),
        (
            "partition_id = ANY(%s)",
            list(where.partition_ids or ()),
            where.partition_ids is None,
        ),
        (f"seq >= {FIRST_AT}", where.from_at, where.from_at is None),
        (f"seq < {FIRST_AT}", where.until_at, where.until_at is None),
    )
    chosen = [(sql, value) for sql, value, left_out in choices if not left_out]
    chosen += [
        (f"key[{position}] = %s", part)
        for position, part in enumerate(where.key_prefix, start=1)
    ]
    visible, values = visible_entries(actor, where.kind)
    conditions = [*visible, *(sql for sql, _ in chosen)]
    return conditions, [*values, *(value for _, value in chosen)]
