"""Channels while the server stops, starts, or parts of it are killed."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.stack import Stack
from tests.synthetic import new_uid
from tests.worklist.listening import (
    SCP_STATUS,
    STATE_REPORT,
    Ears,
    Event,
    Worklist,
    end_of,
    hear,
    silence,
)
from worklist.events.reports import GLOBAL

pytestmark = pytest.mark.timeout(300)
KEPT = 12


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Yield a portal of our own, which keeps few events."""
    settings = {"PORTAL_EVENTS_KEPT": str(KEPT)}
    own = Stack(tmp_path_factory.mktemp("outages"), settings=settings)
    try:
        own.start()
        yield own
    finally:
        own.kill()


@pytest.fixture
def aetitle() -> str:
    return f"AE{new_uid()[-12:]}"


def statuses(event: Event) -> list[str]:
    """Return the status of the server, of subscriptions and of workitems."""
    assert event.type == SCP_STATUS
    assert event.uid == GLOBAL
    tags = ("00741242", "00741244", "00741246")
    return [event.model[tag]["Value"][0] for tag in tags]


def test_a_stop_and_a_start_are_told(stack: Stack, aetitle: str) -> None:
    worklist = Worklist(stack)

    async def before() -> str:
        uid = await worklist.schedule()
        async with worklist.channel(aetitle) as socket:
            await worklist.subscribe(aetitle, uid)
            assert [each.type for each in await hear(socket)] == [STATE_REPORT]
            stopping = asyncio.create_task(asyncio.to_thread(stack.stop))
            code, told = await end_of(socket)
            assert code == 1001
            assert [statuses(each)[0] for each in told] == ["GOING DOWN"]
            assert await stopping == 0
        return uid

    async def after(uid: str) -> None:
        await worklist.claim(uid)
        async with worklist.channel(aetitle) as socket:
            told = await hear(socket, 2)
            assert statuses(told[0]) == ["RESTARTED", "WARM START", "WARM START"]
            # What was sent just before the end may come twice.
            if told[1].state == "SCHEDULED":
                told += await hear(socket)
            assert told[-1].state == "IN PROGRESS"
        async with worklist.channel(aetitle, cursor=told[-1].number) as socket:
            await silence(socket)  # it is told once

    try:
        uid = asyncio.run(before())
    finally:  # others go on with it
        stack.kill()
        stack.start()
    asyncio.run(after(uid))


def test_who_was_away_for_too_long_is_told_so(stack: Stack, aetitle: str) -> None:
    worklist = Worklist(stack)

    async def run() -> None:
        async with worklist.channel(aetitle) as socket:
            await worklist.subscribe(aetitle, GLOBAL)
            first = await worklist.schedule()
            cursor = (await hear(socket))[0]
            assert cursor.uid == first
        uids = [await worklist.schedule() for _ in range(KEPT + 3)]
        async with worklist.channel(aetitle, cursor=cursor.number) as socket:
            told = await hear(socket, 1 + KEPT)
            assert statuses(told[0])[0] == "RESTARTED"
            start = int(cursor.number.partition(".")[0])
            last = f"events after {cursor.number}, up to {start + 3}."
            assert told[0].model["00000902"]["Value"] == [f"Not kept any more: {last}"]
            assert told[0].number == str(start + 3)
            assert [each.uid for each in told[1:]] == uids[-KEPT:]

    asyncio.run(run())


@pytest.mark.parametrize("part", ["web", "database", "redis"])
def test_a_part_that_is_killed_costs_no_event(
    stack: Stack, aetitle: str, part: str
) -> None:
    worklist = Worklist(stack)

    async def run() -> None:
        await worklist.subscribe(aetitle, GLOBAL)
        ears = Ears(worklist, aetitle)
        listening = asyncio.create_task(ears.listen())
        made = []
        for number in range(KEPT // 2):
            made.append(await worklist.schedule_patiently())
            if number == 2:
                await asyncio.to_thread(stack.kill_part, part)
        await asyncio.to_thread(stack.wait_until_ready)
        made.append(await worklist.schedule_patiently())
        await ears.wait_for(made[-1])
        listening.cancel()
        await asyncio.wait([listening])
        assert ears.problems == []
        assert [each for each in ears.order() if each in made] == made

    asyncio.run(run())
