"""The threads in which blobs are read for clients.

A folder answers as fast as the database does, and its bytes are read in the thread that
found them. For a bucket a thread waits: then all that reads bytes has threads of its
own, so that searches and stores never wait for a bucket that is slow.
"""

from collections.abc import Callable
from functools import partial
from typing import Final, ParamSpec, TypeVar

from core.database import in_time, run, run_in, run_read, tried_again
from core.threads import Threads
from imaging.blobs import store

# Each has a connection to the database, once it has been used.
READING_THREADS: Final = 8

P = ParamSpec("P")
R = TypeVar("R")
_threads = Threads(READING_THREADS, name="reading")


async def find_and_read(
    function: Callable[P, R], *args: P.args, **kwargs: P.kwargs
) -> R:
    """Await a function that finds blobs and begins to read them.

    Tried again on a lost connection.

    Raises
    ------
    Busy
        The database is away, or it did not come in time.
    """
    if store().is_local:
        return await run_read(function, *args, **kwargs)
    return await tried_again(partial(read_on, function, *args, **kwargs))


async def read_on(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Await a function that reads on, and cannot be called twice."""
    if store().is_local:
        return await run(function, *args, **kwargs)
    return await in_time(run_in(_threads, partial(function, *args, **kwargs)))
