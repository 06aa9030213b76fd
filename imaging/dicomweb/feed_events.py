"""The change feed as server-sent events (WHATWG HTML 9.2).

The stream begins after the ``Last-Event-ID`` that a client resumes with, or after
``after``. It ends when the client goes, may not read any more, or reads nothing for
long; when the database is away; and when the server stops. A client then connects
again after `RETRY_MS` and loses nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from core.changefeed import LAST
from core.errors import Invalid, PortalError
from core.feed_listener import FeedListener
from core.media_types import parse_accept
from imaging.dicomweb.feed_rows import events
from imaging.dicomweb.feed_rules import Asked, following
from imaging.dicomweb.request import base_url, header
from imaging.dicomweb.responses import StreamedResponse
from imaging.dicomweb.streaming import stream
from imaging.feed import InstanceEntry, Metadata

EVENT_STREAM: Final = "text/event-stream"
AT_ONCE: Final = 500  # entries that are read together
SILENCE_S: Final = 15.0  # then something is sent, so that proxies keep the connection
RETRY_MS: Final = 3000
_HEADERS: Final = {
    "cache-control": "no-store",
    "vary": "Accept",
    "x-accel-buffering": "no",  # nginx would keep events until its buffer is full
}


def wants_events(request: Request) -> bool:
    """Return whether the client asks for a stream of events."""
    ranges = parse_accept(header(request, b"accept"))
    return any(each.type == EVENT_STREAM and each.q > 0 for each in ranges)


def event_stream(request: Request, asked: Asked, listener: FeedListener) -> Response:
    """Answer with the entries that there are, and with each that comes.

    Raises
    ------
    Invalid
        ``Last-Event-ID`` is no number of an entry, or an ``offset`` is asked for.
    """
    if asked.offset:
        message = "A stream goes with after, not with offset."
        raise Invalid(message, path="offset")
    begin = _last_event_id(request)
    asked = replace(asked, after=asked.after if begin is None else begin, limit=AT_ONCE)
    return EventStream(
        _events(request, asked, listener),
        media_type=f"{EVENT_STREAM}; charset=utf-8",
        headers=_HEADERS,
    )


class EventStream(StreamedResponse):
    """A streamed response that ends at once when its client goes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until one side has enough."""
        sending = asyncio.create_task(super().__call__(scope, _never, send))
        gone = asyncio.create_task(_until_gone(receive))
        try:
            await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            for task in (sending, gone):
                task.cancel()
            await asyncio.gather(sending, gone, return_exceptions=True)


class _Together:
    """The last events that were written: all who read together are sent the same."""

    def __init__(self) -> None:
        self._entries: Sequence[InstanceEntry] = ()
        self._body = b""

    def body_of(self, entries: Sequence[InstanceEntry]) -> bytes:
        """Return entries without metadata as events, in which no address stands."""
        if entries is not self._entries:
            self._body = b"".join(events(entries, ""))
            self._entries = entries
        return self._body


_together: Final = _Together()


async def _events(
    request: Request, asked: Asked, listener: FeedListener
) -> AsyncIterator[bytes]:
    place = following(request, asked, listener)
    base = base_url(request)
    yield f"retry: {RETRY_MS}\n\n".encode()
    told = asked.after
    while not listener.is_ending:
        try:
            entries = await place.next(SILENCE_S)
        except PortalError:
            return
        if entries and asked.metadata is Metadata.NONE:
            yield _together.body_of(entries)
        elif entries:
            async for chunk in stream(events(entries, base)):
                yield chunk
        elif place.after > told:  # a reader that comes again goes on from here
            yield f"id: {place.after}\n: nothing for you\n\n".encode()
        else:
            yield b": nothing new\n\n"
        told = place.after


def _last_event_id(request: Request) -> int | None:
    text = header(request, b"last-event-id")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or int(text) > LAST:
        message = "Last-Event-ID must be the number of an entry."
        raise Invalid(message, path="Last-Event-ID")
    return int(text)


async def _never() -> dict[str, str]:
    """Receive nothing: the stream's own task watches the client."""
    await asyncio.Event().wait()
    raise AssertionError


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
