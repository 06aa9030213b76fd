"""Giving up a claim: the workitem is canceled, and another one takes its place.

A workitem that somebody has claimed never is SCHEDULED again (DICOM PS3.4 CC.1.1), so
whoever does not go on with it cancels it, and schedules another one that says the same
and names it as replaced (Replaced Procedure Step Sequence, PS3.3 C.30.2). Both in one
transaction: the work is on the list, once, at each moment.
"""

from collections.abc import Callable
from typing import Final

from django.utils import timezone

from core.access import Actor, Verb
from core.database import raw_connection
from imaging.index import tag_of
from imaging.part10 import JsonModel
from worklist.change_state import changed
from worklist.create import scheduled
from worklist.describing import attribute
from worklist.errors import WorkitemRefused, refusal
from worklist.held import Held
from worklist.made import go_on_as
from worklist.opening import Origin
from worklist.rules import (
    UPS_PUSH,
    Event,
    Outcome,
    State,
    Status,
    check_cancel_request,
    decide,
    lock_of,
    with_cancellation,
)
from worklist.uids import new_uid
from worklist.working import lock_given
from worklist.write import write

Describe = Callable[[JsonModel], JsonModel]
"""From what a workitem says to what the one in its place is to say."""

_REPLACED: Final = tag_of("ReplacedProcedureStepSequence")
_REPLACED_UID: Final = f"{_REPLACED}.{tag_of('ReferencedSOPInstanceUID')}"
_LEFT_OUT: Final = (
    tag_of("ProcedureStepState"),
    tag_of("ProcedureStepProgressInformationSequence"),
    tag_of("UnifiedProcedureStepPerformedProcedureSequence"),
    tag_of("ScheduledProcedureStepModificationDateTime"),
    tag_of("SOPInstanceUID"),
    _REPLACED,
)
"""What belongs to the workitem itself, and not to the work."""


def replace_claimed(
    actor: Actor,
    partition_id: int,
    held: Held,
    transaction_uid: str | None,
    *,
    reason: str,
    describe: Describe,
) -> str:
    """Cancel a workitem that is locked, and schedule one in its place.

    Whoever may manage all data of the partition may do it for another, who is away.

    Returns
    -------
    str
        The UID of the one in its place; where there is one already, of that.

    Raises
    ------
    WrongTransactionUid, ClaimedByAnother
        It is claimed by another.
    WorkitemRefused
        Nobody has claimed it, or it has ended otherwise.
    """
    may_for_others = actor.reach(Verb.MANAGE).has_whole(partition_id)
    given = lock_given(actor, held, transaction_uid, of_others=may_for_others)
    lock = lock_of(given or new_uid(), held.transaction_uid)
    outcome = decide(Event.CANCEL, held.state, lock)
    if outcome.is_failure:
        raise refusal(outcome)
    if not outcome.passes:  # it was canceled before
        return _in_its_place(partition_id, held)
    at, uid = timezone.now(), new_uid()
    wish = check_cancel_request(attribute("ReasonForCancellation", "LT", reason))
    model = with_cancellation(held.model(), wish.dataset, now=at)
    ended = changed(held, outcome, model, held.claim)
    origin = Origin(replaces=held.id)
    new = scheduled(describe(_as_new(held)), uid, at, origin)
    go_on_as(partition_id, held.sop_instance_uid, uid)
    write(actor, partition_id, [ended, new])
    return uid


def _as_new(held: Held) -> JsonModel:
    """Return what a workitem says of the work, and what it is in the place of."""
    model = {tag: each for tag, each in held.model().items() if tag not in _LEFT_OUT}
    reference = {
        **attribute("ReferencedSOPClassUID", "UI", UPS_PUSH),
        **attribute("ReferencedSOPInstanceUID", "UI", held.sop_instance_uid),
    }
    return {**model, **attribute("ReplacedProcedureStepSequence", "SQ", reference)}


def newest_in_place(partition_id: int, uid: str) -> str:
    """Return the UID of the workitem that is in the place of another one by now.

    That of the other one itself where nothing has replaced it.
    """
    seen = {uid}
    while (after := _replacement_of(partition_id, uid)) and after not in seen:
        seen.add(after)
        uid = after
    return uid


def _in_its_place(partition_id: int, held: Held) -> str:
    uid = _replacement_of(partition_id, held.sop_instance_uid)
    if uid is None:
        outcome = Outcome(Status.NO_LONGER_UPDATED, State.CANCELED)
        raise WorkitemRefused(outcome)
    return uid


def _replacement_of(partition_id: int, uid: str) -> str | None:
    row = (
        raw_connection()
        .execute(
            "SELECT w.sop_instance_uid FROM worklist_workitemvalue v"
            " JOIN worklist_workitem w ON w.id = v.workitem_id"
            " WHERE v.partition_id = %s AND v.path = %s AND v.part = 0 AND v.text = %s"
            " ORDER BY w.id DESC LIMIT 1",
            (partition_id, _REPLACED_UID, uid),
        )
        .fetchone()
    )
    return None if row is None else str(row[0])
