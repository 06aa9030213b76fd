"""Waiting for an operation to change: one look a second for all who wait in a process.

Who waits holds neither a thread nor a database connection. Workers need not tell
anybody how far they are; where nobody waits, nobody looks.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final
from uuid import UUID

from core import operations
from core.database import run_read
from core.errors import Busy

LOOK_EVERY_S: Final = 1.0


class _Watch:
    """What is known of the operations that somebody waits for; one for each loop."""

    def __init__(self) -> None:
        self.changed_at: dict[UUID, datetime] = {}
        self.looked = asyncio.Event()  # another one after each look
        self.watched: Counter[UUID] = Counter()
        self.task: asyncio.Task[None] | None = None

    async def look(self) -> None:
        """Look for changes as long as somebody waits."""
        while self.watched:
            await asyncio.sleep(LOOK_EVERY_S)
            with contextlib.suppress(Busy):  # the next look may find the database
                self.changed_at = await run_read(
                    operations.last_changes, list(self.watched)
                )
            self.looked.set()
            self.looked = asyncio.Event()
        self.task = None


_watches: dict[asyncio.AbstractEventLoop, _Watch] = {}


@contextlib.asynccontextmanager
async def watching(operation_id: UUID) -> AsyncIterator[None]:
    """Have changes of an operation looked for, as long as this lasts."""
    watch = _watches.setdefault(asyncio.get_running_loop(), _Watch())
    watch.watched[operation_id] += 1
    if watch.task is None:
        watch.task = asyncio.create_task(watch.look(), name="operation watch")
    try:
        yield
    finally:
        watch.watched[operation_id] -= 1
        watch.watched += Counter()  # forgets those that nobody waits for


async def wait_for_change(
    operation_id: UUID, since: datetime, timeout_s: float
) -> bool:
    """Wait until an operation has changed after `since`, inside of `watching`.

    Returns
    -------
    bool
        Whether it has; False after `timeout_s`.
    """
    watch = _watches[asyncio.get_running_loop()]
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            while watch.changed_at.get(operation_id, since) <= since:
                await watch.looked.wait()
    return watch.changed_at.get(operation_id, since) > since
