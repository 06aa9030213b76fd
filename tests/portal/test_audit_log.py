"""The audit log of a real server: whole when it stops, and what a ``kill -9`` costs.

``PORTAL_TEST_AUDIT_S=60`` makes the reading a minute long.
"""

import os
import random
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import psycopg
import pytest

from tests.crash.victims import Victim, kill
from tests.stack import Stack
from tests.synthetic import encode, instance, multipart

READING_S: Final = float(os.environ.get("PORTAL_TEST_AUDIT_S", "2"))
CONNECTIONS: Final = 8
WINDOW_S: Final = 5.0  # stated as 1 s: a machine that does much else takes its time


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Yield a portal of this module."""
    portal = Stack(tmp_path_factory.mktemp("audited"))
    try:
        yield portal
    finally:
        portal.kill()


@pytest.fixture
def own(made: Stack) -> Stack:
    """Return a running portal that a test may stop and kill."""
    if made.process is None or made.process.poll() is not None:
        made.start()
    return made


@dataclass
class Traffic:
    """Requests of several clients, each with an id, and when it was acknowledged."""

    stack: Stack
    prefix: str
    acknowledged: dict[str, float] = field(default_factory=dict)
    ending: threading.Event = field(default_factory=threading.Event)

    def read(self, client_number: int) -> None:
        """Search until the end; answers that do not come are not acknowledged."""
        with self._client() as client:
            number = 0
            while not self.ending.is_set():
                number += 1
                request_id = f"{self.prefix}-{client_number}-{number}"
                self._send(client.build_request(
                    "GET", "/studies?limit=1", headers={"X-Request-ID": request_id}
                ), client)  # fmt: skip

    def write(self, client_number: int) -> None:
        """Store until the end."""
        with self._client() as client:
            number = 0
            while not self.ending.is_set():
                number += 1
                request_id = f"{self.prefix}-{client_number}-{number}"
                body, headers = multipart(encode(instance()))
                headers["X-Request-ID"] = request_id
                self._send(client.build_request(
                    "POST", "/studies", content=body, headers=headers
                ), client)  # fmt: skip

    def _send(self, request: httpx.Request, client: httpx.Client) -> None:
        try:
            answer = client.send(request)
        except httpx.TransportError:
            time.sleep(0.05)  # the process was killed
            return
        if answer.status_code in {200, 204}:
            self.acknowledged[request.headers["X-Request-ID"]] = time.monotonic()

    def _client(self) -> httpx.Client:
        headers = {
            "Authorization": f"Bearer {self.stack.token}",
            "Accept": "application/dicom+json",
        }
        base = f"{self.stack.base_url}/dicomweb"
        return httpx.Client(base_url=base, headers=headers, timeout=60)


def recorded(stack: Stack, prefix: str) -> list[str]:
    """Return the request ids of the rows of some traffic."""
    with psycopg.connect(stack.places.database_url) as connection:
        rows = connection.execute(
            "SELECT request_id FROM core_auditrecord WHERE request_id LIKE %s",
            (f"{prefix}-%",),
        )
        return [row[0] for row in rows]


def stopped(stack: Stack) -> str:
    """Stop a portal, and return what it has said."""
    assert stack.process is not None
    stack.process.terminate()
    said, _ = stack.process.communicate(timeout=60)
    assert stack.process.returncode == 0
    return said or ""


def test_reads_and_rows_are_as_many_when_the_server_has_stopped(own: Stack) -> None:
    traffic = Traffic(own, "orderly")
    with ThreadPoolExecutor(CONNECTIONS) as clients:
        running = [clients.submit(traffic.read, n) for n in range(CONNECTIONS)]
        time.sleep(READING_S)
        traffic.ending.set()
        for each in running:
            each.result()
    # At once: what has been collected in the last half second is written by the stop.
    own.stop()
    own.start()
    assert len(traffic.acknowledged) > CONNECTIONS
    assert sorted(recorded(own, "orderly")) == sorted(traffic.acknowledged)
    assert "whole" in own.manage("audit", "verify")
    with psycopg.connect(own.places.database_url) as connection:
        (source,) = connection.execute(
            "SELECT source FROM core_auditrecord WHERE action = 'read-audit'"
        ).fetchone() or ("",)
    assert source.endswith(f"@{socket.gethostname()}")  # who verified, and where


def test_a_kill_costs_reads_of_a_moment_and_no_write(own: Stack) -> None:
    reads, writes = Traffic(own, "reads"), Traffic(own, "writes")
    with ThreadPoolExecutor(CONNECTIONS) as clients:
        running = [clients.submit(reads.read, n) for n in range(CONNECTIONS // 2)]
        running += [clients.submit(writes.write, n) for n in range(CONNECTIONS // 2)]
        time.sleep(WINDOW_S + 2)
        killed_at = time.monotonic()
        killed = [kill(own, Victim.WEB_PROCESS, random.Random(n)) for n in range(2)]
        time.sleep(0.5)
        for traffic in (reads, writes):
            traffic.ending.set()
        for each in running:
            each.result()
    assert any(killed)
    own.wait_until_ready()
    time.sleep(2)  # the other process writes what it holds
    assert len(writes.acknowledged) > 0
    assert set(writes.acknowledged) <= set(recorded(own, "writes"))
    settled = {
        request_id
        for request_id, at in reads.acknowledged.items()
        if at < killed_at - WINDOW_S
    }
    assert settled
    assert settled <= set(recorded(own, "reads"))
    assert "whole" in own.manage("audit", "verify")


SECRETS: Final = {
    "PatientName": "Zyxwvut^Secretname",
    "PatientID": "SECRET-PATIENT-4711",
    "AccessionNumber": "SECRETACC99",
    "ReferringPhysicianName": "Qqqdoc^Hidden",
}


def test_no_log_holds_patient_data(own: Stack, tmp_path: Path) -> None:
    dataset = instance(**SECRETS)
    body, headers = multipart(encode(dataset), b"no DICOM", encode(dataset))
    study = dataset.StudyInstanceUID
    token = {"Authorization": f"Bearer {own.token}"}
    with httpx.Client(base_url=f"{own.base_url}/dicomweb", timeout=60) as client:
        client.headers.update(token)
        assert client.post("/studies", content=body, headers=headers).status_code == 202
        bad = encode(instance(**SECRETS)).replace(b"20200131", b"SECRDATE")
        content, headers = multipart(bad)
        client.put("/studies/1.2.3", content=content, headers=headers)
        for query in (
            "PatientName=Zyxwvut*",
            "PatientName=*Secretname*&fuzzymatching=true",
            "PatientID=SECRET-PATIENT-4711&includefield=all",
            "AccessionNumber=SECRETACC99&limit=-1",
            "StudyDate=SECRDATE&PatientName=Zyxwvut",
            "PatientName=Zyxwvut%00",
            "PatientName=" + "Zyxwvut" * 6_000,
            "00100020=SECRET-PATIENT-4711&cursor=Zyxwvut",
        ):
            for path in ("/studies", "/partitions/none/instances", "/nothing"):
                client.get(f"{path}?{query}")
                client.get(f"{path}?{query}", headers={"Authorization": "Bearer no"})
        client.get(f"/studies/{study}/metadata")
        client.get(f"/studies/{study}?PatientID=SECRET-PATIENT-4711")
        client.delete("/studies/SECRET-PATIENT-4711/series/Zyxwvut")
        client.get("/changefeed?includeMetadata=true")
        client.get("/patientconflicts")
    (tmp_path / "Zyxwvut.dcm").write_bytes(encode(instance(**SECRETS)))
    (tmp_path / "SECRET-PATIENT-4711.txt").write_text("Zyxwvut^Secretname")
    imported = own.manage("import", str(tmp_path))
    assert "2" in imported
    with httpx.Client(base_url=own.base_url, timeout=60) as browser:
        browser.get("/admin/imaging/study/?q=SECRET-PATIENT-4711")
        browser.post("/admin/login/", data={"username": "Zyxwvut"})
    said = stopped(own).encode()
    words = [
        b"Zyxwvut", b"Secretname", b"SECRET-PATIENT", b"SECRETACC", b"Qqqdoc",
        b"Hidden", b"SECRDATE",
    ]  # fmt: skip
    files = [path for path in own.places.logs.rglob("*") if path.is_file()]
    assert {path.stem.partition(".")[0] for path in files} >= {"web", "worker"}
    texts = {path.name: path.read_bytes() for path in files} | {"stdout": said}
    for word in words:
        assert [name for name, text in texts.items() if word in text] == []
