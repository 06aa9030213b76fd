"""Blobs as files of a local folder.

One folder for each minute, so that a request's files share one folder to make
durable, and that none grows without bound. A file is created under its final name:
it counts only once a committed row names it, so a crash leaves at most an orphan for
the sweeper and never half an instance.
"""

import errno
import mmap
import os
import secrets
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Final

from core.errors import Upstream
from imaging.blobs import spool
from imaging.blobs.closing import Closing
from imaging.blobs.condition import StorageCondition
from imaging.blobs.keys import new_key, this_minute

PROBE_BYTES: Final = 1024 * 1024  # less space than this is none
SYNCING_THREADS: Final = 4  # they wait for the disk; the kernel merges what they ask

_syncing = ThreadPoolExecutor(SYNCING_THREADS, thread_name_prefix="sync")


class Names:
    """The files of one folder, whose names are made durable many at once.

    An fsync of the folder covers all files created before it, so of writers that meet
    one asks the kernel and the others find their names durable.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._counting = threading.Lock()
        self._syncing = threading.Lock()
        self._created = 0
        self._durable = 0
        self._has_failed = False

    def created(self) -> int:
        """Return the number of a file that has just been created."""
        with self._counting:
            self._created += 1
            return self._created

    def make_durable(self, number: int) -> None:
        """Have the kernel write the name of a file, unless it has done so.

        Raises
        ------
        OSError
            It cannot: nor can it for the names that follow, as the kernel would say
            that all is well after it has dropped what it could not write.
        """
        with self._syncing:
            if number <= self._durable:
                return
            if self._has_failed:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            created = self._created
            try:
                _sync_folder(self._folder)
            except OSError:
                self._has_failed = True
                raise
            self._durable = created


class FileWriter:
    """A file that is being written, one of `names`."""

    def __init__(self, path: Path, key: str, names: Names) -> None:
        self.key = key
        self._path = path
        self._names = names
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._descriptor = os.open(path, flags, 0o600)
        self._number = names.created()

    def write(self, data: bytes | bytearray) -> None:
        """Append `data`, however the kernel splits it."""
        spool.write_all(self._descriptor, data)

    def finish(self) -> Future[None]:
        """Begin to have the kernel write bytes and name to the disk; done once it has.

        In one turn of a thread: each costs as much as an fsync of a good disk.
        """
        return _syncing.submit(self._sync, os.dup(self._descriptor))

    def _sync(self, descriptor: int) -> None:
        _sync(descriptor)
        self._names.make_durable(self._number)

    def map(self) -> mmap.mmap:
        """Return what was written so far, as memory that the kernel pages in."""
        return mmap.mmap(self._descriptor, 0, access=mmap.ACCESS_READ)

    def discard(self) -> None:
        """Remove the file."""
        self.close()
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Give the descriptor back; a second call does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class FileReader(Closing):
    """A file that is being read; safe to share between threads."""

    def __init__(self, path: str, size: int) -> None:
        self.size = size
        try:
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            message = "The stored bytes cannot be read. Tell an administrator."
            raise Upstream(message, retryable=False) from error

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes at `offset`, exactly `length` of them."""
        data = spool.read_all(self._descriptor, offset, length)
        if len(data) < length:
            message = "The stored bytes end too early. Tell an administrator."
            raise Upstream(message, retryable=False)
        return data

    def map(self) -> mmap.mmap:
        """Return the whole file, as memory that the kernel pages in."""
        return mmap.mmap(self._descriptor, 0, access=mmap.ACCESS_READ)

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._descriptor

    def close(self) -> None:
        """Give the descriptor back; a second call does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class FolderStore:
    """All blobs of one service instance, below one folder."""

    is_local: Final = True
    results: Final = None

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._newest = ("", Names(folder))  # a minute and the files of its folder

    def create(self) -> FileWriter:
        """Begin a file in this minute's folder."""
        minute = this_minute()
        held, names = self._newest
        if minute != held:
            self._make_folder(self._folder / minute)
            names = Names(self._folder / minute)
            self._newest = (minute, names)
        key = new_key(minute)
        return FileWriter(self._folder / key, key, names)

    def scratch(self) -> IO[bytes]:
        """Return a file without a name, in memory as long as it is short."""
        return spool.scratch(self._folder)

    def condition(self) -> StorageCondition:
        """Write and remove a small file to see whether stores can work."""
        probe = f"probe-{secrets.token_hex(12)}"
        names = Names(self._folder)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            writer = FileWriter(self._folder / probe, probe, names)
            try:
                writer.write(bytes(PROBE_BYTES))
            finally:
                writer.discard()
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
                return StorageCondition.FULL
            return StorageCondition.UNWRITABLE
        return StorageCondition.READY

    def open(self, key: str, size: int) -> FileReader:
        """Open a file of `size` bytes for reading.

        Raises
        ------
        Upstream
            It is missing or cannot be read.
        """
        return FileReader(
            f"{self._folder}/{key}", size
        )  # a third of the cost of joining

    def delete(self, keys: Iterable[str]) -> None:
        """Remove files; one that is not there is no error."""
        for key in keys:
            (self._folder / key).unlink(missing_ok=True)

    def discard(self, key: str) -> None:
        """Remove a file that no row names, if it can be; else the sweeper will."""
        with suppress(OSError):
            self.delete([key])

    def keys_before(self, moment: datetime, *, below: str = "") -> Iterator[str]:
        """Yield the keys of the files last written before `moment`."""
        for root, _folders, names in os.walk(self._folder / below):
            for name in names:
                path = Path(root, name)
                try:
                    written = path.stat().st_mtime
                except FileNotFoundError:  # the sweeper of another node was faster
                    continue
                if written < moment.timestamp():
                    yield str(path.relative_to(self._folder))

    def abort_unfinished(self, before: datetime) -> int:
        """Return that there were none."""
        return 0

    def _make_folder(self, folder: Path) -> None:
        """Create `folder` with its parents, each durable in the one above."""
        missing = [folder]
        while not missing[-1].exists() and missing[-1] != self._folder:
            missing.append(missing[-1].parent)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for made in missing:
            _sync_folder(made.parent)


def _sync_folder(folder: Path) -> None:
    _sync(os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))


def _sync(descriptor: int) -> None:
    """Have the kernel write a file or folder to the disk, and close it.

    A file whose fsync failed is never tried again: the kernel would say that all is
    well, having dropped the pages that it could not write.
    """
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
