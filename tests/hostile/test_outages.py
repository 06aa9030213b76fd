"""A full disk, a read-only one, a database that is gone or hangs.

The database is away for `OUTAGE_S`; ``PORTAL_TEST_OUTAGE_S=60`` makes it a minute, and
fills the disk of a whole data folder as well.
"""

import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import httpx
import pytest
from pydicom.dataset import Dataset

from tests.hostile.disk import Disk
from tests.hostile.watch import Log, stored_files, wait_for, web_workers
from tests.stack import Stack
from tests.synthetic import add_pixels, encode, instance, multipart

OUTAGE_S: Final = float(os.environ.get("PORTAL_TEST_OUTAGE_S", "3"))
ANSWER_S: Final = 2
BOUND_S: Final = 45.0  # far above ANSWER_S, far below for ever
DICOM: Final = {"Content-Type": "application/dicom"}
BIG: Final = 4096  # rows and columns of 32 MB

pytestmark = pytest.mark.timeout(300 + 4 * OUTAGE_S)


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    made = Disk.make(tmp_path_factory.mktemp("disk") / "blobs")
    yield made
    made.remove()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, disk: Disk) -> Iterator[Stack]:
    """Yield a stack for this module to hurt; each test leaves it ready."""
    settings = {"PORTAL_BLOBS": str(disk.folder), "PORTAL_ANSWER_S": str(ANSWER_S)}
    running = Stack(tmp_path_factory.mktemp("outages"), settings=settings)
    try:
        running.start()
        yield running
        assert running.stop(signal.SIGTERM) == 0
    finally:
        running.kill()


@pytest.fixture
def held(client: httpx.Client) -> Dataset:
    """Store an instance that stays readable."""
    dataset = instance()
    assert post_patiently(client, dataset).status_code == 200
    return dataset


def big() -> Dataset:
    dataset = instance()
    add_pixels(dataset, rows=BIG, columns=BIG)
    return dataset


def address(dataset: Dataset) -> str:
    return (
        f"/studies/{dataset.StudyInstanceUID}/series/{dataset.SeriesInstanceUID}"
        f"/instances/{dataset.SOPInstanceUID}"
    )


def post(client: httpx.Client, *datasets: Dataset) -> httpx.Response:
    body, headers = multipart(*map(encode, datasets))
    return client.post("/studies", content=body, headers=headers)


def post_patiently(client: httpx.Client, dataset: Dataset) -> httpx.Response:
    """Store as a client does that tries again when it is told to."""
    deadline = time.monotonic() + BOUND_S
    while (answer := post(client, dataset)).status_code == 503:
        assert time.monotonic() < deadline
        time.sleep(float(answer.headers["retry-after"]))
    return answer


def as_stored(client: httpx.Client, dataset: Dataset) -> bool:
    accept = {"Accept": "application/dicom; transfer-syntax=*"}
    answer = client.get(address(dataset), headers=accept)
    assert answer.status_code in {200, 404}
    return answer.status_code == 200 and answer.content == encode(dataset)


def assert_busy(answer: httpx.Response, retry_after_s: str) -> None:
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == retry_after_s
    assert answer.headers["content-type"].startswith("text/plain")


def storage_state(stack: Stack) -> tuple[int, str]:
    status, parts = stack.readiness()
    return status, parts["storage"]


def test_a_full_disk_refuses_stores_and_keeps_nothing(
    stack: Stack, client: httpx.Client, disk: Disk, held: Dataset
) -> None:
    log, files = Log(stack), stored_files(stack)
    small, large = instance(), big()
    disk.fill(stack)
    try:
        for datasets in ([large], [small, large]):
            answer = post(client, *datasets)
            assert_busy(answer, "30")
            assert "storage" in answer.text
        wait_for(lambda: storage_state(stack) == (503, "full"), "readiness")
        assert as_stored(client, held)
        assert client.get("/studies").status_code == 200
    finally:
        disk.empty(stack)

    assert stored_files(stack) == files
    assert not as_stored(client, small)
    answer = post(client, small)
    assert answer.status_code == 200
    assert as_stored(client, small)
    assert len(stored_files(stack)) == len(files) + 1
    wait_for(lambda: storage_state(stack) == (200, "ready"), "readiness")
    assert log.faults() == []


def test_a_read_only_disk_refuses_stores_and_lets_read(
    stack: Stack, client: httpx.Client, disk: Disk, held: Dataset
) -> None:
    log, files, new = Log(stack), stored_files(stack), instance()
    disk.protect()
    try:
        for method in ("POST", "PUT"):
            answer = client.request(
                method, "/studies", content=encode(new), headers=DICOM
            )
            assert_busy(answer, "30")
        wait_for(lambda: storage_state(stack) == (503, "unwritable"), "readiness")
        wait_for(lambda: stack.get("/health/check")[0] == 503, "health")
        assert as_stored(client, held)
    finally:
        disk.release()

    assert stored_files(stack) == files
    assert post(client, new).status_code == 200
    wait_for(lambda: storage_state(stack) == (200, "ready"), "readiness")
    assert log.faults() == []


