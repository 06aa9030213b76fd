"""Frames and bulk values of an instance: found by one query, read where they lie."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any, Final, NamedTuple

import orjson

from core import audit
from core.access import Actor, Verb, require
from core.database import raw_connection
from core.errors import NotAcceptable, NotFound
from imaging.frames import (
    Octets,
    Run,
    Source,
    Value,
    fragments,
    native_frame,
    word_bytes,
)
from imaging.layout import FRAME_ENTRY, BulkValue, Layout, Pixels
from imaging.metadata import unpack
from imaging.retrieve.address import (
    HELD,
    IDENTIFIED,
    OF_INSTANCE,
    Address,
    unidentified,
)
from imaging.retrieve.listing import (
    ASKED_FRAMES,
    EXPLICIT_BIG_ENDIAN,
    HeldBulk,
    HeldImage,
)

ENCAPSULATED_UNCOMPRESSED: Final = "1.2.840.10008.1.2.1.98"

_BITS_ALLOCATED: Final = "00280100"
_PIXEL_TAGS: Final = ["7FE00010", "7FE00008", "7FE00009"]
# Only big endian needs the metadata (`word_bytes`).
_STATEMENT: Final = f"""
SELECT {IDENTIFIED}, p.id, st.patient_id, v.id, v.transfer_syntax_uid, v.blob_key,
  v.size_bytes, v.stored_at, v.layout,
  octet_length(v.frames) / {FRAME_ENTRY.size}, {{table}},
  CASE v.transfer_syntax_uid WHEN '{EXPLICIT_BIG_ENDIAN}' THEN v.metadata END
{HELD}JOIN imaging_instanceversion v ON v.id = i.version_id
{OF_INSTANCE}"""
_FRAMES: Final = _STATEMENT.format(table=ASKED_FRAMES)
_BULK: Final = _STATEMENT.format(
    table="CASE WHEN %(is_pixel_data)s THEN v.frames ELSE ''::bytea END"
)


class HeldVersion(NamedTuple):
    """The stored form of the instance, without its parts."""

    version_id: int
    transfer_syntax_uid: str
    blob_key: str
    size_bytes: int
    stored_at: datetime


@dataclass(frozen=True, slots=True)
class HeldParts:
    """Frames or a bulk value, each read as `imaging.frames.Octets`.

    Attributes
    ----------
    data_set_offset
        Where the data set begins in the blob.
    is_compressed
        Whether they are streams of the stored transfer syntax, not native values.
    event
        What the audit log was told.
    """

    version: HeldVersion
    data_set_offset: int
    is_compressed: bool
    event: audit.Event
    plans: Sequence[Callable[[Source], Octets]]

    def __len__(self) -> int:
        """Return the number of parts."""
        return len(self.plans)

    def read(self, source: Source) -> list[Octets]:
        """Return the parts in the order in which they were asked for."""
        return [plan(source) for plan in self.plans]


class _Row(NamedTuple):
    version: HeldVersion
    layout: Layout
    number_of_entries: int
    table: bytes
    bits_allocated: int | None
    event: audit.Event

    def parts(
        self, plans: Sequence[Callable[[Source], Octets]], *, is_compressed: bool
    ) -> HeldParts:
        """Return parts of this version."""
        offset = self.layout.data_set_offset
        return HeldParts(self.version, offset, is_compressed, self.event, plans)

    def runs(self) -> list[Run]:
        """Return the rows of the frame table that were asked for."""
        return [Run(*entry) for entry in FRAME_ENTRY.iter_unpack(self.table)]


def retrieve_frames(
    *, actor: Actor, address: Address, numbers: Sequence[int]
) -> HeldParts:
    """Return frames of an instance, from 1, as asked for (DICOM PS3.18 10.4.1.1.4).

    Raises
    ------
    NotFound
        There is no such instance, it has no pixel data, or not so many frames.
    NotAcceptable
        Which bytes make which frame cannot be told: a video, or pixel data in
        several fragments for each frame without an offset table (DICOM PS3.5 A.4), or
        native pixel data without Rows, Columns or Bits Allocated.
    """
    row = _find(
        actor, address, f"{len(numbers)} frames", _FRAMES, {"numbers": list(numbers)}
    )
    return _frames(row, numbers)


def frames_of(
    image: HeldImage, event: audit.Event, numbers: Sequence[int]
) -> HeldParts:
    """Return the frames of an image that were asked for, like `retrieve_frames`."""
    return _frames(_row(image, event, image.frames or b""), numbers)


def middle_of(image: HeldImage) -> int:
    """Return the number of the frame in the middle of an image, from 1."""
    return number_of_frames(image) // 2 + 1


def number_of_frames(image: HeldImage) -> int:
    """Return how many frames of an image can be told apart."""
    pixels = Layout.load(image.layout).pixels
    number = pixels.number_of_frames if pixels and not pixels.encapsulated else 0
    return number or image.number_of_entries


def value_of(image: HeldImage, event: audit.Event, path: str) -> HeldParts:
    """Return a bulk value of an image other than its pixel data, by its path.

    Raises
    ------
    NotFound
        It has no such value.
    """
    return _bulk_value(_row(image, event, b""), path)


def _row(image: HeldImage, event: audit.Event, table: bytes) -> _Row:
    return _Row(
        HeldVersion(*image[2:7]),
        Layout.load(image.layout),
        image.number_of_entries,
        table,
        _bits_allocated(image.metadata)
        if image.transfer_syntax_uid == EXPLICIT_BIG_ENDIAN
        else None,
        event,
    )


def _frames(row: _Row, numbers: Sequence[int]) -> HeldParts:
    pixels = row.layout.pixels
    if pixels is None:
        message = "The instance has no pixel data."
        raise NotFound(message, path="frames")
    if not (row.number_of_entries if pixels.encapsulated else pixels.bits_per_frame):
        message = "The frames of this instance cannot be told apart. Retrieve it whole."
        raise NotAcceptable(message, path="frames")
    held = row.number_of_entries if pixels.encapsulated else pixels.number_of_frames
    if max(numbers) > held:
        message = f"The instance has {held} frames, not {max(numbers)}."
        raise NotFound(message, path="frames")
    if pixels.encapsulated:
        return _compressed(row, row.runs())
    value = _value(row, pixels.tag, pixels)
    plans = [partial(_native_frame, pixels, value, number) for number in numbers]
    return row.parts(plans, is_compressed=False)


def retrieve_bulkdata(*, actor: Actor, address: Address, path: str) -> HeldParts:
    """Return the value that metadata names by `path` (DICOM PS3.18 10.4.1.1.5).

    Encapsulated pixel data is answered frame by frame, without item tags, as
    DICOM PS3.18 8.7.3.3.2 asks; as one stream where frames cannot be told apart,
    which is what a video is.

    Raises
    ------
    NotFound
        There is no such instance or value.
    """
    is_pixel_data = {"is_pixel_data": path in _PIXEL_TAGS}
    row = _find(actor, address, "1 bulk value", _BULK, is_pixel_data)
    return _bulk_value(row, path)


def bulk_values(
    held: HeldBulk, event: audit.Event, *, pixels_only: bool
) -> dict[str, HeldParts]:
    """Return all bulk values of an instance by their paths, like `retrieve_bulkdata`.

    Parameters
    ----------
    pixels_only
        Whether only the pixel data of the data set itself are wanted, without those
        of icons and private attributes (DICOM PS3.18 10.4.3.3.6).
    """
    row = _Row(
        HeldVersion(*held[2:7]),
        Layout.load(held.layout),
        len(held.frames) // FRAME_ENTRY.size,
        held.frames,
        _bits_allocated(held.big_endian) if held.big_endian else None,
        event,
    )
    wanted = [
        path for path in row.layout.bulk if not pixels_only or path in _PIXEL_TAGS
    ]
    return {path: _bulk_value(row, path) for path in wanted}


def together(values: Iterable[HeldParts]) -> HeldParts:
    """Return the parts of several values of one instance, to be opened at once."""
    first, *others = values
    return replace(first, plans=[*first.plans, *chain(*(one.plans for one in others))])


def _bulk_value(row: _Row, path: str) -> HeldParts:
    pixels = row.layout.pixels
    if pixels is not None and pixels.tag == path and pixels.encapsulated:
        if row.table:
            return _compressed(row, row.runs())
        stream = Run(pixels.offset, pixels.length)
        return _compressed(row, [stream], skip=1)
    if path not in row.layout.bulk:
        message = "The instance has no such bulk value."
        raise NotFound(message, path="bulkdata")
    value = _value(row, path, row.layout.bulk[path])
    return row.parts([value], is_compressed=False)


def _find(
    actor: Actor, address: Address, what: str, statement: str, asked: dict[str, Any]
) -> _Row:
    require(actor, Verb.READ)
    parameters = {**address.parameters(actor), **asked}
    cursor = raw_connection().cursor(binary=True)
    row = cursor.execute(statement, parameters).fetchone()
    if row is None:
        raise address.missing(actor)
    is_identified, partition_id, patient_id, *version = row[:-4]
    layout, number, table, metadata = row[-4:]
    if not is_identified:
        raise unidentified()
    event = audit.Event(
        actor,
        audit.Action.RETRIEVE,
        partition_id=partition_id,
        patient_id=patient_id,
        study_instance_uid=address.study_instance_uid,
        detail=what,
    )
    audit.record_soon(event)
    return _Row(
        HeldVersion(*version),
        Layout.load(layout),
        number,
        table or b"",
        _bits_allocated(metadata) if metadata else None,
        event,
    )


def _value(
    row: _Row, path: str, place: BulkValue | Pixels
) -> Callable[[Source], Value]:
    width = 1
    if row.version.transfer_syntax_uid == EXPLICIT_BIG_ENDIAN:
        is_pixel_data = path in _PIXEL_TAGS
        bits_allocated = row.bits_allocated if is_pixel_data else None
        width = word_bytes(row.layout.bulk[path].vr, bits_allocated)
    return partial(Value, offset=place.offset, size=place.length, word_bytes=width)


def _native_frame(
    pixels: Pixels, value: Callable[[Source], Value], number: int, source: Source
) -> Octets:
    return native_frame(pixels, value(source), number)


def _compressed(row: _Row, runs: Sequence[Run], *, skip: int = 0) -> HeldParts:
    plans = [partial(fragments, run=run, skip=skip) for run in runs]
    syntax = row.version.transfer_syntax_uid
    return row.parts(plans, is_compressed=syntax != ENCAPSULATED_UNCOMPRESSED)


def _bits_allocated(metadata: bytes) -> int | None:
    model = orjson.loads(unpack(metadata))
    values = model.get(_BITS_ALLOCATED, {}).get("Value")
    return int(values[0]) if values else None
