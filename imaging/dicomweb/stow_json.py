"""A store of data sets in DICOM JSON or XML, apart from their bulk data.

DICOM PS3.18 10.5.1, annex F. The bulk data wait until the whole request has been
read, then each data set becomes a Part 10 file, which is received like one that was
sent as such.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator, Mapping
from typing import Any, Final

from django.conf import settings

from core.errors import TooLarge
from core.media_types import parse_media_type
from imaging.blobs import CHUNK_BYTES
from imaging.dicomweb.bulk_parts import BulkParts
from imaging.dicomweb.multipart import Event, PartData, PartEnd, PartStart
from imaging.dicomweb.storage_threads import in_thread
from imaging.dicomweb.stow_formats import Format
from imaging.index import tag_of
from imaging.part10 import Composition, Unwritable, compose
from imaging.store_rules import StoreRules, comment_of
from imaging.store_status import Refused

MAXIMUM_PARTS: Final = 10_000
MAXIMUM_TEXT_BYTES: Final = 32 * 1024 * 1024  # of JSON or XML
# Data sets take much more memory than their text; so only one request at a time has
# them there. By then it has come whole: no client is waited for.
_in_memory: Final = asyncio.Semaphore(1)
_SOP_CLASS: Final = tag_of("SOPClassUID")
_SOP_INSTANCE: Final = tag_of("SOPInstanceUID")
_UID: Final = re.compile(r"[0-9.]{0,63}[0-9]")


async def data_sets(
    events: AsyncGenerator[Event, None], base: str, rules: StoreRules, form: Format
) -> AsyncGenerator[Event | Refused, None]:
    """Yield a file for each data set, or why none can be made.

    Parameters
    ----------
    events
        The request as it comes. A part without Content-Type is a data set.
    base
        The address of the request.
    rules
        Name the reason for a data set that cannot be understood.
    form
        In which the data sets come.

    Raises
    ------
    Invalid
        The data sets cannot be read, or bulk data are not named.
    TooLarge
        There is more of something than is taken.
    """
    bulk = await in_thread(BulkParts, base)
    try:
        reading = _Reading(bulk, form)
        async for event in events:
            await reading.take(event)
        async with _in_memory:
            models = await in_thread(form.models, reading.documents)
            async for piece in _files(models, bulk, rules):
                yield piece
    finally:
        await in_thread(bulk.close)


async def _files(
    models: list[Any], bulk: BulkParts, rules: StoreRules
) -> AsyncGenerator[Event | Refused, None]:
    """Make the files, and let go of each model as its file is made."""
    models.reverse()
    size_bytes = 0
    while models:
        made = await in_thread(_composed, models.pop(), bulk, rules)
        if isinstance(made, Refused):
            yield made
            continue
        # The same bulk data may be named often.
        size_bytes += made.size_bytes
        if size_bytes > settings.STORE_LIMIT_BYTES:
            message = "The instances are larger than the server takes at once."
            raise TooLarge(message)
        yield PartStart({})
        pieces = bulk.read(made.pieces)
        while data := await in_thread(_next, pieces):
            yield PartData(data)
        yield PartEnd()


class _Reading:
    """A request that comes: data sets in memory, bulk data in a file."""

    def __init__(self, bulk: BulkParts, form: Format) -> None:
        self.documents: list[bytearray] = []
        self._bulk = bulk
        self._form = form
        self._headers: dict[str, str] = {}
        self._is_text = True
        self._pending = bytearray()
        self._length = 0  # of the part
        self._number = 0
        self._text_bytes = 0

    async def take(self, event: Event) -> None:
        """Take the next piece of the body."""
        match event:
            case PartStart(headers):
                self._headers, self._pending, self._length = headers, bytearray(), 0
                self._is_text = self._is_data_set(headers)
                self._number += 1
                if self._number > MAXIMUM_PARTS:
                    message = f"Send at most {MAXIMUM_PARTS} parts at once."
                    raise TooLarge(message)
            case PartData(data):
                self._pending += data
                self._length += len(data)
                await self._write()
            case PartEnd() if self._is_text:
                self._text_bytes += self._length
                self.documents.append(self._pending)
            case PartEnd():
                await in_thread(
                    self._bulk.add, self._pending, self._length, self._headers
                )

    def _is_data_set(self, headers: Mapping[str, str]) -> bool:
        named = headers.get("content-type", self._form.media_type)
        media_type = parse_media_type(named)
        return media_type is not None and media_type.type == self._form.media_type

    async def _write(self) -> None:
        """Refuse data sets that are too large; put bulk data where they may be."""
        if self._is_text:
            if self._text_bytes + self._length > MAXIMUM_TEXT_BYTES:
                message = f"Send at most {MAXIMUM_TEXT_BYTES} bytes of text at once."
                raise TooLarge(message)
        elif len(self._pending) >= CHUNK_BYTES:
            await in_thread(self._bulk.write, self._pending)
            self._pending = bytearray()


def _composed(
    model: object, bulk: BulkParts, rules: StoreRules
) -> Composition | Refused:
    try:
        return compose(model, bulk.named)
    except Unwritable as error:
        comment = error.reason
        if error.path:
            comment = comment_of(error.path, f"{comment}.")
        sop_class, sop_instance = _uid(model, _SOP_CLASS), _uid(model, _SOP_INSTANCE)
        return Refused(sop_class, sop_instance, rules.unreadable, (comment,))


def _uid(model: object, tag: str) -> str:
    """Return a UID of a data set that may be anything."""
    attribute = model.get(tag) if isinstance(model, dict) else None
    values = attribute.get("Value") if isinstance(attribute, dict) else None
    first = values[0] if isinstance(values, list) and values else None
    return first if isinstance(first, str) and _UID.fullmatch(first) else ""


def _next(pieces: Iterator[bytes]) -> bytes:
    return next(pieces, b"")
