"""Followers of the change feed: whatever is derived from what the portal holds.

A follower has a cursor in the database. `advance` hands it the entries after the
cursor and moves the cursor in the same transaction, so that what it writes to this
database is written exactly once however often it is interrupted. What it writes
elsewhere may be repeated: `Follower.apply` is idempotent there.

The cursor's row is locked while a follower works, so that only one process does. An
entry that cannot be applied is parked as a dead letter, and so are later entries of
the same key, because they may only be applied after it; all others go on.
"""

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar, Final

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from core import changefeed
from core.access import system
from core.changefeed import Entry
from core.database import AWAY
from core.errors import Busy, NotFound, Upstream
from core.models import DeadLetter, FollowerCursor

logger = logging.getLogger(__name__)

ACTOR: Final = system("followers")
BATCH: Final = 500
TRIES: Final = 3  # of one entry, before it is parked

Key = tuple[str, int | None, tuple[str, ...]]


class Follower(ABC):
    """Something that is derived from the feed, and can be rebuilt from entry 1.

    Attributes
    ----------
    name
        Its name for operators; the cursor's key.
    version
        The form of what it derives; a change of it makes the next run a rebuild.
    batch
        How many entries it takes at once.
    gathers_s
        How long it lets entries gather after each run, unless there is a batch of them.
    follows
        The name of a follower that it does not overtake, as it reads what that writes.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    batch: ClassVar[int] = BATCH
    gathers_s: ClassVar[float] = 0.0
    follows: ClassVar[str] = ""

    @abstractmethod
    def apply(self, entries: Sequence[Entry]) -> None:
        """Take over entries, in the order of the feed, inside a transaction."""

    @abstractmethod
    def reset(self) -> None:
        """Remove everything that was derived, inside a transaction."""

    def is_sound(self) -> bool:
        """Return whether what was derived is still there; else it is derived again.

        For what lies outside of this database, where others may remove it.
        """
        return True


_followers: dict[str, Follower] = {}


def register(follower: Follower) -> None:
    """Have a follower run; called once for each from its app's `AppConfig.ready`."""
    if follower.name in _followers:
        message = f"there are two followers named {follower.name!r}"
        raise ValueError(message)
    _followers[follower.name] = follower


def registered() -> tuple[Follower, ...]:
    """Return all followers, in the order of their registration."""
    return tuple(_followers.values())


def follower_named(name: str) -> Follower:
    """Return a registered follower.

    Raises
    ------
    NotFound
        None has this name.
    """
    if name not in _followers:
        names = ", ".join(_followers) or "none"
        message = f"There is no follower {name!r}. The followers are: {names}."
        raise NotFound(message)
    return _followers[name]


def run_until_caught_up(follower: Follower) -> int:
    """Advance a follower to the head of the feed; return how many entries it took.

    Does nothing where another process runs it.
    """
    total = 0
    while number := advance(follower):
        total += number
    return total


def take_turn(follower: Follower, *, time_limit_s: float) -> bool:
    """Advance a follower for a while; does nothing where another process runs it.

    Returns
    -------
    bool
        Whether there may be more.
    """
    until = time.monotonic() + time_limit_s
    while advance(follower):
        if time.monotonic() >= until:
            return True
    return False


def advance(follower: Follower, *, limit: int | None = None) -> int:
    """Apply the next entries and move the cursor, in one transaction.

    Returns
    -------
    int
        How many entries were taken or parked; 0 at the head of the feed, where the
        follower that it follows is no further, or where another process runs it.

    Raises
    ------
    Exception
        What `is_transient`: nothing has moved, and the next call tries again.
    """
    with transaction.atomic(durable=True):
        cursor = _locked_cursor(follower, wait=False)
        if cursor is None:
            return 0
        if cursor.version != follower.version or not follower.is_sound():
            _start_again(follower, cursor)
        up_to = _seq_of(follower.follows)
        read = changefeed.read(
            actor=ACTOR, after=cursor.seq, limit=limit or follower.batch
        )
        entries = [each for each in read if up_to is None or each.seq <= up_to]
        if entries:
            _apply(follower, entries)
            cursor.seq = entries[-1].seq
            cursor.save()
    return len(entries)


def rebuild(follower: Follower) -> None:
    """Remove what the follower derived and derive it again from entry 1."""
    with transaction.atomic(durable=True):
        cursor = _locked_cursor(follower, wait=True)
        assert cursor is not None  # noqa: S101 it was waited for
        _start_again(follower, cursor)
    run_until_caught_up(follower)


