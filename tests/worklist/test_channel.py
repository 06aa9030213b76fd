"""DICOM PS3.18 8.10, 11.13, PS3.4 CC.2.4: events over a WebSocket, a plain client."""

import asyncio
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from tests.stack import Stack
from tests.synthetic import new_uid
from tests.worklist.listening import (
    ASSIGNED,
    CANCEL_REQUESTED,
    LONG_S,
    PROGRESS,
    STATE_REPORT,
    Worklist,
    end_of,
    hear,
    silence,
)
from tests.worklist.steps import attribute, code
from worklist.events.reports import FILTERED, GLOBAL
from worklist.upsrs.channel import PROTOCOL

AT_ONCE_S = 20  # on a busy machine; without being told, the server asks after 30 s


@pytest.fixture
def partition() -> str:
    return f"p{new_uid()[-20:]}"


@pytest.fixture
def worklist(stack: Stack, partition: str) -> Worklist:
    return Worklist(stack, partition=partition)


def test_what_happens_to_a_workitem_is_told_in_order(worklist: Worklist) -> None:
    async def run() -> None:
        uid = await worklist.schedule()
        async with worklist.channel("WATCHER") as socket:
            await worklist.subscribe("WATCHER", uid)
            lock = await worklist.claim(uid)
            progress = attribute("SQ", {"00741004": attribute("DS", 50)})
            change: Any = {"00741002": progress}
            path = f"/workitems/{uid}"
            assert await worklist.ask("POST", f"{path}?{lock}", change) == 200
            station = attribute("SQ", code("CT1", "Scanner 1"))
            change = {"00404025": station}
            assert await worklist.ask("POST", f"{path}?{lock}", change) == 200
            why = {"00741238": attribute("LT", "No bed")}
            assert await worklist.ask("POST", f"{path}/cancelrequest", why) == 202
            await worklist.complete(uid, lock)
            told = await hear(socket, 6)
            assert {each.uid for each in told} == {uid}
            assert [each.type for each in told] == [
                *(STATE_REPORT, STATE_REPORT, PROGRESS, ASSIGNED),
                *(CANCEL_REQUESTED, STATE_REPORT),
            ]
            states = [told[0].state, told[1].state, told[5].state]
            assert states == ["SCHEDULED", "IN PROGRESS", "COMPLETED"]
            assert told[0].model["00404041"]["Value"] == ["READY"]
            assert told[2].model["00741002"] == progress
            assert told[3].model["00404025"] == station
            assert told[4].model["00741238"]["Value"] == ["No bed"]
            assert told[4].model["00741236"]["Value"] == ["bootstrap"]
            numbers = [float(each.number) for each in told]
            assert numbers == sorted(set(numbers))
            assert not any("00081195" in each.model for each in told)

    asyncio.run(run())


def test_of_all_each_new_one_is_told(worklist: Worklist) -> None:
    async def run() -> None:
        before = [await worklist.schedule() for _ in range(3)]
        async with (
            worklist.channel("ALL") as all_of_them,
            worklist.channel("LOCKING") as locking,
            worklist.channel("CT") as ct,
        ):
            await worklist.subscribe("ALL", GLOBAL)
            await worklist.subscribe("LOCKING", GLOBAL, "?deletionlock=true")
            rest = "?ScheduledStationNameCodeSequence.CodeValue=CT1"
            await worklist.subscribe("CT", FILTERED, rest)
            # With a lock the state of all is told first, without none.
            told = await hear(locking, 3)
            assert [(each.uid, each.state) for each in told] == [
                (uid, "SCHEDULED") for uid in before
            ]
            new = await worklist.schedule(stations=[code("CT1", "Scanner 1")])
            for socket in (all_of_them, locking, ct):
                told = await hear(socket, 2)
                assert [each.type for each in told] == [STATE_REPORT, ASSIGNED]
                assert {each.uid for each in told} == {new}
            # A scheduled one goes through two states.
            path = f"/workitems/{before[0]}/cancelrequest"
            assert await worklist.ask("POST", path) == 202
            told = await hear(all_of_them, 3)
            assert told[0].type == CANCEL_REQUESTED
            assert [each.state for each in told[1:]] == ["IN PROGRESS", "CANCELED"]
            # What begins to match is told first as it is.
            change = {"00404025": attribute("SQ", code("CT1", "Scanner 1"))}
            assert await worklist.ask("POST", f"/workitems/{before[1]}", change) == 200
            told = await hear(ct, 2)
            assert [each.type for each in told] == [STATE_REPORT, ASSIGNED]
            assert {each.uid for each in told} == {before[1]}
            await silence(ct)

    asyncio.run(run())


def test_what_happened_while_a_subscriber_was_away_is_told_once(
    worklist: Worklist,
) -> None:
    async def run() -> None:
        await worklist.schedule()
        await worklist.subscribe("AWAY", GLOBAL)
        uids = [await worklist.schedule() for _ in range(3)]
        async with worklist.channel("AWAY") as socket:
            told = await hear(socket, 3)
            assert [each.uid for each in told] == uids
            await socket.send(told[0].number)
            await asyncio.sleep(1.5)  # that is written down
        async with worklist.channel("AWAY") as socket:
            again = await hear(socket, 2)  # what was not confirmed
            assert again == told[1:]
            await socket.send(again[-1].number)
            uids.append(await worklist.schedule())
            told += await hear(socket)
        async with worklist.channel("AWAY", cursor=told[1].number) as socket:
            assert await hear(socket, 2) == told[2:]
            await silence(socket)

    asyncio.run(run())


