import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from bench.client import Address, Connection, WrongAnswer


@contextmanager
def serving(answers: Sequence[bytes], *, close: bool = False) -> Iterator[Address]:
    """Answer one request after another; with `close`, each on a new connection."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        channel = None
        for answer in answers:
            channel = channel or listener.accept()[0]
            channel.recv(1 << 16)
            channel.sendall(answer)
            if close:
                channel.close()
                channel = None
        if channel is not None:
            channel.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield Address("127.0.0.1", listener.getsockname()[1], "/dicomweb", "secret")
    finally:
        thread.join(5)
        listener.close()


def bodies(address: Address, number: int) -> list[bytes]:
    with Connection(address) as connection:
        request = [b"GET / HTTP/1.1\r\n\r\n"]
        return [bytes(connection.exchange(request).body) for _ in range(number)]


def test_bodies_of_known_length_share_a_connection() -> None:
    answers = [
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text)
        for text in (b"abc", b"xyz", b"", b"longer")
    ]
    with serving(answers) as address:
        assert bodies(address, 4) == [b"abc", b"xyz", b"", b"longer"]


def test_chunked_bodies() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    answers = [
        head + b"3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n",
        head + b"2\r\nhi\r\n0\r\nTrailer: t\r\n\r\n",
    ]
    with serving(answers) as address:
        assert bodies(address, 2) == [b"abcdefg", b"hi"]


def test_bodies_that_end_with_the_connection() -> None:
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    texts = [b"a" * 5000, b"b" * 5000, b"c" * 9, b"d" * 70_000]
    with serving([head + text for text in texts], close=True) as address:
        assert bodies(address, 4) == texts


def test_an_answer_without_body() -> None:
    answers = [b"HTTP/1.1 204 No Content\r\n\r\n"]
    with serving(answers) as address:
        assert bodies(address, 1) == [b""]


def test_a_body_cut_short_is_wrong() -> None:
    answers = [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"]
    with (
        serving(answers, close=True) as address,
        pytest.raises(WrongAnswer, match="3 of 9 bytes"),
    ):
        bodies(address, 1)


def test_a_request_carries_the_token() -> None:
    address = Address("127.0.0.1", 8000, "/dicomweb", "secret")

    assert address.request("GET", "/studies", {"Accept": "a/b"}) == (
        b"GET /dicomweb/studies HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: a/b\r\n"
        b"Authorization: Bearer secret\r\n\r\n"
    )
