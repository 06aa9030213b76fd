"""A workitem on which something is to be done: seen, reached and locked."""

from core.access import Actor, Verb
from core.errors import Forbidden
from worklist.write import Held, lock


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
