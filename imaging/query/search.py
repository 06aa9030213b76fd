"""Searching (DICOM PS3.18 10.6): in a data partition, or in all that may be seen."""

from collections.abc import Sequence
from typing import Any, Final, LiteralString, NamedTuple

from psycopg.errors import QueryCanceled

from core import audit
from core.access import Actor, Reach, Verb, require, values_within, within
from core.database import raw_connection
from core.errors import TooLarge
from core.partitions import disabled_partitions, get_partition
from imaging.query.answer import columns_of, pieces_of, render_rows
from imaging.query.area import Area, Sight, area_inside, area_of, reach_of
from imaging.query.conditions import Condition
from imaging.query.order import check_cursor, make_cursor
from imaging.query.order_sql import KEY, Position, sort_columns
from imaging.query.parse import Query
from imaging.query.sql import (
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
    Forbidden
        The actor may not read, or not search by what would tell who a patient is.
    NotFound
        It sees nothing of the partition.
    Invalid
        The query's cursor is none of this search.
    TooLarge
        It took the database too long: 413, as PS3.18 10.6.3.1 answers what is too
        broad.
    """
    require(actor, Verb.READ)
    partition_id = None
    if partition is not None:
        partition_id = get_partition(actor=actor, name=partition)
    reach, sight = reach_of(actor, query, partition_id)
    if partition_id is not None:
        area = area_inside(reach, partition_id)
    else:
        area = area_of(reach, disabled_partitions())
    identified = actor.reach(Verb.VIEW_PHI) if sight is Sight.SOME else None
    shown = _Shown(sight, identified, base_url, everywhere=partition is None)
    try:
        found = _search(query, area, shown)
    except QueryCanceled as error:
        raise TooLarge(TOO_BROAD) from error
    _audit(actor, partition_id, query, found.number_of_results)
    return found


class _Shown(NamedTuple):
    """How results are shown.

    Attributes
    ----------
    identified
        Where the actor sees who patients are, if of some rows.
    everywhere
        Whether each row's partition stands in its address.
    """

    sight: Sight
    identified: Reach | None
    base_url: str
    everywhere: bool

    @property
    def column(self) -> Condition:
        """Return whether of a row it is shown who the patient is."""
        if self.identified is None:
            return str(self.sight is Sight.ALL), []
        return within("s.id", "s.partition_id"), values_within(self.identified)


def _search(query: Query, area: Area, shown: _Shown) -> Found:
    pieces = pieces_of(query)
    level = query.target.level
    position = _position(query, area)
    is_identified, parameters = shown.column
    answered = columns_of(pieces, level, everywhere=shown.everywhere)
    text, more = compile_query(
        query,
        area=area,
        columns=[is_identified, *answered, KEY[level], *sort_columns(query.sort)],
        position=position,
    )
    # What finds many in several parts has no plan that is good for any of them.
    anew = area.is_of_parts and not leads_to_few(query)
    rows = _rows(text, [*parameters, *more], prepare=False if anew else None)
    total = None
    if query.total:
        ((total,),) = _rows(*compile_total(query, area=area))
    cursor = None
    if len(rows) > query.limit:
        rows = rows[: query.limit]
        key, *values = rows[-1][1 + len(answered) :]
        cursor = make_cursor(level, query.sort, key, values)
    body = render_rows(pieces, rows, base_url=shown.base_url)
    return Found(body, len(rows), total, cursor)


def _position(query: Query, area: Area) -> Position | None:
    """Return where the page begins, by what the row before it is sorted by now."""
    if query.cursor is None:
        return None
    values: Sequence[Any] = ()
    if query.sort:
        statement = compile_position(query, query.cursor.key, area=area)
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
