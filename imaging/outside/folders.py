"""Folders of the server that may be written to and read: below allowed ones only.

Every step of a path is opened from the folder above it and no symbolic link is
followed, so that nobody who may write into an allowed folder leads out of it, also not
between a check and its use.
"""

import errno
import os
import secrets
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO, Final

from core.errors import Invalid, NotFound

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def allowed(path: str, roots: Sequence[Path], *, setting: str) -> tuple[Path, str]:
    """Return the allowed folder that a path lies below, and the rest of the path.

    Parameters
    ----------
    setting
        The variable that names the allowed folders, for the message.

    Raises
    ------
    Invalid
        It lies below none; whether it is there is not told.
    """
    asked = PurePosixPath(path)
    if asked.is_absolute() and ".." not in asked.parts and "\0" not in path:
        for root in roots:
            if asked.is_relative_to(root):
                return root, str(asked.relative_to(root))
    message = (
        "The folder is none that may be used. Name the absolute path of one below a"
        f" folder that an administrator lists in {setting}."
    )
    raise Invalid(message, path="path")


class Tree:
    """A folder and all below it, seen through a descriptor.

    Parameters
    ----------
    root
        A folder that the operator names; links on the way to it count.
    """

    def __init__(self, root: Path, below: str = "", *, create: bool = False) -> None:
        try:
            base = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            message = f"The server cannot open the folder {root}: {error.strerror}."
            raise Invalid(message, path="path") from error
        try:
            self._descriptor = _descend(base, _steps(below), create=create)
        finally:
            os.close(base)

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._descriptor)

    @contextmanager
    def folder(self, path: str, *, create: bool = False) -> Iterator[int]:
        """Give the descriptor of a folder below."""
        descriptor = _descend(self._descriptor, _steps(path), create=create)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def write(self, path: str, pieces: Iterable[bytes]) -> None:
        """Write a new file whose folder is made if it is not there; not yet durable."""
        parent, name = _split(path)
        with self.folder(parent, create=True) as folder:
            descriptor = os.open(name, _NEW_FILE, 0o640, dir_fd=folder)
            with os.fdopen(descriptor, "wb") as file:
                for piece in pieces:
                    file.write(piece)

    def rename(self, path: str, new: str) -> None:
        """Give a file another place, instead of what is there."""
        parent, name = _split(path)
        new_parent, new_name = _split(new)
        with (
            self.folder(parent) as source,
            self.folder(new_parent, create=True) as target,
        ):
            os.rename(name, new_name, src_dir_fd=source, dst_dir_fd=target)

    def sync(self, path: str) -> None:
        """Have the disk keep the bytes of a file."""
        parent, name = _split(path)
        with self.folder(parent) as folder:
            descriptor = os.open(
                name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder
            )
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def sync_folder(self, path: str) -> None:
        """Have the disk keep the names in a folder."""
        with self.folder(path) as folder:
            os.fsync(folder)

    def open(self, path: str) -> IO[bytes]:
        """Open a regular file for reading.

        Raises
        ------
        NotFound
            There is none.
        """
        try:
            parent, name = _split(path)
            with self.folder(parent) as folder:
                # Not blocking: a pipe of the same name would wait for its writer.
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
                descriptor = os.open(name, flags, dir_fd=folder)
        except (OSError, Invalid) as error:
            message = f"There is no file {path} that can be read."
            raise NotFound(message, path="path") from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            message = f"{path} is no file."
            raise NotFound(message, path="path")
        return os.fdopen(descriptor, "rb")

    def remove_folder(self, path: str) -> None:
        """Remove a folder of files; one that is not there is no error."""
        try:
            with self.folder(path) as folder:
                for name in os.listdir(folder):  # noqa: PTH208 a descriptor
                    os.unlink(name, dir_fd=folder)
        except Invalid:
            return
        parent, name = _split(path)
        with self.folder(parent) as above:
            os.rmdir(name, dir_fd=above)


def new_name() -> str:
    """Return a name that nobody else chooses."""
    return secrets.token_hex(12)


def _split(path: str) -> tuple[str, str]:
    *above, name = _steps(path) or [""]
    return "/".join(above), name


def _steps(path: str) -> Sequence[str]:
    """Return the steps of a path below, none of which leads up."""
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or "\0" in path:
        message = "The path leads out of its folder."
        raise Invalid(message, path="path")
    return pure.parts


def _descend(base: int, parts: Sequence[str], *, create: bool) -> int:
    """Return a descriptor of a folder below, following no link."""
    current = os.dup(base)
    for part in parts:
        try:
            following = _step(current, part, create=create)
        except OSError as error:
            os.close(current)
            if error.errno == errno.ENOSPC:
                raise
            message = f"The folder cannot be used at {part}: {error.strerror}."
            raise Invalid(message, path="path") from error
        os.close(current)
        current = following
    return current


def _step(folder: int, name: str, *, create: bool) -> int:
    try:
        return os.open(name, _FOLDER, dir_fd=folder)
    except FileNotFoundError:
        if not create:
            raise
    with suppress(FileExistsError):  # somebody else was first
        os.mkdir(name, 0o750, dir_fd=folder)
    return os.open(name, _FOLDER, dir_fd=folder)
