"""Word from the web server to its workers that it is about to stop.

A worker that is told to stop waits for its requests to end, and a stream that follows
the change feed has no end of its own. So the server holds a pipe open for as long as it
serves; each worker watches its other end.
"""

import asyncio
import os
from collections.abc import Callable

_ends: tuple[int, int] | None = None  # to read and to write


def prepare() -> None:
    """Open the pipe; in the server, before it has workers."""
    global _ends  # noqa: PLW0603 one for each server
    _ends = os.pipe()


def listen_only() -> None:
    """Close the end that is the server's; in a worker, which has a copy of it."""
    if _ends is not None:
        os.close(_ends[1])


def announce() -> None:
    """Tell all workers, once; in the server."""
    global _ends  # noqa: PLW0603 as above
    if _ends is not None:
        read_end, write_end = _ends
        os.close(write_end)
        os.close(read_end)
        _ends = None


def call_when_announced(callback: Callable[[], None]) -> None:
    """Have `callback` called in the running loop when the server is about to stop.

    Never, where this is no worker of such a server.
    """
    if _ends is None:
        return
    loop = asyncio.get_running_loop()
    read_end = _ends[0]

    def announced() -> None:
        loop.remove_reader(read_end)
        callback()

    loop.add_reader(read_end, announced)
