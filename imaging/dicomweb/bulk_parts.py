"""Bulk data that come beside the data sets of a store (DICOM PS3.18 8.7.3, 10.5.1).

All parts of a request go to one file without a name: thousands of them cost neither
memory nor descriptors. Nothing but these parts is ever what a ``BulkDataURI`` names;
no address is fetched.
"""

import errno
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urljoin

from core.errors import Invalid, TooLarge, UnsupportedMedia
from core.media_types import (
    DICOM,
    DICOM_JSON,
    DICOM_XML,
    OCTET_STREAM,
    parse_media_type,
)
from imaging.blobs import CHUNK_BYTES
from imaging.blobs import store as blob_store
from imaging.dicomweb.part_forms import COMPRESSED_TYPES
from imaging.part10 import BulkPart, Range

MAXIMUM_LOCATION: Final = 1_000  # characters
MAXIMUM_FRAMES: Final = 100_000  # named by number; a part may hold several
# What a type stands for that names no transfer syntax (PS3.18 table 8.7.3-5).
DEFAULT_SYNTAXES: Final = {
    media_type: syntax
    for syntax, media_types in reversed(COMPRESSED_TYPES.items())
    for media_type in media_types
} | {"image/jpeg": "1.2.840.10008.1.2.4.70"}
_LITTLE_ENDIAN: Final = frozenset({"", "*", "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"})
_FRAMES: Final = re.compile(
    r"(.+)/frames/([1-9][0-9]{0,8}(?:,[1-9][0-9]{0,8})*)", re.DOTALL
)


class BulkParts:
    """The bulk data of one request. Not for use by several threads at once.

    Parameters
    ----------
    base
        The address of the request, which relative ones begin at.
    """

    def __init__(self, base: str) -> None:
        self._base = base
        self._file = blob_store().scratch()
        self._size = 0
        self._by_address: dict[str, list[BulkPart]] = {}
        self._frames: dict[str, dict[int, BulkPart]] = {}
        self._number_of_frames = 0

    def write(self, data: bytes | bytearray) -> None:
        """Take the next bytes of the part that comes."""
        self._file.write(data)
        self._size += len(data)

    def add(
        self, rest: bytes | bytearray, length: int, headers: Mapping[str, str]
    ) -> None:
        """Take the last bytes of a part of `length`, and name it.

        Raises
        ------
        Invalid
            It says no address by which a data set could name it, or a frame twice.
        UnsupportedMedia
            It is of a type, or in a transfer syntax, that is not taken; or its frames
            cannot be told apart.
        TooLarge
            Its address is longer than is taken, or there are too many frames.
        """
        self.write(rest)
        location = headers.get("content-location", "")
        if not location:
            message = "Each part with bulk data needs a Content-Location."
            raise Invalid(message, path="Content-Location")
        if len(location) > MAXIMUM_LOCATION:
            message = f"Send at most {MAXIMUM_LOCATION} characters as Content-Location."
            raise TooLarge(message)
        place = Range(self._size - length, length)
        part = _part(place, headers.get("content-type", OCTET_STREAM))
        address = self._resolved(location)
        self._by_address.setdefault(address, []).append(part)
        if found := _FRAMES.fullmatch(address):
            numbers = list(map(int, found[2].split(",")))
            self._number_of_frames += len(numbers)
            if self._number_of_frames > MAXIMUM_FRAMES:
                message = f"Name at most {MAXIMUM_FRAMES} frames at once."
                raise TooLarge(message)
            frames = dict(zip(numbers, _split(part, len(numbers)), strict=True))
            if len(frames) < len(numbers):
                message = "A part holds a frame twice."
                raise Invalid(message, path="Content-Location")
            self._frames.setdefault(found[1], {}).update(frames)

    def named(self, uri: str) -> Sequence[BulkPart]:
        """Return the parts that a ``BulkDataURI`` names, frames in their order.

        Frames are several parts with the same address, in the order of the request,
        or parts whose addresses go on with ``/frames/1``, ``/frames/2`` and so on, or
        with several numbers: ``/frames/1,2``.
        """
        if len(uri) > MAXIMUM_LOCATION:
            return ()
        address = self._resolved(uri)
        if address in self._by_address:
            return self._by_address[address]
        frames = self._frames.get(address, {})
        if frames.keys() != set(range(1, len(frames) + 1)):
            return ()
        return [frames[number] for number in sorted(frames)]

    def read(self, pieces: Sequence[bytes | Range]) -> Iterator[bytes]:
        """Yield bytes, and what lies in the ranges, a chunk at a time."""
        for piece in pieces:
            if isinstance(piece, bytes):
                yield piece
                continue
            self._file.seek(piece.offset)
            left = piece.length
            while left:
                data = self._file.read(min(left, CHUNK_BYTES))
                if not data:
                    raise OSError(errno.EIO, os.strerror(errno.EIO))
                left -= len(data)
                yield data

    def close(self) -> None:
        """Give the file back."""
        self._file.close()

    def _resolved(self, uri: str) -> str:
        try:
            return urljoin(self._base, uri)
        except ValueError:  # compared as it is written
            return uri


def _split(part: BulkPart, number: int) -> list[BulkPart]:
    """Return the frames in a part, all of the same length.

    Raises
    ------
    UnsupportedMedia
        Where one ends and the next begins cannot be told.
    """
    length, rest = divmod(part.range.length, number)
    if number > 1 and (rest or part.transfer_syntax_uid or part.is_document):
        message = "Several frames in a part are of one length, and not compressed."
        raise UnsupportedMedia(message, path="Content-Location")
    return [
        replace(part, range=Range(part.range.offset + place * length, length))
        for place in range(number)
    ]


def _part(place: Range, content_type: str) -> BulkPart:
    media_type = parse_media_type(content_type)
    if media_type is None or media_type.type in {DICOM, DICOM_JSON, DICOM_XML}:
        message = "A part is neither bulk data nor a data set of the request's type."
        raise UnsupportedMedia(message)
    syntax = media_type.params.get("transfer-syntax", "")
    default = DEFAULT_SYNTAXES.get(media_type.type)
    if media_type.type == OCTET_STREAM:
        taken = syntax in _LITTLE_ENDIAN or syntax in COMPRESSED_TYPES
        syntax = "" if syntax in _LITTLE_ENDIAN else syntax
    elif default is not None:
        syntax = default if syntax in {"", "*"} else syntax
        taken = media_type.type in COMPRESSED_TYPES.get(syntax, ())
    else:
        return BulkPart(place, is_document=True)
    if not taken:
        message = f"Bulk data of {media_type.type} cannot be of that transfer syntax."
        raise UnsupportedMedia(message, path="transfer-syntax")
    return BulkPart(place, syntax)
