"""Searching workitems (DICOM PS3.18 11.9), answered in the order of their urgency."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from psycopg.errors import QueryCanceled
from psycopg.rows import args_row

from core import audit
from core.access import Actor, Verb, require
from core.database import raw_connection
from core.errors import TooLarge
from core.partitions import get_partition
from imaging.part10 import JsonModel
from imaging.query.conditions import Condition, all_of
from worklist import data_set
from worklist.access import within
from worklist.models import Workitem
from worklist.query import Place, WorkitemQuery
from worklist.search_sql import ORDER, after, conditions_of

TOO_BROAD: Final = (
    "The search took too long. Narrow it: name a patient, a worklist or a state, or"
    " begin text with something other than a wild card."
)


class Row(NamedTuple):
    """A workitem that was found.

    Attributes
    ----------
    content
        Its DICOM JSON, as `worklist.data_set.packed` keeps it.
    """

    id: int
    sop_instance_uid: str
    priority: int
    start_at: dt.datetime
    content: bytes
    patient_id: str
    issuer_of_patient_id: str
    study_instance_uids: list[str]

    @property
    def place(self) -> Place:
        """Return where it stands in the list."""
        return Place(self.priority, self.start_at, self.id)


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
    require(actor, Verb.VIEW_PHI)
    partition_id = get_partition(actor=actor, name=partition, verb=Verb.VIEW_PHI)
    matching = all_of(
        [
            *conditions_of(query, partition_id),
            within(actor.reach(Verb.VIEW_PHI), partition_id),
        ]
    )
    try:
        rows = _page(query, matching)
        total = _count(matching) if query.total else None
    except QueryCanceled as error:
        raise TooLarge(TOO_BROAD) from error
    page = rows[: query.limit]
    _audit(actor, partition_id, query, page)
    return Found(page, total, page[-1].place if len(rows) > query.limit else None)


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


def _page(query: WorkitemQuery, matching: Condition) -> list[Row]:
    """Return the rows of a page, and one more where there are more."""
    conditions = [matching]
    if query.after is not None:
        conditions.append(after(query.after))
    text, values = all_of(conditions)
    with raw_connection().cursor(args_row(Row), binary=True) as cursor:
        cursor.execute(
            "SELECT w.id, w.sop_instance_uid, w.priority, w.start_at, w.content,"  # noqa: S608 own names
            " w.patient_id, w.issuer_of_patient_id, w.study_instance_uids"
            f" FROM worklist_workitem w WHERE {text} ORDER BY {ORDER}"
            " LIMIT %s OFFSET %s",
            (*values, query.limit + 1, query.offset),
            prepare=False,  # how rare a value is decides how it is looked for
        )
        return cursor.fetchall()


def _count(matching: Condition) -> int:
    text, values = matching
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


def known_patients(
    partition_id: int, patients: Collection[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """Return the keys of those patients of whom studies are held."""
    named = [each for each in patients if each[0]]
    if not named:
        return {}
    ids, issuers = zip(*named, strict=True)
    rows = raw_connection().execute(
        "SELECT p.patient_id, p.issuer_of_patient_id, p.id"
        " FROM unnest(%s::text[], %s::text[]) AS named (patient_id, issuer)"
        " JOIN imaging_patient p ON p.partition_id = %s"
        " AND p.patient_id = named.patient_id"
        " AND p.issuer_of_patient_id = named.issuer",
        (list(ids), list(issuers), partition_id),
    )
    return {(patient_id, issuer): key for patient_id, issuer, key in rows}
