"""Loading the demo over HTTP, against a small server that speaks the store response."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread

import pytest

from portal.demo import load as loading
from portal.demo import posting
from portal.demo.load import batches, load, load_record, written
from portal.demo.objects import DemoObject
from portal.demo.posting import LoadError, Outcome

OBJECTS = [DemoObject(f"p/s/1/{n:04d}.dcm", b"object %04d" % n) for n in range(10)]
Answer = Callable[["Service", list[bytes]], tuple[int, object]]


class Service:
    """What the small server has got."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.held: list[bytes] = []
        self.requests = 0
        self.lock = Lock()


def files_of(body: bytes, content_type: str) -> list[bytes]:
    kind, boundary = content_type.split("; boundary=")
    assert kind == 'multipart/related; type="application/dicom"'
    parts = body.split(f"--{boundary}".encode())[1:-1]
    return [part.split(b"\r\n\r\n", 1)[1][:-2] for part in parts]


@contextmanager
def server(answer: Answer) -> Iterator[tuple[str, Service]]:
    service = Service(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Authorization"] == "Bearer secret"
            given = self.headers["Content-Type"]
            if self.path == "/fhir/":
                assert given == "application/fhir+json"
                files = [body]
            else:
                assert self.path == "/dicomweb/studies"
                files = files_of(body, given)
            with service.lock:
                service.requests += 1
                status, content = service.answer(service, files)
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Retry-After", "0")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_port}", service
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


def store_all(service: Service, files: list[bytes]) -> tuple[int, object]:
    """Store as a DICOMweb service does: what is there already fails with 45070."""
    failed = [
        {"00081155": {"vr": "UI", "Value": ["1.2"]}, "00081197": {"Value": [45070]}}
        for file in files
        if file in service.held
    ]
    service.held += [file for file in files if file not in service.held]
    status = 200 if not failed else 409 if len(failed) == len(files) else 202
    return status, {"00081198": {"vr": "SQ", "Value": failed}} if failed else {}


def loaded(url: str, objects: list[DemoObject] = OBJECTS) -> Outcome:
    return load(objects, url=url, token="secret", report=lambda _: None)


def put_all(service: Service, files: list[bytes]) -> tuple[int, object]:
    """Commit a transaction as a FHIR server does: what is there already is 200."""
    entries = []
    for entry in json.loads(files[0])["entry"]:
        resource = json.dumps(entry["resource"]).encode()
        is_there = resource in service.held
        service.held += [] if is_there else [resource]
        status = "200 OK" if is_there else "201 Created"
        entries.append({"response": {"status": status}})
    return 200, {"resourceType": "Bundle", "entry": entries}


def test_record_is_put_in_transactions_and_is_there_the_second_time() -> None:
    resources = [{"resourceType": "Patient", "id": f"p{n}"} for n in range(450)]
    with server(put_all) as (url, service):
        seen: list[int] = []
        for expected in (Outcome(stored=450), Outcome(present=450)):
            total = load_record(
                iter(resources),
                url=url,
                token="secret",
                report=lambda total: seen.append(total.stored + total.present),
            )
            assert total == expected
        assert seen == [200, 400, 450] * 2
        assert [json.loads(each) for each in service.held] == resources
        assert service.requests == 6


def test_refused_transaction_stops_the_load_and_says_why() -> None:
    outcome = {"resourceType": "OperationOutcome", "issue": [{"code": "invalid"}]}
    with (
        server(lambda *_: (400, outcome)) as (url, _),
        pytest.raises(LoadError, match=r"400 to a transaction.*OperationOutcome"),
    ):
        load_record(
            [{"resourceType": "Patient", "id": "a"}],
            url=url,
            token="secret",
            report=lambda _: None,
        )


def test_everything_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "REQUEST_BYTES", 30)
    with server(store_all) as (url, service):
        assert loaded(url) == Outcome(stored=10)
        assert sorted(service.held) == [item.data for item in OBJECTS]
        assert service.requests == 5


def test_second_load_finds_everything_there() -> None:
    with server(store_all) as (url, _):
        loaded(url, OBJECTS[:4])
        assert loaded(url) == Outcome(stored=6, present=4)
        assert loaded(url) == Outcome(present=10)


def test_other_failures_are_told_one_by_one() -> None:
    def refuse_first(_: Service, files: list[bytes]) -> tuple[int, object]:
        item = {
            "00081155": {"vr": "UI", "Value": ["1.2.3"]},
            "00081197": {"vr": "US", "Value": [43264]},
            "00000902": {"vr": "LO", "Value": ["no room"]},
        }
        return 202, {"00081198": {"vr": "SQ", "Value": [item]}}

    with server(refuse_first) as (url, _):
        outcome = loaded(url)
    assert outcome.stored == 9
    assert outcome.failures == ["1.2.3: failure reason 43264 no room"]


def test_busy_server_is_asked_again() -> None:
    def busy_once(service: Service, files: list[bytes]) -> tuple[int, object]:
        return (503, {}) if service.requests == 1 else store_all(service, files)

    with server(busy_once) as (url, service):
        assert loaded(url) == Outcome(stored=10)
        assert service.requests == 2


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "--token"), (403, "may not store"), (404, "answered 404")],
)
def test_refusal_stops_the_load_with_a_clear_message(status: int, words: str) -> None:
    with (
        server(lambda *_: (status, {})) as (url, _),
        pytest.raises(LoadError, match=words),
    ):
        loaded(url)


def test_server_that_is_down_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "ATTEMPTS", 1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(LoadError, match="make serve"):
        loaded(f"http://127.0.0.1:{port}")


def test_address_that_is_none_is_refused() -> None:
    with pytest.raises(LoadError, match="no address"):
        loaded("localhost:8000")


def test_batches_are_bounded_and_a_large_object_travels_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loading, "REQUEST_BYTES", 5)
    objects = [DemoObject("x", b"a" * size) for size in (2, 3, 1, 9, 4)]
    assert [[len(d) for d in batch] for batch in batches(objects)] == [
        [2, 3],
        [1],
        [9],
        [4],
    ]


def test_written_objects_lie_in_the_folder(tmp_path: Path) -> None:
    assert list(written(OBJECTS, tmp_path)) == OBJECTS
    for item in OBJECTS:
        assert (tmp_path / item.path).read_bytes() == item.data