@contextmanager
def paused(follower: Follower, *, wait: bool) -> Iterator[bool]:
    """Keep a follower from running meanwhile, for who works on what it derives.

    Yields whether it is, inside a transaction. Without `wait` it is not where another
    process runs it.
    """
    with transaction.atomic(durable=True):
        yield _locked_cursor(follower, wait=wait) is not None


def replay(follower: Follower) -> tuple[int, int]:
    """Try the dead letters again, in order; return how many went and how many stay."""
    done = 0
    kept: set[Key] = set()
    letters = DeadLetter.objects.filter(follower=follower.name)
    for seq in list(letters.order_by("seq").values_list("seq", flat=True)):
        with transaction.atomic(durable=True):
            _locked_cursor(follower, wait=True)
            done += _replay_one(follower, seq, kept)
    return done, letters.count()


def is_transient(error: Exception) -> bool:
    """Return whether the same may succeed later, without anybody changing anything."""
    if isinstance(error, Upstream):
        return error.retryable
    return isinstance(error, (*AWAY, Busy))


def _locked_cursor(follower: Follower, *, wait: bool) -> FollowerCursor | None:
    """Return the follower's cursor, locked until the transaction ends."""
    FollowerCursor.objects.bulk_create(
        [FollowerCursor(name=follower.name, version=follower.version)],
        ignore_conflicts=True,
    )
    locked = FollowerCursor.objects.select_for_update(skip_locked=not wait)
    return locked.filter(name=follower.name).first()


def _seq_of(name: str) -> int | None:
    """Return how far the follower of a name is; None without a name."""
    if not name:
        return None
    cursors = FollowerCursor.objects.filter(name=name)
    return cursors.values_list("seq", flat=True).first() or 0


def _start_again(follower: Follower, cursor: FollowerCursor) -> None:
    follower.reset()
    DeadLetter.objects.filter(follower=follower.name).delete()
    cursor.seq = 0
    cursor.version = follower.version
    cursor.save()


def _apply(follower: Follower, entries: Sequence[Entry]) -> None:
    """Apply entries at once, or one by one where something stands in the way."""
    parked = _parked_keys(follower)
    if all(_key(entry) not in parked for entry in entries):
        error = _error_of(follower, entries)
        if error is None:
            return
        logger.warning("follower %s goes one by one", follower.name)
    for entry in entries:
        _apply_or_park(follower, entry, parked)


def _apply_or_park(follower: Follower, entry: Entry, parked: set[Key]) -> None:
    if _key(entry) in parked:
        _park(follower, entry, "waits for an earlier entry of the same key")
        return
    for _ in range(TRIES):
        error = _error_of(follower, [entry])
        if error is None:
            return
    logger.error("follower %s parks entry %s", follower.name, entry.seq)
    _park(follower, entry, repr(error))
    parked.add(_key(entry))


def _replay_one(follower: Follower, seq: int, kept: set[Key]) -> bool:
    """Apply the entry of one dead letter unless an earlier one of its key stays."""
    letter = DeadLetter.objects.filter(follower=follower.name, seq=seq)
    if not letter.exists():
        return False
    (entry,) = changefeed.read(actor=ACTOR, after=seq - 1, limit=1)
    if _key(entry) in kept:
        return False
    error = _error_of(follower, [entry])
    if error is None:
        letter.delete()
        return True
    kept.add(_key(entry))
    letter.update(error=repr(error), attempts=F("attempts") + 1, last_at=timezone.now())
    return False


def _error_of(follower: Follower, entries: Sequence[Entry]) -> Exception | None:
    """Apply entries inside a savepoint; return what they failed with for good."""
    try:
        with transaction.atomic():
            follower.apply(entries)
            connection.check_constraints()  # else a broken one shows at the commit only
    except Exception as error:
        if is_transient(error):
            raise
        return error
    return None


def _park(follower: Follower, entry: Entry, error: str) -> None:
    DeadLetter.objects.create(follower=follower.name, seq=entry.seq, error=error)


def _parked_keys(follower: Follower) -> set[Key]:
    """Return the keys of the follower's dead letters."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, partition_id, key FROM core_feedentry WHERE seq IN"
            " (SELECT seq FROM core_deadletter WHERE follower = %s)",
            [follower.name],
        )
        return {(kind, part, tuple(key)) for kind, part, key in cursor.fetchall()}


def _key(entry: Entry) -> Key:
    return entry.kind, entry.partition_id, entry.key
