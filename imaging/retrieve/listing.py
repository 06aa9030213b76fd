"""Instances of a study, series or instance, in order and a page at a time.

Ordered by series number, instance number and then as stored, so that the same study
always comes in the same order. A page is one query; nothing is kept open between two,
so that a slow reader holds no connection and a study of any size little memory. What
is deleted while a page is sent stays readable for the blobs' grace time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, NamedTuple, TypeVar

from core import audit
from core.access import Actor, Verb, require
from core.database import raw_connection
from imaging.layout import FRAME_ENTRY
from imaging.metadata import limit
from imaging.retrieve.address import (
    HELD,
    IDENTIFIED,
    OF_INSTANCE,
    OF_SERIES,
    OF_STUDY,
    Address,
    unidentified,
)

INSTANCES_A_PAGE: Final = 200
METADATA_A_PAGE: Final = 100
IMAGES_A_PAGE: Final = 20  # each with its metadata, which may be megabytes
BULK_A_PAGE: Final = 20  # each may have a table of a hundred thousand frames, 1.6 MB
EXPLICIT_BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"

MIDDLE_FRAME: Final = 0
"""Stands for the number of the frame in the middle, whichever that is."""

# Only the rows that are asked for leave the frame table: one frame of 100,000 costs
# what one of one does.
ASKED_FRAMES: Final = f"""(
  SELECT string_agg(
    substring(v.frames FROM (asked.number - 1)::int * {FRAME_ENTRY.size} + 1
              FOR {FRAME_ENTRY.size}), ''::bytea ORDER BY asked.place)
  FROM (SELECT CASE n WHEN {MIDDLE_FRAME}
          THEN octet_length(v.frames) / {2 * FRAME_ENTRY.size} + 1 ELSE n END, place
        FROM unnest(%(numbers)s::bigint[]) WITH ORDINALITY AS given (n, place)
    ) AS asked (number, place)
  WHERE asked.number <= octet_length(v.frames) / {FRAME_ENTRY.size})"""  # noqa: S608 constants

_LAST: Final = 2**63 - 1  # where instances without a number come


class Found(NamedTuple):
    """What an address names, as one: what its entity tag is made of.

    A store raises the newest version, a delete lowers the number: a pair never
    comes back.

    Attributes
    ----------
    is_identified
        Whether the actor may see who the patient is.
    """

    newest_version_id: int
    number_of_instances: int
    partition_id: int
    patient_id: str
    is_identified: bool


class HeldInstance(NamedTuple):
    """Where the bytes of an instance lie."""

    series_instance_uid: str
    sop_instance_uid: str
    version_id: int
    transfer_syntax_uid: str
    blob_key: str
    size_bytes: int
    stored_at: datetime


class HeldMetadata(NamedTuple):
    """The DICOM JSON model of an instance, as `imaging.metadata` reads it."""

    series_instance_uid: str
    sop_instance_uid: str
    metadata: bytes


class HeldBulk(NamedTuple):
    """Where the bulk values of an instance lie, as `imaging.retrieve.parts` reads it.

    Attributes
    ----------
    frames
        The frame table of encapsulated pixel data.
    big_endian
        The metadata of an instance in big endian, else None.
    """

    series_instance_uid: str
    sop_instance_uid: str
    version_id: int
    transfer_syntax_uid: str
    blob_key: str
    size_bytes: int
    stored_at: datetime
    layout: bytes
    frames: bytes
    big_endian: bytes | None


class HeldImage(NamedTuple):
    """An instance with what a picture of some of its frames needs.

    Attributes
    ----------
    number_of_entries
        How many rows the frame table of encapsulated pixel data has.
    frames
        Those of them that were asked for.
    """

    series_instance_uid: str
    sop_instance_uid: str
    version_id: int
    transfer_syntax_uid: str
    blob_key: str
    size_bytes: int
    stored_at: datetime
    layout: bytes
    metadata: bytes
    number_of_entries: int
    frames: bytes | None


Row = TypeVar("Row", HeldInstance, HeldMetadata, HeldBulk, HeldImage)


class _Position(NamedTuple):
    """The place of an instance in the order, to go on from."""

    series_number: int
    series_id: int
    instance_number: int
    instance_id: int


@dataclass(frozen=True, slots=True)
class _Kind(Generic[Row]):
    """What is listed: rows of a class, from columns of the version (``v``).

    Attributes
    ----------
    limit
        What is given of rows to who may not see whose they are.
    """

    make: type[Row]
    columns: str
    page_size: int
    limit: Callable[[list[Row]], list[Row]]


def _nothing(_rows: list[Row]) -> list[Row]:
    raise unidentified()


def _limited_metadata(rows: list[HeldMetadata]) -> list[HeldMetadata]:
    return [row._replace(metadata=limit(row.metadata)) for row in rows]


_UIDS: Final = "found.series_instance_uid, found.sop_instance_uid"
_BYTES: Final = "v.id, v.transfer_syntax_uid, v.blob_key, v.size_bytes, v.stored_at"
IMAGE_COLUMNS: Final = (
    f"{_BYTES}, v.layout, v.metadata, octet_length(v.frames) / {FRAME_ENTRY.size},"
    f" {ASKED_FRAMES}"
)
"""What `HeldImage` has of a version (``v``), after the UIDs."""

_INSTANCES: Final = _Kind(
    HeldInstance,
    f"{_UIDS}, {_BYTES}",
    INSTANCES_A_PAGE,
    _nothing,
)
_METADATA: Final = _Kind(
    HeldMetadata,
    f"{_UIDS}, v.metadata",
    METADATA_A_PAGE,
    _limited_metadata,
)
_BULK: Final = _Kind(
    HeldBulk,
    f"{_UIDS}, {_BYTES}, v.layout, v.frames,"
    f" CASE v.transfer_syntax_uid WHEN '{EXPLICIT_BIG_ENDIAN}' THEN v.metadata END",
    BULK_A_PAGE,
    _nothing,
)


_IMAGES: Final = _Kind(
    HeldImage,
    f"{_UIDS}, {IMAGE_COLUMNS}",
    IMAGES_A_PAGE,
    _nothing,
)


@dataclass(frozen=True, slots=True)
class _Pages(Generic[Row]):
    """How the pages of one request are asked for."""

    kind: _Kind[Row]
    level: str
    parameters: Mapping[str, Any]

    def fetch(
        self, after: _Position | None
    ) -> tuple[Found, list[Row], _Position] | None:
        """Return a page: what was found, its rows, and the last row's place."""
        kind = self.kind
        statement = _statement(self.level, kind.columns, goes_on=after is not None)
        place = after._asdict() if after else {}
        parameters = {**self.parameters, **place, "page_size": kind.page_size}
        cursor = raw_connection().cursor(binary=True)
        rows = cursor.execute(statement, parameters).fetchall()
        if not rows:
            return None
        found = Found(*rows[0][4:9])
        made = [kind.make(*row[9:]) for row in rows]
        if not found.is_identified:
            made = kind.limit(made)
        return found, made, _Position(*rows[-1][:4])


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """The first page of what an address names, and the way to the others.

    Attributes
    ----------
    is_whole
        Whether `page` is all.
    event
        What the audit log was told.
    """

    study_instance_uid: str
    found: Found
    page: list[Row]
    is_whole: bool
    event: audit.Event
    pages: _Pages[Row]
    last: _Position

    def rows(self) -> Iterator[Row]:
        """Yield all rows; asks for further pages when they are reached."""
        yield from self.page
        after = None if self.is_whole else self.last
        while after and (more := self.pages.fetch(after)):
            _found, rows, after = more
            yield from rows


