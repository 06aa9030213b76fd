"""A small HTTP/1.1 client over a socket: cheap enough not to be what is measured.

Requests are bytes made beforehand, bodies are received into one buffer that is used
again while answers keep their length. No redirects, no compression, no TLS.
"""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from io import BufferedReader
from typing import Final, Self

TIMEOUT_S: Final = 120
_READ_BUFFER: Final = 1 << 16
_NO_BODY: Final = (204, 304)


class WrongAnswer(Exception):
    """A server's answer is not what the row asked for: it yields no figure."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a DICOMweb service is, and the bearer token it wants, if any."""

    host: str
    port: int
    base: str
    token: str = ""

    def request(
        self, method: str, path: str, headers: dict[str, str], length: int = 0
    ) -> bytes:
        """Return the head of a request for `path` under the service's base."""
        lines = [f"{method} {self.base}{path} HTTP/1.1", f"Host: {self.host}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if self.token:
            lines.append(f"Authorization: Bearer {self.token}")
        if method != "GET":
            lines.append(f"Content-Length: {length}")
        return "\r\n".join([*lines, "", ""]).encode()


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; `body` is only valid until the connection's next exchange."""

    status: int
    content_type: str
    body: bytearray


class Connection:
    """A keep-alive connection; opened again when the server closed it."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._socket: socket.socket | None = None
        self._reader: BufferedReader | None = None
        self._buffer = bytearray()

    def __enter__(self) -> Self:
        """Return the connection itself; it opens with the first exchange."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the socket, if it is open."""
        if self._socket is not None and self._reader is not None:
            self._reader.close()
            self._socket.close()
        self._socket = self._reader = None

    def exchange(self, segments: Sequence[bytes]) -> Response:
        """Send one request and return its answer.

        Raises
        ------
        WrongAnswer
            When the server hangs up in the middle.
        """
        channel, reader = self._open()
        _send(channel, segments)
        status_line = reader.readline()
        if not status_line.startswith(b"HTTP/1."):
            self.close()
            message = f"no answer but {status_line[:80]!r}"
            raise WrongAnswer(message)
        status = int(status_line[9:12])
        headers = _headers(reader)
        self._receive(reader, status, headers)
        if headers.get(b"connection", b"").lower() == b"close":
            self.close()
        content_type = headers.get(b"content-type", b"").decode("latin-1")
        return Response(status, content_type, self._buffer)

    def _open(self) -> tuple[socket.socket, BufferedReader]:
        if self._socket is None or self._reader is None:
            place = (self._address.host, self._address.port)
            self._socket = socket.create_connection(place, timeout=TIMEOUT_S)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            raw = self._socket.makefile("rb", buffering=0)
            self._reader = BufferedReader(raw, _READ_BUFFER)
        return self._socket, self._reader

    def _receive(
        self, reader: BufferedReader, status: int, headers: dict[bytes, bytes]
    ) -> None:
        length = headers.get(b"content-length")
        if status in _NO_BODY:
            self._buffer = bytearray()
        elif length is not None:
            self._receive_exactly(reader, int(length))
        elif headers.get(b"transfer-encoding", b"").lower() == b"chunked":
            self._receive_chunks(reader)
        else:
            self._receive_until_end(reader)

    def _receive_exactly(self, reader: BufferedReader, length: int) -> None:
        if len(self._buffer) != length:
            self._buffer = bytearray(length)
        with memoryview(self._buffer) as view:
            received = _fill(reader, view)
        if received != length:
            self.close()
            message = f"{received} of {length} bytes"
            raise WrongAnswer(message)

    def _receive_chunks(self, reader: BufferedReader) -> None:
        """Receive a chunked body (RFC 9112 7.1)."""
        received = 0
        while size := int(reader.readline().partition(b";")[0], 16):
            end = received + size
            if end > len(self._buffer):
                self._buffer.extend(bytes(end - len(self._buffer)))
            with memoryview(self._buffer)[received:end] as view:
                _fill(reader, view)
            reader.readline()
            received = end
        del self._buffer[received:]
        _headers(reader)

    def _receive_until_end(self, reader: BufferedReader) -> None:
        """Receive a body that ends with the connection, as Orthanc sends studies."""
        with memoryview(self._buffer) as view:
            received = _fill(reader, view)
        del self._buffer[received:]
        self._buffer += reader.read()
        self.close()


def _fill(reader: BufferedReader, view: memoryview) -> int:
    """Receive into all of `view`, past the reader's own buffer where it is large."""
    return reader.readinto(view)


def _send(channel: socket.socket, segments: Sequence[bytes]) -> None:
    """Send `segments` with as few system calls as the kernel allows, uncopied."""
    sent = channel.sendmsg(segments)
    for segment in segments:
        if sent < len(segment):
            with memoryview(segment) as view:
                channel.sendall(view[sent:])
            sent = 0
        else:
            sent -= len(segment)


def _headers(reader: BufferedReader) -> dict[bytes, bytes]:
    headers = {}
    while (line := reader.readline()) not in (b"\r\n", b""):
        name, _, value = line.partition(b":")
        headers[name.lower()] = value.strip()
    return headers
