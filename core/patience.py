"""Waiting for others a limited time: clients that send or read, and the database."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

R = TypeVar("R")


class Patience:
    """Waits that may each last so long, with one timer for all of them.

    ``asyncio.timeout`` makes a timer for each wait, which costs more than most of what
    is awaited here: a body comes in thousands of pieces. For one task at a time; `end`
    it when nothing more is awaited.

    Parameters
    ----------
    limit_s
        How long a wait may last.
    """

    __slots__ = ("_is_over", "_limit_s", "_since", "_timer", "_waiting")

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: asyncio.Task[object] | None = None
        self._since = 0.0  # of the loop's clock
        self._is_over = False

    async def wait(self, awaitable: Awaitable[R]) -> R:
        """Await something.

        Raises
        ------
        TimeoutError
            It took too long, and was cancelled.
        """
        loop = asyncio.get_running_loop()
        task = self._waiting = asyncio.current_task()
        self._since = loop.time()
        if self._timer is None:
            self._timer = loop.call_later(self._limit_s, self._look, loop)
        try:
            return await awaitable
        except asyncio.CancelledError as error:
            if not self._is_over or task is None:
                raise
            task.uncancel()
            raise TimeoutError from error
        finally:
            self._waiting = None

    def end(self) -> None:
        """Give the timer back."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """End a wait that has lasted too long; look again later at any other."""
        self._timer = None
        if self._waiting is None:
            return
        left_s = self._since + self._limit_s - loop.time()
        if left_s > 0:
            self._timer = loop.call_later(left_s, self._look, loop)
        else:
            self._is_over = True
            self._waiting.cancel()
