"""Slow clients hold neither others up nor memory (50 readers, 50 senders, 300 idle)."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.hostile.crowd import Crowd, median_s
from tests.hostile.watch import Log, stored_files, wait_for, web_workers
from tests.stack import Stack
from tests.synthetic import add_pixels, encode, instance, multipart, new_uid

READERS, SENDERS, IDLE = 50, 50, 300
MEGABYTE = 1024**2
INSTANCES = 13  # of 4 MB each
SETTLE_S = 8.0  # of slow reading before it is measured


@pytest.fixture
def study(client: httpx.Client) -> str:
    """Store a study of 52 MB, more than the buffers of sockets hold."""
    dataset = instance()
    add_pixels(dataset, rows=1024, columns=2048)
    parts = []
    for _ in range(INSTANCES):
        dataset.SOPInstanceUID = new_uid()
        parts.append(encode(dataset))
    body, headers = multipart(*parts)
    assert client.post("/studies", content=body, headers=headers).status_code == 200
    return str(dataset.StudyInstanceUID)


def head(stack: Stack, line: str, *more: str) -> bytes:
    lines = [line, "Host: localhost", f"Authorization: Bearer {stack.token}", *more]
    return "\r\n".join([*lines, "", ""]).encode()


def gather(crowd: Crowd, stack: Stack, study: str) -> None:
    """Let all slow clients come."""
    path = f"/dicomweb/studies/{study}"
    for number in range(READERS):
        answer = "" if number % 5 else "/metadata"
        crowd.read(head(stack, f"GET {path}{answer} HTTP/1.1"))
    for number in range(SENDERS):
        crowd.send(*_sender(stack, number))
    for number in range(IDLE):
        used = head(stack, "GET /healthz HTTP/1.1") if number % 2 else b""
        crowd.rest(used)


def _sender(stack: Stack, number: int) -> tuple[bytes, bytes]:
    """Return what a sender sends at once, and the bytes that it dribbles."""
    post = "POST /dicomweb/studies HTTP/1.1"
    single = "Content-Type: application/dicom"
    content = encode(instance())
    match number % 5:
        case 0:  # as long as it says
            return head(stack, post, single, "Content-Length: 999999999"), content
        case 1:  # in chunks of one byte
            chunked = head(stack, post, single, "Transfer-Encoding: chunked")
            return chunked, b"".join(b"1\r\n%c\r\n" % byte for byte in content)
        case 2:  # with bytes that lie in a blob already
            sized = head(stack, post, single, "Content-Length: 999999999")
            return sized + content + bytes(2 * MEGABYTE), content
        case 3:  # several parts, the first of them complete
            body, headers = multipart(content, content)
            lines = [f"{name}: {value}" for name, value in headers.items()]
            sized = head(stack, post, *lines, "Content-Length: 999999999")
            return sized + body[: len(body) - 40], content
    return b"GET /dicomweb/studies HTTP/1.1\r\nHost: localhost\r\nX: ", b"x"


def test_slow_clients_hold_up_nobody_and_no_memory(
    stack: Stack, client: httpx.Client, study: str
) -> None:
    def search() -> None:
        answer = client.get("/studies", params={"StudyInstanceUID": study})
        assert answer.status_code == 200
        assert len(answer.json()) == 1

    _warm_up(client, study)
    quiet_s = median_s(search, 100)
    log, files = Log(stack), stored_files(stack)
    before = web_workers(stack)
    with Crowd(stack.port) as crowd:
        gather(crowd, stack, study)
        time.sleep(SETTLE_S)
        loaded_s = median_s(search, 100)
        during = web_workers(stack)
        readers = crowd.clients[:READERS]
        assert all(reader.received > 0 and not reader.ended for reader in readers)
    growth = {
        pid: (during[pid].memory_bytes - before[pid].memory_bytes) / MEGABYTE
        for pid in before
    }
    figures = f"QIDO {quiet_s * 1e3:.1f} -> {loaded_s * 1e3:.1f} ms, MB: {growth}"
    assert during.keys() == before.keys()
    assert max(growth.values()) < 64, figures
    assert loaded_s < 5 * quiet_s + 0.1, figures
    assert sum(w.descriptors for w in during.values()) > READERS + SENDERS + IDLE
    _everything_is_given_back(stack, lambda: stored_files(stack) == files)
    assert log.faults() == []
    search()


def _warm_up(client: httpx.Client, study: str) -> None:
    """Have each worker do ordinary work: what it makes at the first use stays."""
    base, headers = client.base_url, client.headers

    def read(_number: int) -> int:
        with httpx.Client(base_url=base, headers=headers, timeout=60) as reader:
            return len(reader.get(f"/studies/{study}").content)

    with ThreadPoolExecutor(8) as pool:
        assert min(pool.map(read, range(16))) > INSTANCES * 4 * MEGABYTE


def _everything_is_given_back(stack: Stack, no_files: Callable[[], bool]) -> None:
    """Wait until descriptors are those of a quiet server and no bytes are left."""
    wait_for(no_files, "bytes of unfinished stores are left")
    wait_for(
        lambda: all(w.descriptors < 80 for w in web_workers(stack).values()),
        "descriptors are left",
    )
