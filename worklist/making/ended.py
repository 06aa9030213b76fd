"""Ending workitems when what they were made of has ended.

An order that is revoked, an appointment that is cancelled, whatever was entered in
error or is deleted: nobody is to work on it. What is scheduled is canceled; of what
somebody has claimed they are asked to cancel it, by the request of UPS-RS, once.
Nothing is forced: where they hear of nothing the rule says so. A Task says more of its
workitem (`worklist.making.in_step`); only its deletion is looked at here.

A canceled workitem is final (DICOM PS3.4 CC.1.1): an order that is active again gets no
other one of the same key.

References
----------
DICOM PS3.4 CC.2.2, PS3.16 CID 9300; FHIR R4 ServiceRequest.status, Appointment.status.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from core.database import raw_connection
from core.errors import Invalid, PortalError
from fhirlink.linkage.current import current
from imaging.part10 import JsonModel
from worklist.cancel import cancel_workitem, request_cancel
from worklist.describing import Code, attribute
from worklist.making.converting import concept_item, text_of
from worklist.making.follower import ACTOR, OF_ENDED, note
from worklist.making.keys import lock_of
from worklist.making.subjects import Wanted, find
from worklist.models import MadeWorkitem, Workitem, WorkitemRule
from worklist.replacing import newest_in_place
from worklist.rules import State

DELETED: Final = "deleted"
ENDED: Final[Mapping[str, str]] = {
    "revoked": "was revoked",
    "cancelled": "was cancelled",
    "noshow": "is of a patient who did not come",
    "entered-in-error": "was entered in error",
    DELETED: "was deleted",
}
"""Statuses of what is not to be done any more, in words; of whatever type it is."""

_LONGEST_REASON: Final = 1_000
_TASK: Final = "Task"
_DID_NOT_ARRIVE: Final = Code("110507", "DCM", "Patient did not arrive")

Json = Mapping[str, Any]


def is_over(rule: WorkitemRule, item: Json) -> bool:
    """Return whether what meets a rule's conditions has ended before it has looked.

    Unless they ask for that status.
    """
    status = item.get("status")
    return status in ENDED and str(status) not in rule.conditions


def note_ended(partition_id: int, type_: str, changed: Mapping[str, int]) -> None:
    """Have workitems ended whose resources have; what goes on again may end again.

    Parameters
    ----------
    changed
        Ids of resources, and the entries of the feed that told of them.
    """
    made = _made_of(partition_id, [f"{type_}/{fhir_id}" for fhir_id in changed])
    ids = {each.subject.partition("/")[2] for each in made}
    held = current(partition_id, type_, ids) if ids else {}
    again, ended = [], {}
    for each in made:
        fhir_id = each.subject.partition("/")[2]
        if not _status_of(each, held.get(fhir_id)):
            again += [each.pk] * (each.ended_at is not None)
        elif each.ended_at is None:
            ended[partition_id, OF_ENDED, str(each.pk)] = changed[fhir_id]
    if again:
        MadeWorkitem.objects.filter(pk__in=again).update(ended_at=None)
    if ended:
        note(ended)


def end_made(key: int) -> Iterator[tuple[WorkitemRule, str]]:
    """End what a rule has made of what has ended; yield what it is to say of it.

    Inside the caller's transaction.
    """
    made = MadeWorkitem.objects.select_related("rule").get(pk=key)
    type_, _, fhir_id = made.subject.partition("/")
    held = current(made.partition_id, type_, [fhir_id]).get(fhir_id)
    status = _status_of(made, held)
    workitem = _workitem_of(made)
    if not status or made.ended_at is not None:
        return  # it goes on again meanwhile, or was ended
    MadeWorkitem.objects.filter(pk=key).update(ended_at=timezone.now())
    if workitem is None or State(workitem.state).is_final:
        return
    try:
        with transaction.atomic():
            end(made, workitem, _reason(made.subject, status, held or {}))
    except PortalError as error:
        words = f"What a workitem was made of {ENDED[status]}; who performs it"
        yield made.rule, f"{words} could not be told: {error.message}"


def end_again(partition_id: int, uid: str) -> None:
    """Cancel what is scheduled anew of what has ended: somebody has given it up."""
    made = MadeWorkitem.objects.select_related("rule").filter(
        partition_id=partition_id, sop_instance_uid=uid, ended_at__isnull=False
    )
    for each in made:
        workitem = _workitem_of(each)
        if workitem is not None and workitem.state == State.SCHEDULED:
            words = f"{each.subject} has ended."
            end(each, workitem, attribute("ReasonForCancellation", "LT", words))


def end(made: MadeWorkitem, workitem: Workitem, why: JsonModel) -> None:
    """Ask for a workitem to be canceled; what its own Task has claimed is.

    Raises
    ------
    PortalError
        Who performs it hears of nothing, or it has ended otherwise.
    """
    lock = lock_of(made.rule.uuid, made.key)
    at = {"partition": workitem.partition.name, "uid": workitem.sop_instance_uid}
    if workitem.transaction_uid == lock:
        cancel_workitem(actor=ACTOR, model=why, transaction_uid=lock, **at)
    else:
        request_cancel(actor=ACTOR, model=why, **at)


def _status_of(made: MadeWorkitem, held: Json | None) -> str:
    """Return by which status a resource has ended; empty where it goes on."""
    if held is None:
        return DELETED
    type_, _, fhir_id = made.subject.partition("/")
    status = str(held.get("status", ""))
    if type_ == _TASK or status not in ENDED:
        return ""
    return "" if _asks_for(made.rule, status, fhir_id) else status


def _asks_for(rule: WorkitemRule, status: str, fhir_id: str) -> bool:
    """Return whether a rule makes workitems of what has a status, and does of this."""
    if status not in rule.conditions:
        return False
    try:
        return bool(find(rule, Wanted(1, [fhir_id])))
    except Invalid:
        return False  # it cannot be applied any more


def _reason(subject: str, status: str, held: Json) -> JsonModel:
    """Return why a workitem is canceled, as a request to cancel says it."""
    told = held.get("cancelationReason")  # of an Appointment
    words = f"{subject} {ENDED[status]}. {text_of(told or '')}".strip()
    item = concept_item(told)
    if item is None and status == "noshow":
        item = _DID_NOT_ARRIVE.item()
    codes = attribute("ProcedureStepDiscontinuationReasonCodeSequence", "SQ", item)
    reason = attribute("ReasonForCancellation", "LT", words[:_LONGEST_REASON])
    return reason | codes if item else reason


def _workitem_of(made: MadeWorkitem) -> Workitem | None:
    """Return what a rule has made, or the one in its place; None: it is deleted."""
    uid = newest_in_place(made.partition_id, made.sop_instance_uid)
    held = Workitem.objects.select_related("partition").filter(
        partition_id=made.partition_id, sop_instance_uid=uid
    )
    return held.first()


def _made_of(partition_id: int, subjects: list[str]) -> list[MadeWorkitem]:
    rows = raw_connection().execute(_MADE_OF, (partition_id, subjects)).fetchall()
    keys = [key for (key,) in rows]
    made = MadeWorkitem.objects.select_related("rule").filter(pk__in=keys)
    return list(made.order_by("id")) if keys else []


_MADE_OF: Final = (
    "SELECT id FROM worklist_madeworkitem WHERE partition_id = %s"
    " AND subject = ANY(%s::text[]) AND subject LIKE '%%/%%'"
)
