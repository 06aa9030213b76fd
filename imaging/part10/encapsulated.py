"""Fragments of encapsulated values, and which of them make which frame.

DICOM PS3.5 A.4: a sequence of items, the first the Basic Offset Table, each further
one a fragment. Only item headers are read; where no table tells the frames apart, also
the first and last bytes of the fragments.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from struct import Struct, pack
from typing import Final

from imaging.part10.dictionary_table import ITEM, SEQUENCE_DELIMITER
from imaging.part10.errors import Malformed, TooLarge, Truncated
from imaging.part10.values import Buffer

UNDEFINED: Final = 0xFFFFFFFF

MAX_FRAGMENTS: Final = 4_000_000

_HEADER: Final = 8
_STARTS: Final = (
    b"\xff\xd8",  # JPEG and JPEG-LS: start of image
    b"\xff\x4f",  # JPEG 2000: start of codestream
    b"\xff\x0a",  # JPEG XL codestream
    b"\x00\x00\x00\x0cjP",  # JPEG 2000 file format
    b"\x00\x00\x00\x0cJX",  # JPEG XL container
)
_END_OF_IMAGE: Final = b"\xff\xd9"


@dataclass(frozen=True, slots=True)
class Fragments:
    """The items of one encapsulated value, the Basic Offset Table among them.

    `starts` are the offsets of the item tags, `lengths` those of the values; `stop` is
    the offset of the sequence delimiter and `after` the one behind it.
    """

    starts: "array[int]"  # not subscriptable at run time in Python 3.11
    lengths: "array[int]"
    stop: int
    after: int


def scan(buffer: Buffer, pos: int, end: int, byte_order: str) -> Fragments:
    """List the items from `pos` on up to the sequence delimiter.

    Raises
    ------
    Truncated
        If the value ends without delimiter, or a fragment reaches beyond the end.
    Malformed
        If something other than an item is found.
    """
    header = Struct(f"{byte_order}HHI").unpack_from
    starts, lengths = array("Q"), array("Q")
    while pos + _HEADER <= end:
        group, element, length = header(buffer, pos)
        tag = group << 16 | element
        if tag == SEQUENCE_DELIMITER:
            return Fragments(starts, lengths, pos, pos + _HEADER)
        if tag != ITEM or length == UNDEFINED:
            message = f"no fragment or delimiter at byte {pos}"
            raise Malformed(message)
        if len(starts) > MAX_FRAGMENTS:
            message = f"more than {MAX_FRAGMENTS} fragments"
            raise TooLarge(message)
        starts.append(pos)
        lengths.append(length)
        pos += _HEADER + length
    message = "encapsulated value ends without sequence delimiter"
    raise Truncated(message)


def frame_table(
    buffer: Buffer,
    fragments: Fragments,
    number_of_frames: int,
    extended_offsets: Sequence[int],
    *,
    shift: int = 0,
) -> bytes | None:
    """Return the ranges of the frames as `PixelLayout.frames`, None if unknown.

    Tried in turn: the Extended Offset Table, the Basic Offset Table, one fragment a
    frame, one frame in all, and marks of compressed images at the fragments' ends.
    """
    starts, lengths = fragments.starts[1:], fragments.lengths[1:]
    if not starts:
        return None
    first = _first_fragments(buffer, fragments, number_of_frames, extended_offsets)
    if first is None:
        return None
    bounds = [*first[1:], len(starts)]
    ranges: list[int] = []
    for index, bound in zip(first, bounds, strict=True):
        stop = starts[bound - 1] + _HEADER + lengths[bound - 1]
        ranges += (starts[index] + shift, stop - starts[index])
    return pack(f"<{len(ranges)}Q", *ranges)


def _first_fragments(
    buffer: Buffer,
    fragments: Fragments,
    number_of_frames: int,
    extended_offsets: Sequence[int],
) -> Sequence[int] | None:
    """Return the index of each frame's first fragment."""
    starts = fragments.starts[1:]
    for offsets in (extended_offsets, _basic_offsets(buffer, fragments)):
        first = _by_offsets(starts, offsets, number_of_frames)
        if first is not None:
            return first
    if len(starts) == number_of_frames:
        return range(number_of_frames)
    if number_of_frames == 1:
        return (0,)
    return _by_marks(buffer, starts, fragments.lengths[1:], number_of_frames)


def _basic_offsets(buffer: Buffer, fragments: Fragments) -> Sequence[int]:
    start, length = fragments.starts[0] + _HEADER, fragments.lengths[0]
    if length % 4:
        return ()
    return Struct(f"<{length // 4}I").unpack_from(buffer, start)


def _by_offsets(
    starts: Sequence[int], offsets: Sequence[int], number_of_frames: int
) -> list[int] | None:
    """Return the fragments that a table points to, if it is consistent with them."""
    if len(offsets) != number_of_frames or offsets[0] != 0:
        return None
    base = starts[0]
    index_of = {start - base: index for index, start in enumerate(starts)}
    first = [index_of.get(offset, -1) for offset in offsets]
    ascending = all(a < b for a, b in pairwise(first))
    return first if ascending else None


def _by_marks(
    buffer: Buffer,
    starts: Sequence[int],
    lengths: Sequence[int],
    number_of_frames: int,
) -> list[int] | None:
    """Group fragments by how compressed images begin, or else by how they end."""
    begins, after_end = [], [0]
    for index, (start, length) in enumerate(zip(starts, lengths, strict=True)):
        value = start + _HEADER
        if bytes(buffer[value : value + min(length, 6)]).startswith(_STARTS):
            begins.append(index)
        tail = bytes(buffer[value + max(0, length - 4) : value + length])
        if tail.rstrip(b"\0").endswith(_END_OF_IMAGE):
            after_end.append(index + 1)
    if len(begins) == number_of_frames and begins[0] == 0:
        return begins
    if after_end[-1] == len(starts) and len(after_end) == number_of_frames + 1:
        return after_end[:-1]
    return None
