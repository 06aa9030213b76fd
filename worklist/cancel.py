"""Asking for a workitem to be canceled (DICOM PS3.18 11.8, PS3.4 CC.2.2)."""

from collections.abc import Callable
from typing import Final

from django.db import transaction
from django.utils import timezone

from core.access import Actor, Verb, require
from core.partitions import get_partition
from imaging.index import tag_of
from imaging.part10 import JsonModel
from worklist.change_state import change_state
from worklist.errors import WorkitemInvalid, refusal
from worklist.held import Held
from worklist.models import Happened
from worklist.rules import (
    Event,
    Outcome,
    State,
    check_cancel_request,
    decide,
    unreachable,
    with_cancellation,
)
from worklist.working import locked
from worklist.write import Change, write

Listens = Callable[[int, str], bool]
"""Whether anybody hears events of a workitem: by partition key and UID."""

_REQUESTER: Final = tag_of("RequestingAE")
_LONGEST_AE: Final = 16

_listening: list[Listens] = []


def register_listeners(listens: Listens) -> None:
    """Have `listens` asked whether who performs a workitem can be told of a wish."""
    _listening.append(listens)


def request_cancel(
    *,
    actor: Actor,
    partition: str,
    uid: str,
    model: object = None,
    requester: str = "",
) -> Outcome:
    """Ask for a workitem to be canceled.

    A scheduled one is canceled at once. Of one in progress the wish is told to who
    performs it, who decides.

    Parameters
    ----------
    model
        Why, and whom to ask about it, in DICOM JSON; None: nothing is said.
    requester
        AE title of who asks, where one is known.

    Returns
    -------
    Outcome
        What was decided: done, passed on, or a warning that it is canceled already.

    Raises
    ------
    Forbidden, NoSuchWorkitem
        The actor may not work at it, or not see it.
    WorkitemInvalid
        What is said breaks the rules.
    WorkitemRefused
        It is completed, or nobody hears what its performer is told.
    """
    require(actor, Verb.PERFORM)
    why = _checked(model)
    partition_id = get_partition(actor=actor, name=partition, verb=Verb.VIEW_PHI)
    with transaction.atomic():
        held = locked(actor, partition_id, uid)
        outcome = decide(Event.REQUEST_CANCEL, held.state)
        if outcome.asks_performer and not _is_heard(partition_id, held):
            outcome = unreachable(held.state)
        if outcome.is_failure:
            raise refusal(outcome)
        told = _told(why, requester or actor.name)
        if outcome.passes:
            change = _canceled(held, outcome, why, told)
            write(actor, partition_id, [change])
        elif outcome.asks_performer:
            write(actor, partition_id, [_wish(held, told)])
    return outcome


def cancel_workitem(
    *,
    actor: Actor,
    partition: str,
    uid: str,
    model: object = None,
    transaction_uid: str | None = None,
) -> Outcome:
    """Cancel a workitem that one has claimed, and say why.

    Parameters
    ----------
    model
        Why, as of `request_cancel`; None: nothing is said.
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
    WorkitemInvalid
        What is said breaks the rules.
    WrongTransactionUid, ClaimedByAnother, WorkitemRefused
        It is claimed by another, or its state does not allow it.
    """
    why = _checked(model)

    def describe(_partition_id: int, held: Held) -> JsonModel:
        return with_cancellation(held.model(), why, now=timezone.now())

    return change_state(
        actor=actor,
        partition=partition,
        uid=uid,
        state=State.CANCELED,
        transaction_uid=transaction_uid,
        describe=describe,
    )


def _checked(model: object) -> JsonModel:
    """Return why a workitem is to be canceled, which keeps to the rules."""
    asked = check_cancel_request(model)
    if asked.findings:
        raise WorkitemInvalid(asked.findings)
    return asked.dataset


def _is_heard(partition_id: int, held: Held) -> bool:
    """Return whether its performer is told: in the portal, or as a subscriber."""
    uid = held.sop_instance_uid
    return held.claim.is_here or any(each(partition_id, uid) for each in _listening)


def _canceled(
    held: Held, outcome: Outcome, asked: JsonModel, told: JsonModel
) -> Change:
    """Return what becomes of a scheduled workitem; it meets its final state."""
    at = timezone.now()
    return Change(
        held.sop_instance_uid,
        with_cancellation(held.model(), asked, now=at),
        at,
        (Happened.CANCEL_REQUESTED, Happened.STATE),
        "canceled on request",
        passed=outcome.passes,
        information=told,
        held=held,
    )


def _wish(held: Held, told: JsonModel) -> Change:
    return Change(
        held.sop_instance_uid,
        held.model(),
        timezone.now(),
        (Happened.CANCEL_REQUESTED,),
        "cancel requested",
        claim=held.claim,
        information=told,
        held=held,
        is_described_anew=False,
    )


def _told(asked: JsonModel, requester: str) -> JsonModel:
    """Return what the performer is told: who asks, and what was said."""
    name = requester.encode("ascii", "replace").decode()[:_LONGEST_AE]
    return {**asked, _REQUESTER: {"vr": "AE", "Value": [name]}}
