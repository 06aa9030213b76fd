"""Requests that are cut off, and clients that vanish: nothing of them is kept."""

import random
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.hostile.crowd import RESET
from tests.hostile.watch import Log, stored_files, wait_for, web_workers
from tests.stack import Stack
from tests.synthetic import add_pixels, encode, instance, multipart, new_uid

CUTS = 40
WORKER_DESCRIPTORS = 80  # of one that serves nobody, and some to spare


@pytest.fixture(autouse=True)
def _no_traces(stack: Stack) -> Iterator[None]:
    """Hold each test to it that the same workers serve on and log no fault."""
    log, workers = Log(stack), web_workers(stack).keys()
    yield
    assert web_workers(stack).keys() == workers
    wait_for(
        lambda: all(
            worker.descriptors < WORKER_DESCRIPTORS
            for worker in web_workers(stack).values()
        ),
        "descriptors are left",
    )
    assert log.faults() == []


class Study(NamedTuple):
    """A study of several instances of 2 MB, and the body that stores it."""

    uid: str
    body: bytes
    headers: dict[str, str]


def study_of(number: int) -> Study:
    dataset = instance()
    add_pixels(dataset, rows=1024, columns=1024)
    parts = []
    for _ in range(number):
        dataset.SOPInstanceUID = new_uid()
        parts.append(encode(dataset))
    return Study(dataset.StudyInstanceUID, *multipart(*parts))


def request_of(
    stack: Stack, content: bytes, headers: dict[str, str], chunk_bytes: int = 0
) -> bytes:
    """Return a whole STOW request, in chunks or with its length."""
    length = f"Content-Length: {len(content)}"
    lines = [
        "POST /dicomweb/studies HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {stack.token}",
        *(f"{name}: {value}" for name, value in headers.items()),
        "Transfer-Encoding: chunked" if chunk_bytes else length,
    ]
    if chunk_bytes:
        pieces = (
            content[at : at + chunk_bytes] for at in range(0, len(content), chunk_bytes)
        )
        chunks = (b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
        content = b"".join(chunks) + b"0\r\n\r\n"
    return "\r\n".join([*lines, "", ""]).encode() + content


def cut_off(stack: Stack, message: bytes, *, reset: bool) -> None:
    """Send a message and vanish, with or without a farewell."""
    with socket.create_connection(("127.0.0.1", stack.port), timeout=20) as connection:
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        connection.sendall(message)


def cuts(message: bytes, seed: int) -> list[int]:
    """Return where to cut: everywhere, and where it matters most more often."""
    rng = random.Random(seed)
    body = message.index(b"\r\n\r\n") + 4
    near_end = range(len(message) - 60, len(message))
    return [
        *rng.sample(range(body, len(message)), CUTS // 2),
        *rng.sample(range(body, min(body + 600, len(message))), CUTS // 4),
        *rng.sample(near_end, CUTS // 4),
        0,
        1,
        body,
    ]


def assert_nothing_is_kept(
    stack: Stack, client: httpx.Client, study: str, files: set[Path]
) -> None:
    wait_for(lambda: stored_files(stack) == files, "bytes of a cut request are left")
    found = client.get("/studies", params={"StudyInstanceUID": study})
    assert found.status_code == 204


@pytest.mark.parametrize("chunk_bytes", [0, 100_000])
@pytest.mark.parametrize("reset", [False, True])
def test_a_store_that_is_cut_anywhere_stores_nothing(
    stack: Stack, client: httpx.Client, chunk_bytes: int, *, reset: bool
) -> None:
    study, body, headers = study_of(2)
    files = stored_files(stack)
    message = request_of(stack, body, headers, chunk_bytes)

    for at in cuts(message, seed=chunk_bytes):
        cut_off(stack, message[:at], reset=reset)

    assert_nothing_is_kept(stack, client, study, files)
    answer = client.post("/studies", content=body, headers=headers)
    assert answer.status_code == 200
    assert len(client.get(f"/studies/{study}/instances").json()) == 2


def test_a_multipart_body_that_ends_inside_a_part_is_refused(
    stack: Stack, client: httpx.Client
) -> None:
    study, body, headers = study_of(2)
    files = stored_files(stack)

    for at in (len(body) - 2, len(body) - 30, len(body) // 2 + 500, 300, 20):
        answer = client.post("/studies", content=body[:at], headers=headers)
        # The closing boundary is complete without its line end (RFC 2046 5.1.1).
        assert answer.status_code == (200 if at == len(body) - 2 else 400)
        if answer.status_code == 200:
            assert client.delete(f"/studies/{study}").status_code == 204
            files = stored_files(stack)  # those that the sweeper removes
        else:
            assert answer.text.startswith("The multipart body ends before")
    assert_nothing_is_kept(stack, client, study, files)


def test_clients_that_vanish_while_they_read_leave_nothing_open(
    stack: Stack, client: httpx.Client
) -> None:
    study, body, headers = study_of(10)
    assert client.post("/studies", content=body, headers=headers).status_code == 200
    head = (
        f"GET /dicomweb/studies/{study} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {stack.token}\r\n\r\n"
    ).encode()
    rng = random.Random(7)
    for number in range(40):
        connection = socket.create_connection(("127.0.0.1", stack.port), timeout=20)
        with connection:
            if number % 2:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            connection.sendall(head)
            left = rng.choice((0, 1, 5_000, 300_000, 3_000_000))
            while left > 0:
                left -= len(connection.recv(min(left, 65_536)))

    assert len(client.get(f"/studies/{study}").content) > 10 * 2 * 1024**2


def test_a_store_whose_client_vanishes_before_the_answer_is_whole_or_not_there(
    stack: Stack, client: httpx.Client
) -> None:
    """What is sent completely may be stored: then all of it, readable."""
    made = [study_of(2) for _ in range(5)]
    for _study, body, headers in made:
        cut_off(stack, request_of(stack, body, headers), reset=True)
    time.sleep(0.5)

    for study, body, headers in made:
        path = f"/studies/{study}"
        answer = client.post("/studies", content=body, headers=headers)
        held = client.get(f"{path}/instances").json()
        assert answer.status_code in {200, 409}
        assert len(held) == 2
        for item in answer.json().get("00081198", {}).get("Value", []):
            assert "identical" in item["00000902"]["Value"][0]
        assert len(client.get(path).content) > 2 * 2 * 1024**2
