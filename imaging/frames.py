"""Values and frames as octets, read where they lie and never more than is asked for.

Octets are what DICOM PS3.18 8.7.3.3 sends: little endian without padding between
frames, or the compressed stream without its fragments' item tags. Nothing here
knows the database; a `Source` is a blob, or an inflated stream.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from core.errors import NotFound, Upstream
from imaging.layout import Pixels
from imaging.pace import Pace
from imaging.part10.values import WORD_SIZE

_ITEM_TAG: Final = b"\xfe\xff\x00\xe0"
_ITEM_HEADER: Final = struct.Struct("<4sI")


class Source(Protocol):
    """Bytes that can be read anywhere: the data set stream of `imaging.layout`."""

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes at `offset`, exactly `length` of them."""


class Octets(Protocol):
    """A value or a frame as it is sent."""

    @property
    def size(self) -> int:
        """Return the number of bytes."""

    def read(self, start: int, length: int) -> bytes:
        """Return a part; `start` counts from the first byte sent."""


def chunks(
    octets: Octets, start: int, length: int, pace: Pace | None = None
) -> Iterator[bytes]:
    """Yield `length` bytes from `start`, in pieces as large as `pace` says."""
    pace = pace or Pace(length)
    position, end = start, start + length
    while position < end:
        size = min(pace.chunk_bytes, end - position)
        yield octets.read(position, size)
        position += size


@dataclass(frozen=True, slots=True)
class Value:
    """A value that is not encapsulated, in little endian.

    Attributes
    ----------
    word_bytes
        More than 1 where the source is big endian: the size of what is swapped.
    """

    source: Source
    offset: int
    size: int
    word_bytes: int = 1

    def read(self, start: int, length: int) -> bytes:
        """Return a part of the value."""
        if self.word_bytes == 1:
            return self.source.read(self.offset + start, length)
        before = start % self.word_bytes
        first = start - before
        last = min(first + _up(before + length, self.word_bytes), self.size)
        words = self.source.read(self.offset + first, last - first)
        return _swapped(words, self.word_bytes)[before : before + length]


@dataclass(frozen=True, slots=True)
class NativeFrame:
    """A frame of pixel data that is not encapsulated.

    Frames of single-bit pixels follow each other without padding, so that one may
    begin inside a byte (DICOM PS3.5 8.1.1); here its first pixel is always the lowest
    bit of the first byte, and what is left of the last byte is 0.
    """

    value: Value
    first_bit: int
    bits: int

    @property
    def size(self) -> int:
        """Return the number of bytes, the last maybe not full."""
        return _up(self.bits, 8) // 8

    def read(self, start: int, length: int) -> bytes:
        """Return a part of the frame."""
        first_byte, shift = divmod(self.first_bit, 8)
        if not (shift or self.bits % 8):
            return self.value.read(first_byte + start, length)
        wanted = min(8 * length, self.bits - 8 * start)
        packed = self.value.read(first_byte + start, _up(shift + wanted, 8) // 8)
        bits = int.from_bytes(packed, "little") >> shift & ~(-1 << wanted)
        return bits.to_bytes(length, "little")


@dataclass(frozen=True, slots=True)
class InMemory:
    """A value or a frame that has been read."""

    content: bytes

    @property
    def size(self) -> int:
        """Return the number of bytes."""
        return len(self.content)

    def read(self, start: int, length: int) -> bytes:
        """Return a part of the content."""
        return self.content[start : start + length]


class Run(NamedTuple):
    """Bytes of a source."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Fragments:
    """A compressed stream: the fragments' contents, one after the other."""

    source: Source
    runs: tuple[Run, ...]

    @property
    def size(self) -> int:
        """Return the number of bytes without item tags."""
        return sum(run.length for run in self.runs)

    def read(self, start: int, length: int) -> bytes:
        """Return a part of the stream."""
        parts = []
        end = start + length
        for run in self.runs:
            first, last = max(start, 0), min(end, run.length)
            if first < last:
                parts.append(self.source.read(run.offset + first, last - first))
            start, end = start - run.length, end - run.length
        return parts[0] if len(parts) == 1 else b"".join(parts)


def native_frame(pixels: Pixels, value: Value, number: int) -> NativeFrame:
    """Return frame `number`, from 1, of pixel data that is not encapsulated.

    Raises
    ------
    NotFound
        The pixel data ends before the frame does.
    """
    first_bit = (number - 1) * pixels.bits_per_frame
    if first_bit + pixels.bits_per_frame > 8 * pixels.length:
        message = f"The pixel data ends before the end of frame {number}."
        raise NotFound(message, path="frames")
    return NativeFrame(value, first_bit, pixels.bits_per_frame)


def fragments(source: Source, run: Run, *, skip: int = 0) -> Fragments:
    """Return the contents of the items in `run` (DICOM PS3.5 A.4).

    Parameters
    ----------
    skip
        Items to leave out at the beginning: 1 for the Basic Offset Table.

    Raises
    ------
    Upstream
        The bytes there are no items: the blob is damaged.
    """
    runs = []
    position, end = run.offset, run.offset + run.length
    while position < end:
        tag, length = _ITEM_HEADER.unpack(source.read(position, _ITEM_HEADER.size))
        position += _ITEM_HEADER.size
        if tag != _ITEM_TAG or position + length > end:
            message = "The stored fragments are damaged. Tell an administrator."
            raise Upstream(message, retryable=False)
        runs.append(Run(position, length))
        position += length
    return Fragments(source, tuple(runs[skip:]))


def word_bytes(vr: str, bits_allocated: int | None = None) -> int:
    """Return the size of the words to swap in a big endian value of `vr`.

    Pixels of 32 bits in OW are written by real encoders as words of 32 bits, and so
    read by pydicom and DCMTK, although OW means words of 16 (DICOM PS3.5 A.3).
    """
    if vr == "OW" and bits_allocated in {32, 64}:
        return bits_allocated // 8
    return WORD_SIZE.get(vr, 1)


def _up(number: int, step: int) -> int:
    """Return `number` rounded up to a multiple of `step`."""
    return -(-number // step) * step


def _swapped(words: bytes, width: int) -> bytes:
    swapped = bytearray(words)
    whole = len(words) - len(words) % width
    for place in range(width):
        swapped[place:whole:width] = words[width - 1 - place : whole : width]
    return bytes(swapped)
