"""The data set stream of a stored file, and its inflation where it is deflated.

DICOM PS3.5 A.5: the file meta information is stored as it is, the data set behind it
as a raw deflate stream (RFC 1951). Everything runs in bounded memory, and stops at
limits that only files made to exhaust the server reach.
"""

import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

from imaging.part10.errors import Malformed, TooLarge, Truncated

CHUNK: Final = 1 << 20
MAX_INFLATED: Final = 8 << 30
MAX_HEADER: Final = 64 << 20
"""Bytes kept at once of what is not native pixel data."""

DEFLATED: Final = frozenset(
    {
        "1.2.840.10008.1.2.1.99",  # Deflated Explicit VR Little Endian
        "1.2.840.10008.1.2.4.95",  # JPIP Referenced Deflate
        "1.2.840.10008.1.2.4.205",  # JPIP HTJ2K Referenced Deflate
    }
)

Read = Callable[[int, int], bytes | bytearray | memoryview]
"""`read(offset, length)`: bytes of the stored file, fewer only at its end."""


def inflated(read: Read, offset: int, *, limit: int = MAX_INFLATED) -> Iterator[bytes]:
    """Yield what the deflate stream at `offset` holds, at most `CHUNK` at a time.

    Raises
    ------
    Malformed
        If it is no deflate stream.
    Truncated
        If it has no end.
    TooLarge
        If it inflates to more than `limit` bytes.
    """
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    total = 0
    pending: bytes | bytearray | memoryview = b""
    while not stream.eof:
        if not pending:
            pending = read(offset, CHUNK // 16)
            offset += len(pending)
            if not pending:
                message = "the deflated data set has no end"
                raise Truncated(message)
        try:
            chunk = stream.decompress(pending, CHUNK)
        except zlib.error as error:
            message = "the data set is not a deflate stream"
            raise Malformed(message) from error
        pending = stream.unconsumed_tail
        total += len(chunk)
        if total > limit:
            message = f"the data set inflates to more than {limit} bytes"
            raise TooLarge(message)
        if chunk:
            yield chunk


class DataSetStream:
    """Reads ranges of the data set stream of one stored file.

    A deflated stream is inflated forward from where the last range ended, and from the
    start for a range that lies before: ask in ascending order.
    """

    def __init__(self, read: Read, data_set_offset: int, *, deflated: bool) -> None:
        self._read = read
        self._data_set_offset = data_set_offset
        self._deflated = deflated
        self._restart()

    def _restart(self) -> None:
        self._chunks = inflated(self._read, self._data_set_offset)
        self._held = b""
        self._position = self._data_set_offset

    def read_range(self, offset: int, length: int) -> Iterator[bytes]:
        """Yield the bytes from `offset` on, at most 1 MiB at a time.

        Raises
        ------
        Truncated
            If the stream ends before the range does.
        """
        stored = length
        if self._deflated:
            stored = max(0, min(length, self._data_set_offset - offset))
        yield from self._stored(offset, stored)
        if length > stored:
            yield from self._inflated(offset + stored, length - stored)

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes of a short range, fewer at the end of the stream."""
        chunks: list[bytes] = []
        with suppress(Truncated):
            chunks.extend(self.read_range(offset, length))
        return b"".join(chunks)

    def _stored(self, offset: int, length: int) -> Iterator[bytes]:
        while length:
            chunk = bytes(self._read(offset, min(length, CHUNK)))
            if not chunk:
                message = f"the file ends at byte {offset}"
                raise Truncated(message)
            yield chunk
            offset += len(chunk)
            length -= len(chunk)

    def _inflated(self, offset: int, length: int) -> Iterator[bytes]:
        if offset < self._position:
            self._restart()
        while length:
            skip = offset - self._position
            piece = self._held[skip : skip + length]
            offset += len(piece)
            length -= len(piece)
            if piece:
                yield piece
            if length:
                self._position += len(self._held)
                self._held = b""
                chunk = next(self._chunks, None)
                if chunk is None:
                    message = f"the data set ends at byte {self._position}"
                    raise Truncated(message)
                self._held = chunk


def open_stream(
    file: Read | bytes | bytearray | memoryview,
    transfer_syntax_uid: str,
    data_set_offset: int,
) -> DataSetStream:
    """Return a reader of the data set stream of a stored file.

    `file` is the file's bytes, or a function that reads a range of them.
    """
    deflated = transfer_syntax_uid in DEFLATED
    return DataSetStream(as_read(file), data_set_offset, deflated=deflated)


def as_read(file: Read | bytes | bytearray | memoryview) -> Read:
    """Return a function that reads ranges of `file`."""
    if callable(file):
        return file
    view = memoryview(file)
    return lambda offset, length: view[offset : offset + length]
