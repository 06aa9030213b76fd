"""What is imported, a resource or bundle at a time, from any place in it: NDJSON.

A file that holds one JSON value is taken as one line, however it is written.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, Protocol

CHUNK_BYTES: Final = 1024 * 1024
LONGEST_BYTES: Final = 100 * 1024 * 1024  # of a line
_NEWLINE: Final = b"\n"


class Source(Protocol):
    """Bytes that can be read from anywhere."""

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes at `offset`, fewer than `length` only where it ends."""

    def close(self) -> None:
        """Give back what it holds."""


class LocalFile:
    """A file of this machine, as a source."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes at `offset`."""
        return os.pread(self._descriptor, length, offset)

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)


class Line(NamedTuple):
    """One line.

    Attributes
    ----------
    number
        From 1.
    content
        None where it is longer than `LONGEST_BYTES`.
    end
        Where the next one begins.
    """

    number: int
    content: bytes | None
    end: int


def lines_of(
    source: Source, offset: int, number: int, *, whole: bool
) -> Iterator[Line]:
    """Yield the lines from a place on, empty ones left out.

    Parameters
    ----------
    number
        Of the line that begins at `offset`.
    whole
        The source is one line, whatever is in it.
    """
    pieces: list[bytes] = []
    size = 0
    while piece := source.read(offset, CHUNK_BYTES):
        start = 0
        while not whole and (at := piece.find(_NEWLINE, start)) >= 0:
            pieces.append(piece[start:at])
            start = at + 1
            yield from _line(number, pieces, size + at, offset + start)
            number, pieces, size = number + 1, [], 0
        offset += len(piece)
        size += len(piece) - start
        if size <= LONGEST_BYTES:
            pieces.append(piece[start:])
        else:
            pieces.clear()
    yield from _line(number, pieces, size, offset)


def _line(number: int, pieces: list[bytes], size: int, end: int) -> Iterator[Line]:
    if size > LONGEST_BYTES:
        yield Line(number, None, end)
    elif content := b"".join(pieces).strip():
        yield Line(number, content, end)


def is_one_value(name: str) -> bool:
    """Return whether a file of a name holds one JSON value, not lines of them."""
    return name.lower().endswith(".json")
