"""Where the bytes of result files lie: a folder, or what an app puts in its place.

Bytes come in pieces, each written once, under a name of its own, by one worker: what
another one wrote meanwhile, or the same one before it died, is never touched. Which
pieces make a file `core.result_files` says.
"""

import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Final, Protocol
from uuid import UUID

from django.conf import settings

from core.errors import NotFound

NAME: Final = re.compile(r"[0-9a-f]{16}")
NO_FILE: Final = "There is no such file, or its time is over."


class PieceWriter(Protocol):
    """A piece that is being written; it is there once it is kept."""

    @property
    def name(self) -> str:
        """Return the name that it will have."""

    @property
    def file(self) -> IO[bytes]:
        """Return where to write it, anywhere in it."""

    def keep(self) -> None:
        """Have the piece be there for good.

        Raises
        ------
        OSError, Busy
            It cannot be written now.
        """

    def close(self) -> None:
        """Let go of it; what was not kept goes."""


class PieceReader(Protocol):
    """A piece that is being read."""

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes at `offset`, fewer than `length` only where it ends.

        Raises
        ------
        NotFound
            It was removed.
        """

    def close(self) -> None:
        """Give the handle back."""


class ResultPlace(Protocol):
    """A place for pieces, which belong to operations."""

    def create(self, operation_id: UUID) -> PieceWriter:
        """Begin a piece."""

    def open(self, operation_id: UUID, name: str, size: int) -> PieceReader:
        """Open a piece of `size` bytes.

        Raises
        ------
        NotFound
            It was removed; perhaps only told where it is read.
        """

    def delete(self, operation_id: UUID, names: Sequence[str]) -> None:
        """Remove pieces; one that is not there is no error."""

    def operations(self) -> Iterator[UUID]:
        """Yield the operations of which something lies here, or lay a moment ago."""

    def clear(self, operation_id: UUID) -> None:
        """Remove all that an operation has here."""


_configured: list[Callable[[], ResultPlace | None]] = []


def register(configured: Callable[[], ResultPlace | None]) -> None:
    """Have a place of an app be used where it gives one; from `AppConfig.ready`."""
    _configured[:] = [configured]


def place() -> ResultPlace:
    """Return where result files lie."""
    return next(filter(None, (each() for each in _configured)), None) or folder()


def folder() -> "ResultFolder":
    """Return the folder of this machine."""
    return ResultFolder(settings.RESULT_FOLDER)


def new_name() -> str:
    """Return a name that no other piece has."""
    return secrets.token_hex(8)


class ResultFolder:
    """Pieces as files below a folder, in one for each operation."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def create(self, operation_id: UUID) -> "FilePiece":
        """Begin a file, under its own name: it counts once somebody names it."""
        folder = self._root / str(operation_id)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return FilePiece(folder)

    def open(self, operation_id: UUID, name: str, size: int) -> "FileReader":
        """Open a file."""
        del size
        return FileReader(self._root / str(operation_id) / name)

    def delete(self, operation_id: UUID, names: Sequence[str]) -> None:
        """Remove files; one that is not there is no error."""
        for name in names:
            (self._root / str(operation_id) / name).unlink(missing_ok=True)

    def operations(self) -> Iterator[UUID]:
        """Yield the operations that have a folder."""
        if not self._root.is_dir():
            return
        for entry in list(os.scandir(self._root)):
            try:
                yield UUID(entry.name)
            except ValueError:  # nothing of ours
                continue

    def clear(self, operation_id: UUID) -> None:
        """Remove the folder of an operation."""
        shutil.rmtree(self._root / str(operation_id), ignore_errors=True)


class FilePiece:
    """A file that is being written."""

    def __init__(self, folder: Path) -> None:
        self.name = new_name()
        self._folder = folder
        self._is_kept = False
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        descriptor = os.open(folder / self.name, flags, 0o600)
        self.file: IO[bytes] = os.fdopen(descriptor, "w+b")

    def keep(self) -> None:
        """Have the disk keep bytes and name."""
        self.file.flush()
        os.fsync(self.file.fileno())
        for each in (self._folder, self._folder.parent):
            _sync_folder(each)
        self._is_kept = True

    def close(self) -> None:
        """Close the file, which goes where it was not kept."""
        if self.file.closed:
            return
        if not self._is_kept:
            (self._folder / self.name).unlink(missing_ok=True)
        self.file.close()


class FileReader:
    """A file that is being read."""

    def __init__(self, path: Path) -> None:
        try:
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError as error:
            raise NotFound(NO_FILE, path="file") from error

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes at `offset`, fewer than `length` only where it ends."""
        return os.pread(self._descriptor, length, offset)

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)


def _sync_folder(folder: Path) -> None:
    """Have the disk keep the names in a folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
