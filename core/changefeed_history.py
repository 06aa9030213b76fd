"""What the feed says of single keys: all that it has told of them up to an entry."""

from collections.abc import Sequence
from typing import NamedTuple

from psycopg.rows import args_row

from core.changefeed import Entry
from core.database import as_rows, raw_connection


class KeyHistory(NamedTuple):
    """What the feed has told of a key of a partition, up to some entry.

    Attributes
    ----------
    seq
        The last entry about it.
    version
        What that left there; None after a ``delete``.
    versions
        All that were ever named.
    """

    partition_id: int
    key: tuple[str, ...]
    seq: int
    version: int | None
    versions: frozenset[int]


def histories(entries: Sequence[Entry], *, up_to: int) -> list[KeyHistory]:
    """Return the history of each key that entries of a partition are about.

    Reads what the feed holds of the outermost parts of the keys, once for all.
    """
    wanted = {(each.kind, each.partition_id, each.key) for each in entries}
    cursor = raw_connection().cursor(row_factory=args_row(_history))
    cursor.execute(
        "SELECT partition_id, key, max(seq), array_agg(version ORDER BY seq)"
        " FROM core_feedentry WHERE key[1] = ANY(%s::text[]) AND seq <= %s"
        " AND (kind, partition_id, key) IN"
        " (SELECT kind, partition_id, key FROM json_to_recordset(%s::json)"
        " AS wanted (kind text, partition_id bigint, key text[]))"
        " GROUP BY kind, partition_id, key ORDER BY max(seq)",
        (
            list({key[0] for _, _, key in wanted}),
            up_to,
            as_rows(
                {"kind": kind, "partition_id": partition_id, "key": key}
                for kind, partition_id, key in wanted
            ),
        ),
    )
    return cursor.fetchall()


def _history(
    partition_id: int, key: list[str], seq: int, versions: list[int | None]
) -> KeyHistory:
    named = frozenset(version for version in versions if version is not None)
    return KeyHistory(partition_id, tuple(key), seq, versions[-1], named)
