"""Frames of files, read as the portal reads them."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from imaging.frames import Octets, Run, Value, fragments, native_frame, word_bytes
from imaging.layout import FRAME_ENTRY, Pixels
from imaging.part10 import ParsedInstance, open_stream, parse
from imaging.pixels import (
    EXPLICIT_LITTLE_ENDIAN,
    ImageDescription,
    decode,
    stored_values,
)

Array = NDArray[np.generic]


def same(ones: Sequence[Array], others: Sequence[Array]) -> bool:
    """Return whether these are the same pictures."""
    pairs = zip(ones, others, strict=True)
    return all(np.array_equal(one, other) for one, other in pairs)


class Frames(NamedTuple):
    """What `decode` takes."""

    streams: list[bytes]
    transfer_syntax_uid: str
    description: ImageDescription

    def decoded(self) -> list[Array]:
        """Return the stored values of all frames."""
        return [
            stored_values(
                decode(each, self.transfer_syntax_uid, self.description).samples,
                self.description,
            )
            for each in self.streams
        ]


def frames_of(data: bytes) -> Frames:
    """Return the frames of a file."""
    parsed = parse(data)
    source = open_stream(data, parsed.transfer_syntax_uid, parsed.data_set_offset)
    pixels = parsed.pixels
    assert pixels is not None
    description = ImageDescription.of(parsed.model)
    if pixels.encapsulated:
        runs = (Run(*entry) for entry in FRAME_ENTRY.iter_unpack(pixels.frames))
        streams = [_whole(fragments(source, run)) for run in runs]
        return Frames(streams, parsed.transfer_syntax_uid, description)
    width = _word_bytes(parsed, description)
    value = Value(source, pixels.offset, pixels.length, width)
    number, bits = pixels.number_of_frames, pixels.bits_per_frame
    place = Pixels(pixels.tag, pixels.offset, pixels.length, False, number, bits)
    streams = [_whole(native_frame(place, value, n + 1)) for n in range(number)]
    return Frames(streams, EXPLICIT_LITTLE_ENDIAN, description)


@cache
def frames_in(path: Path) -> Frames:
    """Return the frames of a file on the disk."""
    return frames_of(path.read_bytes())


def _whole(octets: Octets) -> bytes:
    return octets.read(0, octets.size)


def _word_bytes(parsed: ParsedInstance, description: ImageDescription) -> int:
    if parsed.encoding.little_endian:
        return 1
    vr = next(bulk.vr for bulk in parsed.bulk if bulk.path == "7FE00010")
    return word_bytes(vr, description.bits_allocated)
