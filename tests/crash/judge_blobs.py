"""Whether the bytes on the disk are those that rows name, before and after a sweep."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psycopg

from portal.embedded.options import ROOT
from tests.stack import Stack

OLD_S: Final = 48 * 3600  # older than any store could still be at
HELD: Final = (
    "SELECT v.blob_key, v.sha256, v.size_bytes FROM imaging_instance i"
    " JOIN imaging_instanceversion v ON v.id = i.version_id"
)
FREED: Final = "SELECT blob_key FROM imaging_freedblob"


def check_blobs(
    stack: Stack, connection: psycopg.Connection, *, half_swept: bool
) -> Iterator[str]:
    """Sweep without grace; yield bytes that are missing, damaged, or left over.

    Parameters
    ----------
    half_swept
        Whether a sweep without grace may have ended between bytes and their row.
    """
    held = {row[0]: row[1:] for row in connection.execute(HELD).fetchall()}
    freed = {row[0] for row in connection.execute(FREED).fetchall()}
    before = _files(stack)
    needed = held.keys() if half_swept else held.keys() | freed
    for key in needed - before:
        yield f"a blob is missing: {key}"
    for key in held.keys() & freed:
        yield f"a blob is held and freed: {key}"
    for key in held.keys() & before:
        data = (stack.places.blobs / key).read_bytes()
        if (hashlib.sha256(data).digest(), len(data)) != held[key]:
            yield f"a blob is not what its row says: {key}"
    told = sweep(stack, before)
    orphans = len(before - held.keys() - freed)
    if f"{len(freed)} freed blobs and {orphans} orphans" not in told:
        yield f"{len(freed)} were freed, {orphans} orphans, the sweeper: {told}"
    yield from _check_swept(stack, connection, set(held))


def _check_swept(
    stack: Stack, connection: psycopg.Connection, held: set[str]
) -> Iterator[str]:
    left = _files(stack)
    if left != held:
        yield f"after the sweep differ {left ^ held}"
    if connection.execute(FREED).fetchall():
        yield "after the sweep blobs still wait for their end"


def sweep(stack: Stack, keys: set[str]) -> str:
    """Have everything swept that may be, as if it were old; return what it says."""
    old = time.time() - OLD_S
    for key in keys:
        os.utime(stack.places.blobs / key, (old, old))
    return manage(stack, "sweep", PORTAL_BLOB_GRACE_S="0")


def manage(stack: Stack, *words: str, **settings: str) -> str:
    """Run a command of ``manage.py`` beside the stack; return what it says."""
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=stack.environment() | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout.strip()


def _files(stack: Stack) -> set[str]:
    root: Path = stack.places.blobs
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
