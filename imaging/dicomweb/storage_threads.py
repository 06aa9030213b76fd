"""The threads in which the edge reads and writes blobs."""

from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from core.threads import Threads
from imaging.errors import StorageUnavailable

# Most of what they do holds Python's lock: more of them only wait for each other.
STORAGE_THREADS: Final = 2

T = TypeVar("T")
_threads = Threads(STORAGE_THREADS, name="storage")


async def in_thread(function: Callable[..., T], *args: object) -> T:
    """Await a function that reads or writes blobs.

    Raises
    ------
    StorageUnavailable
        The disk is full, or cannot be written.
    """
    try:
        return await _threads.run(partial(function, *args))
    except OSError as error:
        raise StorageUnavailable from error
