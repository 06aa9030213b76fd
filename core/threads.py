"""Threads that work for an event loop: few, and the one last used is used next."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, NamedTuple, TypeVar

R = TypeVar("R")


class _Call(NamedTuple):
    """A function, and who waits for what it returns."""

    function: Callable[[], Any]
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[Any]


class _Worker:
    """One thread; `wake` is released when `call` has been given."""

    __slots__ = ("call", "wake")

    def __init__(self, call: _Call) -> None:
        self.call: _Call | None = call
        self.wake: Final = threading.Lock()
        self.wake.acquire()


class Threads:
    """A pool of threads whose results are awaited.

    Idle threads are taken last in, first out: of many only those that are needed
    work, and what belongs to them (a database connection, the server process behind
    it, caches of the processor) stays warm. `concurrent.futures` takes them in turn;
    awaiting its futures besides costs twice as much as this.

    Parameters
    ----------
    number
        At most so many; each is started when the others are busy.
    """

    def __init__(self, number: int, *, name: str) -> None:
        self._number = number
        self._name = name
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._waiting: deque[_Call] = deque()
        self._started: list[threading.Thread] = []
        self._is_open = True

    async def run(self, function: Callable[[], R]) -> R:
        """Await what `function` returns, called in a thread.

        A caller that is cancelled meanwhile is not waited for; a call that has not
        begun is then left out.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[R] = loop.create_future()
        self._submit(_Call(function, loop, answer))
        return await answer

    def shutdown(self) -> None:
        """Do what waits, then end the threads; returns when they have ended."""
        with self._lock:
            self._is_open = False
            idle, self._idle = self._idle, []
            started, self._started = self._started, []
        for worker in idle:
            worker.call = None
            worker.wake.release()
        for thread in started:
            thread.join()

    def _submit(self, call: _Call) -> None:
        with self._lock:
            if not self._is_open:
                message = f"the {self._name} threads have ended"
                raise RuntimeError(message)
            if self._idle:
                worker = self._idle.pop()
                worker.call = call
                worker.wake.release()
            elif len(self._started) < self._number:
                self._start(call)
            else:
                self._waiting.append(call)

    def _start(self, call: _Call) -> None:
        thread = threading.Thread(
            target=self._work,
            args=(_Worker(call),),
            name=f"{self._name}_{len(self._started)}",
            daemon=True,
        )
        thread.start()
        self._started.append(thread)

    def _work(self, worker: _Worker) -> None:
        call = worker.call
        while call is not None:
            result, error = _do(call)
            # Before the answer is given: who gets it may call at once, and then finds
            # this thread idle.
            following, rests = self._next(worker)
            _give(call, result, error)
            call, result, error = following, None, None  # not kept while it rests
            if rests:
                worker.wake.acquire()
                call = worker.call

    def _next(self, worker: _Worker) -> tuple[_Call | None, bool]:
        """Return the call that waits, or whether the worker has become idle."""
        with self._lock:
            worker.call = None
            if self._waiting:
                return self._waiting.popleft(), False
            if self._is_open:
                self._idle.append(worker)
            return None, self._is_open


def _do(call: _Call) -> tuple[Any, BaseException | None]:
    if call.answer.cancelled():
        return None, None
    try:
        return call.function(), None
    except BaseException as error:  # noqa: BLE001 handed to whoever waits
        return None, error


def _give(call: _Call, result: object, error: BaseException | None) -> None:
    # The loop has ended where nobody waits any more.
    with suppress(RuntimeError):
        call.loop.call_soon_threadsafe(_answer, call.answer, result, error)


def _answer(
    answer: asyncio.Future[Any], result: object, error: BaseException | None
) -> None:
    if answer.cancelled():
        return
    if error is None:
        answer.set_result(result)
    else:
        answer.set_exception(error)
