"""How far the followers of the feed are; shown to operators and by ``/readyz``."""

from dataclasses import dataclass
from datetime import datetime

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


def status_of(follower: followers.Follower) -> FollowerStatus:
    """Return how far a follower is, registered or not."""
    cursor = FollowerCursor.objects.filter(name=follower.name).first()
    return _status(follower, cursor, changefeed.head())


def behind() -> list[str]:
    """Return the names of the followers that are to take entries now."""
    head, now = changefeed.head(), timezone.now()
    cursors = FollowerCursor.objects.in_bulk([f.name for f in followers.registered()])
    return [
        follower.name
        for follower in followers.registered()
        if _is_to_run(follower, cursors.get(follower.name), head, now)
    ]


def _is_to_run(
    follower: followers.Follower,
    cursor: FollowerCursor | None,
    head: int,
    now: datetime,
) -> bool:
    if cursor is None or cursor.version != follower.version:
        return True
    lag = head - cursor.seq
    is_rested = (now - cursor.moved_at).total_seconds() >= follower.gathers_s
    return lag >= follower.batch or (lag > 0 and is_rested)


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
