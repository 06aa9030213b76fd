"""Where the bytes of stored instances lie.

A blob is written once, made durable, named by exactly one instance version, and
removed only by `imaging.blobs.sweep` after its grace time. Domain code asks `store`
and knows no paths.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from datetime import datetime
from functools import cache
from mmap import mmap
from types import TracebackType
from typing import IO, Final, Protocol, Self

from django.conf import settings

from core.result_places import ResultPlace
from imaging.blobs.bucket_place import configured_bucket
from imaging.blobs.condition import StorageCondition
from imaging.blobs.folder import FolderStore

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
        """Begin to make bytes and name durable; may wait while others are written.

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

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


class BlobStore(Protocol):
    """A place for blobs: a local folder, or a bucket."""

    @property
    def is_local(self) -> bool:
        """Return whether bytes become durable as fast as a transaction may wait."""

    @property
    def results(self) -> ResultPlace | None:
        """Return where files of operations lie beside the blobs; None: elsewhere."""

    def condition(self) -> StorageCondition:
        """Find out whether blobs can be written now; never raises."""

    def create(self) -> BlobWriter:
        """Begin a blob under a new key."""

    def scratch(self) -> IO[bytes]:
        """Return a file without a name, for bytes that have no blob yet.

        Little is kept in memory, more where the blobs are; all goes as it is closed.
        """

    def open(self, key: str, size: int) -> BlobReader:
        """Open a blob of `size` bytes for reading.

        Here, or where it is read, `core.errors.Upstream` is raised where it is missing
        or damaged, and `imaging.errors.StorageAway` where the storage does not answer.
        """

    def delete(self, keys: Sequence[str]) -> None:
        """Remove blobs; one that is not there is no error."""

    def discard(self, key: str) -> None:
        """Remove a blob that no row names, if it can be; never raises."""

    def keys_before(self, moment: datetime, *, below: str = "") -> Iterator[str]:
        """Yield the keys of the blobs last written before `moment`.

        Parameters
        ----------
        below
            A folder of keys; all of them without.
        """

    def abort_unfinished(self, before: datetime) -> int:
        """End uploads that were begun before a moment and never ended."""


@cache
def store() -> BlobStore:
    """Return the configured blob store."""
    place = configured_bucket()
    if place is None:
        return FolderStore(settings.BLOB_FOLDER)
    from imaging.blobs.bucket import BucketStore  # noqa: PLC0415 loads obstore

    return BucketStore(place, settings.BLOB_FOLDER)
