"""Requests whose bodies are never in memory, neither sent nor received.

What comes back is compared on the way.
"""

import http.client
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from bench import answers
from bench.client import TIMEOUT_S, Address, Response, WrongAnswer
from bench.large import LargeObject, frame
from bench.requests import FILES, FRAMES, JPEG_LS_FILES, JSON

_PIECE: Final = 1 << 20
_BOUNDARY: Final = "portal-bench-boundary-large-object"
_TYPE: Final = f'multipart/related; type="application/dicom"; boundary={_BOUNDARY}'
_START: Final = f"--{_BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
_END: Final = f"\r\n--{_BOUNDARY}--\r\n".encode()


def store(address: Address, wanted: LargeObject) -> None:
    """Store an object (DICOM PS3.18 10.5).

    Raises
    ------
    WrongAnswer
        It was not stored.
    """
    length = len(_START) + wanted.size_bytes + len(_END)
    headers = {"Content-Type": _TYPE, "Accept": JSON, "Content-Length": str(length)}

    def body() -> Iterator[bytes]:
        yield _START
        yield from wanted.content()
        yield _END

    with _exchange(address, "POST", "/studies", headers, body()) as answer:
        response = Response(answer.status, "", bytearray(answer.read()))
    answers.stored([wanted.sop_instance_uid])(response)


def retrieve(address: Address, path: str, wanted: Sequence[LargeObject]) -> None:
    """Retrieve files and compare them with what was stored (DICOM PS3.18 10.4).

    Raises
    ------
    WrongAnswer
        The answer has other files, or fewer.
    """
    left = {each.head: each for each in wanted}
    length = len(wanted[0].head)  # of all of them
    with _exchange(address, "GET", path, {"Accept": FILES}) as answer:
        boundary = _first_boundary(answer)
        while left:
            _skip_headers(answer)
            found = left.pop(answer.read(length), None)
            _require("a file that was stored", holds=found is not None)
            if found is not None:
                _expect_frames(answer, range(1, found.number_of_frames + 1))
            _expect_boundary(answer, boundary, last=not left)


def retrieve_frames(
    address: Address, wanted: LargeObject, numbers: Sequence[int]
) -> None:
    """Retrieve frames, counted from 1, and compare them (DICOM PS3.18 10.4.1.1.6).

    Raises
    ------
    WrongAnswer
        They are not as stored, or in another order.
    """
    path = f"{wanted.path}/frames/{','.join(map(str, numbers))}"
    with _exchange(address, "GET", path, {"Accept": FRAMES}) as answer:
        boundary = _first_boundary(answer)
        for number in numbers:
            _skip_headers(answer)
            _expect_frames(answer, [number])
            _expect_boundary(answer, boundary, last=number == numbers[-1])


def retrieve_anew(address: Address, wanted: LargeObject) -> None:
    """Retrieve an object in JPEG-LS Lossless, and see that the answer is whole.

    Raises
    ------
    WrongAnswer
        It ends before its last boundary.
    """
    with _exchange(address, "GET", wanted.path, {"Accept": JPEG_LS_FILES}) as answer:
        end = b"\r\n" + _first_boundary(answer) + b"--\r\n"
        last = b""
        while piece := answer.read(_PIECE):
            last = (last + piece)[-len(end) :]
        _require("the end of the answer", holds=last == end)


def retrieve_rendered(address: Address, wanted: LargeObject, number: int) -> None:
    """Retrieve a picture of a frame (DICOM PS3.18 10.4.1.1.4).

    Raises
    ------
    WrongAnswer
        It is no whole JPEG file.
    """
    path = f"{wanted.path}/frames/{number}/rendered"
    with _exchange(address, "GET", path, {"Accept": "image/jpeg"}) as answer:
        answers.jpeg(Response(answer.status, "", bytearray(answer.read())))


@contextmanager
def _exchange(
    address: Address,
    method: str,
    path: str,
    headers: dict[str, str],
    body: Iterator[bytes] | None = None,
) -> Iterator[http.client.HTTPResponse]:
    channel = http.client.HTTPConnection(address.host, address.port, timeout=TIMEOUT_S)
    authorization = {"Authorization": f"Bearer {address.token}"}
    try:
        channel.request(method, address.base + path, body, headers | authorization)
        answer = channel.getresponse()
        if answer.status != http.client.OK:
            message = f"HTTP {answer.status}: {answer.read(200)!r}"
            raise WrongAnswer(message)
        yield answer
    finally:
        channel.close()


def _first_boundary(answer: http.client.HTTPResponse) -> bytes:
    line = answer.readline()
    while line == b"\r\n":
        line = answer.readline()
    _require("a boundary", holds=line.startswith(b"--"))
    return line.rstrip()


def _skip_headers(answer: http.client.HTTPResponse) -> None:
    while answer.readline() not in (b"\r\n", b""):
        pass


def _expect_frames(answer: http.client.HTTPResponse, numbers: Iterable[int]) -> None:
    for number in numbers:
        expected = frame(number)
        right = answer.read(len(expected)) == expected
        _require(f"frame {number} as it was stored", holds=right)


def _expect_boundary(
    answer: http.client.HTTPResponse, boundary: bytes, *, last: bool
) -> None:
    end = answer.readline() + answer.readline().rstrip()
    right = end == b"\r\n" + boundary + (b"--" if last else b"")
    _require("the end of the part", holds=right)


def _require(what: str, *, holds: bool) -> None:
    if not holds:
        message = f"{what} expected"
        raise WrongAnswer(message)
