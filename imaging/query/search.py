"""Searching (DICOM PS3.18 10.6): in a data partition, or in all that may be seen."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from psycopg.errors import QueryCanceled

from core import audit
from core.access import Actor, Verb, require, values_within, within
from core.errors import TooLarge
from core.partitions import disabled_partitions, get_partition
from core.reach import Reach
from imaging.levels import Level
from imaging.query.answer import Piece, columns_of, pieces_of, render_rows
from imaging.query.area import Area, Sight, area_inside, area_of, reach_of
from imaging.query.backend import Wanted
from imaging.query.backends import Answer, ask
from imaging.query.conditions import Condition
from imaging.query.order import make_cursor
from imaging.query.order_sql import KEY, sort_columns
from imaging.query.parse import Query

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
    warnings
        What the client is to know about how they were found.
    """

    body: bytes
    number_of_results: int
    total: int | None = None
    cursor: str | None = None
    warnings: tuple[str, ...] = ()


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
        counted = count_all(query, scene) if query.total else Answer(None)
    rows = matched.rows[: query.limit]
    cursor = None
    if len(matched.rows) > query.limit:
        cursor = matched.cursor_after(rows[-1])
    body = render_rows(matched.pieces, rows, base_url=base_url)
    audit_search(actor, scene.partition_id, query, len(rows), rows)
    warnings = tuple(dict.fromkeys((*matched.warnings, *counted.warnings)))
    return Found(body, len(rows), counted.value, cursor, warnings)


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
    warnings
        What the client is to know about how they were found.
    """

    query: Query
    pieces: Sequence[Piece]
    rows: list[tuple[Any, ...]]
    keys_at: int
    warnings: tuple[str, ...] = ()

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
    level = query.target.level
    is_identified, parameters = scene.column
    answered = columns_of(pieces, level, everywhere=scene.everywhere)
    keys = [KEY[each] for each in list(Level)[: level + 1]]
    sorted_by = sort_columns(query.sort)
    columns = [is_identified, *answered, *keys, *sorted_by, *_SUBJECT]
    wanted = Wanted(columns, parameters)
    rows, warnings = ask(query, lambda backend: backend.rows(query, scene.area, wanted))
    return Matched(query, pieces, rows, 1 + len(answered), warnings)


def count_all(query: Query, scene: Scene) -> Answer[int]:
    """Return how many match altogether."""
    return ask(query, lambda backend: backend.count(query, scene.area))


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
