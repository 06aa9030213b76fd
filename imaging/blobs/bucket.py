"""Blobs as objects of a bucket: S3 and what speaks like it, Azure, Google Cloud.

A blob comes into a file without a name on this machine, from which its header is read,
and is uploaded once it is whole. It counts only once a committed row names it, so a
crash leaves at most an orphan for the sweeper. Loaded only where a bucket is
configured.
"""

import mmap
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import IO, Final

from imaging.blobs import spool
from imaging.blobs.bucket_place import BucketPlace
from imaging.blobs.bucket_reader import BucketReader
from imaging.blobs.bucket_requests import Bucket, BucketError, Trouble
from imaging.blobs.condition import StorageCondition
from imaging.blobs.folder import FolderStore
from imaging.blobs.keys import KEY, new_key, this_minute
from imaging.blobs.results import BucketResults
from imaging.blobs.unfinished import abort_unfinished
from imaging.blobs.uploads import Uploads

ASKED_S: Final = 2  # who asks for the condition must hear within seconds
FRESH_S: Final = 10.0  # each answer costs a request that is paid for
PROBE: Final = "probe"


class BucketWriter:
    """A file that is being written, and then uploaded under `key`."""

    def __init__(self, folder: Path, key: str, uploads: Uploads) -> None:
        self.key = key
        self._uploads = uploads
        self._descriptor = spool.unnamed(folder)
        self._is_sent = False

    def write(self, data: bytes | bytearray) -> None:
        """Append `data`."""
        spool.write_all(self._descriptor, data)

    def finish(self) -> Future[None]:
        """Begin to upload what was written; done once the bucket has acknowledged it.

        Waits where many others are being uploaded.
        """
        self._is_sent = True
        size = os.fstat(self._descriptor).st_size
        return self._uploads.begin(self.key, os.dup(self._descriptor), size)

    def map(self) -> mmap.mmap:
        """Return what was written so far, as memory that the kernel pages in."""
        return mmap.mmap(self._descriptor, 0, access=mmap.ACCESS_READ)

    def discard(self) -> None:
        """Let go of the file, and of the object if there is to be one."""
        self.close()
        if self._is_sent:
            self._uploads.discard(self.key)

    def close(self) -> None:
        """Give the descriptor back; a second call does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class BucketStore:
    """All blobs of one installation, below one prefix of a bucket.

    Parameters
    ----------
    folder
        Of this machine, where blobs wait until they are uploaded.
    """

    is_local: Final = False

    def __init__(self, place: BucketPlace, folder: Path) -> None:
        self.bucket = Bucket(place)
        self.uploads = Uploads(self.bucket)
        self.results = BucketResults(self.bucket, self.uploads, folder)
        self._asked = Bucket(_impatient(place), retries=0)
        self._folder = folder
        self._well_until = 0.0  # time.monotonic()

    def create(self) -> BucketWriter:
        """Begin a blob under a new key."""
        return BucketWriter(self._folder, new_key(this_minute()), self.uploads)

    def scratch(self) -> IO[bytes]:
        """Return a file without a name, in memory as long as it is short."""
        return spool.scratch(self._folder)

    def condition(self) -> StorageCondition:
        """Write a small object to see whether stores can work; not each time."""
        here = FolderStore(self._folder).condition()
        if here is not StorageCondition.READY:
            return here
        if self.bucket.outage.is_away or time.monotonic() >= self._well_until:
            known = self._asked_condition()
            if known is not StorageCondition.READY:
                return known
            self.bucket.outage.learned(is_away=False)
            self._well_until = time.monotonic() + FRESH_S
        return StorageCondition.READY

    def open(self, key: str, size: int) -> BucketReader:
        """Open an object of `size` bytes; whether it is there shows when it is read."""
        return BucketReader(self.bucket, key, size, self._folder)

    def delete(self, keys: Sequence[str]) -> None:
        """Remove objects; one that is not there is no error."""
        self.bucket.delete(keys)

    def discard(self, key: str) -> None:
        """Remove an object that no row names, in a thread; else the sweeper will."""
        self.uploads.discard(key)

    def keys_before(self, moment: datetime, *, below: str = "") -> Iterator[str]:
        """Yield the keys of the blobs last written before `moment`.

        Objects of others below the same prefix are passed over.
        """
        for page in self.bucket.listed(below):
            for found in page:
                if found["last_modified"] < moment and KEY.fullmatch(found["path"]):
                    yield found["path"]

    def abort_unfinished(self, before: datetime) -> int:
        """End multipart uploads that killed processes have left; return how many."""
        return abort_unfinished(self.bucket.place, before)

    def _asked_condition(self) -> StorageCondition:
        try:
            self._asked.put(PROBE, b"This object tells that blobs can be written.\n")
        except BucketError as error:
            if error.trouble is Trouble.AWAY:
                return StorageCondition.UNREACHABLE
            return StorageCondition.UNWRITABLE
        return StorageCondition.READY


def _impatient(place: BucketPlace) -> BucketPlace:
    return replace(place, patience_s=ASKED_S)
