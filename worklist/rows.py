"""Workitems as lists read them: what columns hold, and the data set."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, LiteralString, NamedTuple

from psycopg.rows import args_row

from core import audit
from core.access import Actor, Verb, require
from core.database import raw_connection
from core.errors import NotFound
from core.partitions import get_partition
from imaging.query.conditions import Condition
from worklist.access import within
from worklist.orders import Order, Place, place_in

_COLUMNS: Final = (
    "w.id, w.sop_instance_uid, w.rank, w.start_at, w.content, w.patient_id,"
    " w.issuer_of_patient_id, w.study_instance_uids, w.version_id, w.due_at,"
    " w.modified_at, w.ended_at, w.claimed_by_id, w.partition_id"
)


class Row(NamedTuple):
    """A workitem that was found.

    Attributes
    ----------
    content
        Its DICOM JSON, as `worklist.data_set.packed` keeps it.
    version
        What happened last: another one once anything has.
    due_at
        When it is expected to be done; None where nobody said.
    is_reached
        Whether the actor may work at it.
    """

    id: int
    sop_instance_uid: str
    rank: int
    start_at: dt.datetime
    content: bytes
    patient_id: str
    issuer_of_patient_id: str
    study_instance_uids: list[str]
    version: int
    due_at: dt.datetime | None
    modified_at: dt.datetime
    ended_at: dt.datetime | None
    claimed_by_id: int | None
    partition_id: int
    is_reached: bool

    def place_in(self, order: Order) -> Place:
        """Return where it stands in a list of an order."""
        return place_in(
            order,
            rank=self.rank,
            start_at=self.start_at,
            due_at=self.due_at,
            modified_at=self.modified_at,
            key=self.id,
        )


def columns_of(reached: Condition) -> Condition:
    """Return the columns of a row ``w`` that make a `Row`, and their values.

    Parameters
    ----------
    reached
        What is true of a row that the actor may work at.
    """
    text, values = reached
    return f"{_COLUMNS}, {text} AS is_reached", list(values)


def fetch(statement: LiteralString, values: Sequence[Any]) -> list[Row]:
    """Return the rows of a statement that selects `columns_of`."""
    with raw_connection().cursor(args_row(Row), binary=True) as cursor:
        # Not prepared: how rare a value is decides how it is looked for.
        return cursor.execute(statement, values, prepare=False).fetchall()


def find_workitems(
    *, actor: Actor, partition: str, uids: Collection[str]
) -> Mapping[str, Row]:
    """Return the workitems of these UIDs that the actor may see, by UID.

    The audit log names their patients.

    Raises
    ------
    Forbidden
        The actor may see no patient anywhere.
    """
    require(actor, Verb.VIEW_PHI)
    try:
        key = get_partition(actor=actor, name=partition, verb=Verb.VIEW_PHI)
    except NotFound:
        return {}
    found = read_workitems(actor, key, uids)
    for row in found.values():
        audit.record_soon(_event(actor, key, row))
    return found


def read_workitems(
    actor: Actor, partition_id: int, uids: Collection[str]
) -> Mapping[str, Row]:
    """Return the same of a partition, for who tells the audit log otherwise."""
    visible, of_visible = within(actor.reach(Verb.VIEW_PHI), partition_id)
    columns, of_columns = columns_of(within(actor.reach(Verb.PERFORM), partition_id))
    rows = fetch(
        f"SELECT {columns} FROM worklist_workitem w WHERE partition_id = %s"  # noqa: S608 own names
        f" AND sop_instance_uid = ANY(%s::text[]) AND {visible}",
        [*of_columns, partition_id, list(uids), *of_visible],
    )
    return {row.sop_instance_uid: row for row in rows}


def names_of_accounts(keys: Collection[int]) -> Mapping[int, str]:
    """Return what accounts are called that have claimed workitems, by their keys."""
    found = raw_connection().execute(
        "SELECT id, username FROM core_account WHERE id = ANY(%s::bigint[])",
        (list(keys),),
    )
    return dict(found.fetchall())


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


def _event(actor: Actor, partition_id: int, row: Row) -> audit.Event:
    return audit.Event(
        actor,
        audit.Action.RETRIEVE,
        partition_id=partition_id,
        patient_id=row.patient_id,
        study_instance_uid=next(iter(row.study_instance_uids), ""),
        detail=f"workitem {row.sop_instance_uid}",
    )
