"""Word between the web server and its workers that it is about to stop.

A worker that is told to stop waits for its requests to end, and a stream that follows
the change feed has no end of its own; for its WebSockets it does not wait at all. So
the server holds a pipe open for as long as it serves, and each worker watches its other
end. By a second one the workers tell when whoever follows something has been told.
"""

import asyncio
import os
import select
from collections.abc import Awaitable, Callable

_word: tuple[int, int] | None = None  # to read and to write: the server will stop
_told: tuple[int, int] | None = None  # and: a worker has told those who follow
_telling: set[asyncio.Task[None]] = set()


def prepare() -> None:
    """Open the pipes; in the server, before it has workers."""
    global _word, _told
    _word, _told = os.pipe(), os.pipe()


def listen_only() -> None:
    """Close the ends that are the server's; in a worker, which has a copy of them."""
    if _word is not None and _told is not None:
        os.close(_word[1])
        os.close(_told[0])


def announce() -> None:
    """Tell all workers, once; in the server."""
    global _word  # noqa: PLW0603 one for each server
    if _word is not None:
        read_end, write_end = _word
        os.close(write_end)
        os.close(read_end)
        _word = None


def wait_until_told(*, timeout_s: float) -> None:
    """Wait until all workers have told those who follow, once; in the server."""
    global _told  # noqa: PLW0603 one for each server
    if _told is not None:
        read_end, write_end = _told
        os.close(write_end)
        select.select([read_end], [], [], timeout_s)  # the last worker has closed its
        os.close(read_end)
        _told = None


def call_when_announced(tell: Callable[[], Awaitable[None]]) -> None:
    """Have `tell` run in this loop when the server is about to stop.

    The server stops its workers once it has ended. Never, where this is no worker of
    such a server.
    """
    if _word is None or _told is None:
        return
    loop = asyncio.get_running_loop()
    word, told = _word[0], _told[1]

    async def run() -> None:
        try:
            await tell()
        finally:
            os.close(told)

    def announced() -> None:
        loop.remove_reader(word)
        _telling.add(asyncio.create_task(run()))

    loop.add_reader(word, announced)
