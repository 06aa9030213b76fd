"""What compressed streams say of themselves, read before any codec sees them.

A codec allocates what a stream declares: so its declaration is compared with that of
the data set first (`imaging.pixels.codec`). Also here: whether a stream is whole, as
codecs fill what is missing with grey and say nothing.
"""

from struct import error as struct_error
from struct import unpack_from
from typing import Final, NamedTuple, NoReturn

from imaging.errors import CannotTranscode

_SOI: Final = b"\xff\xd8"
_SOS: Final = b"\xff\xda"
_END: Final = b"\xff\xd9"  # EOI of JPEG, EOC of JPEG 2000
_STARTS_OF_FRAME: Final = frozenset({*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC})
_WITHOUT_LENGTH: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_RGB_IDS: Final = frozenset({b"RGB", b"rgb"})
# Each scan may cost as much as the whole picture: real ones have ten at most.
_MOST_SCANS: Final = 32
_MOST_TILE_PARTS: Final = 65_535
_SHORTEST_TILE_PART: Final = 12
_START_OF_TILE: Final = b"\xff\x90"
_TAIL: Final = 64  # bytes in which the last mark is looked for: some pad behind it


class JpegHeader(NamedTuple):
    """The start of a JPEG or JPEG-LS stream (ITU-T T.81 B.2.2, T.87 C.2.2).

    Attributes
    ----------
    process
        The marker's second byte: 0xC0 baseline, 0xC3 lossless, 0xF7 JPEG-LS.
    is_rgb
        What marks in the stream say: True, False, or None where there are none.
    """

    process: int
    precision: int
    rows: int
    columns: int
    components: int
    is_rgb: bool | None


class Jpeg2000Header(NamedTuple):
    """The image and tile size of a JPEG 2000 codestream (ITU-T T.800 A.5.1)."""

    precision: int
    rows: int
    columns: int
    components: int
    is_signed: bool


def refuse(what: str) -> NoReturn:
    """Refuse a stream that no codec should see, or that one did not take.

    Raises
    ------
    CannotTranscode
        Always.
    """
    message = f"A frame is damaged: {what}. Ask for it as stored."
    raise CannotTranscode(message)


def jpeg_header(stream: bytes) -> JpegHeader:
    """Return what a JPEG or JPEG-LS stream says of itself.

    Raises
    ------
    CannotTranscode
        It is none, it has no end, or so many scans that it is made to cost time.
    """
    if not stream.startswith(_SOI):
        refuse("it does not begin like JPEG")
    if stream.rfind(_END) < stream.rfind(_SOS):
        refuse("it ends before its last mark")
    if stream.count(_SOS) > _MOST_SCANS:
        refuse("it has too many scans")
    try:
        return _start_of_frame(stream)
    except (struct_error, IndexError, ValueError):
        refuse("its header is cut off")


def jpeg_2000_codestream(stream: bytes) -> bytes:
    """Return the codestream of JPEG 2000, out of its file format where it is in one.

    The boxes of the file format (ITU-T T.800 I) could tell a decoder to change colours;
    in DICOM the data set alone says what the samples mean (DICOM PS3.5 8.2.4).

    Raises
    ------
    CannotTranscode
        There is none.
    """
    position = 0
    while stream[position : position + 4] != b"\xff\x4f\xff\x51":
        if position + 8 > len(stream):
            refuse("it has no JPEG 2000 codestream")
        length, kind = unpack_from(">I4s", stream, position)
        head = 8
        if length == 1 and position + 16 <= len(stream):
            (length,), head = unpack_from(">Q", stream, position + 8), 16
        if kind == b"jp2c":
            length = head
        if length < 8:
            refuse("it has no JPEG 2000 codestream")
        position += length
    return stream[position:] if position else stream


def jpeg_2000_header(codestream: bytes) -> Jpeg2000Header:
    """Return what a codestream of JPEG 2000 says of itself.

    Raises
    ------
    CannotTranscode
        It is cut off, or its components differ from each other.
    """
    try:
        x1, y1, x0, y0 = unpack_from(">4I", codestream, 8)
        (number,) = unpack_from(">H", codestream, 40)
        components = {bytes(codestream[42 + 3 * i : 45 + 3 * i]) for i in range(number)}
        _require_tiles(codestream)
    except (struct_error, IndexError):
        refuse("its header is cut off")
    if len(components) != 1:
        refuse("its components differ")
    depth, *steps = components.pop()
    if steps != [1, 1] or x1 < x0 or y1 < y0:
        refuse("its components are not of the size of the picture")
    return Jpeg2000Header((depth & 0x7F) + 1, y1 - y0, x1 - x0, number, depth >= 0x80)


def _start_of_frame(stream: bytes) -> JpegHeader:
    position, hint = 2, None
    while True:
        # Between segments libjpeg passes over anything up to the next marker.
        position = stream.index(b"\xff", position)
        while stream[position] == 0xFF:
            position += 1
        marker = stream[position]
        position += 1
        if marker == 0 or marker in _WITHOUT_LENGTH:
            continue
        (length,) = unpack_from(">H", stream, position)
        if marker in _STARTS_OF_FRAME:
            break
        segment = stream[position + 2 : position + length]
        if marker == 0xEE and segment.startswith(b"Adobe") and len(segment) >= 12:
            hint = segment[11] == 0
        elif marker == 0xE0 and segment.startswith(b"JFIF") and hint is None:
            hint = False
        position += length
    precision, rows, columns, components = unpack_from(">BHHB", stream, position + 2)
    ids = bytes(stream[position + 8 : position + 8 + 3 * components : 3])
    is_rgb = True if ids in _RGB_IDS else hint
    return JpegHeader(marker, precision, rows, columns, components, is_rgb)


def _require_tiles(codestream: bytes) -> None:
    """Refuse a codestream that ends inside a tile (ITU-T T.800 A.4.2)."""
    position = 2
    while codestream[position : position + 2] != _START_OF_TILE:
        position += 2 + unpack_from(">H", codestream, position + 2)[0]
    for _ in range(_MOST_TILE_PARTS):
        if codestream[position : position + 2] != _START_OF_TILE:
            return
        (length,) = unpack_from(">I", codestream, position + 6)
        if length == 0:  # up to the end, which must be marked then
            if _END not in codestream[-_TAIL:]:
                refuse("it ends inside a tile")
            return
        position += max(length, _SHORTEST_TILE_PART)
        if position > len(codestream):
            refuse("it ends inside a tile")
    refuse("it has too many tiles")
