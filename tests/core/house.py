"""The house test: what a follower built bit by bit equals a rebuild from nothing.

Whatever the order of writes and deliveries: batches of every size, deliveries that
fail or die in the middle and come again, and the same entries delivered twice.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

from core import followers
from core.changefeed import Entry
from core.followers import Follower
from core.models import DeadLetter, FollowerCursor


class Killed(BaseException):
    """The process dies: nobody catches it, and the transaction is lost."""


class Interrupted(Follower):
    """Another follower, whose deliveries now and then end in the middle."""

    def __init__(self, inner: Follower, chance: random.Random) -> None:
        self.inner = inner
        self.chance = chance
        # As those of the one that it stands for.
        self.name = inner.name  # type: ignore[misc]
        self.version = inner.version  # type: ignore[misc]

    def apply(self, entries: Sequence[Entry]) -> None:
        """Apply all, or some and then fail or die."""
        taken = self.chance.randint(0, len(entries))
        fate = self.chance.choice(["live", "live", "fail", "die"])
        if fate == "live":
            self.inner.apply(entries)
            return
        if taken:
            self.inner.apply(entries[:taken])
        if fate == "die":
            raise Killed
        raise OSError(fate)

    def reset(self) -> None:
        """Remove what the other one derived."""
        self.inner.reset()


def check(
    follower: Follower,
    *,
    writes: Iterable[Callable[[], object]],
    snapshot: Callable[[], Any],
    seed: int = 0,
    repeats: bool = True,
) -> Any:
    """Prove the house test for one follower, and return what it derived.

    Parameters
    ----------
    writes
        What changes the portal, one after the other.
    snapshot
        Reads everything that the follower derived, in a form that can be compared.
    repeats
        Whether entries that it has applied are delivered again as well; False for a
        follower that writes to this database only and counts on its cursor.
    """
    chance = random.Random(seed)
    shaky = Interrupted(follower, chance)
    for write in writes:
        write()
        for _ in range(chance.randint(0, 3)):
            _deliver(shaky, chance)
        if repeats and chance.random() < 0.3:
            _rewind(follower, chance)
    followers.replay(follower)
    followers.run_until_caught_up(follower)
    incremental = snapshot()
    followers.rebuild(follower)
    rebuilt = snapshot()
    assert incremental == rebuilt
    return rebuilt


def _deliver(follower: Follower, chance: random.Random) -> None:
    with suppress(Killed):
        followers.advance(follower, limit=chance.randint(1, 4))


def _rewind(follower: Follower, chance: random.Random) -> None:
    """Make the next deliveries repeat some of those before, unless some are parked."""
    cursor = FollowerCursor.objects.filter(name=follower.name).first()
    is_parked = DeadLetter.objects.filter(follower=follower.name).exists()
    if cursor is not None and not is_parked:
        cursor.seq = chance.randint(0, cursor.seq)
        cursor.save()
