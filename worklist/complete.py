"""Completing a workitem: what its final state asks for is filled in where it is known.

DICOM PS3.4 table CC.2.5-3 asks who performed what, where and when. That is what was
scheduled, as far as the performer says nothing else. Of what a rule has made nobody
need say more: where it gives no station the portal is it, where it gives no code that
is what such work usually is. Clients of UPS-RS say it all themselves.
"""

from typing import Final

from django.conf import settings
from django.utils import timezone

from core.access import Actor
from core.database import raw_connection
from imaging.index import tag_of
from imaging.part10 import JsonModel
from worklist import data_set
from worklist.change_state import change_state
from worklist.describing import Code, attribute
from worklist.errors import WorkitemInvalid
from worklist.held import Held
from worklist.made import makers_of
from worklist.performers import acting_performer
from worklist.rules import Outcome, State, check_update, date_time

PERFORMED: Final = tag_of("UnifiedProcedureStepPerformedProcedureSequence")

_STATION: Final = "PerformedStationNameCodeSequence"
_CODE: Final = "PerformedWorkitemCodeSequence"
_AS_SCHEDULED: Final = (
    (_STATION, "ScheduledStationNameCodeSequence"),
    (_CODE, "ScheduledWorkitemCodeSequence"),
)


def complete_workitem(
    *,
    actor: Actor,
    partition: str,
    uid: str,
    performed: JsonModel | None = None,
    transaction_uid: str | None = None,
) -> Outcome:
    """Complete a workitem that one has claimed.

    Parameters
    ----------
    performed
        What is said of the work: attributes of an item of Unified Procedure Step
        Performed Procedure Sequence, in DICOM JSON.
    transaction_uid
        None: the actor's account acts by its own claim (`worklist.working`).

    Returns
    -------
    Outcome
        What was decided: done, or a warning that it was so already.

    Raises
    ------
    Forbidden, NoSuchWorkitem
        The actor may not work at it, or not see it.
    WrongTransactionUid, ClaimedByAnother
        It is claimed by another.
    WorkitemInvalid
        What is said breaks the rules.
    WorkitemRefused
        Its state does not allow it, or nobody knows something that it asks for: the
        message names it.
    """

    def describe(partition_id: int, held: Held) -> JsonModel:
        model = held.model()
        item = _filled(actor, partition_id, held, model, performed or {})
        asked = check_update(
            attribute("UnifiedProcedureStepPerformedProcedureSequence", "SQ", item)
        )
        if asked.findings:
            raise WorkitemInvalid(asked.findings)
        return model | asked.dataset

    return change_state(
        actor=actor,
        partition=partition,
        uid=uid,
        state=State.COMPLETED,
        transaction_uid=transaction_uid,
        describe=describe,
    )


def _filled(
    actor: Actor, partition_id: int, held: Held, model: JsonModel, said: JsonModel
) -> JsonModel:
    """Return what was performed: as was said now, or before, or as is known."""
    before = next(iter(data_set.items(model, PERFORMED)), {})
    item = {**before, **said}
    known = _usual(partition_id, held)
    for performed, scheduled in _AS_SCHEDULED:
        codes = data_set.items(model, tag_of(scheduled))
        if len(codes) == 1:  # of several nobody knows which it was
            known |= attribute(performed, "SQ", *codes)
    begun = _claimed_at(partition_id, held) or date_time(timezone.now())
    known |= attribute("PerformedProcedureStepStartDateTime", "DT", begun)
    ended = date_time(timezone.now())
    known |= attribute("PerformedProcedureStepEndDateTime", "DT", ended)
    known |= attribute("OutputInformationSequence", "SQ")
    if performer := acting_performer(actor, partition_id):
        known |= attribute("ActualHumanPerformersSequence", "SQ", performer)
    for tag, each in known.items():
        if "Value" not in item.get(tag, {}) and ("Value" in each or tag not in item):
            item[tag] = each
    return item


def _usual(partition_id: int, held: Held) -> JsonModel:
    """Return where and what the work of a rule is, unless something says more."""
    uid = held.sop_instance_uid
    maker = makers_of(partition_id, [uid]).get(uid)
    if maker is None:
        return {}
    station = Code(*settings.STATION)
    return {
        **attribute(_STATION, "SQ", station.item()),
        **attribute(_CODE, "SQ", maker.usual_code.item()),
    }


def _claimed_at(partition_id: int, held: Held) -> str:
    """Return when it came to be in progress; empty where that is not known."""
    row = (
        raw_connection()
        .execute(
            "SELECT at FROM worklist_workitemversion WHERE partition_id = %s"
            " AND sop_instance_uid = %s AND %s = ANY(passed) ORDER BY id LIMIT 1",
            (partition_id, held.sop_instance_uid, State.IN_PROGRESS.value),
        )
        .fetchone()
    )
    return date_time(row[0]) if row else ""