@pytest.mark.skipif(OUTAGE_S < 60, reason="long: set PORTAL_TEST_OUTAGE_S=60")
def test_a_full_disk_under_everything_lets_read_and_recovers_by_itself(
    tmp_path: Path,
) -> None:
    disk = Disk.make(tmp_path / "disk", megabytes=400)
    if not disk.is_mounted:
        pytest.skip("no disk can be mounted here")
    tmp_path.parent.chmod(0o711)
    tmp_path.chmod(0o711)
    stack = Stack(disk.folder / "data", installs_itself=True)
    headers = {"Authorization": f"Bearer {stack.token}"}
    try:
        stack.start()
        base = f"{stack.base_url}/dicomweb"
        with httpx.Client(base_url=base, headers=headers, timeout=60) as web:
            kept = instance()
            assert post(web, kept).status_code == 200
            disk.fill(stack)
            end = time.monotonic() + OUTAGE_S
            while time.monotonic() < end:
                assert_busy(post(web, instance()), "30")
                assert as_stored(web, kept)
                time.sleep(1)
            disk.empty(stack)
            assert post(web, instance()).status_code == 200
            assert as_stored(web, kept)
        stack.wait_until_ready()
        assert stack.stop() == 0
    finally:
        stack.kill()
        disk.remove()


@contextmanager
def database_gone(stack: Stack) -> Iterator[None]:
    """Kill PostgreSQL, with a supervisor that is held still and restarts nothing."""
    assert stack.process is not None
    stack.process.send_signal(signal.SIGSTOP)
    try:
        stack.kill_part("database")
        yield
    finally:
        stack.process.send_signal(signal.SIGCONT)
        stack.wait_until_ready()


@contextmanager
def database_hangs(stack: Stack) -> Iterator[None]:
    """Stop PostgreSQL's processes: the kernel takes connections, nobody answers."""
    server = stack.part("database").pid
    assert server is not None
    stopped = [server, *_children(server)]
    for pid in stopped:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in stopped:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        stack.wait_until_ready()


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text(encoding="ascii").split()]


def begin_store(stack: Stack, content: bytes) -> socket.socket:
    """Begin to send an instance, and return when the server waits for its end."""
    head = (
        "POST /dicomweb/studies HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {stack.token}\r\nContent-Type: application/dicom\r\n"
        f"Content-Length: {len(content)}\r\nExpect: 100-continue\r\n\r\n"
    )
    connection = socket.create_connection(("127.0.0.1", stack.port), timeout=BOUND_S)
    connection.sendall(head.encode())
    assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
    connection.sendall(content[:-1])
    return connection


def ask_everything(stack: Stack, held: Dataset) -> list[tuple[httpx.Response, float]]:
    """Return the answers to requests of each kind, sent at once, and their times."""
    paths = ("/studies", address(held), f"{address(held)}/metadata", "/changefeed")
    headers = {"Authorization": f"Bearer {stack.token}"}

    def ask(number: int) -> tuple[httpx.Response, float]:
        start = time.monotonic()
        base = f"{stack.base_url}/dicomweb"
        with httpx.Client(base_url=base, headers=headers, timeout=60) as web:
            if number % 5 == 4:
                answer = post(web, instance())
            else:
                answer = web.get(paths[number % 5])
        return answer, time.monotonic() - start

    with ThreadPoolExecutor(30) as pool:
        return list(pool.map(ask, range(60)))


@pytest.mark.parametrize("away", [database_gone, database_hangs])
def test_without_its_database_every_request_is_busy_in_time(
    stack: Stack, client: httpx.Client, held: Dataset, away: object
) -> None:
    assert callable(away)
    log, began, workers = Log(stack), time.monotonic(), web_workers(stack)
    unfinished = instance()
    content = encode(unfinished)
    with begin_store(stack, content) as storing, away(stack):
        storing.sendall(content[-1:])
        head = storing.recv(4096).decode().lower()
        assert head.startswith("http/1.1 503 ")
        assert "\r\nretry-after: 2\r\n" in head
        while True:
            for answer, seconds in ask_everything(stack, held):
                assert_busy(answer, "2")
                assert seconds < BOUND_S
            assert stack.readiness()[1]["database"] != "ready"
            if time.monotonic() - began > OUTAGE_S:
                break
        during = web_workers(stack)
    assert during.keys() == workers.keys()
    assert all(worker.threads < 60 for worker in during.values())

    again = post_patiently(client, unfinished)
    assert as_stored(client, held)
    if again.status_code != 200:  # the commit was only late
        assert again.status_code == 409
        assert b"45070" in again.content
        assert b"identical" in again.content
    assert as_stored(client, unfinished)
    assert post_patiently(client, instance()).status_code == 200
    assert log.faults() == []
