"""The bytes behind what was found: blobs, opened when the first byte is wanted."""

import logging
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from functools import partial

from core import audit
from core.errors import Upstream
from imaging.blobs import BlobReader, store
from imaging.errors import StorageAway
from imaging.frames import InMemory, Octets
from imaging.pace import WHOLE_BYTES, Pace
from imaging.part10 import open_stream
from imaging.part10.inflate import Read
from imaging.retrieve.listing import HeldInstance
from imaging.retrieve.parts import HeldParts

Opening = Callable[[], AbstractContextManager[list[Octets]]]
"""Gives parts as long as they are needed, each time from their beginning."""

logger = logging.getLogger(__name__)


def stored_bytes(
    instance: HeldInstance,
    event: audit.Event,
    start: int,
    length: int,
    pace: Pace | None = None,
) -> Generator[bytes, None, None]:
    """Yield bytes of an instance as they were stored, `length` from `start`.

    In pieces as large as `pace` says: a client that does not read keeps some in memory.

    Raises
    ------
    Upstream
        The blob is missing or damaged: logged, and audited like `event`.
    """
    pace = pace or Pace(length)
    position, end = start, start + length
    with (
        noticed(instance.version_id, event),
        store().open(instance.blob_key, instance.size_bytes) as blob,
    ):
        while position < end:
            size = min(pace.chunk_bytes, end - position)
            yield blob.read(position, size)
            position += size


@contextmanager
def opened(parts: HeldParts) -> Iterator[list[Octets]]:
    """Give the parts of an instance with their blob open.

    Raises
    ------
    Upstream
        The blob is missing or damaged: logged and audited.
    """
    version = parts.version
    with (
        noticed(version.version_id, parts.event),
        store().open(version.blob_key, version.size_bytes) as blob,
    ):
        syntax = version.transfer_syntax_uid
        yield parts.read(open_stream(up_to_end(blob), syntax, parts.data_set_offset))


def measured(parts: HeldParts) -> tuple[list[int], Opening]:
    """Return the sizes of the parts of an instance, and what opens them.

    The blob is opened once for both where they are small: then they are read here.

    Raises
    ------
    Upstream
        The blob is missing or damaged: logged and audited.
    """
    with opened(parts) as octets:
        sizes = [each.size for each in octets]
        if sum(sizes) > WHOLE_BYTES:
            return sizes, partial(opened, parts)
        held: list[Octets] = [InMemory(each.read(0, each.size)) for each in octets]
    return sizes, lambda: nullcontext(held)


@contextmanager
def noticed(version_id: int, event: audit.Event) -> Iterator[None]:
    """Log and audit, like `event`, that a blob cannot be read, now or at all."""
    try:
        yield
    except (Upstream, StorageAway) as error:
        where = error if isinstance(error, Upstream) else None
        logger.warning("version %d cannot be read", version_id, exc_info=where)
        detail = f"version {version_id} cannot be read"
        outcome = audit.Outcome.SERIOUS_FAILURE
        audit.record_soon(replace(event, outcome=outcome, detail=detail))
        raise


def up_to_end(blob: BlobReader) -> Read:
    """Return a reader that gives less at the end of the blob, as inflating asks."""
    return lambda offset, length: blob.read(
        offset, max(0, min(length, blob.size - offset))
    )
