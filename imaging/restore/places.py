"""Where what is imported lies: below a folder of the server, or in a bucket."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import Any, Final, Protocol

from core.errors import NotFound
from imaging.blobs import CHUNK_BYTES
from imaging.outside.folders import Tree
from imaging.outside.named_buckets import named_bucket, opened

PIECE_BYTES: Final = 4 * 1024 * 1024


class Place(Protocol):
    """A folder with what was exported, or the one in which an archive lies."""

    def size_of(self, path: str) -> int:
        """Return the length of a file.

        Raises
        ------
        NotFound
            There is none.
        """

    def read(self, path: str, offset: int, length: int) -> bytes:
        """Return bytes of a file, fewer at its end; by any number of threads."""

    def pieces(self, path: str) -> Iterator[bytes]:
        """Yield the bytes of a file."""

    def close(self) -> None:
        """Let go of it."""


class FolderPlace:
    """A folder of the server. No link in it is followed."""

    def __init__(self, root: Path, below: str) -> None:
        self._tree = Tree(root, below)

    def size_of(self, path: str) -> int:
        """Return the length of a file."""
        with self._tree.open(path) as file:
            return file.seek(0, 2)

    def read(self, path: str, offset: int, length: int) -> bytes:
        """Return bytes of a file, fewer at its end."""
        with self._tree.open(path) as file:
            return os.pread(file.fileno(), length, offset)

    def pieces(self, path: str) -> Iterator[bytes]:
        """Yield the bytes of a file."""
        with self._tree.open(path) as file:
            while piece := file.read(CHUNK_BYTES):
                yield piece

    def close(self) -> None:
        """Let go of the folder."""
        self._tree.close()


class BucketPlace:
    """A folder in a bucket that the settings name."""

    def __init__(self, name: str, below: str) -> None:
        self._below = below
        self._stack = ExitStack()
        self._objects = self._stack.enter_context(opened(named_bucket(name)))
        self._sizes: dict[str, int] = {}

    def size_of(self, path: str) -> int:
        """Return the length of a file."""
        return self._objects.size(self._key(path))

    def read(self, path: str, offset: int, length: int) -> bytes:
        """Return bytes of a file, fewer at its end."""
        size = self._sizes.get(path)
        if size is None:
            size = self.size_of(path)
            self._sizes = {path: size}  # of the one that is read anywhere
        left = max(0, min(length, size - offset))
        return self._objects.read(self._key(path), offset, left) if left else b""

    def pieces(self, path: str) -> Iterator[bytes]:
        """Yield the bytes of a file."""
        size = self.size_of(path)
        for offset in range(0, size, PIECE_BYTES):
            length = min(PIECE_BYTES, size - offset)
            yield self._objects.read(self._key(path), offset, length)

    def close(self) -> None:
        """Let go of the bucket."""
        self._stack.close()

    def _key(self, path: str) -> str:
        pure = PurePosixPath(self._below, path)
        if pure.is_absolute() or ".." in pure.parts:
            message = "The path leads out of its folder."
            raise NotFound(message, path="path")
        return str(pure)


class FileInPlace:
    """One file of a place, read anywhere in it."""

    def __init__(self, place: Place, path: str, size: int) -> None:
        self.size = size
        self._place = place
        self._path = path

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes at `offset`, fewer than `length` only where it ends."""
        return self._place.read(self._path, offset, length)


def opened_place(where: Mapping[str, Any]) -> Place:
    """Open a place as an operation keeps it.

    Parameters
    ----------
    where
        ``root``, a folder of the server, or the name of a ``bucket``; and what lies
        ``below``.

    Raises
    ------
    Invalid
        It is not there, or cannot be read.
    """
    if "bucket" in where:
        return BucketPlace(where["bucket"], where["below"])
    return FolderPlace(Path(where["root"]), where["below"])


def described(where: Mapping[str, str]) -> str:
    """Return where it is, for the audit log."""
    if "bucket" in where:
        return f"{where['below']} of bucket {where['bucket']}"
    return str(Path(where["root"], where["below"]))
