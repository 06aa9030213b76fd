"""A workitem on which something is to be done: seen, reached and locked.

Who sends requests of UPS-RS names the Transaction UID by which it claimed a workitem.
Who acts as an account, in the portal's pages, need not keep one: what the account has
claimed is its own. There the Transaction UID of a request is None.
"""

from core.access import Actor, Verb
from core.errors import Forbidden
from worklist.errors import ClaimedByAnother, WorkitemRefused
from worklist.held import Held, lock
from worklist.rules import Outcome, Status


def locked(actor: Actor, partition_id: int, uid: str) -> Held:
    """Return a workitem that the actor may work at, locked.

    Raises
    ------
    NoSuchWorkitem
        There is none, or the actor may not see it.
    Forbidden
        It may see it only.
    """
    held = lock(
        partition_id,
        uid,
        seen=actor.reach(Verb.VIEW_PHI),
        reach=actor.reach(Verb.PERFORM),
    )
    if not held.is_reached:
        message = "Your roles do not allow you to work at this workitem."
        raise Forbidden(message)
    return held


def lock_given(
    actor: Actor, held: Held, transaction_uid: str | None, *, of_others: bool = False
) -> str:
    """Return the Transaction UID of a request; empty where there is none.

    Parameters
    ----------
    transaction_uid
        What was sent; None: the actor's account acts by what it has claimed itself.
    of_others
        Whether the actor may act by what others have claimed as well.

    Raises
    ------
    ClaimedByAnother
        Another account has claimed it, or a program without one.
    WorkitemRefused
        It has ended, and another had claimed it.
    """
    if transaction_uid is not None:
        return transaction_uid
    claim = held.claim
    is_own = claim.account_id is not None and claim.account_id == actor.account_id
    if is_own or of_others or not claim.transaction_uid:
        return claim.transaction_uid
    if held.state.is_final:
        raise WorkitemRefused(Outcome(Status.NO_LONGER_UPDATED, held.state))
    raise ClaimedByAnother
