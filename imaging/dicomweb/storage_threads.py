"""The threads in which the edge reads and writes blobs."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from functools import partial
from typing import Final, TypeVar

from core.threads import Threads
from imaging.blobs import store
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


async def arrived(bytes_of: Iterable[Future[None]]) -> None:
    """Await that bytes lie in a bucket, before a transaction names them.

    An fsync may run beside a transaction, and is waited for there. A bucket takes as
    long as it takes, and nobody may hold locks meanwhile (decision 0019).

    Raises
    ------
    StorageUnavailable
        The bucket does not have all of them.
    """
    if store().is_local:
        return
    try:
        for each in bytes_of:
            await asyncio.wrap_future(each)
    except OSError as error:
        raise StorageUnavailable from error
