"""Searching workitems (DICOM PS3.18 11.9), answered in the order of their urgency."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Final, LiteralString, NamedTuple

from psycopg.errors import QueryCanceled

from core import audit
from core.access import Actor, Verb, require
from core.database import raw_connection
from core.errors import TooLarge
from core.partitions import get_partition
from imaging.part10 import JsonModel
from imaging.query.conditions import Condition, all_of
from imaging.query.terms import Criterion
from worklist import data_set
from worklist.access import within
from worklist.models import Workitem
from worklist.orders import BY, Order, Place, after, after_in
from worklist.query import WorkitemQuery
from worklist.rows import Row, columns_of, fetch, known_patients
from worklist.same_items import beside
from worklist.search_sql import (
    Worklists,
    conditions_of,
    label_condition,
    leading,
    of_columns,
    values_of,
)

TOO_BROAD: Final = (
    "The search took too long. Narrow it: name a patient, a worklist or a state, or"
    " begin text with something other than a wild card."
)


FEW: Final = 500  # workitems: all of them may be looked at
MANY: Final = 5_000  # values that are counted to find what fewer have
_VALUES: Final = "worklist_workitemvalue v"


class Found(NamedTuple):
    """A page of workitems.

    Attributes
    ----------
    total
        How many match altogether, if the query asked for it.
    after
        Where the next page begins; None after the last one.
    """

    rows: Sequence[Row]
    total: int | None = None
    after: Place | None = None


class Scene(NamedTuple):
    """Where somebody searches.

    Attributes
    ----------
    visible, reached
        What is true of a row ``w`` that they see, and of one that they may work at.
    worklists
        Keys of those whose label is asked for.
    """

    partition_id: int
    visible: Condition
    reached: Condition
    worklists: Worklists


def search(*, actor: Actor, partition: str, query: WorkitemQuery) -> Found:
    """Return the workitems that match and the actor may see, the most urgent first.

    The audit log names whose they are.

    Raises
    ------
    Forbidden
        The actor may see no patient anywhere.
    NotFound
        It sees nothing of the partition.
    TooLarge
        It took the database too long.
    """
    scene = scene_of(actor, partition, query)
    try:
        rows = _page_of(query, scene)
        total = _count(query, scene) if query.total else None
    except QueryCanceled as error:
        raise TooLarge(TOO_BROAD) from error
    page = rows[: query.limit]
    _audit(actor, scene.partition_id, query, page)
    has_more = len(rows) > query.limit
    last = page[-1].place_in(query.order) if has_more and page else None
    return Found(page, total, last)


def count_workitems(*, actor: Actor, partition: str, query: WorkitemQuery) -> int:
    """Return how many workitems match that the actor may see.

    Raises
    ------
    Forbidden, NotFound, TooLarge
        As `search`.
    """
    scene = scene_of(actor, partition, query)
    try:
        return _count(query, scene)
    except QueryCanceled as error:
        raise TooLarge(TOO_BROAD) from error


def scene_of(actor: Actor, partition: str, query: WorkitemQuery) -> Scene:
    """Return where an actor searches.

    Raises
    ------
    Forbidden, NotFound
        The actor may see no patient anywhere, or nothing of the partition.
    """
    require(actor, Verb.VIEW_PHI)
    key = get_partition(actor=actor, name=partition, verb=Verb.VIEW_PHI)
    return Scene(
        key,
        within(actor.reach(Verb.VIEW_PHI), key),
        within(actor.reach(Verb.PERFORM), key),
        worklists_of(query, key),
    )


def answered(row: Row, query: WorkitemQuery, usual: Collection[str]) -> JsonModel:
    """Return what is answered of a workitem: what is usual, and what was asked for.

    Parameters
    ----------
    usual
        Tags that each answer has, where they are held.
    """
    model = data_set.unpacked(row.content)
    if query.include_all:
        return model
    wanted = query.included.union(usual)
    return {tag: model[tag] for tag in model if tag in wanted}


def count_held(partition_id: int) -> int:
    """Return how many workitems a partition holds, whatever their state."""
    return Workitem.objects.filter(partition_id=partition_id).count()


def worklists_of(query: WorkitemQuery, partition_id: int) -> Worklists:
    """Return the keys of the worklists whose label is asked for; None: it is not."""
    condition = label_condition(query)
    if condition is None:
        return None
    text, values = condition
    rows = raw_connection().execute(
        f"SELECT id FROM worklist_worklist WHERE partition_id = %s AND ({text})",  # noqa: S608 own names
        (partition_id, *values),
    )
    return [key for (key,) in rows]


def _page_of(query: WorkitemQuery, scene: Scene) -> list[Row]:
    """Return the rows of a page, and one more where there are more.

    Read by what the fewest workitems have: a value that is known to the letter, or
    what columns say; by neither, or in an order of their own, as lists are.
    """
    if query.order is not Order.URGENCY:
        return _in_order_of_workitems(query, scene)
    leader, number = _leader(query, scene)
    if leader is None or (number > FEW and _number_by_columns(query, scene) <= FEW):
        return _in_order_of_workitems(query, scene)
    return _in_order_of_values(query, scene, leader)


def _leader(query: WorkitemQuery, scene: Scene) -> tuple[Criterion | None, int]:
    """Return the criterion by which a page is read, and how many values pass it."""
    candidates = leading(query.criteria)
    for limit in (FEW, MANY):
        found = [
            (_counted(_VALUES, values_of(each, scene.partition_id), limit), each)
            for each in candidates
        ]
        number, leader = min(found, key=itemgetter(0), default=(0, None))
        if number <= limit or len(candidates) == 1:
            break
    return leader, number


def _number_by_columns(query: WorkitemQuery, scene: Scene) -> int:
    """Return how many workitems columns leave of all, up to one more than `FEW`."""
    condition = all_of(of_columns(query, scene.partition_id, scene.worklists))
    return _counted("worklist_workitem w", condition, FEW)


def _counted(table: LiteralString, condition: Condition, limit: int) -> int:
    text, values = condition
    some = f"SELECT FROM {table} WHERE {text} LIMIT %s"
    statement = f"SELECT count(*) FROM ({some}) AS counted"  # noqa: S608 own names
    with raw_connection().cursor() as cursor:
        values = [*values, limit + 1]
        row = cursor.execute(statement, values, prepare=False).fetchone()
    return int(row[0]) if row else 0


def _in_order_of_workitems(query: WorkitemQuery, scene: Scene) -> list[Row]:
    """Read workitems in their order, or sort the few that there are."""
    conditions = [
        *conditions_of(query, scene.partition_id, scene.worklists),
        scene.visible,
    ]
    if query.after is not None:
        conditions.append(after_in(query.order, query.after))
    text, values = all_of(conditions)
    columns, of_columns = columns_of(scene.reached)
    return fetch(
        f"SELECT {columns} FROM worklist_workitem w WHERE {text}"  # noqa: S608 own names
        f" ORDER BY {BY[query.order]} LIMIT %s OFFSET %s",
        [*of_columns, *values, query.limit + 1, query.offset],
    )


def _in_order_of_values(
    query: WorkitemQuery, scene: Scene, leader: Criterion
) -> list[Row]:
    """Read what has a value in the order of lists, as far as needed.

    LATERAL, so that PostgreSQL does not read all of them to sort them.
    """
    led = [
        values_of(leader, scene.partition_id),
        *beside(leader, query.criteria, scene.partition_id),
    ]
    if query.after is not None:
        led.append(after(query.after, "v", "workitem_id"))
    led_text, led_values = all_of(led)
    rest = conditions_of(query, scene.partition_id, scene.worklists, without=leader)
    text, values = all_of([*rest, scene.visible])
    columns, of_columns = columns_of(scene.reached)
    return fetch(
        f"SELECT found.* FROM (SELECT DISTINCT v.rank, v.start_at, v.workitem_id"  # noqa: S608 own names
        f" FROM worklist_workitemvalue v WHERE {led_text}"
        " ORDER BY v.rank, v.start_at, v.workitem_id) AS led"
        f" CROSS JOIN LATERAL (SELECT {columns} FROM worklist_workitem w"
        f" WHERE w.id = led.workitem_id AND {text} OFFSET 0) AS found"
        " ORDER BY led.rank, led.start_at, led.workitem_id LIMIT %s OFFSET %s",
        [*led_values, *of_columns, *values, query.limit + 1, query.offset],
    )


def _count(query: WorkitemQuery, scene: Scene) -> int:
    text, values = all_of(
        [*conditions_of(query, scene.partition_id, scene.worklists), scene.visible]
    )
    statement = f"SELECT count(*) FROM worklist_workitem w WHERE {text}"  # noqa: S608 own names
    with raw_connection().cursor() as cursor:
        row = cursor.execute(statement, values, prepare=False).fetchone()
    return int(row[0]) if row else 0


def _audit(
    actor: Actor, partition_id: int, query: WorkitemQuery, rows: Sequence[Row]
) -> None:
    event = audit.Event(
        actor,
        audit.Action.SEARCH,
        partition_id=partition_id,
        detail=f"workitems ({len(rows)} results)",
        query=query.text,
    )
    patients = {(row.patient_id, row.issuer_of_patient_id) for row in rows}
    if len(patients) == 1:
        ((patient_id, _issuer),) = patients
        if patient_id:
            audit.record_soon(replace(event, patient_id=patient_id))
            return
    keys = known_patients(partition_id, patients)
    studies = {
        uid
        for row in rows
        if (row.patient_id, row.issuer_of_patient_id) not in keys
        for uid in row.study_instance_uids[:1]
    }
    audit.record_answer(event, patients=keys.values(), studies=studies)
