"""Threads that work for an event loop."""

import asyncio
import threading
from collections.abc import Iterator
from functools import partial

import pytest

from core.threads import Threads

PATIENCE_S = 10


@pytest.fixture
def threads() -> Iterator[Threads]:
    made = Threads(3, name="test")
    yield made
    made.shutdown()


def name() -> str:
    return threading.current_thread().name


def test_the_thread_last_used_is_used_next(threads: Threads) -> None:
    def meet() -> str:
        barrier.wait(PATIENCE_S)
        return name()

    async def main() -> None:
        met = await asyncio.gather(*(threads.run(meet) for _ in range(3)))
        assert set(met) == {"test_0", "test_1", "test_2"}
        last = await threads.run(name)
        assert {await threads.run(name) for _ in range(20)} == {last}

    barrier = threading.Barrier(3)
    asyncio.run(main())


def test_more_calls_than_threads_wait_and_are_done_in_order() -> None:
    async def main() -> None:
        one = Threads(1, name="one")
        done: list[int] = []
        await asyncio.gather(*(one.run(partial(done.append, n)) for n in range(50)))
        assert done == list(range(50))
        one.shutdown()

    asyncio.run(main())


def test_no_more_than_the_number_of_threads_are_started(threads: Threads) -> None:
    async def main() -> None:
        names = await asyncio.gather(*(threads.run(name) for _ in range(50)))
        assert set(names) <= {"test_0", "test_1", "test_2"}

    asyncio.run(main())


def test_what_a_call_raises_is_raised_where_it_is_awaited(threads: Threads) -> None:
    def fail() -> None:
        message = "no"
        raise ValueError(message)

    async def main() -> None:
        with pytest.raises(ValueError, match="no"):
            await threads.run(fail)
        assert await threads.run(lambda: 7) == 7

    asyncio.run(main())


def test_a_cancelled_caller_leaves_the_thread_usable(threads: Threads) -> None:
    async def main() -> None:
        go = threading.Event()
        one = Threads(1, name="one")
        running = asyncio.create_task(one.run(lambda: go.wait(PATIENCE_S)))
        never: list[int] = []
        queued = asyncio.create_task(one.run(lambda: never.append(1)))
        await asyncio.sleep(0)
        running.cancel()
        queued.cancel()
        await asyncio.gather(running, queued, return_exceptions=True)
        go.set()
        assert await one.run(name) == "one_0"
        assert never == []
        one.shutdown()

    asyncio.run(main())


def test_shutdown_does_what_waits_and_then_takes_nothing(threads: Threads) -> None:
    async def main() -> None:
        one = Threads(1, name="one")
        go = threading.Event()
        first = asyncio.create_task(one.run(lambda: go.wait(PATIENCE_S)))
        second = asyncio.create_task(one.run(name))
        await asyncio.sleep(0)
        ending = asyncio.create_task(asyncio.to_thread(one.shutdown))
        await asyncio.sleep(0.05)
        go.set()
        await ending
        assert (await first, await second) == (True, "one_0")
        with pytest.raises(RuntimeError, match="ended"):
            await one.run(name)

    asyncio.run(main())
