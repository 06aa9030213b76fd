"""Writing workitems: rows, values, what happened, audit and feed in one transaction.

Set-based: a fixed number of statements for any number of workitems. It decides nothing
of who may, nor of what a workitem may become: `worklist.create` and its neighbours do.
"""

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson

from core import audit, changefeed
from core.access import Actor
from core.audit import Action, Event
from core.changefeed_access import WORKITEM
from core.database import as_rows, raw_connection
from imaging.fold import fold, storable
from imaging.index import tag_of
from imaging.part10 import JsonModel
from worklist import data_set, write_sql
from worklist.held import NO_CLAIM, Claim, Held
from worklist.models import Happened
from worklist.moments import due_of, moment_of
from worklist.opening import BY_WRITER, Naming, Origin, name_studies
from worklist.rules import State
from worklist.values import Value, studies_among, values_of
from worklist.write_values import Described, write_values
from worklist.writers import begin_writing

PRIORITIES: Final = ("HIGH", "MEDIUM", "LOW")
"""Scheduled Procedure Step Priority (0074,1200), in the order of lists."""

ASSIGNING: Final = (
    tag_of("ScheduledStationNameCodeSequence"),
    tag_of("ScheduledHumanPerformersSequence"),
)
"""What says who is to do it."""

_STATE: Final = tag_of("ProcedureStepState")
_PRIORITY: Final = tag_of("ScheduledProcedureStepPriority")
_START: Final = tag_of("ScheduledProcedureStepStartDateTime")
_LABEL: Final = tag_of("WorklistLabel")
_PATIENT_ID: Final = tag_of("PatientID")
_ISSUER: Final = tag_of("IssuerOfPatientID")
_TOLD: Final = (
    *ASSIGNING,
    tag_of("InputReadinessState"),
    _STATE,
    tag_of("ProcedureStepProgressInformationSequence"),
)
"""What events tell of a workitem (DICOM PS3.4 CC.2.4)."""


Watch = Callable[[int, Mapping[int, int]], None]
"""Looks at workitems as they are written, in the same transaction: by the partition's
key, and what happens to each of them (a version), by their keys."""

_watching: list[Watch] = []


def register_watch(watch: Watch) -> None:
    """Have `watch` called before each change is told."""
    _watching.append(watch)


@dataclass(frozen=True, slots=True)
class Change:
    """What a workitem becomes.

    Attributes
    ----------
    model
        Its whole data set, of which the state is one.
    passed
        The states that it comes to, one after the other.
    information
        What events tell besides what `model` says.
    detail
        What was done, for the audit log: no patient data.
    held
        What it was; None for a new one.
    is_described_anew
        Whether more of it changes than its state.
    origin
        Where the studies that it names come from.
    """

    sop_instance_uid: str
    model: JsonModel
    at: datetime
    happened: tuple[Happened, ...]
    detail: str
    claim: Claim = NO_CLAIM
    passed: tuple[State, ...] = ()
    information: JsonModel = field(default_factory=dict)
    held: Held | None = None
    is_described_anew: bool = True
    origin: Origin = BY_WRITER

    @property
    def state(self) -> State:
        """Return the state that it gets."""
        return State(data_set.text(self.model, _STATE))


def rank_of(priority: str, state: State) -> int:
    """Return where lists have a workitem: by priority, what has ended comes last."""
    return PRIORITIES.index(priority) + (len(PRIORITIES) if state.is_final else 0)


def write(
    actor: Actor, partition_id: int, changes: Sequence[Change]
) -> Mapping[str, int]:
    """Write changes inside the caller's transaction, whose last statement it is.

    Parameters
    ----------
    changes
        At most one of each workitem; those that were held are locked.

    Returns
    -------
    mapping of str to int
        Keys of the workitems written, by UID. A new one whose UID was there is not.
    """
    begin_writing(partition_id)
    values = [values_of(change.model) for change in changes]
    rows = [_row(partition_id, *each) for each in zip(changes, values, strict=True)]
    _name_worklists(partition_id, rows)
    written = _insert([row for row in rows if row["id"] is None])
    written |= _update([row for row in rows if row["id"] is not None])
    done = [change for change in changes if change.sop_instance_uid in written]
    if not done:
        return {}
    keys = {uid: key for uid, (key, _version) in written.items()}
    described = [
        (keys[change.sop_instance_uid], change, row, some)
        for change, row, some in zip(changes, rows, values, strict=True)
        if change.sop_instance_uid in written and change.is_described_anew
    ]
    write_values(
        Described(
            *(key, partition_id, row["rank"], row["start_at"], some),
            is_new=not change.held,
        )
        for key, change, row, some in described
    )
    named = (_naming(key, row, change.origin) for key, change, row, _ in described)
    name_studies(actor, partition_id, named)
    for watch in _watching:
        watch(partition_id, dict(written.values()))
    versions = {uid: version for uid, (_, version) in written.items()}
    _tell(actor, partition_id, done, versions, _first_studies(rows))
    return keys


