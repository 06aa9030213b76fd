"""From blobs to bodies: synchronous chunks, a thread hop at a time.

Domain code yields chunks and may block: it reads blobs and asks the database for the
next page. Here it runs in a thread of the pool for as long as one batch takes, and the
thread is given back before the batch is sent, so that any number of slow readers holds
neither threads nor connections.
"""

import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Generator, Mapping, Sequence
from contextlib import suppress
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from core.database import run
from imaging.dicomweb.representation import Read, in_memory, not_modified
from imaging.dicomweb.responses import StreamedResponse

Chunks = Generator[bytes, None, None]

BATCH_BYTES: Final = 256 * 1024
"""What one hop reads for a client that reads slowly. It keeps up to this and three
chunks (`imaging.frames.CHUNK_BYTES`) in memory: 0.7 MB."""

MAXIMUM_BATCH_BYTES: Final = 1024 * 1024
"""What one hop reads at most, for a client that takes a batch within `PROMPT_S`: hops
cost more than a fast client's bytes. One that then stops reading keeps that once."""

PROMPT_S: Final = 0.02

WHOLE_BYTES: Final = 1024 * 1024
"""Up to here read and sent in one piece."""

# Patients' data may be kept by the browser only, and never used unasked.
HEADERS: Final = {"cache-control": "private, no-cache", "vary": "Accept"}

_JOINED_BYTES: Final = 64 * 1024  # below, joining is cheaper than another send


def take(chunks: Chunks, batch_bytes: int = BATCH_BYTES) -> list[bytes]:
    """Return the next chunks, `batch_bytes` or a little more; none at the end."""
    batch, joined, size = [], bytearray(), 0
    for chunk in chunks:
        size += len(chunk)
        if len(chunk) < _JOINED_BYTES:
            joined += chunk
        else:
            batch += [bytes(joined), chunk]
            joined.clear()
        if size >= batch_bytes:
            break
    batch.append(bytes(joined))
    return [each for each in batch if each]


async def stream(chunks: Chunks, first: Sequence[bytes] = ()) -> AsyncIterator[bytes]:
    """Yield `first`, which was taken already, and then the rest.

    What was sent leaves memory at once: the next send may last for minutes.
    """
    waiting = deque(first)
    del first
    size = BATCH_BYTES
    try:
        waiting = waiting or deque(await run(take, chunks, size))
        while waiting:
            began = time.monotonic()
            while waiting:
                yield waiting.popleft()
            is_prompt = time.monotonic() - began < PROMPT_S
            size = min(2 * size, MAXIMUM_BATCH_BYTES) if is_prompt else BATCH_BYTES
            waiting.extend(await run(take, chunks, size))
    finally:
        # Still running where the request was cancelled: it closes itself afterwards.
        with suppress(ValueError):
            chunks.close()


def entity_tag(*parts: object) -> str:
    """Return a strong entity tag: what is held, and the form of the answer."""
    return f'"{"-".join(map(str, parts))}"'


def streamed(
    request: Request,
    chunks: Chunks,
    *,
    media_type: str,
    etag: str,
    size: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer with chunks, the first batch of which is taken in this thread."""
    fields = {**HEADERS, **(headers or {}), "etag": etag}
    unchanged = not_modified(request, etag, fields)
    if unchanged:
        return unchanged
    first = take(chunks) if request.method == "GET" else []
    return StreamedResponse(
        stream(chunks, first), media_type=media_type, size=size, headers=fields
    )


def reader(request: Request, size: int, read: Callable[[int, int], Chunks]) -> Read:
    """Return the reader of a representation; a small one is read in this thread.

    Raises
    ------
    Upstream
        It cannot be read: told while a status can still be sent.
    """
    if request.method == "GET" and "if-none-match" not in request.headers:
        if size <= WHOLE_BYTES:
            return in_memory(b"".join(read(0, size)))
        take(read(0, 1))
    return lambda offset, length: stream(read(offset, length))
