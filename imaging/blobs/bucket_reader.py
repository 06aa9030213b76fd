"""Reading an object of a bucket: in pieces, more of them ahead where they follow."""

import mmap
import os
from pathlib import Path
from typing import Final

from core.errors import Upstream
from imaging.blobs import spool
from imaging.blobs.bucket_requests import Bucket, BucketError, Trouble
from imaging.blobs.closing import Closing
from imaging.errors import StorageAway

PIECE_BYTES: Final = 4 * 1024 * 1024  # of an object that is fetched whole
LEAST_BYTES: Final = 64 * 1024
"""Fetched at least: the header of a fragment and the fragment in one request."""

AHEAD_BYTES: Final = 1024 * 1024
"""Fetched where one piece follows another: it takes as long as the small pieces do that
clients are sent."""


class BucketReader(Closing):
    """An object that is being read; safe to share between threads.

    From its beginning, and where the last piece ended, more is fetched than is asked
    for, and kept until the next piece; anywhere else, as for a frame, hardly more.
    """

    def __init__(self, bucket: Bucket, key: str, size: int, folder: Path) -> None:
        self.size = size
        self._bucket = bucket
        self._key = key
        self._folder = folder
        self._fetched = -1  # a descriptor, once the whole object is here
        self._kept = (0, b"")  # where it begins, and the last bytes that were fetched
        self._next = 0  # where the last piece of some length ended

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes at `offset`, exactly `length` of them."""
        if self._fetched >= 0:
            return spool.read_all(self._fetched, offset, length)
        start, kept = self._kept
        if not start <= offset <= offset + length <= start + len(kept):
            start, kept = self._kept = offset, self._fetch(offset, length)
        if length >= LEAST_BYTES:
            self._next = offset + length
        return kept[offset - start : offset - start + length]

    def _fetch(self, offset: int, length: int) -> bytes:
        follows = offset == self._next and length >= LEAST_BYTES
        ahead = AHEAD_BYTES if follows else LEAST_BYTES
        wanted = max(length, min(ahead, self.size - offset))
        try:
            return self._bucket.read(self._key, offset, wanted)
        except BucketError as error:
            raise self.unread(error) from None

    def map(self) -> mmap.mmap:
        """Return the whole object as memory, fetched into a file without a name."""
        descriptor = spool.unnamed(self._folder)
        try:
            for offset in range(0, self.size, PIECE_BYTES):
                length = min(PIECE_BYTES, self.size - offset)
                spool.write_all(descriptor, self.read(offset, length))
            mapped = mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
        except BaseException:
            os.close(descriptor)
            raise
        self.close()
        self._fetched = descriptor
        return mapped

    def close(self) -> None:
        """Give the descriptor back; a second call does nothing."""
        if self._fetched >= 0:
            os.close(self._fetched)
            self._fetched = -1

    def unread(self, error: BucketError) -> Exception:
        """Return what a client is told of an object that cannot be read."""
        if error.trouble in {
            Trouble.AWAY,
            Trouble.REFUSED,
        }:  # the same for every object
            return StorageAway()
        if error.trouble is Trouble.TOO_SHORT:
            message = "The stored bytes end too early. Tell an administrator."
        else:
            message = "The stored bytes cannot be read. Tell an administrator."
        return Upstream(message, retryable=False)
