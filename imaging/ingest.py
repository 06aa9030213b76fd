"""What is stored, on its way to a blob: hashed, and brought into another form.

A partition may bring images into one transfer syntax without loss as they are stored
(`core.models.Partition.stored_as`). What was compressed with loss stays as it came:
decoding it would make it only larger. So does what has no pixels, and what cannot be
brought there: an instance is never lost for its form.
"""

import hashlib
from mmap import mmap
from typing import Final

from core.errors import PortalError
from imaging.blobs import store as blob_store
from imaging.part10 import ParsedInstance, Part10Error
from imaging.part10.inflate import Read
from imaging.pixels import CODECS
from imaging.transcoding import transcode

STAYS_HINT: Final = "An instance could not be brought into {name}: it is as it came."


class Blob:
    """A blob that is being written, its length and hash known at each moment."""

    def __init__(self) -> None:
        self.writer = blob_store().create()
        self.sha256 = hashlib.sha256()
        self.size_bytes = 0

    def append(self, data: bytes | bytearray) -> None:
        """Write the next bytes."""
        self.sha256.update(data)
        self.writer.write(data)
        self.size_bytes += len(data)


def is_brought(parsed: ParsedInstance, stored_as: str) -> bool:
    """Return whether an instance is to be brought into the form of its partition."""
    codec = CODECS.get(parsed.transfer_syntax_uid)
    return (
        bool(stored_as)
        and parsed.pixels is not None
        and codec is not None
        and codec.uid != stored_as
        and not codec.method  # it may be lossy
    )


def brought(content: mmap, parsed: ParsedInstance, stored_as: str) -> Blob | None:
    """Return a file in another transfer syntax, None where it cannot be made.

    Raises
    ------
    OSError
        The disk is full or cannot be written.
    """
    blob = Blob()
    is_whole = False
    try:
        for piece in transcode(_reader(content), parsed, stored_as):
            blob.append(piece)
        is_whole = True
    except (PortalError, Part10Error):
        return None
    finally:
        if not is_whole:
            blob.writer.discard()
    return blob


def _reader(content: mmap) -> Read:
    # Bytes, not a view of the map: it could not be closed as long as there is one.
    return lambda offset, length: content[offset : offset + length]
