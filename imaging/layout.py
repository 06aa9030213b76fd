"""Where the bulk values and frames of a stored version lie in its data set stream.

Written once at the store, so that no read path ever parses DICOM. Offsets count in
the *data set stream*: the file itself, or, for Deflated Explicit VR Little Endian,
the file meta information followed by the inflated data set.
"""

import struct
from dataclasses import dataclass
from typing import Final

import orjson

FRAME_ENTRY: Final = struct.Struct("<QQ")


@dataclass(frozen=True, slots=True)
class BulkValue:
    """A binary value that metadata only names (DICOM PS3.18 8.7.3.4)."""

    vr: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Pixels:
    """The pixel data of a version.

    Attributes
    ----------
    tag
        8 hexadecimal digits: 7FE00010, 7FE00008 or 7FE00009.
    offset, length
        The value in the data set stream, in bytes.
    encapsulated
        Whether it is a sequence of fragments (DICOM PS3.5 A.4).
    number_of_frames
        As the data set states; 1 where it does not.
    bits_per_frame
        Of native frames, which may end inside a byte (DICOM PS3.5 8.1.1).
    """

    tag: str
    offset: int
    length: int
    encapsulated: bool
    number_of_frames: int
    bits_per_frame: int


@dataclass(frozen=True, slots=True)
class Layout:
    """What reading parts of a stored version needs.

    Attributes
    ----------
    data_set_offset
        Where the data set begins in the file.
    bulk
        By path, such as ``7FE00010`` or ``00880200/1/54001010`` (items from 1).
    """

    data_set_offset: int
    pixels: Pixels | None
    bulk: dict[str, BulkValue]

    def dump(self) -> bytes:
        """Return the form in ``InstanceVersion.layout``."""
        return orjson.dumps(self)

    @classmethod
    def load(cls, stored: bytes) -> "Layout":
        """Return the layout from its stored form."""
        row = orjson.loads(stored)
        return cls(
            row["data_set_offset"],
            Pixels(**row["pixels"]) if row["pixels"] else None,
            {path: BulkValue(**value) for path, value in row["bulk"].items()},
        )
