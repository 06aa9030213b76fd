"""Releasing a workitem that one has claimed: it is on the list again, for others."""

from django.db import transaction

from core.access import Actor, Verb, require
from core.partitions import get_partition
from imaging.part10 import JsonModel
from worklist import data_set
from worklist.describing import attribute
from worklist.performers import SCHEDULED, is_account
from worklist.replacing import replace_claimed
from worklist.working import locked


def release_workitem(
    *,
    actor: Actor,
    partition: str,
    uid: str,
    transaction_uid: str | None = None,
    reason: str = "",
) -> str:
    """Give up a claim: another workitem takes the place of this one, which is canceled.

    Whoever releases what was scheduled for them leaves it to whoever may. To ask again
    changes nothing more.

    Parameters
    ----------
    transaction_uid
        None: the actor's account acts by its own claim (`worklist.working`).
    reason
        Why; it stands in the canceled one.

    Returns
    -------
    str
        The UID of the workitem in its place.

    Raises
    ------
    Forbidden, NoSuchWorkitem
        The actor may not work at it, or not see it.
    WrongTransactionUid, ClaimedByAnother
        It is claimed by another.
    WorkitemRefused
        Nobody has claimed it, or it has ended otherwise.
    """
    require(actor, Verb.PERFORM)
    partition_id = get_partition(actor=actor, name=partition, verb=Verb.VIEW_PHI)

    def describe(model: JsonModel) -> JsonModel:
        others = [
            each
            for each in data_set.items(model, SCHEDULED)
            if not is_account(each, actor.name)
        ]
        performers = attribute("ScheduledHumanPerformersSequence", "SQ", *others)
        return {**model, **performers} if SCHEDULED in model else model

    with transaction.atomic():
        return replace_claimed(
            actor,
            partition_id,
            locked(actor, partition_id, uid),
            transaction_uid,
            reason=f"Released. {reason}".strip(),
            describe=describe,
        )
