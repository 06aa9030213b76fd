"""A file in another transfer syntax, made frame by frame while it is written.

The header says what the pixels then are (DICOM PS3.5 8.2, PS3.3 C.7.6.1.1.5,
C.7.6.3). The SOP Instance UID stays, also where the compression is lossy: what is
retrieved by an address is what it names, and the data set says how it was compressed
(decision 0014). Nothing here knows blobs or the database.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from imaging.errors import CannotTranscode
from imaging.frames import (
    Octets,
    Run,
    Source,
    Value,
    fragments,
    native_frame,
    word_bytes,
)
from imaging.layout import FRAME_ENTRY, Pixels
from imaging.part10 import (
    ParsedInstance,
    Rewriting,
    encapsulated_element,
    native_element,
    open_stream,
    rewrite,
    to_explicit_little_endian,
)
from imaging.part10.inflate import Read
from imaging.pixels import (
    CODECS,
    EXPLICIT_LITTLE_ENDIAN,
    IMPLICIT_LITTLE_ENDIAN,
    NATIVE,
    ImageDescription,
    after_decoding,
    after_encoding,
    decode,
    encode,
    longest_stream,
)

_PIXEL_DATA: Final = "7FE00010"
_OFFSET_TABLES: Final = (0x7FE00001, 0x7FE00002, 0x7FE00003)
_ICONS: Final = "00880200"
_IMAGE_TYPE: Final = "00080008"
_RATIO: Final = "00282112"
_METHOD: Final = "00282114"
_ITEM_HEADER: Final = 8  # bytes before those of a fragment


def transcode(
    read: Read, parsed: ParsedInstance, transfer_syntax_uid: str
) -> Iterator[bytes]:
    """Yield a file in a transfer syntax that is encoded here.

    Parameters
    ----------
    read
        Reads ranges of the file; fewer bytes at its end.
    parsed
        What `part10.parse` made of it, its model not pruned.

    Raises
    ------
    CannotTranscode
        With the first piece: the first frame cannot be decoded or encoded. Later: a
        further one cannot.
    Part10Error
        The header cannot be followed.
    """
    source = open_stream(read, parsed.transfer_syntax_uid, parsed.data_set_offset)
    becomes = _becoming(source, parsed, transfer_syntax_uid)
    if becomes is None:
        yield from to_explicit_little_endian(read, parsed)
    else:
        yield from rewrite(read, parsed, becomes)


def _becoming(
    source: Source, parsed: ParsedInstance, transfer_syntax_uid: str
) -> Rewriting | None:
    """Return what the file becomes; None where Explicit VR says it all."""
    pixels = parsed.pixels
    if pixels is None or not (pixels.encapsulated or transfer_syntax_uid not in NATIVE):
        is_explicit = transfer_syntax_uid == EXPLICIT_LITTLE_ENDIAN
        return None if is_explicit else Rewriting(transfer_syntax_uid)
    if pixels.tag != _PIXEL_DATA:
        message = "Floating point pixels are not compressed."
        raise CannotTranscode(message)
    frames = _Transcoding.of(source, parsed, transfer_syntax_uid)
    made = iter(frames)
    first = next(made)
    return Rewriting(
        transfer_syntax_uid,
        _changes(parsed, frames, len(first)),
        frames.element(chain([first], made)),
    )


@dataclass(frozen=True, slots=True)
class _Transcoding:
    """The frames of an instance on their way from one transfer syntax to another.

    Attributes
    ----------
    described, plain, becomes
        What is said of the stored pixels, of the samples, of what is made.
    """

    octets: Iterator[Octets]
    number_of_frames: int
    stored: str
    wanted: str
    described: ImageDescription
    plain: ImageDescription
    becomes: ImageDescription

    @classmethod
    def of(cls, source: Source, parsed: ParsedInstance, wanted: str) -> "_Transcoding":
        """Return it, with nothing decoded yet."""
        described = ImageDescription.of(parsed.model)
        is_native = parsed.pixels is not None and not parsed.pixels.encapsulated
        stored = EXPLICIT_LITTLE_ENDIAN if is_native else parsed.transfer_syntax_uid
        plain = after_decoding(stored, described)
        becomes = after_encoding(wanted, plain)
        if is_native:
            number, octets = _native_frames(source, parsed, described)
        else:
            number, octets = _compressed_frames(source, parsed)
        return cls(octets, number, stored, wanted, described, plain, becomes)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the frames as they are made."""
        for octets in self.octets:
            if octets.size > longest_stream(self.described):
                message = "A frame is longer than its pixels could make it."
                raise CannotTranscode(message)
            stream = octets.read(0, octets.size)
            samples, _meaning = decode(stream, self.stored, self.described)
            yield encode(samples, self.wanted, self.plain)

    def element(self, frames: Iterator[bytes]) -> Iterator[bytes]:
        """Return the element of pixel data around the frames."""
        if self.wanted not in NATIVE:
            return encapsulated_element(frames)
        bits = self.becomes.native_bits
        if bits % 8 and self.number_of_frames > 1:
            message = "Single-bit frames that end inside a byte are not joined."
            raise CannotTranscode(message)
        return native_element(
            frames,
            self.number_of_frames * -(-bits // 8),
            self.becomes.bits_allocated,
            implicit=self.wanted == IMPLICIT_LITTLE_ENDIAN,
        )


def _compressed_frames(
    source: Source, parsed: ParsedInstance
) -> tuple[int, Iterator[Octets]]:
    """Return the number of frames, and each when it is its turn."""
    table = parsed.pixels.frames if parsed.pixels else b""
    if not table:
        message = "The frames of this instance cannot be told apart."
        raise CannotTranscode(message)
    number = len(table) // FRAME_ENTRY.size
    said = ImageDescription.of(parsed.model).number_of_frames
    if number != said:
        message = f"The data set tells of {said} frames, and there are {number}."
        raise CannotTranscode(message)
    if any(length <= _ITEM_HEADER for _, length in FRAME_ENTRY.iter_unpack(table)):
        message = "A frame has no bytes."
        raise CannotTranscode(message)
    runs = (Run(*entry) for entry in FRAME_ENTRY.iter_unpack(table))
    return number, (fragments(source, run) for run in runs)


def _native_frames(
    source: Source, parsed: ParsedInstance, described: ImageDescription
) -> tuple[int, Iterator[Octets]]:
    pixels = parsed.pixels
    number = pixels.number_of_frames if pixels else 0
    bits = described.native_bits
    if pixels is None or number * bits > 8 * pixels.length:
        message = "The pixel data end before the last frame does."
        raise CannotTranscode(message)
    vr = next((bulk.vr for bulk in parsed.bulk if bulk.path == pixels.tag), "OW")
    is_little = parsed.encoding.little_endian
    width = 1 if is_little else word_bytes(vr, described.bits_allocated)
    value = Value(source, pixels.offset, pixels.length, width)
    place = Pixels(
        pixels.tag,
        pixels.offset,
        pixels.length,
        encapsulated=False,
        number_of_frames=number,
        bits_per_frame=bits,
    )
    return number, (native_frame(place, value, n) for n in range(1, number + 1))


def _changes(
    parsed: ParsedInstance, frames: _Transcoding, encoded_bytes: int
) -> dict[int, dict[str, Any] | None]:
    """Return the attributes that the pixels make others.

    Icons of a compressed object may be compressed, too, and are then left out: they are
    optional (DICOM PS3.3 F.7).
    """
    changes: dict[int, dict[str, Any] | None] = dict.fromkeys(_OFFSET_TABLES)
    if frames.stored not in NATIVE and not _icons_are_plain(parsed):
        changes[int(_ICONS, 16)] = None
    becomes = frames.becomes
    meaning = becomes.photometric_interpretation
    changes[0x00280004] = {"vr": "CS", "Value": [meaning]}
    if becomes.samples_per_pixel > 1:
        changes[0x00280006] = {"vr": "US", "Value": [0]}
    wanted = CODECS[frames.wanted]
    if not wanted.lossless:
        ratio = frames.plain.native_bits / 8 / encoded_bytes
        ratios = [*_values(parsed, _RATIO), round(ratio, 2)]
        methods = [*_values(parsed, _METHOD), wanted.method]
        kinds = ["DERIVED", *_values(parsed, _IMAGE_TYPE)[1:]]
        changes[int(_IMAGE_TYPE, 16)] = {"vr": "CS", "Value": kinds}
        changes[int(_RATIO, 16)] = {"vr": "DS", "Value": ratios}
        changes[int(_METHOD, 16)] = {"vr": "CS", "Value": methods}
    if not wanted.lossless or CODECS[frames.stored].has_cosines:
        changes[0x00282110] = {"vr": "CS", "Value": ["01"]}
    return changes


def _icons_are_plain(parsed: ParsedInstance) -> bool:
    """Return whether all icons are of the size of what is not compressed."""
    sizes = {bulk.path: bulk.length for bulk in parsed.bulk}
    for number, icon in enumerate(_values(parsed, _ICONS), 1):
        try:
            bits = ImageDescription.of(icon).native_bits
        except CannotTranscode:
            return False
        if sizes.get(f"{_ICONS}/{number}/{_PIXEL_DATA}") != -(-bits // 16) * 2:
            return False
    return True


def _values(parsed: ParsedInstance, key: str) -> list[Any]:
    return list(parsed.model.get(key, {}).get("Value", []))
