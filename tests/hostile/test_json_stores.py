"""Stores in JSON whose bulk data or data sets are as large as they may be."""

import json
from collections.abc import Iterator

import httpx

from tests.conformance.json_store import BOUNDARY, JSON, model_of
from tests.hostile.watch import Log, measured_anew, web_workers
from tests.stack import Stack
from tests.synthetic import instance

MEGABYTE = 1024**2
PARTS, PART_MEGABYTES = 2, 100
HEADERS = {"Content-Type": f'multipart/related; type="{JSON}"; boundary={BOUNDARY}'}


def part_of(*lines: str) -> bytes:
    return "\r\n".join([f"--{BOUNDARY}", *lines, "", ""]).encode()


def long_body(uri: str) -> Iterator[bytes]:
    """Yield a store of one instance with two long values, a megabyte at a time."""
    model, _ = model_of(instance())
    for number, tag in enumerate(("7FE00010", "60003000")):
        model[tag] = {"vr": "OW", "BulkDataURI": f"{uri}/{number}"}
    yield part_of(f"Content-Type: {JSON}") + json.dumps([model]).encode() + b"\r\n"
    for number in range(PARTS):
        location = f"Content-Location: bulk/{number}"
        yield part_of(location, "Content-Type: application/octet-stream")
        for _ in range(PART_MEGABYTES):
            yield bytes(MEGABYTE)
        yield b"\r\n"
    yield f"--{BOUNDARY}--\r\n".encode()


def test_bulk_data_do_not_pile_up_in_memory(stack: Stack, client: httpx.Client) -> None:
    log, before = Log(stack), measured_anew(stack)

    kept = client.post("/studies", content=long_body("bulk"), headers=HEADERS)
    refused = client.post("/studies", content=long_body("other"), headers=HEADERS)

    assert (kept.status_code, refused.status_code) == (200, 409)
    after = web_workers(stack)
    assert after.keys() == before.keys()
    for pid, worker in after.items():
        grown = worker.peak_bytes - before[pid].memory_bytes
        assert grown < PART_MEGABYTES * MEGABYTE, grown
        assert worker.descriptors <= before[pid].descriptors + 10
    assert log.faults() == []


def test_data_sets_of_very_many_values_are_refused_before_they_are_read(
    stack: Stack, client: httpx.Client
) -> None:
    log, before = Log(stack), measured_anew(stack)

    for content in (b"[" + b"{}," * 10_000_000 + b"{}]", b"[" * 30_000_000):
        answer = client.post(
            "/studies", content=content, headers={"Content-Type": JSON}
        )
        assert answer.status_code == 413

    after = web_workers(stack)
    assert after.keys() == before.keys()
    for pid, worker in after.items():
        assert worker.peak_bytes - before[pid].memory_bytes < 200 * MEGABYTE
    assert log.faults() == []
