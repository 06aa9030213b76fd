"""The element of pixel data, written around frames as they come.

DICOM PS3.5 A.4 (encapsulated), 8.1 (native). Frames are not held: of encapsulated ones
so many as a Basic Offset Table may tell the places of without waiting long.
"""

from collections.abc import Iterable, Iterator
from struct import pack
from typing import Final

from imaging.part10.dictionary_table import PIXEL_DATA
from imaging.part10.encapsulated import UNDEFINED
from imaging.part10.errors import TooLarge
from imaging.part10.writing import SEQUENCE_END, header, implicit_header

HELD_BYTES: Final = 4 << 20
"""Of encapsulated frames; with more, the Basic Offset Table is left empty."""

_ITEM: Final = 0xE000FFFE
_ITEM_HEADER: Final = 8


def native_element(
    frames: Iterable[bytes], size: int, bits_allocated: int, *, implicit: bool
) -> Iterator[bytes]:
    """Yield the element around frames that are not compressed.

    Parameters
    ----------
    size
        Of all frames together, in bytes.

    Raises
    ------
    TooLarge
        At once: an element cannot be so long (DICOM PS3.5 7.1.2).
    """
    if size >= UNDEFINED - 1:
        message = f"pixel data of {size} bytes are longer than an element can be"
        raise TooLarge(message)
    vr = "OW" if implicit or bits_allocated > 8 else "OB"
    begin = implicit_header if implicit else header
    return _native(frames, begin(PIXEL_DATA, vr, size + size % 2), bytes(size % 2))


def encapsulated_element(frames: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the element around compressed frames, each one fragment.

    The Basic Offset Table is complete where the frames are short together, else empty:
    its place is before frames that are not made yet, and a reader finds one frame in
    each fragment without it (DICOM PS3.5 A.4).
    """
    yield header(PIXEL_DATA, "OB", UNDEFINED)
    held: list[bytes] = []
    size = 0
    remaining = iter(frames)
    for frame in remaining:
        held.append(_fragment(frame))
        size += len(held[-1])
        if size > HELD_BYTES:
            yield pack("<II", _ITEM, 0)
            break
    else:
        yield _offset_table(held)
    yield from held
    held.clear()
    for frame in remaining:
        yield _fragment(frame)
    yield SEQUENCE_END


def _native(frames: Iterable[bytes], head: bytes, pad: bytes) -> Iterator[bytes]:
    yield head
    yield from frames
    yield pad


def _offset_table(fragments: list[bytes]) -> bytes:
    offsets, position = [], 0
    for fragment in fragments:
        offsets.append(position)
        position += len(fragment)
    return pack(f"<II{len(offsets)}I", _ITEM, 4 * len(offsets), *offsets)


def _fragment(frame: bytes) -> bytes:
    length = len(frame) + len(frame) % 2
    return pack("<II", _ITEM, length) + frame + bytes(length - len(frame))
