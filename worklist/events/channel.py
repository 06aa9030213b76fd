"""One subscriber's channel: its events in order, at least once, as long as it may know.

It goes on after what its subscriber has been told. What was sent counts as told when
the client says so, or, where it never does, when its connection has stood `SETTLED_S`
after that: what is in flight when one breaks is sent again.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import suppress
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from django.utils import timezone

from core.access import Actor, Verb, require, require_partition
from core.database import run_read
from core.feed_listener import FeedListener
from worklist.events.initial import initial_states
from worklist.events.number import Number
from worklist.events.reading import Batch, Entry
from worklist.events.reports import status_text
from worklist.events.subscribers import Delivered, Opened
from worklist.events.watching import Watching

SETTLED_S: Final = 10.0
ASKED_AGAIN_S: Final = 30.0  # who it is, where nothing tells that it has changed
WAITING: Final = 64  # batches, of which all channels have the same
UNCONFIRMED: Final = 10_000  # events that a client that confirms may let wait

RESTARTED: Final = "RESTARTED"
GOING_DOWN: Final = "GOING DOWN"


class TakenOver(Exception):
    """The subscriber's channel has been opened anew, elsewhere."""


class Unconfirmed(Exception):
    """The client confirms events, but not these for long."""


class Source(Protocol):
    """Where a channel's events come from: `worklist.events.hub.Hub`."""

    position: int
    changes: int

    @property
    def listener(self) -> FeedListener:
        """Return what tells of news of the feed."""

    async def read(
        self, channels: "Collection[Channel]", after: int, up_to: int
    ) -> Batch:
        """Return what the feed has for channels."""


class _Sent(NamedTuple):
    """What has been sent, and up to which entry all has been with it."""

    at: float
    number: Number
    complete_seq: int


