"""Searching (DICOM PS3.18 10.6): in a data partition, or in all that may be seen."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, LiteralString, NamedTuple

from psycopg.errors import QueryCanceled

from core import audit
from core.access import Actor, Reach, Verb, require, values_within, within
from core.database import raw_connection
from core.errors import TooLarge
from core.partitions import disabled_partitions, get_partition
from imaging.query.answer import Piece, columns_of, pieces_of, render_rows
from imaging.query.area import Area, Sight, area_inside, area_of, reach_of
from imaging.query.attributes import Level
from imaging.query.conditions import Condition
from imaging.query.order import check_cursor, make_cursor
from imaging.query.order_sql import KEY, Position, sort_columns
from imaging.query.parse import Query
from imaging.query.sql import (
    compile_position,
    compile_query,
    compile_total,
    is_of_newest,
    leads_to_few,
)

TOO_BROAD: Final = (
    "The search took too long. Narrow it: name a study or a patient, give a range of"
    " StudyDate, or begin text with something other than a wild card."
)


# Whose data a result is: the patient, or the study where there is none.
_SUBJECT: Final = (
    "s.linked_patient_id",
    "s.patient_id",
    "CASE WHEN s.linked_patient_id IS NULL THEN s.study_instance_uid END",
)
_Rows = Sequence[tuple[Any, ...]]


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
    """Return what matches and the actor may see; the audit log names the patients.

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
    scene = scene_of(actor, partition, query, everywhere=partition is None)
    with in_time():
        matched = match(query, scene, pieces_of(query))
        total = None
        if query.total:
            ((total,),) = fetch(*compile_total(query, area=scene.area))
    rows = matched.rows[: query.limit]
    cursor = None
    if len(matched.rows) > query.limit:
        cursor = matched.cursor_after(rows[-1])
    body = render_rows(matched.pieces, rows, base_url=base_url)
    audit_search(actor, scene.partition_id, query, len(rows), rows)
    return Found(body, len(rows), total, cursor)


@contextmanager
def in_time() -> Iterator[None]:
    """Refuse a search whose statement took the database too long."""
    try:
        yield
    except QueryCanceled as error:
        raise TooLarge(TOO_BROAD) from error


class Scene(NamedTuple):
    """What an actor may search by a query, and how results are shown.

    Attributes
    ----------
    partition_id
        Key of the partition that is named; None for all.
    identified
        Where the actor sees who patients are, if of some rows.
    everywhere
        Whether each row's partition stands in its address.
    """

    partition_id: int | None
    area: Area
    sight: Sight
    identified: Reach | None
    everywhere: bool

    @property
    def column(self) -> Condition:
        """Return whether of a row it is shown who the patient is."""
        if self.identified is None:
            return str(self.sight is Sight.ALL), []
        return within("s.id", "s.partition_id"), values_within(self.identified)


def scene_of(
    actor: Actor, partition: str | None, query: Query, *, everywhere: bool
) -> Scene:
    """Return what an actor may search, in one partition or in all.

    Raises
    ------
    Forbidden
        The actor may not search by what would tell who a patient is.
    NotFound
        It sees nothing of the partition.
    """
    partition_id = None
    if partition is not None:
        partition_id = get_partition(actor=actor, name=partition)
    reach, sight = reach_of(actor, query, partition_id)
    if partition_id is not None:
        area = area_inside(reach, partition_id)
    else:
        area = area_of(reach, disabled_partitions())
    identified = actor.reach(Verb.VIEW_PHI) if sight is Sight.SOME else None
    return Scene(partition_id, area, sight, identified, everywhere)


class Matched(NamedTuple):
    """The rows of a search, one more than its page has where there are more.

    Attributes
    ----------
    rows
        What is answered, as `imaging.query.answer` renders it; then the keys of the
        row's study, series and instance, down to its level; then what it is sorted by,
        and whose data it is.
    keys_at
        Where the keys begin.
    """

    query: Query
    pieces: Sequence[Piece]
    rows: list[tuple[Any, ...]]
    keys_at: int

    def keys_of(self, row: Sequence[Any]) -> tuple[int, ...]:
        """Return the keys of a row, outermost first; the last is its own."""
        return tuple(row[self.keys_at : self._sorted_at])

    def cursor_after(self, row: Sequence[Any]) -> str:
        """Return the cursor of the page that begins after a row."""
        level = self.query.target.level
        values = row[self._sorted_at : -len(_SUBJECT)]
        return make_cursor(level, self.query.sort, self.keys_of(row)[-1], values)

    @property
    def _sorted_at(self) -> int:
        return self.keys_at + self.query.target.level + 1


def match(query: Query, scene: Scene, pieces: Sequence[Piece]) -> Matched:
    """Return the rows of a page, of each parent if the query is below several."""
    level, area = query.target.level, scene.area
    position = _position(query, area)
    is_identified, parameters = scene.column
    answered = columns_of(pieces, level, everywhere=scene.everywhere)
    keys = [KEY[each] for each in list(Level)[: level + 1]]
    text, more = compile_query(
        query,
        area=area,
        columns=[
            is_identified,
            *answered,
            *keys,
            *sort_columns(query.sort),
            *_SUBJECT,
        ],
        position=position,
    )
    # What finds many in several parts has no plan that is good for any of them.
    has_one_plan = leads_to_few(query) or is_of_newest(query, area)
    anew = area.is_of_parts and not has_one_plan
    rows = fetch(text, [*parameters, *more], prepare=False if anew else None)
    return Matched(query, pieces, rows, 1 + len(answered))


def _position(query: Query, area: Area) -> Position | None:
    """Return where the page begins, by what the row before it is sorted by now."""
    if query.cursor is None:
        return None
    values: Sequence[Any] = ()
    if query.sort:
        statement = compile_position(query, query.cursor.key, area=area)
        values = next(iter(fetch(*statement)), ())
    check_cursor(query.cursor, query.target.level, query.sort, values)
    return Position(query.cursor.key, values)


def fetch(
    statement: LiteralString, parameters: Sequence[Any], *, prepare: bool | None = None
) -> list[tuple[Any, ...]]:
    """Return the rows of a statement."""
    # Binary, because a bytea in text form is twice as long.
    with raw_connection().cursor(binary=True) as cursor:
        return cursor.execute(statement, parameters, prepare=prepare).fetchall()


def audit_search(
    actor: Actor, partition_id: int | None, query: Query, number: int, rows: _Rows = ()
) -> None:
    """Record a search, and whose data it gave; a patient alone as retrieves do.

    Parameters
    ----------
    rows
        As `match` returns them; none where they were only counted.
    """
    target = query.target
    uids = (target.study_instance_uid, target.series_instance_uid)
    path = " ".join([target.level.name.lower(), "/".join(uid for uid in uids if uid)])
    patients = {row[-3] for row in rows}
    is_alone = partition_id is not None and len(patients) == 1 and None not in patients
    event = audit.Event(
        actor,
        audit.Action.SEARCH,
        partition_id=partition_id,
        patient_id=rows[0][-2] if is_alone else "",
        study_instance_uid=target.study_instance_uid or "",
        detail=f"{path.strip()} ({number} results)",
        query=query.text,
    )
    if is_alone:
        audit.record_soon(event)
    else:
        studies = {row[-1] for row in rows}
        audit.record_answer(event, patients=patients, studies=studies)
