"""Changing the state of a workitem: claimed, completed, canceled (PS3.18 11.7)."""

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from core.access import Actor, Verb, require
from core.partitions import get_partition
from imaging.part10 import JsonModel
from worklist.errors import WorkitemRefused, refusal
from worklist.held import Claim, Held
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
from worklist.uids import new_uid
from worklist.working import lock_given, locked
from worklist.write import Change, write

Describe = Callable[[int, Held], JsonModel]
"""From partition and what is held to what it is to say in its new state."""


def change_state(
    *,
    actor: Actor,
    partition: str,
    uid: str,
    state: State,
    transaction_uid: str | None,
    describe: Describe | None = None,
) -> Outcome:
    """Claim a workitem, or end the work at it, by the table of states.

    Of any number who claim it at the same moment one does: its Transaction UID is the
    lock from then on, and nobody is told of it.

    Parameters
    ----------
    transaction_uid
        None: the actor's account acts by its own claim (`worklist.working`).
    describe
        What else is changed with it.

    Returns
    -------
    Outcome
        What was decided: done, or a warning that it was so already.

    Raises
    ------
    Forbidden, NoSuchWorkitem
        The actor may not work at it, or not see it.
    WrongTransactionUid, ClaimedByAnother
        It is claimed by another, or no Transaction UID was sent.
    WorkitemRefused
        Its state does not allow it, or it lacks what the new state asks for.
    """
    require(actor, Verb.PERFORM)
    partition_id = get_partition(actor=actor, name=partition, verb=Verb.VIEW_PHI)
    with transaction.atomic():
        held = locked(actor, partition_id, uid)
        is_here = transaction_uid is None
        given = lock_given(actor, held, transaction_uid)
        if is_here and not given:
            given = new_uid()
        outcome = decide(
            CHANGES[state], held.state, lock_of(given, held.transaction_uid)
        )
        if outcome.is_failure:
            raise refusal(outcome)
        if outcome.passes:
            claim = held.claim
            if outcome.sets_lock:
                claim = Claim(given, actor.account_id, is_here)
            model = held.model() if describe is None else describe(partition_id, held)
            write(actor, partition_id, [changed(held, outcome, model, claim)])
    return outcome


def changed(held: Held, outcome: Outcome, model: JsonModel, claim: Claim) -> Change:
    """Return what a workitem becomes by a decision.

    Parameters
    ----------
    model
        What it says besides its state.

    Raises
    ------
    WorkitemRefused
        It lacks what its final state asks for.
    """
    state, at = outcome.passes[-1], timezone.now()
    model = with_state(model, state, now=at)
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
        claim=claim,
        passed=outcome.passes,
        held=held,
    )
