"""What operations make, as objects of the bucket in which the blobs lie.

Below a folder of their own, in one for each operation, so that each web server gives
out what a worker on any machine has made. Like a blob, a piece is written to a file
without a name on this machine and uploaded once it is whole: nobody sees half of one.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO
from uuid import UUID

from core.errors import NotFound
from core.result_places import NO_FILE, new_name
from imaging.blobs import spool
from imaging.blobs.bucket_reader import BucketReader
from imaging.blobs.bucket_requests import Bucket, BucketError, Trouble
from imaging.blobs.keys import RESULTS
from imaging.blobs.uploads import Uploads
from imaging.errors import StorageUnavailable


class BucketResults:
    """The pieces that operations have written into a bucket.

    Parameters
    ----------
    folder
        Of this machine, where pieces wait until they are uploaded.
    """

    def __init__(self, bucket: Bucket, uploads: Uploads, folder: Path) -> None:
        self._bucket = bucket
        self._uploads = uploads
        self._folder = folder

    def create(self, operation_id: UUID) -> "ObjectPiece":
        """Begin an object."""
        return ObjectPiece(operation_id, self._uploads, self._folder)

    def open(self, operation_id: UUID, name: str, size: int) -> "PieceReader":
        """Open an object; whether it is there shows when it is read."""
        return PieceReader(self._bucket, _key(operation_id, name), size, self._folder)

    def delete(self, operation_id: UUID, names: Sequence[str]) -> None:
        """Remove objects; one that is not there is no error."""
        self._bucket.delete([_key(operation_id, name) for name in names])

    def operations(self) -> Iterator[UUID]:
        """Yield the operations that have a folder."""
        for name in self._bucket.folders(RESULTS):
            try:
                yield UUID(name)
            except ValueError:  # nothing of ours
                continue

    def clear(self, operation_id: UUID) -> None:
        """Remove all objects of an operation."""
        for page in self._bucket.listed(f"{RESULTS}/{operation_id}"):
            self._bucket.delete([found["path"] for found in page])


class ObjectPiece:
    """A file that is being written, and then uploaded."""

    def __init__(self, operation_id: UUID, uploads: Uploads, folder: Path) -> None:
        self.name = new_name()
        self._key = _key(operation_id, self.name)
        self._uploads = uploads
        self.file: IO[bytes] = os.fdopen(spool.unnamed(folder), "w+b")

    def keep(self) -> None:
        """Upload what was written; done once the bucket has acknowledged it."""
        self.file.flush()
        descriptor = self.file.fileno()
        try:
            self._uploads.send(self._key, descriptor, os.fstat(descriptor).st_size)
        except BucketError as error:
            raise StorageUnavailable from error

    def close(self) -> None:
        """Let go of the file."""
        self.file.close()


class PieceReader(BucketReader):
    """An object that is being read, and may have been removed since."""

    def unread(self, error: BucketError) -> Exception:
        """Return what is told of an object that cannot be read."""
        if error.trouble is Trouble.MISSING:
            return NotFound(NO_FILE, path="file")
        return super().unread(error)


def _key(operation_id: UUID, name: str) -> str:
    return f"{RESULTS}/{operation_id}/{name}"
