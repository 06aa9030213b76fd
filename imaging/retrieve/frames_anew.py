"""Frames in another form than they are stored in: decoded, and encoded anew.

What the data set says of the pixels comes from the stored metadata, which is read only
where something else than the stored form is wanted.
"""

from collections.abc import Generator
from functools import cached_property
from typing import Final

import orjson

from core.database import raw_connection
from imaging.errors import CannotTranscode
from imaging.metadata import unpack
from imaging.pixels import (
    EXPLICIT_LITTLE_ENDIAN,
    NATIVE,
    ImageDescription,
    after_decoding,
    after_encoding,
    decode,
    encode,
    longest_stream,
)
from imaging.retrieve.parts import HeldParts
from imaging.retrieve.source import opened

_METADATA: Final = "SELECT metadata FROM imaging_instanceversion WHERE id = %s"


class FramesAnew:
    """Frames of an instance, to be had in other transfer syntaxes.

    The frames were found for an actor who may see them (`retrieve_frames`).
    """

    def __init__(self, parts: HeldParts) -> None:
        self.parts = parts
        version = parts.version
        self._stored = (
            version.transfer_syntax_uid
            if parts.is_compressed
            else EXPLICIT_LITTLE_ENDIAN
        )

    @cached_property
    def description(self) -> ImageDescription:
        """Return what the data set says of the stored pixels.

        Raises
        ------
        CannotTranscode
            It does not describe pixels that can exist.
        """
        row = raw_connection().execute(_METADATA, [self.parts.version.version_id])
        found = row.fetchone()
        model = orjson.loads(unpack(found[0])) if found else {}
        return ImageDescription.of(model)

    def refusal(self, transfer_syntax_uid: str) -> str:
        """Return why pixels of this kind cannot be had in a transfer syntax, or ""."""
        try:
            plain = after_decoding(self._stored, self.description)
            after_encoding(transfer_syntax_uid, plain)
        except CannotTranscode as error:
            return error.message
        return ""

    def size_as(self, transfer_syntax_uid: str) -> int | None:
        """Return the bytes of each frame, where these are known before it is made."""
        if transfer_syntax_uid not in NATIVE:
            return None
        plain = after_decoding(self._stored, self.description)
        return -(-plain.native_bits // 8)

    def made_as(self, transfer_syntax_uid: str) -> Generator[bytes, None, None]:
        """Yield the frames in a transfer syntax in which they can be had.

        Raises
        ------
        CannotTranscode
            A frame is damaged, or contradicts what the data set says of it.
        Upstream
            The blob is missing or damaged: logged and audited.
        """
        described = self.description
        plain = after_decoding(self._stored, described)
        with opened(self.parts) as octets:
            # Of all before the first is sent: then it can still be told.
            if not all(0 < part.size <= longest_stream(described) for part in octets):
                message = "A frame is empty, or longer than its pixels could make it."
                raise CannotTranscode(message)
            for part in octets:
                stream = part.read(0, part.size)
                samples, _meaning = decode(stream, self._stored, described)
                yield encode(samples, transfer_syntax_uid, plain)
