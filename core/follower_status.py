"""How far the followers of the feed are; shown to operators and by ``/readyz``."""

from dataclasses import dataclass

from django.utils import timezone

from core import audit, changefeed, followers
from core.access import Actor
from core.models import DeadLetter, FollowerCursor


@dataclass(frozen=True, slots=True)
class FollowerStatus:
    """How far a follower is.

    Attributes
    ----------
    lag
        Number of entries that it has not taken yet.
    lag_s
        Age of the oldest of them in seconds; 0 where there are none.
    """

    name: str
    version: int
    seq: int
    lag: int
    lag_s: float
    number_of_dead_letters: int


def status() -> list[FollowerStatus]:
    """Return how far each registered follower is."""
    head = changefeed.head()
    cursors = FollowerCursor.objects.in_bulk([f.name for f in followers.registered()])
    return [
        _status(follower, cursors.get(follower.name), head)
        for follower in followers.registered()
    ]


def behind() -> list[str]:
    """Return the names of the followers that have entries to take."""
    head = changefeed.head()
    done = FollowerCursor.objects.filter(seq__gte=head).values_list("name", "version")
    at_head = set(done)
    return [
        f.name for f in followers.registered() if (f.name, f.version) not in at_head
    ]


def _status(
    follower: followers.Follower, cursor: FollowerCursor | None, head: int
) -> FollowerStatus:
    seq = 0 if cursor is None or cursor.version != follower.version else cursor.seq
    waiting = changefeed.read(actor=followers.ACTOR, after=seq, limit=1)
    lag_s = (timezone.now() - waiting[0].at).total_seconds() if waiting else 0.0
    number = DeadLetter.objects.filter(follower=follower.name).count()
    lag = max(head - seq, 0)
    return FollowerStatus(follower.name, follower.version, seq, lag, lag_s, number)


def record_order(*, actor: Actor, name: str, order: str) -> None:
    """Record in the audit log that somebody has a follower rebuilt or replayed."""
    detail = f"{order} follower {name}"
    audit.record(audit.Event(actor, audit.Action.OPERATE, detail=detail))