class Channel:
    """A connection that a subscriber has opened.

    Parameters
    ----------
    opened
        The subscriber, and from where it goes on.
    holder
        Names the channel.
    actor
        Who has opened it: it ends no later. Asked anew before anything is told.
    find_actor
        Finds out anew who that is.
    send
        Sends a text; raises where the client does not take it.

    Attributes
    ----------
    has_told_since_kept
        Whether an event has been sent since `delivered` was asked.
    """

    def __init__(
        self,
        opened: Opened,
        holder: UUID,
        source: Source,
        actor: Actor,
        find_actor: Callable[[], Awaitable[Actor]],
        send: Callable[[str], Awaitable[None]],
    ) -> None:
        self.subscriber = opened.id
        self.partition_id = opened.partition_id
        self.has_told_since_kept = False
        self._opened = opened
        self._holder = holder
        self._source = source
        self._find_actor = find_actor
        self._send = send
        self._done = opened.after.complete_seq  # all up to this entry has been sent
        self._delivered = self._done
        self._inbox: asyncio.Queue[Batch | None] = asyncio.Queue(WAITING)
        self._sent: deque[_Sent] = deque()
        self._confirms = False
        self._taken_over = asyncio.Event()
        self._actor = actor
        self._actor_until = 0.0  # of time.monotonic()
        self._changes = -1

    def offer(self, batch: Batch) -> None:
        """Take a batch; where too many wait already, it is read again later."""
        with suppress(asyncio.QueueFull):
            self._inbox.put_nowait(batch)

    def ask_again(self) -> None:
        """Find out whether who has opened it may still know, though nothing happens."""
        with suppress(asyncio.QueueFull):  # then it is asked for what waits
            self._inbox.put_nowait(None)

    def take_over(self) -> None:
        """End: another channel tells the subscriber from now on."""
        self._taken_over.set()

    def confirm(self, number: Number) -> None:
        """Take it that the client has all events up to this one."""
        self._confirms = True
        while self._sent and self._sent[0].number <= number:
            self._delivered = self._sent.popleft().complete_seq
            self.has_told_since_kept = True

    def delivered(self, now: float) -> Delivered:
        """Return how far the subscriber has been told for certain."""
        while self._sent and not self._confirms and self._sent[0].at < now - SETTLED_S:
            self._delivered = self._sent.popleft().complete_seq
        if not self._sent:
            self._delivered = self._done
        # Until what was sent has settled, this has to be asked again.
        self.has_told_since_kept = bool(self._sent) and not self._confirms
        return Delivered(self.subscriber, self._holder, self._delivered)

    async def serve(self) -> None:
        """Tell the subscriber what there is, and what comes, until the server stops.

        Raises
        ------
        Unauthenticated, Forbidden, NotFound
            Who has opened it may not know any more.
        Busy
            The database is away.
        TakenOver, Unconfirmed
            See there.
        """
        await self._greet()
        ends = [
            asyncio.create_task(self._source.listener.wait_for_end()),
            asyncio.create_task(self._taken_over.wait()),
        ]
        telling = asyncio.create_task(self._tell_all())
        try:
            await asyncio.wait([telling, *ends], return_when=asyncio.FIRST_COMPLETED)
            if telling.done():
                telling.result()
        finally:
            for task in (telling, *ends):
                task.cancel()
            await asyncio.gather(telling, *ends, return_exceptions=True)
        if self._taken_over.is_set():
            raise TakenOver
        await self._send(status_text(GOING_DOWN))

    async def _greet(self) -> None:
        """Tell that the server has started since, and what was not kept."""
        opened = self._opened
        if opened.missed is not None:
            after, last = opened.missed
            comment = f"Not kept any more: events after {after}, up to {last}."
            text = status_text(RESTARTED, comment=comment, number=Number(last))
            await self._send(text)
        if opened.lost:
            comment = f"Deleted in spite of a deletion lock: {opened.lost} workitems."
            await self._send(status_text(RESTARTED, comment=comment))
        elif opened.was_away and opened.missed is None:
            await self._send(status_text(RESTARTED))

    async def _tell_all(self) -> None:
        while True:
            if self._inbox.empty() and self._done < self._source.position:
                await self._catch_up(self._source.position)
                continue
            try:
                async with asyncio.timeout(self._quiet_s()):
                    batch = await self._inbox.get()
            except TimeoutError:
                batch = None
            if batch is None:
                await self._known_actor()
                continue
            if batch.up_to <= self._done:
                continue
            if batch.after != self._done or self.subscriber not in batch.subscribers:
                await self._catch_up(batch.up_to)
            else:
                await self._tell(batch)

    def _quiet_s(self) -> float:
        """Return for how long nobody has to ask who it is: not beyond its own end."""
        if self._actor.until is None:
            return ASKED_AGAIN_S
        left = (self._actor.until - timezone.now()).total_seconds()
        return min(max(left, 0.0), ASKED_AGAIN_S)

    async def _catch_up(self, up_to: int) -> None:
        """Read for itself what other channels have been handed."""
        while self._done < up_to:
            await self._tell(await self._source.read([self], self._done, up_to))

    async def _tell(self, batch: Batch) -> None:
        watching = batch.watching.get(self.subscriber, Watching())
        for entry in batch.entries:
            if entry.partition_id != self.partition_id:
                continue
            if entry.aetitle and entry.is_of_many:
                await self._tell_first_states(entry)
                continue
            events = list(self._events_of(entry, watching))
            # Asked before each entry: sending may take long.
            if events and await self._may_see(entry.workitem, batch.scopes):
                for place, (number, text) in enumerate(events, start=1):
                    is_last = place == len(events)
                    await self._pass_on(number, text, entry.seq - (not is_last))
            self._done = entry.seq
        self._done = batch.up_to

    def _events_of(
        self, entry: Entry, watching: Watching
    ) -> Iterator[tuple[Number, str]]:
        """Yield what an entry tells this subscriber, as far as it has not been told."""
        if entry.workitem is None:
            return
        told = watching.of(entry.workitem)
        if told is None or entry.seq <= told.from_seq:
            return
        events = list(entry.events)
        if entry.aetitle:
            is_ours = entry.aetitle == self._opened.aetitle and entry.op == "create"
            events = [entry.initial()] if is_ours and entry.information else []
        elif told.initial_version == entry.version and not entry.tells_state:
            events.insert(0, entry.initial())
        yield from (each for each in events if each[0] > self._opened.after)

    async def _tell_first_states(self, entry: Entry) -> None:
        """Tell the states of all that a subscription is of, where it is ours."""
        is_ours = entry.aetitle == self._opened.aetitle and entry.op == "create"
        after = 0
        while is_ours and entry.version is not None:
            page = await run_read(
                initial_states, entry, subscriber=self.subscriber, after=after
            )
            for workitem, text in page.states:
                if await self._may_see(workitem, page.scopes):
                    await self._pass_on(Number(entry.seq, 0), text, entry.seq - 1)
                after = workitem
            if page.is_last:
                break
        self._done = entry.seq

    async def _pass_on(self, number: Number, text: str, complete_seq: int) -> None:
        if self._confirms and len(self._sent) >= UNCONFIRMED:
            raise Unconfirmed
        await self._send(text)
        self.has_told_since_kept = True
        self._sent.append(_Sent(time.monotonic(), number, complete_seq))

    async def _known_actor(self) -> Actor:
        """Return who is told, as they are now; most often without a look-up."""
        source, now = self._source, time.monotonic()
        is_known = self._changes == source.changes and source.listener.hears
        if not is_known or now > self._actor_until:
            self._changes = source.changes
            self._actor = await self._find_actor()
            self._actor_until = now + ASKED_AGAIN_S
        actor = self._actor
        if actor.until is not None and actor.until <= timezone.now():
            actor = self._actor = await self._find_actor()
        require(actor, Verb.VIEW_PHI)
        require_partition(actor, Verb.VIEW_PHI, self.partition_id)
        return actor

    async def _may_see(
        self, workitem: int | None, scopes: Mapping[int, frozenset[int]]
    ) -> bool:
        reach = (await self._known_actor()).reach(Verb.VIEW_PHI)
        leading = scopes.get(workitem or 0, frozenset())
        return reach.leads_to(self.partition_id, leading)
