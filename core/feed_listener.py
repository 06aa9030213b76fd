"""Waiting for news of the change feed: one connection for all who wait in a process.

PostgreSQL notifies `core.changefeed.CHANNEL` when a transaction that appended has
committed. What is missed while the connection is lost is made up for by reading the
feed's head after it has come back.
"""

import asyncio
import contextlib
import logging
from typing import Final

import psycopg
from django.db import connection

from core.changefeed import CHANNEL

logger = logging.getLogger(__name__)

RECONNECT_S: Final = 1.0
PARAMETERS: Final = ("host", "port", "dbname", "user", "password")
HEAD: Final = "SELECT coalesce(max(seq), 0) FROM core_feedentry"


class FeedListener:
    """Knows the head of the feed, and wakes who waits for more; lives in one loop."""

    def __init__(self) -> None:
        self.head = 0
        self._news = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen; to be called inside the running loop."""
        if self._task is None:
            self._task = asyncio.create_task(self._listen(), name="feed listener")

    async def stop(self) -> None:
        """Close the connection; who waits goes on waiting for its time."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def wait_beyond(self, seq: int, timeout_s: float) -> bool:
        """Wait until the feed has an entry after number `seq`.

        Returns
        -------
        bool
            Whether it has; False after `timeout_s`, also while the database is away.
        """
        try:
            async with asyncio.timeout(timeout_s), self._news:
                await self._news.wait_for(lambda: self.head > seq)
        except TimeoutError:
            return False
        return True

    async def _listen(self) -> None:
        """Listen for ever, with a new connection whenever one is lost."""
        while True:
            try:
                await self._listen_once()
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                logger.warning("the feed listener waits: %s", type(error).__name__)
            await asyncio.sleep(RECONNECT_S)

    async def _listen_once(self) -> None:
        given = connection.get_connection_params()
        async with await psycopg.AsyncConnection.connect(
            **{name: given[name] for name in PARAMETERS if name in given},
            application_name="portal feed listener",
            autocommit=True,
        ) as listening:
            await listening.execute(f"LISTEN {CHANNEL}")
            row = await (await listening.execute(HEAD)).fetchone()
            await self._set_head(row[0] if row else 0)
            async for notification in listening.notifies():
                await self._set_head(max(self.head, int(notification.payload)))

    async def _set_head(self, head: int) -> None:
        async with self._news:
            self.head = head
            self._news.notify_all()
