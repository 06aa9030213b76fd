"""Handing a workitem over to somebody: it is scheduled for them."""

from django.db import transaction

from core.access import Actor, Verb, require
from core.errors import Conflict
from core.partitions import get_partition
from imaging.part10 import JsonModel
from worklist import data_set
from worklist.describing import attribute
from worklist.held import lock
from worklist.performers import SCHEDULED, find_performer, is_account, performer_of
from worklist.replacing import replace_claimed
from worklist.rules import State
from worklist.update import update_workitem
from worklist.working import locked


def hand_over_workitem(
    *,
    actor: Actor,
    partition: str,
    uid: str,
    to: str,
    transaction_uid: str | None = None,
    reason: str = "",
) -> str:
    """Schedule a workitem for an account.

    What nobody has claimed is updated. What is claimed is canceled, and another one
    takes its place (`worklist.replacing`). To ask again changes nothing more.

    Parameters
    ----------
    to
        The name of the account.
    transaction_uid
        None: the actor's account acts by its own claim (`worklist.working`).
    reason
        Why; it stands in the canceled one.

    Returns
    -------
    str
        The UID of the workitem that is scheduled for the account.

    Raises
    ------
    Forbidden, NoSuchWorkitem
        The actor may not work at it, or not see it.
    NotFound
        There is no such account that may see it and work at it.
    WrongTransactionUid, ClaimedByAnother
        It is claimed by another.
    WorkitemRefused
        It has ended otherwise.
    """
    require(actor, Verb.PERFORM)
    partition_id = get_partition(actor=actor, name=partition, verb=Verb.VIEW_PHI)
    with transaction.atomic():
        held = locked(actor, partition_id, uid)
        account = find_performer(partition_id, held, to)
        performer = performer_of(account, partition_id)
        performers = attribute("ScheduledHumanPerformersSequence", "SQ", performer)
        if held.state is State.SCHEDULED:
            update_workitem(actor=actor, partition=partition, uid=uid, model=performers)
            return uid

        def describe(model: JsonModel) -> JsonModel:
            return {**model, **performers}

        new = replace_claimed(
            actor,
            partition_id,
            held,
            transaction_uid,
            reason=f"Handed over to {to}. {reason}".strip(),
            describe=describe,
        )
        if held.state.is_final:
            _require_for(actor, partition_id, new, to)
        return new


def _require_for(actor: Actor, partition_id: int, uid: str, name: str) -> None:
    """Refuse where the workitem was handed over to another, or released, before."""
    seen = actor.reach(Verb.VIEW_PHI)
    held = lock(partition_id, uid, seen=seen, reach=actor.reach(Verb.PERFORM))
    if not any(
        is_account(each, name) for each in data_set.items(held.model(), SCHEDULED)
    ):
        message = "The workitem was released, or handed over to somebody else, before."
        raise Conflict(message, path="to")
