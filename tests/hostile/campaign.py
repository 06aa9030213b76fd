"""Sends hostile requests to a running portal and collects what it does wrong."""

import re
import socket
import threading
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import httpx
from pydicom.dataset import Dataset

from tests.hostile.drafts import Target, numbered
from tests.hostile.requests import make_request
from tests.hostile.watch import Log, web_workers
from tests.stack import Stack
from tests.synthetic import encode, instance

CLIENTS: Final = 4
IDLE_S: Final = 0.3  # of silence, then we say that no more comes
# Of families that give the server work: it ends an answer whose client seems to go.
LONG_IDLE_S: Final = {"bombs": 20.0}
PATIENCE_S: Final = 30.0  # then it is a hang
PROBE_EVERY: Final = 10
_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9]) ")


@dataclass(slots=True)
class Report:
    """What came of a campaign.

    Attributes
    ----------
    answers
        How often a family was answered with a status; 0 for a closed connection.
    faults
        What is wrong: the number of a request, its family, what it did.
    growth_bytes
        Of the memory of the worker that grew most.
    peak_bytes
        How far above its beginning the memory of a worker has been.
    """

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    growth_bytes: int = 0
    peak_bytes: int = 0


class Campaign:
    """Hostile requests to one portal, with valid ones in between."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._client = httpx.Client(
            base_url=f"{stack.base_url}/dicomweb",
            headers={"Authorization": f"Bearer {stack.token}"},
            timeout=PATIENCE_S,
        )
        victim, self._held = numbered("1"), instance()
        path, content = _address(victim), encode(victim)
        self._target = Target("localhost", stack.token, path, content)
        self._report = Report()
        self._lock = threading.Lock()

    def run(self, numbers: Iterable[int]) -> Report:
        """Send the requests of these numbers, and return what came of them."""
        with self._client:
            self._put(self._target.content)
            self._put(encode(self._held))
            log, before = Log(self._stack), web_workers(self._stack)
            with ThreadPoolExecutor(CLIENTS) as pool:
                list(pool.map(self._attack, numbers))
            self._probe(0)
        after = web_workers(self._stack)
        report = self._report
        if before.keys() != after.keys():
            report.faults.append(f"workers {before.keys()} became {after.keys()}")
        for pid in before.keys() & after.keys():
            began, ended = before[pid].memory_bytes, after[pid]
            growth, peak = ended.memory_bytes - began, ended.peak_bytes - began
            report.growth_bytes = max(report.growth_bytes, growth)
            report.peak_bytes = max(report.peak_bytes, peak)
        report.faults += log.faults()
        return report

    def _attack(self, number: int) -> None:
        family, message = make_request(self._target, number)
        try:
            idle_s = LONG_IDLE_S.get(family, IDLE_S)
            answer = exchange(self._stack.port, message, idle_s)
        except TimeoutError:
            self._fault(number, family, "was not answered and not ended")
            return
        statuses = [int(status) for status in _STATUS.findall(answer)] or [0]
        with self._lock:
            self._report.answers.update((family, status) for status in statuses)
        for status in statuses:
            if status >= 500:
                self._fault(number, family, f"was answered {answer[:600]!r}")
        if number % PROBE_EVERY == 0:
            self._probe(number)

    def _probe(self, number: int) -> None:
        """Ask for what is held as an ordinary client does."""
        accept = {"Accept": "application/dicom; transfer-syntax=*"}
        read = self._client.get(_address(self._held), headers=accept)
        if (read.status_code, read.content) != (200, encode(self._held)):
            self._fault(number, "valid read", f"was answered {read.status_code}")
        study = self._held.StudyInstanceUID
        found = self._client.get("/studies", params={"StudyInstanceUID": study})
        if found.status_code != 200 or len(found.json()) != 1:
            self._fault(number, "valid search", f"was answered {found.status_code}")
        if number % (10 * PROBE_EVERY) == 0:
            self._put(self._target.content)  # an attack may have deleted it

    def _put(self, content: bytes) -> None:
        headers = {"Content-Type": "application/dicom"}
        answer = self._client.put("/studies", content=content, headers=headers)
        if answer.status_code != 200:
            self._fault(0, "valid store", f"was answered {answer.status_code}")

    def _fault(self, number: int, family: str, text: str) -> None:
        with self._lock:
            self._report.faults.append(f"{number} {family} {text}")


def exchange(port: int, message: bytes, idle_s: float) -> bytes:
    """Send a message, and return what comes until the server ends the connection.

    Raises
    ------
    TimeoutError
        It does not end it, although it knows that no more comes.
    """
    answer = bytearray()
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as connection:
        with suppress(ConnectionError):  # the server has read enough
            connection.sendall(message)
        connection.settimeout(idle_s)
        with suppress(ConnectionError):
            while True:
                try:
                    data = connection.recv(65_536)
                except TimeoutError:
                    if connection.gettimeout() != idle_s:
                        raise
                    connection.shutdown(socket.SHUT_WR)
                    connection.settimeout(PATIENCE_S)
                    continue
                if not data:
                    break
                answer += data
    return bytes(answer)


def _address(dataset: Dataset) -> str:
    return (
        f"/studies/{dataset.StudyInstanceUID}/series/{dataset.SeriesInstanceUID}"
        f"/instances/{dataset.SOPInstanceUID}"
    )
