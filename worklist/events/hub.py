"""From the change feed to the channels of a process: read once, handed to all.

However many channels there are, news is one read: entries, subscriptions and rights of
all who are told (`worklist.events.reading`). A channel that is behind reads for itself
until it has come up. What subscribers have been told is written down for all at once.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from datetime import datetime
from typing import Final

from django.utils import timezone

from core import changefeed
from core.accounts import news
from core.database import run, run_read
from core.errors import Busy
from core.feed_listener import FeedListener, listener
from worklist.events.channel import Channel
from worklist.events.reading import Batch, read_batch
from worklist.events.subscribers import keep_delivered

logger = logging.getLogger(__name__)

AT_ONCE: Final = 200  # entries
PACE_S: Final = 0.1  # between reads: writers are many
IDLE_S: Final = 15.0
AGAIN_S: Final = 1.0  # after the database was away
KEEP_S: Final = 1.0  # between writes of who has been told what
SEEN_S: Final = 30.0  # the same for channels that nothing was told


class Hub:
    """All channels of a process; lives in one loop.

    Attributes
    ----------
    position
        All up to this number of the feed has been handed to the channels.
    changes
        How often who may do what has changed; rises.
    started_at
        When the server has started.
    """

    def __init__(self) -> None:
        self.position = 0
        self.changes = 0
        self.started_at: datetime = timezone.now()
        self._channels: dict[int, Channel] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._seen_at = time.monotonic()
        self._asked_at = 0  # of `changes`
        news.register(self._note_change)

    @property
    def listener(self) -> FeedListener:
        """Return what tells of news of the feed."""
        return listener()

    @contextlib.asynccontextmanager
    async def joined(self, channel: Channel) -> AsyncIterator[None]:
        """Have batches handed to a channel meanwhile."""
        before = self._channels.pop(channel.subscriber, None)
        if before is not None:
            before.take_over()
        if not self._channels:
            await self._begin()
        self._channels[channel.subscriber] = channel
        try:
            yield
        finally:
            if self._channels.get(channel.subscriber) is channel:
                del self._channels[channel.subscriber]
            if not self._channels:
                self._end()
            with contextlib.suppress(Busy):
                await run(keep_delivered, [channel.delivered(time.monotonic())])

    async def _begin(self) -> None:
        head = await run_read(changefeed.head)
        if self._tasks:  # another was faster
            return
        self.position = head
        for work in (self._hand_out, self._keep):
            self._tasks.append(asyncio.create_task(self._for_ever(work)))

    def _end(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()

    def _note_change(self) -> None:
        self.changes += 1

    async def _for_ever(self, work: Callable[[], Awaitable[None]]) -> None:
        with self.listener.following():
            while True:
                try:
                    await work()
                except Busy:
                    await asyncio.sleep(AGAIN_S)
                except Exception:
                    logger.exception("events of workitems are handed out again soon")
                    await asyncio.sleep(AGAIN_S)

    async def _hand_out(self) -> None:
        """Wait for news, read it, and hand it to all channels."""
        if not await self.listener.wait_beyond(self.position, IDLE_S):
            # Where the server stops nobody waits, and the channels end by themselves.
            await asyncio.sleep(PACE_S if self.listener.is_ending else 0)
            return
        # No further: of who may do what, all that came before has been heard.
        head = self.listener.head
        batch = await self.read(self._channels.values(), self.position, head)
        self.position = batch.up_to
        for channel in self._channels.values():
            channel.offer(batch)
        await asyncio.sleep(PACE_S)

    async def read(
        self, channels: Collection[Channel], after: int, up_to: int
    ) -> Batch:
        """Return what the feed has for channels."""
        return await run_read(
            read_batch,
            partitions={each.partition_id for each in channels},
            subscribers=[each.subscriber for each in channels],
            after=after,
            up_to=up_to,
            limit=AT_ONCE,
        )

    async def _keep(self) -> None:
        """Write down how far the channels have come; ask again who may know."""
        await asyncio.sleep(KEEP_S)
        if self._asked_at != self.changes:
            self._asked_at = self.changes
            for each in self._channels.values():
                each.ask_again()
        now = time.monotonic()
        is_time = now - self._seen_at >= SEEN_S
        if is_time:
            self._seen_at = now
        told = [
            each.delivered(now)
            for each in self._channels.values()
            if is_time or each.has_told_since_kept
        ]
        if told:
            for subscriber in await run(keep_delivered, told):
                if subscriber in self._channels:
                    self._channels[subscriber].take_over()


_of_process: Hub | None = None


def start() -> None:
    """Make the hub of this process; once in a server."""
    global _of_process  # noqa: PLW0603 one for each process
    _of_process = Hub()


def hub() -> Hub:
    """Return the hub of this process.

    Raises
    ------
    RuntimeError
        None was made.
    """
    if _of_process is None:
        message = "no hub of events was made in this process"
        raise RuntimeError(message)
    return _of_process
