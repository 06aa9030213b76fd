"""Splitting a multipart/related request body as it comes in (RFC 2046, RFC 2387).

The splitter holds no more than one received piece, whatever the size of a part, and
finds boundaries that are cut in two by the network.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from core.errors import Invalid

MAXIMUM_HEADER_BYTES: Final = 16 * 1024
# RFC 2046 5.1.1 allows 70 characters; Orthanc's plugin 1.7 sends two UUIDs, 73.
MAXIMUM_BOUNDARY: Final = 200
_HEADER_END: Final = re.compile(rb"\r?\n\r?\n")
_BOUNDARY: Final = re.compile(
    rf"[0-9A-Za-z'()+_,\-./:=? ]{{0,{MAXIMUM_BOUNDARY - 1}}}[0-9A-Za-z'()+_,\-./:=?]"
)


@dataclass(frozen=True, slots=True)
class PartStart:
    """A part begins; names of headers are in lower case."""

    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class PartData:
    """The next bytes of the part."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PartEnd:
    """The part is complete."""


Event = PartStart | PartData | PartEnd


def checked_boundary(boundary: str) -> bytes:
    """Return the boundary of a Content-Type.

    Raises
    ------
    Invalid
        It is longer, or of other characters, than RFC 2046 5.1.1 and its users allow.
    """
    if not _BOUNDARY.fullmatch(boundary):
        message = "The boundary parameter of the Content-Type is not a boundary."
        raise Invalid(message, path="boundary")
    return boundary.encode("ascii")


class MultipartSplitter:
    """Turns the pieces of a body into events.

    Parameters
    ----------
    boundary
        From the Content-Type, without the dashes.
    """

    def __init__(self, boundary: bytes) -> None:
        self._delimiter = b"\r\n--" + boundary
        # The first delimiter may stand at the very start: as if a line had ended.
        self._buffer = b"\r\n"
        self._step = self._preamble
        self.complete = False

    def feed(self, data: bytes) -> Iterator[Event]:
        """Take the next piece of the body and yield what it completes.

        Raises
        ------
        Invalid
            The body is not what RFC 2046 calls multipart.
        """
        self._buffer = self._buffer + data if self._buffer else data
        going = True
        while going:
            step = self._step
            for event in step():
                if event is None:
                    going = False
                else:
                    yield event

    def end(self) -> None:
        """Say that no more comes.

        Raises
        ------
        Invalid
            The closing boundary is missing: the body was cut off.
        """
        if not self.complete:
            message = "The multipart body ends before its closing boundary."
            raise Invalid(message)

    def _preamble(self) -> Iterator[Event | None]:
        found = self._buffer.find(self._delimiter)
        if found < 0:
            self._buffer = self._buffer[-len(self._delimiter) + 1 :]
            yield None
            return
        self._buffer = self._buffer[found + len(self._delimiter) :]
        self._step = self._after_delimiter

    def _after_delimiter(self) -> Iterator[Event | None]:
        """Tell a part's beginning from the end of the body."""
        if self._buffer.startswith(b"--"):
            self.complete = True
            self._step = self._epilogue
            return
        line, separator, rest = self._buffer.partition(b"\n")
        if not separator:
            if len(self._buffer) > MAXIMUM_HEADER_BYTES:
                raise Invalid(_NO_LINE_END)
            yield None
            return
        if line.strip(b" \t\r"):
            raise Invalid(_NO_LINE_END)
        self._buffer = b"\r\n" + rest  # no headers at all: the empty line comes first
        self._step = self._headers

    def _headers(self) -> Iterator[Event | None]:
        found = _HEADER_END.search(self._buffer)
        if found is None or found.start() > MAXIMUM_HEADER_BYTES:
            if len(self._buffer) > MAXIMUM_HEADER_BYTES:
                message = "The headers of a part are too long."
                raise Invalid(message)
            yield None
            return
        headers = _parse_headers(self._buffer[: found.start()])
        # An empty part's closing delimiter begins with the end of its headers.
        self._buffer = b"\r\n" + self._buffer[found.end() :]
        self._step = self._first_data
        yield PartStart(headers)

    def _first_data(self) -> Iterator[Event | None]:
        """Drop the line end put before the content, unless a delimiter follows."""
        if len(self._buffer) < len(self._delimiter) and self._delimiter.startswith(
            self._buffer
        ):
            yield None
            return
        if not self._buffer.startswith(self._delimiter):
            self._buffer = self._buffer[2:]
        self._step = self._data

    def _data(self) -> Iterator[Event | None]:
        found = self._buffer.find(self._delimiter)
        if found < 0:
            kept = _overlap(self._buffer, self._delimiter)
            sure = len(self._buffer) - kept
            data, self._buffer = self._buffer[:sure], self._buffer[sure:]
            if data:
                yield PartData(data)
            yield None
            return
        data = self._buffer[:found]
        self._buffer = self._buffer[found + len(self._delimiter) :]
        self._step = self._after_delimiter
        if data:
            yield PartData(data)
        yield PartEnd()

    def _epilogue(self) -> Iterator[Event | None]:
        self._buffer = b""
        yield None


_NO_LINE_END: Final = "A boundary of the multipart body is not followed by a line end."


def _overlap(buffer: bytes, delimiter: bytes) -> int:
    """Return how many bytes at the end may be the beginning of a delimiter."""
    start = max(0, len(buffer) - len(delimiter) + 1)
    while (start := buffer.find(b"\r", start)) >= 0:
        if delimiter.startswith(buffer[start:]):
            return len(buffer) - start
        start += 1
    return 0


def _parse_headers(block: bytes) -> dict[str, str]:
    headers = {}
    for line in block.decode("latin-1").splitlines():
        name, separator, value = line.partition(":")
        if line.strip() and not separator:
            message = "A header of a part has no colon."
            raise Invalid(message)
        headers[name.strip().lower()] = value.strip()
    return headers
