"""From blobs to bodies: synchronous chunks, a thread hop at a time.

Domain code yields chunks and may block: it reads blobs and asks the database for the
next page. Here it runs in a thread of the pool for as long as one batch takes, and the
thread is given back before the batch is sent, so that any number of slow readers holds
neither threads nor connections.
"""

import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Mapping
from contextlib import suppress
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from core.database import run
from imaging.dicomweb.reading_threads import read_on
from imaging.dicomweb.representation import Read, in_memory, not_modified
from imaging.dicomweb.responses import StreamedResponse
from imaging.pace import WHOLE_BYTES, Pace

Chunks = Generator[bytes, None, None]

# Patients' data may be kept by the browser only, and never used unasked.
HEADERS: Final = {"cache-control": "private, no-cache", "vary": "Accept"}

_JOINED_BYTES: Final = 64 * 1024  # below, joining is cheaper than another send


class Batch(NamedTuple):
    """Some chunks, and whether no others follow: then no thread is asked for them.

    What was sent is taken out and leaves memory at once: the next send may last for
    minutes.
    """

    chunks: deque[bytes]
    is_last: bool


Hop = Callable[[Callable[[Chunks, Pace], Batch], Chunks, Pace], Awaitable[Batch]]


def _take(chunks: Chunks, pace: Pace) -> Batch:
    """Return the next chunks, as many bytes as `pace` says or a little more."""
    batch, joined, size = [], bytearray(), 0
    is_last = True
    for chunk in chunks:
        size += len(chunk)
        if len(chunk) < _JOINED_BYTES:
            joined += chunk
        else:
            batch += [bytes(joined), chunk]
            joined.clear()
        if size >= pace.batch_bytes:
            is_last = False
            break
    batch.append(bytes(joined))
    return Batch(deque(filter(None, batch)), is_last)


async def stream(
    chunks: Chunks,
    pace: Pace | None = None,
    first: Batch | None = None,
    *,
    hop: Hop = run,
) -> AsyncIterator[bytes]:
    """Yield `first`, which was taken already, and then the rest.

    Parameters
    ----------
    pace
        Of `chunks`, where they ask it: it learns how fast the client reads.
    hop
        To the thread in which chunks are taken: one that may wait for blobs, or not.
    """
    pace = pace or Pace()
    try:
        batch = first if first is not None else await hop(_take, chunks, pace)
        del first
        while True:
            size, began = sum(map(len, batch.chunks)), time.monotonic()
            while batch.chunks:
                yield batch.chunks.popleft()
            if batch.is_last:
                return
            pace.adapt(size, time.monotonic() - began)
            batch = await hop(_take, chunks, pace)
    finally:
        # Still running where the request was cancelled: it closes itself afterwards.
        with suppress(ValueError):
            chunks.close()


def entity_tag(*parts: object) -> str:
    """Return a strong entity tag: what is held, and the form of the answer."""
    return f'"{"-".join(map(str, parts))}"'


def streamed(
    request: Request,
    read: Callable[[Pace], Chunks],
    *,
    media_type: str,
    etag: str,
    size: int | None = None,
    headers: Mapping[str, str] | None = None,
    hop: Hop = read_on,
) -> Response:
    """Answer with chunks, the first batch of which is taken in this thread.

    Parameters
    ----------
    read
        Begins the chunks, which may ask the pace how large they should be.
    size
        Length of the whole body, where it is known before.
    hop
        To the thread in which later chunks are taken.
    """
    fields = {**HEADERS, **(headers or {}), "etag": etag}
    unchanged = not_modified(request, etag, fields)
    if unchanged:
        return unchanged
    pace = Pace(size)
    chunks = read(pace)
    first = _take(chunks, pace) if request.method == "GET" else None
    return StreamedResponse(
        stream(chunks, pace, first, hop=hop),
        media_type=media_type,
        size=size,
        headers=fields,
    )


def reader(
    request: Request, size: int, read: Callable[[int, int, Pace], Chunks]
) -> Read:
    """Return the reader of a representation; a small one is read in this thread.

    Raises
    ------
    Upstream
        It cannot be read: told while a status can still be sent.
    """
    if request.method == "GET" and "if-none-match" not in request.headers:
        if size <= WHOLE_BYTES:
            return in_memory(b"".join(read(0, size, Pace(size))))
        _take(read(0, 1, Pace()), Pace())

    def streaming(offset: int, length: int) -> AsyncIterator[bytes]:
        pace = Pace(length)
        return stream(read(offset, length, pace), pace, hop=read_on)

    return streaming
