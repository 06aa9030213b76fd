"""The bytes of an instance on their way out: as stored or anew, changed, counted."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from core import audit
from core.errors import PortalError, Upstream
from imaging.export.asked import AS_STORED
from imaging.export.delivery import RESULTS
from imaging.export.items_sql import Waiting
from imaging.retrieve import HeldInstance
from imaging.retrieve.source import stored_bytes
from imaging.retrieve.transcode import re_encoded

DAMAGED: Final = "The stored bytes are damaged."


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An instance as it leaves.

    Attributes
    ----------
    size
        Length in bytes, where it is known before.
    """

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    size: int | None
    pieces: Iterable[bytes]

    @property
    def path(self) -> str:
        """Return its place below the folder of the export.

        UIDs are digits and dots that end in a digit (`imaging.store_rules`): no such
        path leads anywhere else.
        """
        return (
            f"{RESULTS}/{self.study_instance_uid}/{self.series_instance_uid}"
            f"/{self.sop_instance_uid}.dcm"
        )


class Transformation(Protocol):
    """Changes instances on their way out: UIDs, header, pixels."""

    def __call__(self, instance: Outgoing) -> Outgoing:
        """Return what leaves instead; bytes are made as they are asked for."""


def unchanged(instance: Outgoing) -> Outgoing:
    """Return the instance as it is."""
    return instance


class Counted:
    """Bytes that are counted and hashed as they pass.

    Attributes
    ----------
    error
        In what they ended, if not at their end: not the fault of who takes them.
    """

    def __init__(self, pieces: Iterable[bytes], expected: bytes | None) -> None:
        """Expect a SHA-256 where it is known."""
        self.size = 0
        self.error: PortalError | None = None
        self._pieces = pieces
        self._expected = expected
        self._sha256 = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """Return the hash of what has passed, in hexadecimal digits."""
        return self._sha256.hexdigest()

    def __iter__(self) -> Iterator[bytes]:
        """Yield the pieces.

        Raises
        ------
        Upstream
            At the end: they are not what was stored.
        """
        try:
            for piece in self._pieces:
                self.size += len(piece)
                self._sha256.update(piece)
                yield piece
        except PortalError as error:
            self.error = error
            raise
        if self._expected is not None and self._sha256.digest() != self._expected:
            raise Upstream(DAMAGED, retryable=False)


def outgoing(item: Waiting, event: audit.Event, transfer_syntax_uid: str) -> Outgoing:
    """Return an instance in the transfer syntax that is asked for.

    Raises
    ------
    NotAcceptable
        It cannot be made of this instance.
    Upstream
        Its bytes cannot be read.
    """
    held = HeldInstance(
        item.series_instance_uid,
        item.sop_instance_uid,
        item.version_id,
        item.transfer_syntax_uid,
        item.blob_key,
        item.size_bytes,
        item.stored_at,
    )
    uids = (item.study_instance_uid, item.series_instance_uid, item.sop_instance_uid)
    if transfer_syntax_uid in {AS_STORED, item.transfer_syntax_uid}:
        stored = Counted(
            stored_bytes(held, event, 0, item.size_bytes), bytes(item.sha256)
        )
        return Outgoing(*uids, item.transfer_syntax_uid, item.size_bytes, stored)
    made = re_encoded(held, event, transfer_syntax_uid)
    return Outgoing(*uids, transfer_syntax_uid, None, made)
