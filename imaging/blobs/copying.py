"""Copying all blobs from the folder to a bucket, and proving that they are there.

What a portal holds is asked of its database; each blob is compared with the SHA-256 in
its row before and after. What is in the bucket already is passed over, so that a copy
goes on where it was stopped and a second one, after the server was, is short.
"""

import hashlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from enum import StrEnum
from typing import Final, NamedTuple

from core import audit
from core.access import system
from core.database import raw_connection
from core.errors import Upstream
from imaging.blobs import BlobReader
from imaging.blobs.bucket import BucketStore
from imaging.blobs.bucket_reader import PIECE_BYTES
from imaging.blobs.bucket_requests import BucketError, Trouble
from imaging.blobs.folder import FolderStore

ACTOR: Final = system("storage copy")
AT_ONCE: Final = 8
BATCH: Final = 500

_HELD: Final = """
SELECT v.id, v.blob_key, v.size_bytes, v.sha256
FROM imaging_instance i JOIN imaging_instanceversion v ON v.id = i.version_id
WHERE v.id > %s ORDER BY v.id LIMIT %s
"""
_STILL_HELD: Final = (
    "SELECT EXISTS (SELECT FROM imaging_instance WHERE version_id = %s)"
)


class Outcome(StrEnum):
    """What became of one blob."""

    COPIED = "copied"
    THERE = "there already"
    MISSING = "missing in the folder"
    DAMAGED = "damaged in the folder"
    ALTERED = "altered on its way"


FAILED: Final = frozenset({Outcome.MISSING, Outcome.DAMAGED, Outcome.ALTERED})


class Held(NamedTuple):
    """A blob that an instance needs."""

    version_id: int
    key: str
    size: int
    sha256: bytes


class Copied(NamedTuple):
    """One blob, and what became of it."""

    held: Held
    outcome: Outcome


def copy_blobs(
    source: FolderStore, target: BucketStore, *, verify: bool
) -> Iterator[Copied]:
    """Copy what instances hold, oldest first, and yield what became of each.

    Parameters
    ----------
    verify
        Whether to read what is there already, too; else its length is believed.

    Raises
    ------
    BucketError
        The bucket does not do it: to be called again.
    """
    copier = _Copier(source, target, verify=verify)
    copied = 0
    try:
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="copy") as threads:
            for batch in _batches():
                for each in threads.map(copier.copy, batch):
                    if each.outcome is Outcome.MISSING and not _is_held(each.held):
                        continue  # deleted or replaced meanwhile
                    copied += each.outcome is Outcome.COPIED
                    yield each
    finally:
        detail = f"copied {copied} blobs to a bucket"
        audit.record(audit.Event(ACTOR, audit.Action.OPERATE, detail=detail))


class _Copier:
    def __init__(
        self, source: FolderStore, target: BucketStore, *, verify: bool
    ) -> None:
        self._source = source
        self._target = target
        self._verify = verify

    def copy(self, held: Held) -> Copied:
        return Copied(held, self._outcome(held))

    def _outcome(self, held: Held) -> Outcome:
        if self._is_there(held):
            return Outcome.THERE
        try:
            with self._source.open(held.key, held.size) as file:
                if not _is_intact(file, held):
                    return Outcome.DAMAGED
                self._target.uploads.send(held.key, file.fileno(), held.size)
        except Upstream:
            return Outcome.MISSING
        if self._is_whole(held):
            return Outcome.COPIED
        with suppress(BucketError):
            self._target.delete([held.key])
        return Outcome.ALTERED

    def _is_there(self, held: Held) -> bool:
        try:
            size = self._target.bucket.size(held.key)
        except BucketError as error:
            if error.trouble is Trouble.MISSING:
                return False
            raise
        return size == held.size and (not self._verify or self._is_whole(held))

    def _is_whole(self, held: Held) -> bool:
        with self._target.open(held.key, held.size) as blob:
            try:
                return _is_intact(blob, held)
            except Upstream:
                return False


def _is_intact(blob: BlobReader, held: Held) -> bool:
    digest = hashlib.sha256()
    for offset in range(0, held.size, PIECE_BYTES):
        digest.update(blob.read(offset, min(PIECE_BYTES, held.size - offset)))
    return digest.digest() == held.sha256


def _batches() -> Iterator[Iterable[Held]]:
    last = 0
    while rows := raw_connection().execute(_HELD, (last, BATCH)).fetchall():
        batch = [Held(row[0], row[1], row[2], bytes(row[3])) for row in rows]
        yield batch
        last = batch[-1].version_id


def _is_held(held: Held) -> bool:
    row = raw_connection().execute(_STILL_HELD, (held.version_id,)).fetchone()
    return bool(row and row[0])