def test_a_place_within_an_entry_is_one_to_go_on_from(worklist: Worklist) -> None:
    async def run() -> None:
        await worklist.schedule()
        await worklist.subscribe("AWAY", GLOBAL)
        await worklist.schedule(stations=[code("CT1", "Scanner 1")])
        async with worklist.channel("AWAY") as socket:
            first, second = await hear(socket, 2)
        async with worklist.channel("AWAY", cursor=first.number) as socket:
            assert await hear(socket) == [second]
            await silence(socket)

    asyncio.run(run())


def test_nobody_is_told_of_another_partition(stack: Stack, worklist: Worklist) -> None:
    async def run() -> None:
        elsewhere = Worklist(stack, partition=f"p{new_uid()[-20:]}")
        await elsewhere.schedule()
        await worklist.schedule()
        async with worklist.channel("X") as socket, elsewhere.channel("X") as other:
            await worklist.subscribe("X", GLOBAL)
            await elsewhere.subscribe("X", GLOBAL)
            uid, there = await worklist.schedule(), await elsewhere.schedule()
            assert [each.uid for each in await hear(socket)] == [uid]
            assert [each.uid for each in await hear(other)] == [there]
            await silence(socket)

    asyncio.run(run())


def test_a_channel_that_is_opened_anew_ends_the_one_before(worklist: Worklist) -> None:
    async def run() -> None:
        await worklist.schedule()
        await worklist.subscribe("TWICE", GLOBAL)
        async with (
            worklist.channel("TWICE") as first,
            worklist.channel("TWICE") as second,
        ):
            uid = await worklist.schedule()
            assert [each.uid for each in await hear(second)] == [uid]
            assert (await end_of(first))[0] == 4409

    asyncio.run(run())


@pytest.fixture
def nurse(stack: Stack) -> str:
    """Return the token of a Service Reader."""
    name = f"nurse-{new_uid()[-12:]}"
    return stack.manage("token", "create", name, "--role", "Service Reader")


def test_who_may_not_hear_is_refused(
    stack: Stack, worklist: Worklist, partition: str, nurse: str
) -> None:
    writer = stack.manage(
        "token", "create", f"w{new_uid()[-9:]}", "--role", "Service Writer"
    )

    async def run() -> None:
        await worklist.schedule()
        await worklist.subscribe("MINE", GLOBAL)
        for token in ("nothing", writer):
            with pytest.raises(InvalidStatus) as refused:
                async with Worklist(stack, token, partition).channel("MINE"):
                    pass
            assert refused.value.response.status_code == 403
        other = Worklist(stack, nurse, partition)
        for path, end in (("MINE", 4403), ("A" * 17, 4400)):
            async with other.channel(path) as socket:
                assert await end_of(socket) == (end, [])
        async with worklist.channel("MINE", cursor="x") as socket:
            assert await end_of(socket) == (4400, [])
        async with worklist.channel("MINE", cursor="999999999") as socket:
            assert await end_of(socket) == (4400, [])
        async with worklist.channel("MINE") as socket:
            await socket.send("hello")
            assert (await end_of(socket))[0] == 4400

    asyncio.run(run())


def page(worklist: Worklist, aetitle: str, *protocols: str) -> connect:
    """Return a connection that a page opens: it can send no headers of its own."""
    return connect(
        worklist.address(aetitle),
        subprotocols=[Subprotocol(each) for each in protocols],
        origin=Origin("https://elsewhere.example"),
        open_timeout=LONG_S,
    )


def test_a_page_offers_its_token_beside_the_subprotocol(
    stack: Stack, worklist: Worklist
) -> None:
    token = f"bearer.{stack.token}"

    async def run() -> None:
        uid = await worklist.schedule()
        async with page(worklist, "PAGE", PROTOCOL, token) as socket:
            assert socket.subprotocol == PROTOCOL
            await worklist.subscribe("PAGE", uid)
            assert [each.uid for each in await hear(socket)] == [uid]
        for offered in (
            [PROTOCOL],
            [PROTOCOL, "bearer.nothing"],
            [PROTOCOL, "bearer."],
        ):
            with pytest.raises(InvalidStatus) as refused:
                async with page(worklist, "PAGE", *offered):
                    pass
            assert refused.value.response.status_code == 403
        async with page(worklist, "PAGE", token) as socket:
            assert socket.subprotocol is None  # never the token

    asyncio.run(run())
    logs = [path.read_text() for path in stack.places.logs.iterdir()]
    assert any("granian" in each for each in logs)
    assert not any(stack.token in each for each in logs)


CREATE = """
from core.access import system
from tests.worklist.steps import step
from worklist.create import New, create_many
new = [New(step(), uid) for uid in {uids}]
create_many(actor=system("rule"), partition={partition!r}, workitems=new)
"""


