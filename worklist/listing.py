"""Which worklists there are."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg.rows import args_row

from core.access import Actor, Verb, require
from core.database import raw_connection
from core.errors import NotFound
from core.partitions import get_partition
from core.reach import Reach
from imaging.query.conditions import Condition
from worklist.access import within


class Listed(NamedTuple):
    """A worklist that somebody sees."""

    id: int
    partition_id: int
    partition: str
    label: str


def page_of_worklists(
    *, actor: Actor, partition: str, limit: int, after: str | None = None
) -> Sequence[Listed]:
    """Return worklists of a partition that the actor may see, by label.

    One is seen by whoever sees all of the partition, has a grant on it, or sees a
    workitem that is on it.

    Parameters
    ----------
    after
        The label after which the page begins.

    Raises
    ------
    Forbidden, NotFound
        The actor may see no patient anywhere, or not in this partition.
    """
    key, (visible, values) = _seen(actor, partition)
    begins = "" if after is None else " AND l.label > %s"
    return _listed(
        f"l.partition_id = %s AND {visible}{begins} ORDER BY l.label LIMIT %s",
        [key, *values, *([] if after is None else [after]), limit],
    )


def count_worklists(*, actor: Actor, partition: str) -> int:
    """Return how many worklists of a partition the actor may see.

    Raises
    ------
    Forbidden, NotFound
        As `page_of_worklists`.
    """
    key, (visible, values) = _seen(actor, partition)
    row = (
        raw_connection()
        .execute(
            "SELECT count(*) FROM worklist_worklist l"  # noqa: S608 own names
            f" WHERE l.partition_id = %s AND {visible}",
            [key, *values],
        )
        .fetchone()
    )
    return int(row[0]) if row else 0


def find_worklist(*, actor: Actor, partition: str, label: str) -> Listed:
    """Return the worklist of a label.

    Raises
    ------
    Forbidden, NotFound
        There is none, or the actor may not see it.
    """
    key, (visible, values) = _seen(actor, partition)
    found = _listed(
        f"l.partition_id = %s AND l.label = %s AND {visible}", [key, label, *values]
    )
    if not found:
        message = "There is no such worklist."
        raise NotFound(message, path="worklist")
    return found[0]


def label_of(key: int) -> tuple[str, str]:
    """Return partition and label of a worklist by its key, whoever asks.

    Raises
    ------
    NotFound
        There is none.
    """
    for each in _listed("l.id = %s", [key]):
        return each.partition, each.label
    message = "There is no such worklist."
    raise NotFound(message, path="worklist")


def _seen(actor: Actor, partition: str) -> tuple[int, Condition]:
    """Return the key of a partition, and what is true of a row ``l`` that is seen."""
    require(actor, Verb.VIEW_PHI)
    key = get_partition(actor=actor, name=partition, verb=Verb.VIEW_PHI)
    reach = actor.reach(Verb.VIEW_PHI)
    return key, ("true", []) if reach.has_whole(key) else _scoped(reach, key)


def _scoped(reach: Reach, partition_id: int) -> Condition:
    visible, values = within(reach, partition_id)
    text = (
        "(l.id IN (SELECT object_id FROM core_scope WHERE id = ANY(%s::bigint[])"  # noqa: S608 own names
        " AND kind = 'worklist') OR EXISTS (SELECT FROM worklist_workitem w"
        f" WHERE w.worklist_id = l.id AND {visible}))"
    )
    return text, [reach.within(partition_id).scope_keys, *values]


def _listed(condition: str, values: Sequence[Any]) -> list[Listed]:
    with raw_connection().cursor(args_row(Listed)) as cursor:
        return cursor.execute(
            "SELECT l.id, l.partition_id, p.name, l.label FROM worklist_worklist l"  # noqa: S608 own names
            f" JOIN core_partition p ON p.id = l.partition_id WHERE {condition}",
            values,
        ).fetchall()
