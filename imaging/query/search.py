"""Searching (DICOM PS3.18 10.6): in a data partition, or in all that may be seen."""

from collections.abc import Sequence
from typing import Any, Final, LiteralString, NamedTuple

from psycopg.errors import QueryCanceled

from core import audit
from core.access import Actor, Verb, require
from core.database import raw_connection
from core.errors import TooLarge
from core.partitions import disabled_partitions, get_partition
from imaging.query.answer import columns_of, pieces_of, render_rows
from imaging.query.order import check_cursor, make_cursor
from imaging.query.order_sql import KEY, Position, sort_columns
from imaging.query.parse import Query
from imaging.query.sql import (
    Partitions,
    compile_position,
    compile_query,
    compile_total,
    leads_to_few,
)

TOO_BROAD: Final = (
    "The search took too long. Narrow it: name a study or a patient, give a range of"
    " StudyDate, or begin text with something other than a wild card."
)


class Found(NamedTuple):
    """The results of a search as a DICOM JSON array, and how many they are.

    Attributes
    ----------
    total
        How many match altogether, if the query asked for it.
    cursor
        Where the next page begins; None after the last one.
    """

    body: bytes
    number_of_results: int
    total: int | None = None
    cursor: str | None = None


def search(
    *, actor: Actor, partition: str | None, query: Query, base_url: str
) -> Found:
    """Return what matches and the actor may see; one line in the audit log.

    Parameters
    ----------
    partition
        Name of the data partition that is searched; None for all.
    base_url
        What addresses in the answer begin with: up to ``/studies`` where a partition
        is named, else up to ``/partitions``.

    Raises
    ------
    Forbidden, NotFound
        The actor may not read, or not see the partition.
    Invalid
        The query's cursor is none of this search.
    TooLarge
        It took the database too long: 413, as PS3.18 10.6.3.1 answers what is too
        broad.
    """
    require(actor, Verb.READ)
    partition_id, partitions = _partitions(actor, partition)
    try:
        found = _search(query, partitions, base_url, everywhere=partition is None)
    except QueryCanceled as error:
        raise TooLarge(TOO_BROAD) from error
    _audit(actor, partition_id, query, found.number_of_results)
    return found


def _partitions(actor: Actor, name: str | None) -> tuple[int | None, Partitions]:
    """Return the partition that is named, if one is, and all that are searched."""
    if name is not None:
        key = get_partition(actor=actor, name=name)
        return key, Partitions([key])
    closed, visible = disabled_partitions(), actor.reach(Verb.READ).partitions
    if visible is None:
        return None, Partitions(None, sorted(closed))
    return None, Partitions(sorted(set(visible) - closed))


def _search(
    query: Query, partitions: Partitions, base_url: str, *, everywhere: bool
) -> Found:
    pieces = pieces_of(query)
    level = query.target.level
    position = _position(query, partitions)
    answered = columns_of(pieces, level, everywhere=everywhere)
    statement = compile_query(
        query,
        partitions=partitions,
        columns=[*answered, KEY[level], *sort_columns(query.sort)],
        position=position,
    )
    # What finds many in several partitions has no plan that is good for any of them.
    anew = partitions.are_several and not leads_to_few(query)
    rows = _rows(*statement, prepare=False if anew else None)
    total = None
    if query.total:
        ((total,),) = _rows(*compile_total(query, partitions=partitions))
    cursor = None
    if len(rows) > query.limit:
        rows = rows[: query.limit]
        key, *values = rows[-1][len(answered) :]
        cursor = make_cursor(level, query.sort, key, values)
    body = render_rows(pieces, rows, base_url=base_url)
    return Found(body, len(rows), total, cursor)


def _position(query: Query, partitions: Partitions) -> Position | None:
    """Return where the page begins, by what the row before it is sorted by now."""
    if query.cursor is None:
        return None
    values: Sequence[Any] = ()
    if query.sort:
        statement = compile_position(query, query.cursor.key, partitions=partitions)
        values = next(iter(_rows(*statement)), ())
    check_cursor(query.cursor, query.target.level, query.sort, values)
    return Position(query.cursor.key, values)


def _rows(
    statement: LiteralString, parameters: Sequence[Any], *, prepare: bool | None = None
) -> list[tuple[Any, ...]]:
    # Binary, because a bytea in text form is twice as long.
    with raw_connection().cursor(binary=True) as cursor:
        return cursor.execute(statement, parameters, prepare=prepare).fetchall()


def _audit(actor: Actor, partition_id: int | None, query: Query, number: int) -> None:
    target = query.target
    uids = (target.study_instance_uid, target.series_instance_uid)
    path = "/".join(uid for uid in uids if uid)
    detail = f"{target.level.name.lower()} {path}?{query.text} ({number} results)"
    audit.record_soon(
        audit.Event(
            actor,
            audit.Action.SEARCH,
            partition_id=partition_id,
            study_instance_uid=target.study_instance_uid or "",
            detail=detail,
        )
    )