def test_what_is_created_by_others_than_routes_is_told(
    stack: Stack, worklist: Worklist, partition: str
) -> None:
    uids = [new_uid() for _ in range(3)]

    async def run() -> None:
        await worklist.schedule()
        async with worklist.channel("RULES") as socket:
            await worklist.subscribe("RULES", FILTERED, "?PatientID=P1")
            assert [each.type for each in await hear(socket)] == [STATE_REPORT]
            text = CREATE.format(uids=uids, partition=partition)
            await asyncio.to_thread(stack.manage, "shell", "-v", "0", "-c", text)
            told = await hear(socket, len(uids))
            assert sorted(each.uid for each in told) == sorted(uids)
            assert {each.state for each in told} == {"SCHEDULED"}

    asyncio.run(run())


GRANT = """
from core.access import system
from core.accounts.granted import list_grants
from core.accounts.grants import Level, grant, revoke
from core.models import Account
from worklist.worklists import scope_of_worklist
actor = system("test")
"""


def change_grant(stack: Stack, partition: str, label: str, to: str = "") -> None:
    """Grant a worklist to an account, or take all grants on it back."""
    on = f"scope_of_worklist(actor=actor, partition={partition!r}, label={label!r})"
    text = f"for each in list_grants(actor=actor, scope={on}):"
    text += " revoke(actor=actor, given=each)"
    if to:
        who = f"Account.objects.get(username={to!r})"
        text = f"grant(actor=actor, scope={on}, to={who}, level=Level.IDENTIFY)"
    stack.manage("shell", "-v", "0", "-c", GRANT + text)


def test_rights_are_looked_at_for_each_event(
    stack: Stack, worklist: Worklist, partition: str
) -> None:
    name = f"reader-{new_uid()[-9:]}"
    token = stack.manage("token", "create", name, "--role", "Radiologist")
    asyncio.run(worklist.schedule())
    for label in ("Neuro", "Chest"):
        change_grant(stack, partition, label, name)
    own = Worklist(stack, token, partition)

    async def run() -> None:
        async with own.channel(name[-16:]) as socket:
            await own.subscribe(name[-16:], GLOBAL)
            await worklist.schedule(label="Other")
            neuro = await worklist.schedule(label="Neuro")
            chest = await worklist.schedule(label="Chest")
            assert [each.uid for each in await hear(socket, 2)] == [neuro, chest]
            await asyncio.to_thread(change_grant, stack, partition, "Neuro")
            await worklist.claim(neuro)
            await worklist.claim(chest)
            assert [each.uid for each in await hear(socket)] == [chest]
            await asyncio.to_thread(change_grant, stack, partition, "Chest")
            await worklist.schedule(label="Chest")
            assert await end_of(socket) == (4403, [])
        async with own.channel(name[-16:]) as socket:
            assert await end_of(socket) == (4403, [])

    asyncio.run(run())


@pytest.mark.parametrize("is_page", [False, True], ids=["program", "page"])
def test_a_token_that_is_revoked_ends_the_channel(
    stack: Stack, worklist: Worklist, partition: str, nurse: str, *, is_page: bool
) -> None:
    aetitle = new_uid()[-12:]

    async def run() -> None:
        await worklist.schedule()
        own = Worklist(stack, nurse, partition)
        offered = (PROTOCOL, f"bearer.{nurse}")
        async with (
            page(own, aetitle, *offered) if is_page else own.channel(aetitle)
        ) as socket:
            await own.subscribe(aetitle, GLOBAL)
            uid = await worklist.schedule()
            assert [each.uid for each in await hear(socket)] == [uid]
            revoking = "from core.accounts.tokens import revoke_token;"
            revoking += "from core.models import Token;"
            revoking += "[revoke_token(token_id=each.pk) for each in Token.objects"
            revoking += ".filter(account__username__startswith='nurse-')"
            revoking += ".filter(revoked_at=None)]"
            await asyncio.to_thread(stack.manage, "shell", "-v", "0", "-c", revoking)
            async with asyncio.timeout(AT_ONCE_S):  # though nothing happens
                assert await end_of(socket) == (4401, [])

    asyncio.run(run())


EXPIRING = """
import datetime as dt
from django.utils import timezone
from core.models import Token
held = Token.objects.filter(account__username={name!r})
held.update(expires_at=timezone.now() + dt.timedelta(seconds=8))
"""


def test_a_token_that_expires_ends_the_channel(
    stack: Stack, worklist: Worklist, partition: str
) -> None:
    aetitle = new_uid()[-12:]
    name = f"nurse-{aetitle}"
    token = stack.manage("token", "create", name, "--role", "Service Reader")

    async def run() -> None:
        await worklist.schedule()
        text = EXPIRING.format(name=name)
        await asyncio.to_thread(stack.manage, "shell", "-v", "0", "-c", text)
        async with page(
            Worklist(stack, token, partition), aetitle, PROTOCOL, f"bearer.{token}"
        ) as socket:
            async with asyncio.timeout(AT_ONCE_S):
                assert await end_of(socket) == (4401, [])

    asyncio.run(run())