def _row(partition_id: int, change: Change, values: Iterable[Value]) -> dict[str, Any]:
    model, held, state = change.model, change.held, change.state
    held_as_is = not change.is_described_anew
    return {
        "id": held.id if held else None,
        "partition_id": partition_id,
        "sop_instance_uid": change.sop_instance_uid,
        "state": state,
        "transaction_uid": change.claim.transaction_uid,
        "content": base64.b64encode(data_set.packed(model)).decode(),
        "label": storable(data_set.text(model, _LABEL)),
        "rank": rank_of(data_set.text(model, _PRIORITY), state),
        "start_at": moment_of(data_set.text(model, _START), model),
        "modified_at": held.modified_at if held and held_as_is else change.at,
        "ended_at": change.at if state.is_final else None,
        "due_at": due_of(model),
        "claimed_by_id": change.claim.account_id,
        "is_claimed_here": change.claim.is_here,
        "patient_id": storable(data_set.text(model, _PATIENT_ID)),
        "issuer_of_patient_id": storable(data_set.text(model, _ISSUER)),
        "study_instance_uids": studies_among(values),
    }


def _naming(key: int, row: Mapping[str, Any], origin: Origin) -> Naming:
    """Return what a workitem names, as it is written."""
    return Naming(
        key,
        row["worklist_id"],
        row["patient_id"],
        row["issuer_of_patient_id"],
        row["study_instance_uids"],
        origin,
    )


def _first_studies(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the study that the audit log names of each workitem; empty for none."""
    return {
        row["sop_instance_uid"]: next(iter(row["study_instance_uids"]), "")
        for row in rows
    }


def _name_worklists(partition_id: int, rows: Iterable[dict[str, Any]]) -> None:
    """Give each row the key of its worklist, made where there is none."""
    labels = sorted({row["label"] for row in rows})
    found = (
        raw_connection()
        .execute(write_sql.FIND_LISTS, (partition_id, labels))
        .fetchall()
    )
    keys: dict[str, int] = dict(found)
    if missing_labels := [label for label in labels if label not in keys]:
        values = (partition_id, missing_labels, list(map(fold, missing_labels)))
        made = raw_connection().execute(write_sql.MAKE_LISTS, values)
        keys |= dict(made.fetchall())
    for row in rows:
        row["worklist_id"] = keys[row["label"]]


def _insert(rows: Sequence[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    return _written(write_sql.INSERT, rows) if rows else {}


def _update(rows: Sequence[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    return _written(write_sql.UPDATE, rows) if rows else {}


def _written(
    statement: Any, rows: Sequence[dict[str, Any]]
) -> dict[str, tuple[int, int]]:
    """Return key and version of each row that was written, by UID."""
    answer = raw_connection().execute(statement, (as_rows(rows),))
    return {uid: (key, version) for uid, key, version in answer.fetchall()}


def _tell(
    actor: Actor,
    partition_id: int,
    changes: Sequence[Change],
    versions: Mapping[str, int],
    studies: Mapping[str, str],
) -> None:
    """Write what happened, audit rows and, last of all, the entries of the feed."""
    raw_connection().execute(
        write_sql.WRITE_VERSIONS,
        (
            partition_id,
            actor.name,
            as_rows(_version(each, versions) for each in changes),
        ),
    )
    audit.record(
        *(
            _event(actor, partition_id, each, studies[each.sop_instance_uid])
            for each in changes
        )
    )
    changefeed.append_all(
        (
            changefeed.Change(
                WORKITEM,
                "update" if each.held else "create",
                (each.sop_instance_uid,),
                partition_id,
                versions[each.sop_instance_uid],
            )
            for each in changes
        ),
        actor=actor,
    )


def _version(change: Change, versions: Mapping[str, int]) -> dict[str, object]:
    told = {tag: change.model[tag] for tag in _TOLD if tag in change.model}
    information = orjson.dumps({**told, **change.information})
    return {
        "id": versions[change.sop_instance_uid],
        "sop_instance_uid": change.sop_instance_uid,
        "at": change.at,
        "happened": change.happened,
        "state": change.state,
        "passed": change.passed,
        "information": base64.b64encode(information).decode(),
    }


def _event(actor: Actor, partition_id: int, change: Change, study: str) -> Event:
    return Event(
        actor,
        Action.UPDATE if change.held else Action.STORE,
        partition_id=partition_id,
        patient_id=data_set.text(change.model, _PATIENT_ID),
        study_instance_uid=study,
        detail=f"workitem {change.sop_instance_uid}: {change.detail}",
    )
