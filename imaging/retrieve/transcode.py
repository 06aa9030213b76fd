"""A held instance in another transfer syntax, made while it is sent.

The header is read again, as stored metadata lacks what broke a rule.
"""

from collections.abc import Generator
from typing import Final

from core import audit
from core.errors import NotAcceptable
from imaging.blobs import store
from imaging.part10 import Part10Error, parse
from imaging.retrieve.listing import HeldInstance
from imaging.retrieve.source import noticed, up_to_end
from imaging.transcoding import transcode

NO_RE_ENCODING: Final = "An instance cannot be re-encoded. Ask for transfer-syntax=*."


def re_encoded(
    instance: HeldInstance, event: audit.Event, transfer_syntax_uid: str
) -> Generator[bytes, None, None]:
    """Return the bytes of an instance in a transfer syntax that is encoded here.

    Raises
    ------
    NotAcceptable
        At once: its header cannot be followed, or its first frame not be decoded or
        encoded; later only where that shows beyond these.
    Upstream
        At once or later: the blob is missing or damaged; logged and audited.
    """
    pieces = _pieces(instance, event, transfer_syntax_uid)
    return _with_first(next(pieces, b""), pieces)


def _pieces(
    instance: HeldInstance, event: audit.Event, transfer_syntax_uid: str
) -> Generator[bytes, None, None]:
    with (
        noticed(instance.version_id, event),
        store().open(instance.blob_key, instance.size_bytes) as blob,
    ):
        try:
            with blob.map() as mapped:
                parsed = parse(mapped)
            yield from transcode(up_to_end(blob), parsed, transfer_syntax_uid)
        except Part10Error as error:
            raise NotAcceptable(NO_RE_ENCODING, path="Accept") from error


def _with_first(
    first: bytes, pieces: Generator[bytes, None, None]
) -> Generator[bytes, None, None]:
    yield first
    yield from pieces
