"""Ends what a killed supervisor left behind on a data folder.

The kernel tells each part when its supervisor dies, so that this mostly only waits:
PostgreSQL, for one, takes a moment to shut down. Call it with the folder's lock held.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from portal.embedded.places import Places
from portal.embedded.process import MARK

PATIENCE_S: Final = 20.0
PROC: Final = Path("/proc")


def end_orphans(places: Places) -> None:
    """Wait until no process of the data folder is left; kill those that stay."""
    deadline = time.monotonic() + PATIENCE_S
    while orphans := list(find_orphans(places)):
        if time.monotonic() > deadline:
            for pid in orphans:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    for lock in (places.postgres / "postmaster.pid", places.postgres_lock):
        _forget_postmaster(lock)


def find_orphans(places: Places) -> Iterator[int]:
    """Yield each process that works on the data folder, beside this one."""
    mark = f"{MARK}={places.data}".encode()
    for entry in PROC.glob("[0-9]*"):
        with suppress(OSError):  # ended meanwhile, or another user's
            if int(entry.name) != os.getpid() and _belongs(entry, mark, places):
                yield int(entry.name)


def _belongs(entry: Path, mark: bytes, places: Places) -> bool:
    # PostgreSQL writes its title over its environment, but works inside its cluster.
    if (entry / "cwd").readlink() == places.postgres:
        return (entry / "exe").readlink().name.startswith("postgres")
    return mark in (entry / "environ").read_bytes().split(b"\0")


def _forget_postmaster(lock: Path) -> None:
    """Remove a lock file of PostgreSQL where its number is another process' by now.

    Without this, PostgreSQL would take that process for itself and refuse to start. A
    killed one that nobody has reaped yet counts as another process too.
    """
    with suppress(FileNotFoundError, ValueError, IndexError):
        pid = int(lock.read_text(encoding="ascii").split()[0])
        if (PROC / str(pid)).exists():
            lock.unlink()
