"""Following the change feed: reading on, and waiting where there is nothing yet.

Nobody who waits holds a thread or a database connection. A reader that has caught up is
woken at most every `PACE_S`, whatever its filter and however many writers there are;
the first news come at once. What it has seen to pass no filter is not
looked at again.
"""

import asyncio
import time
from typing import Final

from starlette.requests import Request

from core.access import Verb, require
from core.database import run_read
from core.feed_listener import FeedListener
from imaging.dicomweb.feed_rules import Asked
from imaging.dicomweb.request import actor_of
from imaging.feed import InstanceEntry, read_feed

PACE_S: Final = 0.5
ASKED_AGAIN_S: Final = 5.0  # who it is, of whoever waits


class Following:
    """One reader's place in the feed.

    Attributes
    ----------
    after
        The number up to which all that it asks for has been read.
    """

    def __init__(self, request: Request, asked: Asked, listener: FeedListener) -> None:
        self.after = asked.after
        self._actor = actor_of(request)
        self._find_actor = request.scope["authenticate"]
        self._asked = asked
        self._listener = listener
        self._head = 0  # of the feed when it was read last
        self._has_more = True  # as far as one can know without a look
        self._woken_at = float("-inf")  # of time.monotonic(), like the next
        self._known_at = time.monotonic()

    async def next(self, wait_s: float) -> list[InstanceEntry]:
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

    async def _read(self) -> list[InstanceEntry]:
        await self._authenticate()
        asked = self._asked
        self._head = self._listener.head  # all up to it can be read
        entries = await run_read(
            read_feed,
            actor=self._actor,
            where=asked.where,
            after=self.after,
            offset=0,
            limit=asked.limit,
            metadata=asked.metadata,
        )
        self._has_more = len(entries) == asked.limit
        last = entries[-1].entry.seq if entries else 0
        self.after = max(self.after, last, 0 if self._has_more else self._head)
        return entries

    async def _wait(self, until: float) -> bool:
        """Wait for news; return whether there are any."""
        while not self._listener.is_ending:
            left_s = until - time.monotonic()
            if left_s <= 0:
                return False
            if await self._listener.wait_beyond(self._head, min(left_s, ASKED_AGAIN_S)):
                await self._pace()
                return True
            await self._authenticate()
        return False

    async def _pace(self) -> None:
        await asyncio.sleep(max(0.0, self._woken_at + PACE_S - time.monotonic()))
        self._woken_at = time.monotonic()

    async def _authenticate(self) -> None:
        """Find out anew who reads, now and then, and what they may."""
        if time.monotonic() - self._known_at < ASKED_AGAIN_S:
            return
        self._actor = await self._find_actor()
        require(self._actor, Verb.READ)
        self._known_at = time.monotonic()
