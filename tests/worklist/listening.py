"""A plain client of the channel by which events of workitems are told."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.stack import Stack
from tests.synthetic import new_uid
from tests.worklist.steps import performed, state, step

LONG_S: Final = 60
JSON: Final = {"content-type": "application/dicom+json"}
STATE_REPORT, CANCEL_REQUESTED, PROGRESS, SCP_STATUS, ASSIGNED = range(1, 6)


class Event(NamedTuple):
    """An event report."""

    type: int
    uid: str
    number: str
    model: Mapping[str, Any]

    @property
    def state(self) -> str:
        """Return the state that it tells."""
        return str(self.model["00741000"]["Value"][0])

    @classmethod
    def read(cls, text: str) -> "Event":
        """Return what a message tells."""
        model = json.loads(text)
        assert model["00000002"]["Value"] == ["1.2.840.10008.5.1.4.34.6.1"]
        assert 1 <= model["00000110"]["Value"][0] <= 65535
        return cls(
            model["00001002"]["Value"][0],
            model["00001000"]["Value"][0],
            model.get("00091001", {"Value": [""]})["Value"][0],
            model,
        )


class Worklist:
    """The worklist service of a running portal, as one account asks it."""

    def __init__(self, stack: Stack, token: str = "", partition: str = "") -> None:
        self.stack = stack
        self.token = token or stack.token
        self.name = partition or "default"
        self.within = f"/partitions/{partition}" if partition else ""

    async def ask(self, method: str, path: str, model: Any = None) -> int:
        """Ask at a path below the partition's; return the status of the answer."""
        base = f"{self.stack.base_url}/dicomweb{self.within}"
        headers = {"authorization": f"Bearer {self.token}"}
        content = None
        if model is not None:
            headers |= JSON
            content = json.dumps(model)
        async with httpx.AsyncClient(timeout=LONG_S) as client:
            answer = await client.request(
                method, base + path, headers=headers, content=content
            )
        return answer.status_code

    async def schedule(self, **more: Any) -> str:
        """Create a workitem; return its UID."""
        uid = new_uid()
        assert await self.ask("POST", f"/workitems?{uid}", step(**more)) == 201
        return uid

    async def schedule_patiently(self) -> str:
        """Create a workitem, again and again while the portal is away."""
        uid = new_uid()
        async with asyncio.timeout(LONG_S):
            while True:
                with suppress(httpx.TransportError):
                    status = await self.ask("POST", f"/workitems?{uid}", step())
                    if status in {201, 409}:  # 409: it was done, and not answered
                        return uid
                    assert status == 503, status
                await asyncio.sleep(0.1)

    async def claim(self, uid: str) -> str:
        """Claim a workitem; return its Transaction UID."""
        lock = new_uid()
        model = state("IN PROGRESS", lock)
        assert await self.ask("PUT", f"/workitems/{uid}/state", model) == 200
        return lock

    async def complete(self, uid: str, lock: str) -> None:
        """Tell what was done, and complete a workitem."""
        assert await self.ask("POST", f"/workitems/{uid}?{lock}", performed()) == 200
        model = state("COMPLETED", lock)
        assert await self.ask("PUT", f"/workitems/{uid}/state", model) == 200

    async def subscribe(self, aetitle: str, uid: str, rest: str = "") -> None:
        """Have an AE told of a workitem, or of many."""
        path = f"/workitems/{uid}/subscribers/{quote(aetitle)}{rest}"
        assert await self.ask("POST", path) == 201

    @asynccontextmanager
    async def channel(
        self, aetitle: str, cursor: str = "", **more: Any
    ) -> AsyncIterator[ClientConnection]:
        """Open the channel of an AE."""
        rest = f"?cursor={cursor}" if cursor else ""
        headers = {"authorization": f"Bearer {self.token}"}
        options = {"additional_headers": headers, "open_timeout": LONG_S, **more}
        async with connect(self.address(aetitle) + rest, **options) as socket:
            yield socket

    def address(self, aetitle: str) -> str:
        """Return the address of an AE's channel."""
        base = f"ws://127.0.0.1:{self.stack.port}/ws{self.within}"
        return f"{base}/subscribers/{quote(aetitle)}"


class Ears:
    """Listens for an AE, and opens its channel anew whenever it breaks.

    Attributes
    ----------
    told
        All that was told, what came twice as well.
    problems
        What must not be.
    """

    def __init__(self, worklist: Worklist, aetitle: str) -> None:
        self.told: list[Event] = []
        self.problems: list[str] = []
        self._worklist = worklist
        self._aetitle = aetitle

    async def listen(self) -> None:
        """Listen until this is cancelled."""
        while True:
            with suppress(OSError, ConnectionClosed, InvalidHandshake):
                async with self._worklist.channel(self._aetitle) as socket:
                    last = 0.0
                    async for text in socket:
                        event = Event.read(str(text))
                        if event.number and float(event.number) < last:
                            self.problems.append(f"{event.number} after {last}")
                        last = float(event.number or last)
                        self.told.append(event)
            await asyncio.sleep(0.1)

    async def wait_for(self, uid: str) -> None:
        """Wait until something of a workitem was told."""
        async with asyncio.timeout(LONG_S):
            while not any(each.uid == uid for each in self.told):
                await asyncio.sleep(0.05)

    def order(self) -> list[str]:
        """Return of which workitems was told, each event once, in their order."""
        once = {each.number: each.uid for each in self.told if each.number}
        return [once[number] for number in sorted(once, key=float)]


async def hear(socket: ClientConnection, number: int = 1) -> list[Event]:
    """Return the next events."""
    async with asyncio.timeout(LONG_S):
        return [Event.read(str(await socket.recv())) for _ in range(number)]


async def silence(socket: ClientConnection, for_s: float = 1.0) -> None:
    """See that nothing is told for a time."""
    try:
        async with asyncio.timeout(for_s):
            told = await socket.recv()
    except TimeoutError:
        return
    raise AssertionError(told)


async def end_of(socket: ClientConnection) -> tuple[int | None, list[Event]]:
    """Return the code that the server closes with, and what it tells before."""
    told = []
    with suppress(ConnectionClosed):
        async with asyncio.timeout(LONG_S):
            while True:
                told.append(Event.read(str(await socket.recv())))
    return socket.close_code, told
