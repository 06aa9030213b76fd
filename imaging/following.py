"""Following the change feed: reading on, and waiting where there is nothing yet.

Nobody who waits holds a thread or a database connection. A reader that has caught up is
woken at once by the first news, and then at most every `PACE_S`, however many writers
there are. What it has seen to pass no filter is not looked at again. Who has read up to
the same entry, and asks for the same, is woken at the same moments and reads together:
ten readers cost little more than one in each process.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, Generic, NamedTuple, TypeVar

from core.access import Actor, Verb, require
from core.audit_requests import recorded
from core.changefeed import LAST, Filter
from core.database import run_read
from core.feed_listener import FeedListener
from imaging.feed import InstanceEntry, Metadata, OtherEntry, record_feed_read

EntryT = TypeVar("EntryT", bound=InstanceEntry | OtherEntry)

PACE_S: Final = 0.5
ASKED_AGAIN_S: Final = 5.0  # who it is, of whoever waits


class _Read(NamedTuple):
    """What is read of the feed, all of which has been committed."""

    actor: Actor
    where: Filter
    after: int
    up_to: int
    limit: int
    metadata: Metadata


Peek = Callable[..., list[EntryT]]
"""Reads entries, unrecorded: `imaging.feed.peek_feed`, or `peek_changes`."""

_under_way: dict[tuple[Any, _Read], asyncio.Task[list[Any]]] = {}


class Following(Generic[EntryT]):
    """One reader's place in the feed.

    Parameters
    ----------
    actor, find_actor
        Who reads, and what finds that out anew.
    where, limit, metadata
        What is read at once.
    peek
        What reads it.

    Attributes
    ----------
    after
        The number up to which all that it asks for has been read.
    """

    def __init__(
        self,
        *,
        actor: Actor,
        find_actor: Callable[[], Awaitable[Actor]],
        where: Filter,
        after: int,
        limit: int,
        metadata: Metadata,
        listener: FeedListener,
        peek: Peek[EntryT],
    ) -> None:
        self.after = after
        self._peek = peek
        self._actor = actor
        self._find_actor = find_actor
        self._where = where
        self._limit = limit
        self._metadata = metadata
        self._listener = listener
        self._up_to = LAST
        self._is_recorded = False
        self._has_more = True  # as far as one can know without a look
        self._woken_at = float("-inf")  # of time.monotonic()

    async def next(self, wait_s: float) -> list[EntryT]:
        """Return the next entries; none after `wait_s`, or where the server stops.

        Raises
        ------
        Unauthenticated, Forbidden
            Meanwhile the reader may not read any more.
        Busy
            The database is away.
        """
        until = time.monotonic() + wait_s
        with self._listener.following():
            while self._has_more or await self._wait(until):
                entries = await self._read()
                if entries:
                    return entries
        return []

    async def _read(self) -> list[EntryT]:
        await self._authenticate()
        head = self._listener.head  # all up to it can be read
        entries = await _read_together(
            self._peek,
            _Read(
                self._actor,
                self._where,
                self.after,
                self._up_to,
                self._limit,
                self._metadata,
            ),
        )
        if entries:
            await self._record(entries)
            self.after = entries[-1].entry.seq
        self._has_more = len(entries) == self._limit
        if not self._has_more:
            self.after = max(self.after, min(self._up_to, head))
        return entries

    async def _record(self, entries: list[EntryT]) -> None:
        """Record who was told what; that it follows UIDs only, once."""
        if self._is_recorded and self._metadata is Metadata.NONE:
            return
        if not any(isinstance(each, InstanceEntry) for each in entries):
            return
        self._is_recorded = True
        await recorded(record_feed_read, actor=self._actor, entries=entries)

    async def _wait(self, until: float) -> bool:
        """Wait for news; return whether there are any."""
        while not self._listener.is_ending:
            left_s = until - time.monotonic()
            if left_s <= 0:
                return False
            if await self._listener.wait_beyond(self.after, min(left_s, ASKED_AGAIN_S)):
                await self._pace()
                self._up_to = self._listener.head
                return True
            await self._authenticate()
        return False

    async def _pace(self) -> None:
        """Wait for the next of the moments at which all are woken, but not at first."""
        now = time.monotonic()
        if now - self._woken_at < PACE_S:
            await asyncio.sleep(PACE_S - now % PACE_S)
        self._woken_at = time.monotonic()

    async def _authenticate(self) -> None:
        """Find out anew who reads, and what they may; most often without a look-up."""
        self._actor = await self._find_actor()
        require(self._actor, Verb.READ)


async def _read_together(peek: Peek[EntryT], what: _Read) -> list[EntryT]:
    """Read entries, or take them from whoever reads the same at this moment."""
    if what.up_to == LAST:  # more may have come since the other began
        return await run_read(peek, offset=0, **what._asdict())
    key = (peek, what)
    task = _under_way.get(key)
    if task is None:
        reading = run_read(peek, offset=0, **what._asdict())
        task = _under_way[key] = asyncio.create_task(reading)
        task.add_done_callback(partial(_has_read, key))
    # Who goes away must not end the reading of the others.
    return await asyncio.shield(task)


def _has_read(key: tuple[Any, _Read], task: asyncio.Task[list[Any]]) -> None:
    del _under_way[key]
    if not task.cancelled():
        task.exception()  # seen, also where every reader has gone meanwhile
