"""A subscriber of all workitems, whose channel breaks whenever something is killed."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from threading import Event
from typing import Any, Final

import httpx
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import connect

from tests.crash.performer import ORDER
from worklist.events.reports import GLOBAL

AETITLE: Final = "CRASH"
PAUSE_S: Final = 0.1
PATIENCE_S: Final = 60.0
STATE_REPORT: Final = 1


class EventListener:
    """Listens with a plain client that keeps no place: the server does.

    Attributes
    ----------
    heard
        Numbers of events and what they tell: workitem and state.
    repeated
        How many came twice.
    """

    def __init__(self) -> None:
        self.heard: dict[float, tuple[str, str]] = {}
        self.repeated = 0
        self.problems: list[str] = []

    def subscribe(self, base_url: str, token: str) -> None:
        """Subscribe to all workitems; once is enough."""
        address = f"{base_url}/dicomweb/workitems/{GLOBAL}/subscribers/{AETITLE}"
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.post(address, headers=headers, timeout=PATIENCE_S)
        assert answer.status_code == 201, answer.text

    def work(self, base_url: str, token: str, stop: Event) -> None:
        """Listen until told to stop."""
        while not stop.is_set():
            with suppress(OSError, ConnectionClosed, InvalidHandshake):
                self._listen(base_url, token, stop.is_set)
            stop.wait(PAUSE_S)

    def catch_up(self, base_url: str, token: str, expected: Mapping[str, str]) -> None:
        """Listen until all that is expected was heard, or nothing comes for long."""
        until, stop = time.monotonic() + PATIENCE_S, Event()

        def is_over() -> bool:
            if not self.missing(expected) or time.monotonic() > until:
                stop.set()
            return stop.is_set()

        while not is_over():
            with suppress(OSError, ConnectionClosed, InvalidHandshake):
                self._listen(base_url, token, is_over)

    def missing(self, expected: Mapping[str, str]) -> list[str]:
        """Return what was acknowledged and never told."""
        told = set(self.heard.values())
        return [
            f"no event tells that {uid} is {state}"
            for uid, last in expected.items()
            for state in ORDER[: ORDER.index(last) + 1]
            if (uid, state) not in told
        ]

    def out_of_order(self) -> Iterator[str]:
        """Yield workitems whose states were told twice, or in another order."""
        states: dict[str, list[str]] = {}
        for number in sorted(self.heard):
            uid, state = self.heard[number]
            states.setdefault(uid, []).append(state)
        for uid, told in states.items():
            if told != list(ORDER[: len(told)]):
                yield f"events tell of {uid}: {told}"

    def _listen(self, base_url: str, token: str, is_over: Callable[[], bool]) -> None:
        """Listen on one connection until it breaks, or it is enough."""
        address = f"{base_url.replace('http', 'ws')}/ws/subscribers/{AETITLE}"
        headers = {"Authorization": f"Bearer {token}"}
        last = 0.0
        with connect(address, additional_headers=headers) as socket:
            while not is_over():
                with suppress(TimeoutError):
                    model = json.loads(socket.recv(timeout=PAUSE_S))
                    if model["00001002"]["Value"] == [STATE_REPORT]:
                        last = self._take(model, last)

    def _take(self, model: Any, last: float) -> float:
        number = float(model["00091001"]["Value"][0])
        uid, state = model["00001000"]["Value"][0], model["00741000"]["Value"][0]
        if number <= last:
            self.problems.append(f"event {number} came after {last}")
        if self.heard.get(number, (uid, state)) != (uid, state):
            self.problems.append(f"event {number} told something else before")
        self.repeated += number in self.heard
        self.heard[number] = uid, state
        return number
