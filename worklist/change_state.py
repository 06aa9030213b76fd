"""Changing the state of a workitem: claimed, completed, canceled (PS3.18 11.7)."""

from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from core.access import Actor, Verb, require
from core.partitions import get_partition
from worklist.errors import WorkitemRefused, refusal
from worklist.models import Happened
from worklist.rules import (
    CHANGES,
    Outcome,
    State,
    decide,
    lock_of,
    missing_for,
    unmet,
    with_state,
)
from worklist.working import locked
from worklist.write import Change, Held, write


def change_state(
    *, actor: Actor, partition: str, uid: str, state: State, transaction_uid: str
) -> Outcome:
    """Claim a workitem, or end the work at it, by the table of states.

    Of any number who claim it at the same moment one does: its Transaction UID is the
    lock from then on, and nobody is told of it.

    Returns
    -------
    Outcome
        What was decided: done, or a warning that it was so already.

    Raises
    ------
    Forbidden, NoSuchWorkitem
        The actor may not work at it, or not see it.
    WrongTransactionUid
        It is claimed by another Transaction UID, or none was sent.
    WorkitemRefused
        Its state does not allow it, or it lacks what the new state asks for.
    """
    require(actor, Verb.PERFORM)
    partition_id = get_partition(actor=actor, name=partition, verb=Verb.VIEW_PHI)
    with transaction.atomic():
        held = locked(actor, partition_id, uid)
        lock = lock_of(transaction_uid, held.transaction_uid)
        outcome = decide(CHANGES[state], held.state, lock)
        if outcome.is_failure:
            raise refusal(outcome)
        if outcome.passes:
            change = _changed(held, outcome)
            if outcome.sets_lock:
                change = replace(
                    change,
                    transaction_uid=transaction_uid,
                    claimed_by_id=actor.account_id,
                )
            write(actor, partition_id, [change])
    return outcome


def _changed(held: Held, outcome: Outcome) -> Change:
    state, at = outcome.passes[-1], timezone.now()
    model = with_state(held.model(), state, now=at)
    if outcome.final_state is not None:
        findings = missing_for(outcome.final_state, model)
        if findings:
            raise WorkitemRefused(unmet(held.state), findings)
    return Change(
        held.sop_instance_uid,
        model,
        at,
        (Happened.STATE,),
        f"{held.state} -> {state}",
        transaction_uid=held.transaction_uid,
        claimed_by_id=held.claimed_by_id,
        passed=outcome.passes,
        held=held,
    )
