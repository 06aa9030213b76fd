"""One supervisor per data folder."""

import errno
import fcntl
import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from portal.embedded.errors import FolderInUse, StartError
from portal.embedded.places import Places


@contextmanager
def hold(places: Places) -> Iterator[None]:
    """Hold the data folder for this process.

    The kernel frees the lock with the process, however it ends: there is no stale one.

    Raises
    ------
    FolderInUse
        Another supervisor holds it.
    StartError
        The folder cannot be made or written, or another user started it before.
    """
    path = places.data / "lock"
    try:
        # Others may pass: as root, PostgreSQL runs as another user below the folder.
        places.data.mkdir(mode=0o711, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        message = f"The data folder {places.data} cannot be used: {error.strerror}."
        raise StartError(message) from error
    try:
        _require_owner(descriptor, places)
        _lock(descriptor, places)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode("ascii"))
        yield
    finally:
        os.close(descriptor)


def _require_owner(descriptor: int, places: Places) -> None:
    """Refuse root where it would leave files that the owner cannot change."""
    owner = os.fstat(descriptor).st_uid
    if owner != os.geteuid():
        name = str(owner)
        with suppress(KeyError):
            name = pwd.getpwuid(owner).pw_name
        message = (
            f"The data folder {places.data} belongs to the user {name}: start the "
            "portal as that user, or name another folder with PORTAL_DATA."
        )
        raise StartError(message)


def _lock(descriptor: int, places: Places) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in {errno.EAGAIN, errno.EACCES}:
            raise
        owner = os.read(descriptor, 32).decode("ascii") or "unknown"
        raise FolderInUse(places.data, owner) from error
