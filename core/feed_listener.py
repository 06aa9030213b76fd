"""Waiting for news of the change feed: one connection for all who wait in a process.

PostgreSQL notifies `core.changefeed.CHANNEL` when a transaction that appended has
committed. What is missed while the connection is lost is made up for by reading the
feed's head after it has come back. Where nobody follows the feed the channel is left,
so that stores do not wake this process (PostgreSQL's own for it they do). Two
other channels tell that a partition, or who may do what, has changed, and what the
process knows of it is forgotten.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterator
from typing import Any, Final

import psycopg
from django.db import connection

from core import partitions
from core.accounts import news
from core.changefeed import CHANNEL

logger = logging.getLogger(__name__)

RECONNECT_S: Final = 1.0
LEAVE_S: Final = 30.0  # after the last who followed: one who polls comes again
TOGETHER_S: Final = 0.02  # what comes within it is taken at once: writers are many
PARAMETERS: Final = ("host", "port", "dbname", "user", "password")
HEAD: Final = "SELECT coalesce(max(seq), 0) FROM core_feedentry"

_Connection = psycopg.AsyncConnection[tuple[Any, ...]]


class FeedListener:
    """Knows the head of the feed, and wakes who waits for more; lives in one loop.

    Attributes
    ----------
    head
        Number of the last entry that is known of; all up to it can be read.
    hears
        Whether the connection is there, so that nothing is missed.
    """

    def __init__(self) -> None:
        self.head = 0
        self.hears = False
        self._ended = asyncio.Event()
        self._news = asyncio.Event()  # another one after each news
        self._stirred = asyncio.Event()  # the connection has something to do
        self._followers = 0
        self._left_at = 0.0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen; to be called inside the running loop."""
        if self._task is None:
            self._task = asyncio.create_task(self._listen(), name="feed listener")

    @property
    def is_ending(self) -> bool:
        """Return whether the server stops: who waits should answer at once."""
        return self._ended.is_set()

    def end(self) -> None:
        """Wake all who wait, for good: the server stops."""
        self._ended.set()
        self._wake()

    async def wait_for_end(self) -> None:
        """Wait until the server stops."""
        await self._ended.wait()

    async def stop(self) -> None:
        """Close the connection and wake all who wait."""
        self.end()
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    @contextlib.contextmanager
    def following(self) -> Iterator[None]:
        """Have news of the feed come, for as long as somebody follows it."""
        self._followers += 1
        self._stirred.set()
        try:
            yield
        finally:
            self._followers -= 1
            self._left_at = time.monotonic()

    async def wait_beyond(self, seq: int, timeout_s: float) -> bool:
        """Wait until the feed has an entry after number `seq`.

        Returns
        -------
        bool
            Whether it has; False after `timeout_s`, also while the database is away,
            or where the server stops.
        """
        with self.following(), contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self.head <= seq and not self.is_ending:
                    await self._news.wait()
        return self.head > seq

    async def _listen(self) -> None:
        """Listen for ever, with a new connection whenever one is lost."""
        while True:
            try:
                await self._listen_once()
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                logger.warning("the feed listener waits: %s", type(error).__name__)
            finally:
                self.hears = False
            await asyncio.sleep(RECONNECT_S)

    async def _listen_once(self) -> None:
        given = connection.get_connection_params()
        async with await psycopg.AsyncConnection.connect(
            **{name: given[name] for name in PARAMETERS if name in given},
            application_name="portal feed listener",
            autocommit=True,
        ) as listening:
            await listening.execute(f"LISTEN {news.CHANNEL}")
            await listening.execute(f"LISTEN {partitions.CHANNEL}")
            partitions.forget()  # what changed before
            news.forget()
            self.hears = True
            hears = False
            while True:
                self._stirred.clear()
                hears = await self._choose_channels(listening, hears=hears)
                if await self._take(listening):
                    await asyncio.sleep(TOGETHER_S)
                await self._wait_for_socket(listening)

    async def _choose_channels(self, listening: _Connection, *, hears: bool) -> bool:
        """Listen to the feed while it is followed, and tell whether."""
        left_for_s = time.monotonic() - self._left_at
        wanted = self._followers > 0 or (hears and left_for_s < LEAVE_S)
        if wanted and not hears:
            await listening.execute(f"LISTEN {CHANNEL}")
            row = await (await listening.execute(HEAD)).fetchone()
            self.head = max(self.head, row[0] if row else 0)
            self._wake()
        elif hears and not wanted:
            await listening.execute(f"UNLISTEN {CHANNEL}")
        return wanted

    async def _take(self, listening: _Connection) -> bool:
        """Take over what has come; return whether something had."""
        came: dict[str, str] = {}
        async for notification in listening.notifies(timeout=0):
            came[notification.channel] = notification.payload  # the last says it all
        if partitions.CHANNEL in came:
            partitions.forget()
        if news.CHANNEL in came:
            news.forget()
        if CHANNEL in came:
            self.head = max(self.head, int(came[CHANNEL]))
            self._wake()
        return bool(came)

    async def _wait_for_socket(self, listening: _Connection) -> None:
        """Wait until the server says something, or somebody begins to follow."""
        loop = asyncio.get_running_loop()
        socket = listening.fileno()
        loop.add_reader(socket, self._stirred.set)
        try:
            await self._stirred.wait()
        finally:
            loop.remove_reader(socket)

    def _wake(self) -> None:
        self._news.set()
        if not self.is_ending:
            self._news = asyncio.Event()


_of_process: FeedListener | None = None


def start_listening() -> None:
    """Start the listener of this process; once in a server, inside its loop."""
    global _of_process  # noqa: PLW0603 one for each process
    _of_process = FeedListener()
    _of_process.start()


async def stop_listening() -> None:
    """Stop the listener of this process."""
    if _of_process is not None:
        await _of_process.stop()


def end_waiting() -> None:
    """Wake all who wait in this process: the server stops."""
    if _of_process is not None:
        _of_process.end()


def hears() -> bool:
    """Return whether this process hears of changes."""
    return _of_process is not None and _of_process.hears


def listener() -> FeedListener:
    """Return the listener of this process.

    Raises
    ------
    RuntimeError
        None was started.
    """
    if _of_process is None:
        message = "no feed listener was started in this process"
        raise RuntimeError(message)
    return _of_process
