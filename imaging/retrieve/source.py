"""The bytes behind what was found: blobs, opened when the first byte is wanted."""

import logging
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from core import audit
from core.errors import NotAcceptable, Upstream
from imaging.blobs import BlobReader, store
from imaging.frames import Octets
from imaging.pace import Pace
from imaging.part10 import ParsedInstance, Part10Error, open_stream, parse
from imaging.part10.inflate import Read
from imaging.part10.rewrite import to_explicit_little_endian
from imaging.retrieve.listing import HeldInstance
from imaging.retrieve.parts import HeldParts

logger = logging.getLogger(__name__)

NO_RE_ENCODING: Final = "An instance cannot be re-encoded. Ask for transfer-syntax=*."


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
    with _noticed(instance.version_id, event), store().open(instance.blob_key) as blob:
        while position < end:
            size = min(pace.chunk_bytes, end - position)
            yield blob.read(position, size)
            position += size


def explicit_little_endian(
    instance: HeldInstance, event: audit.Event
) -> Generator[bytes, None, None]:
    """Return the bytes of an instance as Explicit VR Little Endian.

    Only this reads a header again: stored metadata lacks what broke a rule.

    Raises
    ------
    NotAcceptable
        At once: its encoding cannot be followed; later only where that shows beyond
        the first piece.
    Upstream
        At once or later: the blob is missing or damaged; logged and audited.
    """
    try:
        with (
            _noticed(instance.version_id, event),
            store().open(instance.blob_key) as blob,
            blob.map() as mapped,
        ):
            parsed = parse(mapped)
    except Part10Error as error:
        raise NotAcceptable(NO_RE_ENCODING, path="Accept") from error
    pieces = _re_encoded(instance, event, parsed)
    return _with_first(next(pieces, b""), pieces)


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
        _noticed(version.version_id, parts.event),
        store().open(version.blob_key) as blob,
    ):
        syntax = version.transfer_syntax_uid
        yield parts.read(open_stream(_up_to_end(blob), syntax, parts.data_set_offset))


def _re_encoded(
    instance: HeldInstance, event: audit.Event, parsed: ParsedInstance
) -> Generator[bytes, None, None]:
    with _noticed(instance.version_id, event), store().open(instance.blob_key) as blob:
        try:
            yield from to_explicit_little_endian(_up_to_end(blob), parsed)
        except Part10Error as error:
            raise NotAcceptable(NO_RE_ENCODING, path="Accept") from error


def _with_first(
    first: bytes, pieces: Generator[bytes, None, None]
) -> Generator[bytes, None, None]:
    yield first
    yield from pieces


@contextmanager
def _noticed(version_id: int, event: audit.Event) -> Iterator[None]:
    try:
        yield
    except Upstream:
        logger.exception("version %d cannot be read", version_id)
        detail = f"version {version_id} cannot be read"
        outcome = audit.Outcome.SERIOUS_FAILURE
        audit.record_soon(replace(event, outcome=outcome, detail=detail))
        raise


def _up_to_end(blob: BlobReader) -> Read:
    """Return a reader that gives less at the end of the blob, as inflating asks."""
    return lambda offset, length: blob.read(
        offset, max(0, min(length, blob.size - offset))
    )
