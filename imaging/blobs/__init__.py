"""Where the bytes of stored instances lie.

A blob is written once, made durable, named by exactly one instance version, and
removed only by `imaging.blobs.sweep` after its grace time. Domain code asks `store`
and knows no paths.
"""

from concurrent.futures import Future
from functools import cache
from mmap import mmap
from typing import IO, Final, Protocol

from django.conf import settings

from imaging.blobs.folder import FolderStore, StorageCondition

CHUNK_BYTES: Final = 1024 * 1024
"""How much of a blob is in memory at a time."""


class BlobWriter(Protocol):
    """A blob that is being written; nobody can see it until its key is committed."""

    @property
    def key(self) -> str:
        """Return the name that the version's row will hold."""

    def write(self, data: bytes | bytearray) -> None:
        """Append `data`."""

    def finish(self) -> Future[None]:
        """Begin to make bytes and name durable.

        The future is done once they are, and fails with `OSError` where they cannot.
        """

    def map(self) -> mmap:
        """Return what was written so far, as memory that is paged in when looked at."""

    def close(self) -> None:
        """Give the handle back; a second call does nothing."""

    def discard(self) -> None:
        """Remove what was written: the store was refused."""


class BlobReader(Protocol):
    """A blob that is being read; also a context manager."""

    @property
    def size(self) -> int:
        """Return the length in bytes."""

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes at `offset`, exactly `length` of them."""

    def map(self) -> mmap:
        """Return the whole blob, as memory that is paged in where it is looked at."""

    def close(self) -> None:
        """Give the handle back."""


class BlobStore(Protocol):
    """A place for blobs: a local folder, or object storage."""

    def condition(self) -> StorageCondition:
        """Find out whether blobs can be written now; never raises."""

    def create(self) -> BlobWriter:
        """Begin a blob under a new key."""

    def scratch(self) -> IO[bytes]:
        """Return a file without a name, for bytes that have no blob yet.

        Little is kept in memory, more where the blobs are; all goes as it is closed.
        """

    def open(self, key: str) -> BlobReader:
        """Open a blob for reading."""

    def delete(self, key: str) -> None:
        """Remove a blob; one that is not there is no error."""


@cache
def store() -> FolderStore:
    """Return the configured blob store."""
    return FolderStore(settings.BLOB_FOLDER)