def retrieve_instances(*, actor: Actor, address: Address) -> Listing[HeldInstance]:
    """Return the instances that `address` names (DICOM PS3.18 10.4.1.1.1).

    Raises
    ------
    NotFound
        There are none that the actor may see.
    Forbidden
        The actor may not see who the patient is.
    """
    return _list(actor, address, "instances", _INSTANCES)


def retrieve_metadata(*, actor: Actor, address: Address) -> Listing[HeldMetadata]:
    """Return the metadata of what `address` names (DICOM PS3.18 10.4.1.1.2).

    Of it only `imaging.limited_view` where the actor may not see who the patient is.

    Raises
    ------
    NotFound
        There is none that the actor may see.
    """
    return _list(actor, address, "instances' metadata", _METADATA)


def retrieve_all_bulkdata(*, actor: Actor, address: Address) -> Listing[HeldBulk]:
    """Return where the bulk values of what `address` names lie (10.4.1.1.5, 6).

    Raises
    ------
    NotFound
        There is no instance that the actor may see.
    Forbidden
        The actor may not see who the patient is.
    """
    return _list(actor, address, "instances' bulk data", _BULK)


def retrieve_images(
    *, actor: Actor, address: Address, numbers: Sequence[int], what: str
) -> Listing[HeldImage]:
    """Return what pictures of `address` are made of (10.4.1.1.3, 10.4.1.1.4).

    Parameters
    ----------
    numbers
        Of the frames of each instance, from 1, or `MIDDLE_FRAME`.
    what
        What is given of the instances, for the audit log.

    Raises
    ------
    NotFound
        There is no instance that the actor may see.
    Forbidden
        The actor may not see who the patient is.
    """
    return _list(actor, address, what, _IMAGES, {"numbers": list(numbers)})


