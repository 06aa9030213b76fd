"""Exports into another DICOMweb server: a real portal, and servers that refuse."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
from django.conf import settings

from core.errors import Invalid
from core.models import Operation, OperationState
from core.operation_worker import run_operation
from imaging.export import Typed, steps
from tests.imaging.dicomweb.asking import send
from tests.imaging.dicomweb.service import Service
from tests.imaging.export.exporting import ended, query, started
from tests.stack import Stack
from tests.synthetic import encode, instance, new_uid

pytestmark = pytest.mark.usefixtures("committing")
THERE = Typed("dicomweb", {"server": "there"})


def named(monkeypatch: pytest.MonkeyPatch, url: str, token: str = "") -> None:
    monkeypatch.setattr(settings, "EXPORT_HOSTS", ["127.0.0.1"])
    monkeypatch.setattr(settings, "EXPORT_SERVERS", {"there": url})
    monkeypatch.setattr(settings, "EXPORT_TOKENS", {"there": token} if token else {})


def exported(number: int = 3) -> tuple[Operation, list[Any]]:
    service, sets = Service(), [instance() for _ in range(number)]
    service.store(*sets)
    return started(service, query(""), THERE), sets


def counts(operation: Operation) -> tuple[int, int]:
    assert operation.result is not None, operation.error
    return operation.result["exported"], operation.result["skipped"]


def test_another_portal_has_what_was_exported(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    partition = f"from-{new_uid()[-9:]}"
    base = f"{stack.base_url}/dicomweb/partitions/{partition}"
    named(monkeypatch, base, stack.token)
    monkeypatch.setattr("imaging.export.to_server.BATCH", 2)
    operation, sets = exported(5)
    steps.step(operation)  # by a worker that died before it told
    assert counts(ended(operation)) == (5, 0)
    for each in sets:
        got = httpx.get(
            f"{base}/studies/{each.StudyInstanceUID}/series/{each.SeriesInstanceUID}"
            f"/instances/{each.SOPInstanceUID}",
            headers={
                "authorization": f"Bearer {stack.token}",
                "accept": "application/dicom; transfer-syntax=*",
            },
        )
        assert got.content == encode(each)
    files = send(f"/operations/{operation.pk}/files").json()
    assert [file["name"] for file in files] == ["errors.log", "manifest.jsonl"]
    assert stack.token not in json.dumps(operation.parameters)


Answer = tuple[int, dict[str, str], bytes]


@contextmanager
def answering(answer: Callable[[bytes], Answer]) -> Iterator[tuple[str, list[Any]]]:
    """Give the address of a server that answers so, and what it was sent."""
    sent: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            sent.append((self.path, dict(self.headers), body))
            status, headers, content = answer(body)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": len(content)}.items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: Any) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/dicom-web", sent
        server.shutdown()
        thread.join()


def failing(uid: str, reason: int) -> bytes:
    item = {
        "00081155": {"vr": "UI", "Value": [uid]},
        "00081197": {"vr": "US", "Value": [reason]},
    }
    return json.dumps({"00081198": {"vr": "SQ", "Value": [item]}}).encode()


@pytest.mark.parametrize(("reason", "expected"), [(272, (2, 1)), (45070, (3, 0))])
def test_what_the_server_refuses_is_skipped_and_what_it_has_is_not(
    monkeypatch: pytest.MonkeyPatch, reason: int, expected: tuple[int, int]
) -> None:
    uids: list[str] = []
    with answering(lambda _: (202, {}, failing(uids[-1], reason))) as (url, sent):
        named(monkeypatch, url, "a-secret")
        operation, sets = exported(3)
        uids.append(sets[1].SOPInstanceUID)
        assert counts(ended(operation)) == expected
    ((path, headers, body),) = sent
    assert path == "/dicom-web/studies"
    assert headers["Authorization"] == "Bearer a-secret"
    assert body.count(b"Content-Type: application/dicom\r\n\r\n") == 3
    assert all(encode(each) in body for each in sets)


def test_what_is_too_much_together_is_sent_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answer(body: bytes) -> Answer:
        return (200 if body.count(b"application/dicom") == 1 else 413), {}, b""

    with answering(answer) as (url, sent):
        named(monkeypatch, url)
        operation, _ = exported(3)
        assert counts(ended(operation)) == (3, 0)
    assert len(sent) == 4


def test_a_redirect_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(lambda _: (200, {}, b"")) as (elsewhere, reached):
        location = {"Location": f"{elsewhere}/studies"}
        with answering(lambda _: (307, location, b"")) as (url, _):
            named(monkeypatch, url)
            operation, _sets = exported(1)
            assert ended(operation).state == OperationState.FAILED
    assert "307" in operation.error
    assert reached == []


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_server_that_does_not_take_us_ends_it(
    monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr("imaging.export.to_server.BATCH", 1)  # before the last one
    with answering(lambda _: (status, {}, b"no")) as (url, sent):
        named(monkeypatch, url, "wrong")
        operation, _sets = exported(3)
        assert ended(operation).state == OperationState.FAILED
    assert len(sent) == 1


def test_a_server_that_is_busy_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(lambda _: (503, {}, b"")) as (url, _):
        named(monkeypatch, url)
        operation, _sets = exported(1)
        assert run_operation(operation.pk) is False
        operation.refresh_from_db()
        assert operation.state == OperationState.RUNNING
    with answering(lambda _: (200, {}, b"")) as (url, _):
        named(monkeypatch, url)
        Operation.objects.update(lease_until=None)
        assert counts(ended(operation)) == (1, 0)


def test_a_server_is_named_by_the_settings_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = Service()
    service.store(instance())
    named(monkeypatch, "http://10.0.0.1/dicom-web")
    for given in (
        Typed("dicomweb", {"server": "other"}),
        Typed("dicomweb", {"server": "http://127.0.0.1/"}),
        Typed("dicomweb", {"url": "http://127.0.0.1/", "server": "there"}),
        THERE,  # its host is not listed
    ):
        with pytest.raises(Invalid):
            started(service, query(""), given)
