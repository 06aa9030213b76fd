"""Answers as a client sees them: streams, ranges, conditions, gzip, HEAD."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from core.errors import PreconditionFailed, TooSlow, Upstream
from imaging.dicomweb import responses
from imaging.dicomweb.representation import (
    Representation,
    in_memory,
    not_modified,
    respond,
)
from imaging.dicomweb.responses import StreamedResponse, json_stream, text_response

CONTENT = bytes(range(100))
HELD = Representation("application/dicom", 100, in_memory(CONTENT), '"7"')


def ask(
    answer: Callable[[Request], Response],
    headers: dict[str, str] | None = None,
    method: str = "GET",
) -> httpx.Response:
    """Return what a client gets from an endpoint that answers with `answer`."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(Request(scope, receive))(scope, receive, send)

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://t") as web:
            return await web.request(method, "/", headers=headers)

    return asyncio.run(call())


def get(headers: dict[str, str] | None = None, method: str = "GET") -> httpx.Response:
    return ask(lambda request: respond(request, HELD), headers, method)


def test_the_whole_says_that_it_has_ranges() -> None:
    answer = get()
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["etag"] == '"7"'
    assert answer.headers["content-length"] == "100"
    assert answer.headers["content-type"] == "application/dicom"


def test_head_is_get_without_its_body() -> None:
    answer = get({"range": "bytes=0-9"}, "HEAD")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == "100"


def test_one_range_comes_alone() -> None:
    answer = get({"range": "bytes=10-19"})
    assert (answer.status_code, answer.content) == (206, CONTENT[10:20])
    assert answer.headers["content-range"] == "bytes 10-19/100"


def test_two_ranges_come_as_parts() -> None:
    answer = get({"range": "bytes=90-,0-1"})
    boundary = answer.headers["content-type"].removeprefix(
        "multipart/byteranges; boundary="
    )
    assert answer.status_code == 206
    assert answer.content == (
        f"\r\n--{boundary}\r\nContent-Type: application/dicom\r\n"
        "Content-Range: bytes 90-99/100\r\n\r\n".encode()
        + CONTENT[90:]
        + f"\r\n--{boundary}\r\nContent-Type: application/dicom\r\n"
        "Content-Range: bytes 0-1/100\r\n\r\n".encode()
        + CONTENT[:2]
        + f"\r\n--{boundary}--\r\n".encode()
    )


def test_a_range_past_the_end_is_refused_with_the_size() -> None:
    answer = get({"range": "bytes=100-"})
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["content-range"] == "bytes */100"


@pytest.mark.parametrize(
    ("if_range", "status"),
    [
        ('"7"', 206),
        ('"8"', 200),
        ('W/"7"', 200),
        ("Sat, 29 Oct 1994 19:43:31 GMT", 200),
        ("*", 200),
    ],
)
def test_if_range_asks_for_the_same_form(if_range: str, status: int) -> None:
    answer = get({"range": "bytes=0-0", "if-range": if_range})
    assert answer.status_code == status


@pytest.mark.parametrize("held", ['"7"', 'W/"7"', '"1", "7"', "*"])
def test_what_the_client_has_is_not_sent_again(held: str) -> None:
    answer = get({"if-none-match": held, "range": "bytes=0-9"})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == '"7"'


def test_if_match_must_hold() -> None:
    assert get({"if-match": '"7"'}).status_code == 200
    with pytest.raises(PreconditionFailed):
        get({"if-match": '"8"'})


def test_an_empty_value_is_answered() -> None:
    empty = Representation("application/octet-stream", 0, in_memory(b""))
    answer = ask(lambda request: respond(request, empty))
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == "0"
    answer = ask(lambda request: respond(request, empty), {"range": "bytes=0-"})
    assert answer.headers["content-range"] == "bytes */0"


def test_not_modified_is_none_for_another_form() -> None:
    request = Request({"type": "http", "method": "GET", "headers": []})
    assert not_modified(request, '"7"') is None


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000, *", False),
        ("br", False),
        ("identity", False),
    ],
)
def test_json_is_compressed_for_who_takes_it(encoding: str, *, packed: bool) -> None:
    body = b"[" + b"0," * 1000 + b"0]"
    for answer in (
        ask(lambda it: text_response(it, body), {"accept-encoding": encoding}),
        ask(
            lambda it: json_stream(it, chunked(body[:99], body[99:])),
            {"accept-encoding": encoding},
        ),
    ):
        assert answer.headers.get("content-encoding") == ("gzip" if packed else None)
        assert answer.content == body
        assert answer.headers["vary"] == "Accept, Accept-Encoding"
        assert answer.headers["content-type"] == "application/dicom+json"


def test_short_json_is_not_compressed() -> None:
    answer = ask(lambda it: text_response(it, b"[]"), {"accept-encoding": "gzip"})
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-length"] == "2"
    assert len(gzip.compress(b"[]")) > 2


async def chunked(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def test_a_body_shorter_than_announced_is_an_error() -> None:
    with pytest.raises(Upstream):
        ask(lambda _: StreamedResponse(chunked(b"123"), media_type="a/b", size=4))


class Source:
    """Chunks without end that know whether they were closed."""

    def __init__(self) -> None:
        self.given, self.closed = 0, False

    def __aiter__(self) -> "Source":
        return self

    async def __anext__(self) -> bytes:
        self.given += 1
        await asyncio.sleep(0)
        return b"x"

    async def aclose(self) -> None:
        self.closed = True


def stream(source: Source, method: str, send: Callable[..., Awaitable[None]]) -> None:
    async def receive() -> dict[str, str]:
        while source.given < 5:
            await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    response = StreamedResponse(source, media_type="a/b")
    asyncio.run(response({"type": "http", "method": method}, receive, send))


async def ignore(_message: object) -> None:
    """Take a message like a server whose client has gone."""


def test_a_client_that_goes_away_ends_the_reading() -> None:
    source = Source()
    stream(source, "GET", ignore)
    assert 5 <= source.given < 50
    assert source.closed


def test_head_reads_nothing() -> None:
    source = Source()
    stream(source, "HEAD", ignore)
    assert (source.given, source.closed) == (0, True)


def test_a_failing_send_closes_the_source() -> None:
    async def fail(message: dict[str, object]) -> None:
        if message["type"] == "http.response.body":
            raise OSError

    source = Source()
    with pytest.raises(OSError, match=r"^$"):
        stream(source, "GET", fail)
    assert source.closed


def test_a_client_that_reads_no_more_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def block_at_the_third(message: dict[str, object]) -> None:
        if source.given == 3:
            await asyncio.Event().wait()

    monkeypatch.setattr(responses, "UNREAD_S", 0.05)
    source = Source()
    with pytest.raises(TooSlow):
        stream(source, "GET", block_at_the_third)
    assert (source.given, source.closed) == (3, True)
