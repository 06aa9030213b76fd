"""What operators have followers do, and the dead letters of them. Audited.

Workers do it: an answer comes at once, and `core.follower_status` tells how far it is.
"""

from collections.abc import Callable, Sequence

from core import follower_status, followers, tasks
from core.access import Actor, Verb, require_everywhere
from core.dead_letters import OF_ALL
from core.follower_status import FollowerStatus
from core.models import DeadLetter


def list_followers(*, actor: Actor) -> list[FollowerStatus]:
    """Return how far each follower is.

    Raises
    ------
    Forbidden
        The actor may not manage data, or not those of all partitions.
    """
    require_everywhere(actor, Verb.MANAGE, OF_ALL)
    return follower_status.status()


def page_of_dead_letters(
    *, actor: Actor, follower: str, limit: int, after: int | None = None
) -> Sequence[DeadLetter]:
    """Return what a follower could not apply, in the order of the feed.

    Parameters
    ----------
    after
        Number of the entry in the feed that the page begins after.

    Raises
    ------
    Forbidden
        The actor may not manage data, or not those of all partitions.
    """
    require_everywhere(actor, Verb.MANAGE, OF_ALL)
    letters = DeadLetter.objects.filter(follower=follower, seq__gt=after or 0)
    return list(letters[:limit])


def rebuild_follower(*, actor: Actor, name: str) -> None:
    """Have workers derive everything again, from the first entry of the feed.

    Raises
    ------
    Forbidden, NotFound
        The actor may not manage the data of all partitions, or there is none.
    """
    _order(actor, name, "rebuild", tasks.rebuild_follower.send)


def replay_dead_letters(*, actor: Actor, name: str) -> None:
    """Have workers try again all that a follower could not apply, in its order.

    Raises
    ------
    Forbidden, NotFound
        The actor may not manage the data of all partitions, or there is none.
    """
    _order(actor, name, "replay", tasks.replay_follower.send)


def _order(actor: Actor, name: str, order: str, send: Callable[[str], None]) -> None:
    require_everywhere(actor, Verb.MANAGE, OF_ALL)
    known = followers.follower_named(name).name
    follower_status.record_order(actor=actor, name=known, order=order)
    send(known)