def stored_transfer_syntaxes(
    listing: Listing[HeldInstance] | Listing[HeldBulk],
) -> set[str]:
    """Return the transfer syntaxes of all instances of a listing."""
    if listing.is_whole:
        return {row.transfer_syntax_uid for row in listing.page}
    statement = (
        f"SELECT DISTINCT v.transfer_syntax_uid {HELD}"
        "JOIN imaging_instanceversion v ON v.id = i.version_id"
        + _LEVELS[listing.pages.level].condition
    )
    rows = raw_connection().execute(statement, listing.pages.parameters)
    return {transfer_syntax_uid for (transfer_syntax_uid,) in rows}


def _list(
    actor: Actor,
    address: Address,
    what: str,
    kind: _Kind[Row],
    asked: Mapping[str, Any] = {},
) -> Listing[Row]:
    require(actor, Verb.READ)
    pages = _Pages(kind, address.level, {**address.parameters(actor), **asked})
    first = pages.fetch(None)
    if first is None:
        raise address.missing(actor)
    found, rows, last = first
    event = audit.Event(
        actor,
        audit.Action.RETRIEVE,
        partition_id=found.partition_id,
        patient_id=found.patient_id,
        study_instance_uid=address.study_instance_uid,
        detail=f"{found.number_of_instances} {what}",
    )
    audit.record_soon(event)
    is_whole = len(rows) < kind.page_size or len(rows) == found.number_of_instances
    study = address.study_instance_uid
    return Listing(study, found, rows, is_whole, event, pages, last)


class _Level(NamedTuple):
    """What is special about a level's query."""

    condition: str
    newest: str
    number: str


_LEVELS: Final = {
    "study": _Level(OF_STUDY, "st.newest_version_id", "st.number_of_instances"),
    "series": _Level(OF_SERIES, "se.newest_version_id", "se.number_of_instances"),
    "instance": _Level(OF_INSTANCE, "i.version_id", "1"),
}
_AFTER: Final = f"""
AND (coalesce(se.series_number, {_LAST}), se.id,
     coalesce(i.instance_number, {_LAST}), i.id)
  > (%(series_number)s, %(series_id)s, %(instance_number)s, %(instance_id)s)
"""


def _statement(level: str, columns: str, *, goes_on: bool) -> str:
    """Return the query of a page.

    Versions are joined after the page is cut, so that only its own are read.
    """
    condition, newest, number = _LEVELS[level]
    return f"""
WITH found AS (
SELECT coalesce(se.series_number, {_LAST}) AS series_number, se.id AS series_id,
  coalesce(i.instance_number, {_LAST}) AS instance_number, i.id AS instance_id,
  {newest} AS newest, {number} AS number, p.id AS partition_id, st.patient_id,
  {IDENTIFIED} AS identified,
  se.series_instance_uid, i.sop_instance_uid, i.version_id
{HELD}{condition}{_AFTER if goes_on else ""}
ORDER BY 1, 2, 3, 4 LIMIT %(page_size)s
)
SELECT found.series_number, found.series_id, found.instance_number, found.instance_id,
  found.newest, found.number, found.partition_id, found.patient_id, found.identified,
  {columns}
FROM found JOIN imaging_instanceversion v ON v.id = found.version_id
ORDER BY 1, 2, 3, 4
"""  # noqa: S608 constants
