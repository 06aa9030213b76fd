"""A service that says it is S3 and answers wrongly, a small server of these tests."""

import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol

import pytest

from core.errors import Busy, Upstream
from imaging.blobs.bucket import BucketStore
from imaging.blobs.bucket_place import BucketPlace
from imaging.blobs.bucket_requests import Bucket, BucketError, Trouble
from imaging.blobs.condition import StorageCondition

KEY = "2026/01/01/0000/000000000000000000000000.dcm"
SECRET = "a-secret-that-nobody-may-read"
Answer = Callable[[BaseHTTPRequestHandler], None]


class Start(Protocol):
    """Starts a server that answers every request alike."""

    def __call__(self, answer: Answer, *, patience_s: int = 20) -> BucketPlace: ...


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "an-id-that-nobody-may-read")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


@pytest.fixture
def answering() -> Iterator[Start]:
    """Yield what starts a server that answers every request alike."""
    servers = []

    def start(answer: Answer, *, patience_s: int = 20) -> BucketPlace:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                answer(self)

            def do_PUT(self) -> None:
                self.rfile.read(int(self.headers.get("content-length", 0)))
                answer(self)

            do_POST = do_PUT  # noqa: N815 as http.server names it
            do_HEAD = do_DELETE = do_GET  # noqa: N815

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        endpoint = f"http://127.0.0.1:{server.server_port}"
        return BucketPlace("s3://bucket", endpoint, patience_s=patience_s)

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def sending(status: int, body: bytes, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        fields = {"content-length": str(len(body)), **headers}
        for name, value in fields.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)
        if len(body) != int(fields["content-length"]):
            handler.close_connection = True

    return answer


def hanging(handler: BaseHTTPRequestHandler) -> None:
    threading.Event().wait(5)
    handler.close_connection = True


LIES = {
    "fewer bytes than announced": sending(
        206, b"12345", content_length="10", content_range="bytes 0-9/10"
    ),
    "fewer bytes than asked for": sending(206, b"12345", content_range="bytes 0-4/5"),
    "more bytes than asked for": sending(
        206, b"x" * 20, content_range="bytes 0-19/20", etag='"x"'
    ),
    "another place": sending(
        206, b"1234567890", content_range="bytes 5-14/20", etag='"x"'
    ),
    "everything": sending(200, b"x" * 1000, etag='"x"'),
    "no length": sending(206, b"", content_range="bytes 0-9/10"),
    "an error page": sending(500, b"<html>secret detail</html>"),
    "a page": sending(200, b"<html>hello</html>", content_type="text/html"),
    "nothing at all": hanging,
}


TRIED_AGAIN = ("an error page", "nothing at all")


@pytest.mark.parametrize("lie", LIES)
def test_wrong_bytes_are_never_a_success(
    lie: str, answering: Start, tmp_path: Path
) -> None:
    patience_s = 1 if lie in TRIED_AGAIN else 20
    store = BucketStore(answering(LIES[lie], patience_s=patience_s), tmp_path)
    with store.open(KEY, 10) as blob, pytest.raises((Upstream, Busy)) as told:
        blob.read(0, 10)
    shown = "".join(traceback.format_exception(told.value))
    assert "secret" not in shown
    assert "127.0.0.1" not in shown


@pytest.mark.parametrize("lie", TRIED_AGAIN)
def test_what_is_not_acknowledged_is_not_stored(
    lie: str, answering: Start, tmp_path: Path
) -> None:
    store = BucketStore(answering(LIES[lie], patience_s=1), tmp_path)
    writer = store.create()
    writer.write(b"content")
    failed = writer.finish().exception()
    writer.close()
    assert isinstance(failed, BucketError)
    assert failed.trouble is Trouble.AWAY
    assert store.condition() is StorageCondition.UNREACHABLE


def test_refused_credentials_are_told_by_code_and_never_shown(
    answering: Start,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    body = (
        b"<Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>an-id-that-nobody"
        b"-may-read</AWSAccessKeyId><StringToSign>a-secret</StringToSign></Error>"
    )
    place = answering(sending(403, body))
    caplog.set_level(logging.DEBUG)
    with pytest.raises(BucketError) as refused:
        Bucket(place).put("key", b"content")
    assert refused.value.trouble is Trouble.REFUSED
    assert refused.value.reason == "403 SignatureDoesNotMatch"
    assert BucketStore(place, tmp_path).condition() is StorageCondition.UNWRITABLE
    assert "nobody" not in f"{refused.value!r} {caplog.text}"
    assert "secret" not in f"{refused.value!r} {caplog.text}"
    shown = "".join(traceback.format_exception(refused.value))
    assert "nobody" not in shown
    assert "secret" not in shown


def test_what_is_gone_already_is_removed_whatever_the_service_says(
    answering: Start,
) -> None:
    asked: list[str] = []

    def gone(handler: BaseHTTPRequestHandler) -> None:
        asked.append(f"{handler.command} {handler.path}")
        sending(404, b"<Error><Code>NoSuchKey</Code></Error>")(handler)

    bucket = Bucket(answering(gone))
    bucket.delete(["one", "two"])
    assert len(asked) == 3  # together, and then one by one
