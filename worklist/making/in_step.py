"""Keeping workitems and the FHIR Tasks that they were made of in step, both ways.

Each way is a transaction of its own. What a Task wishes is done to its workitem; what
the workitem is, its Task is told, and, where a wish was refused, why. What was written
here is not answered again (`worklist.making.follower`).
"""

from contextlib import suppress
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.utils import timezone

from core.errors import PortalError, PreconditionFailed
from fhirlink.json_text import parse
from fhirlink.preconditions import must_be_at
from fhirlink.read import Version, current
from fhirlink.write import Change, write
from imaging.part10 import JsonModel
from worklist.change_state import change_state
from worklist.data_set import unpacked
from worklist.making.ended import end
from worklist.making.follower import ACTOR, OF_WORKITEM, note
from worklist.making.keys import lock_of
from worklist.making.owners import agree, follow_owner, tell_owner
from worklist.making.task_states import STATUSES, Wish, performed, reason, wish_of
from worklist.models import MadeWorkitem, Workitem
from worklist.replacing import newest_in_place
from worklist.rules import State, date_time
from worklist.update import update_workitem

TASK: Final = "Task"
_LONGEST_REASON: Final = 500


class Pair(NamedTuple):
    """A workitem and the Task that it was made of, as they are now."""

    made: MadeWorkitem
    workitem: Workitem
    task: Version

    @property
    def content(self) -> dict[str, Any]:
        """Return the JSON of the Task."""
        return parse(self.task.json())

    @property
    def model(self) -> JsonModel:
        """Return the data set of the workitem."""
        return unpacked(bytes(self.workitem.content))

    @property
    def lock(self) -> str:
        """Return the Transaction UID by which the Task has its workitem."""
        return lock_of(self.made.rule.uuid, self.made.key)


def follow_task(partition_id: int, fhir_id: str, seq: int) -> None:
    """Do to workitems what their Task wishes; inside the caller's transaction."""
    made = MadeWorkitem.objects.filter(
        partition_id=partition_id,
        subject=f"{TASK}/{fhir_id}",
        subject__contains="/",  # has an index
    )
    for each in made.select_related("rule").order_by("id"):
        pair = _pair(each)
        if pair is None:
            continue
        # It may be told what has come of it, whatever that is.
        note({(partition_id, OF_WORKITEM, each.sop_instance_uid): seq})
        refusal = _refusal(pair)
        if refusal != each.refusal:
            MadeWorkitem.objects.filter(pk=each.pk).update(refusal=refusal)


def tell_task(partition_id: int, uid: str) -> None:
    """Have the Task of a workitem say what that is; inside the caller's transaction."""
    made = MadeWorkitem.objects.filter(
        partition_id=partition_id, sop_instance_uid=uid, subject__startswith=f"{TASK}/"
    )
    each = made.select_related("rule").first()
    pair = _pair(each) if each is not None else None
    if pair is None:
        return
    before = pair.content
    with suppress(PortalError), transaction.atomic():
        if follow_owner(pair.made, pair.workitem, before, pair.lock):
            return  # the entry of that leads back here
    after = _told(pair, dict(before))
    if after == before:
        return
    check = must_be_at(pair.task.number)
    change = Change(TASK, pair.task.fhir_id, "PUT", after, check)
    # Who has changed it meanwhile is answered by what they have written.
    with suppress(PreconditionFailed), transaction.atomic():
        if after.get("owner") != before.get("owner"):
            agree(pair.made, pair.model, after)
        write(ACTOR, partition_id, [change])


def _pair(made: MadeWorkitem) -> Pair | None:
    """Return a workitem and its Task; None where one of them is gone.

    Of a workitem that was given up it is the one in its place.
    """
    newest = newest_in_place(made.partition_id, made.sop_instance_uid)
    if newest != made.sop_instance_uid:
        MadeWorkitem.objects.filter(pk=made.pk).update(sop_instance_uid=newest)
        made.sop_instance_uid = newest
        # What has happened to it meanwhile nobody has noted.
        note({(made.partition_id, OF_WORKITEM, newest): 0})
    held = Workitem.objects.select_related("partition").filter(
        partition_id=made.partition_id, sop_instance_uid=newest
    )
    workitem = held.first()
    fhir_id = made.subject.partition("/")[2]
    task = current(made.partition_id, TASK, fhir_id)
    return Pair(made, workitem, task) if workitem and task else None


def _refusal(pair: Pair) -> str:
    """Do what a Task wishes; return why it could not be done, empty where it was."""
    task = pair.content
    wish = wish_of(task.get("status", ""), State(pair.workitem.state))
    refusal = ""
    for do in (
        lambda: follow_owner(pair.made, pair.workitem, task, pair.lock),
        lambda: _fulfil(pair, wish, task),
    ):
        try:
            with transaction.atomic():
                do()
        except PortalError as error:
            refusal = error.message[:_LONGEST_REASON]
    return refusal


def _fulfil(pair: Pair, wish: Wish, task: dict[str, Any]) -> None:
    if wish is Wish.NOTHING:
        return
    if wish is Wish.CANCEL:
        end(pair.made, pair.workitem, reason(task))
        return
    if pair.workitem.transaction_uid != pair.lock:
        _become(pair, State.IN_PROGRESS)
    if wish is Wish.COMPLETE:
        now = date_time(timezone.now())
        _update(pair, performed(task, pair.model, now))
        _become(pair, State.COMPLETED)


def _become(pair: Pair, state: State) -> None:
    change_state(
        actor=ACTOR,
        partition=pair.workitem.partition.name,
        uid=pair.workitem.sop_instance_uid,
        state=state,
        transaction_uid=pair.lock,
    )


def _update(pair: Pair, model: dict[str, Any]) -> None:
    if model:
        update_workitem(
            actor=ACTOR,
            partition=pair.workitem.partition.name,
            uid=pair.workitem.sop_instance_uid,
            model=model,
            transaction_uid=pair.lock,
        )


def _told(pair: Pair, task: dict[str, Any]) -> dict[str, Any]:
    """Return what a Task is to be while its workitem is as it is."""
    statuses = STATUSES[State(pair.workitem.state)]
    status = task.get("status")
    if status != statuses.usual and status not in statuses.also:
        task["status"] = statuses.usual
        task.pop("statusReason", None)
        if pair.made.refusal:
            task["statusReason"] = {"text": pair.made.refusal}
    tell_owner(pair.made, pair.model, task)
    return task
