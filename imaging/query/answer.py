"""What a search answers of each row (DICOM PS3.18 10.6.3.3), spliced from bytes.

An answer is made of pieces: each is one column of the statement and a function from
its value to JSON members without braces. Stored members go in unparsed; only what a
client names with ``includefield`` beyond the default is looked up by parsing.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import orjson

from imaging import index, metadata
from imaging.query.attributes import Level
from imaging.query.parse import Query

Render = Callable[[Any, str], bytes]
"""From a column's value and the row's RetrieveURL to JSON members."""


class Piece(NamedTuple):
    """A part of each row of the answer."""

    column: str
    render: Render


_URL: Final = {
    Level.STUDY: "s.study_instance_uid",
    Level.SERIES: "s.study_instance_uid || '/series/' || e.series_instance_uid",
    Level.INSTANCE: "s.study_instance_uid || '/series/' || e.series_instance_uid"
    " || '/instances/' || i.sop_instance_uid",
}
_SUMMARY: Final = {
    Level.STUDY: frozenset(index.STUDY_SUMMARY),
    Level.SERIES: frozenset(index.SERIES_SUMMARY),
    Level.INSTANCE: frozenset(index.INSTANCE_SUMMARY),
}
_ROW: Final = {Level.STUDY: "s", Level.SERIES: "e", Level.INSTANCE: "i"}
# Every level of a data set has its own of these; a row has the lowest level's.
_OF_ALL_LEVELS: Final = frozenset({"00080005", "00080201"})
_CHARACTER_SET: Final = re.compile(
    rb'\A"00080005":\{"vr":"CS","Value":\["[^"\\]*"(?:,"[^"\\]*")*\]\}(?:,|\Z)'
)
_BULK: Final = b'"BulkDataURI":"'
_MODALITIES: Final = "00080061"
_SOP_CLASSES: Final = "00080062"
_AVAILABILITY: Final = "00080056"
_URL_TAG: Final = "00081190"
_STUDY_UID: Final = "0020000D"
_SERIES_UID: Final = "0020000E"
_COUNTS: Final = {
    "00201206": ("s.number_of_series", Level.STUDY),
    "00201208": ("s.number_of_instances", Level.STUDY),
    "00201209": ("e.number_of_instances", Level.SERIES),
}
_COMPUTED: Final = frozenset(
    {_MODALITIES, _SOP_CLASSES, _AVAILABILITY, _URL_TAG, *_COUNTS}
)


def columns(pieces: Sequence[Piece], level: Level) -> list[str]:
    """Return what to select: first what ends the RetrieveURL, then each piece's."""
    return [_URL[level], *(piece.column for piece in pieces)]


def render_rows(
    pieces: Sequence[Piece], rows: Sequence[tuple[Any, ...]], *, base_url: str
) -> bytes:
    """Return the JSON array of the rows that `columns` selected."""
    prefix = f"{base_url}/studies/"
    renders = [piece.render for piece in pieces]
    return b"[" + b",".join(_row(renders, row, prefix) for row in rows) + b"]"


def _row(renders: Sequence[Render], row: tuple[Any, ...], prefix: str) -> bytes:
    url = prefix + row[0]
    members = (
        render(value, url) for render, value in zip(renders, row[1:], strict=True)
    )
    return b"{" + b",".join(filter(None, members)) + b"}"


def pieces_of(query: Query) -> list[Piece]:
    """Return what the answers of `query` are made of.

    Stored attributes come first, then the parents' UIDs, then what is computed.
    """
    level, levels = query.target.level, query.target.levels
    whole = level is Level.INSTANCE and query.include_all
    pieces = [_whole()] if whole else list(_stored(query))
    if not whole:
        if Level.STUDY not in levels:
            pieces.append(Piece("s.study_instance_uid", partial(_uid, _STUDY_UID)))
        if level is Level.INSTANCE and Level.SERIES not in levels:
            pieces.append(Piece("e.series_instance_uid", partial(_uid, _SERIES_UID)))
    pieces += _computed(query)
    return pieces


def _stored(query: Query) -> Iterator[Piece]:
    level, levels = query.target.level, query.target.levels
    kind = "attributes" if query.include_all else "summary"
    given: set[str] = {_STUDY_UID, _SERIES_UID} if level else {_STUDY_UID}
    for each in levels:
        yield Piece(
            f"{_ROW[each]}.{kind}", _members if each == level else _parent_members
        )
        given |= _SUMMARY[each]
    yield from _extras(query, query.included - given - _COMPUTED)


def _extras(query: Query, wanted: frozenset[str]) -> Iterator[Piece]:
    """Yield what is not among the default attributes, from where it is kept.

    Private attributes of a study or series are those of its newest instance.
    """
    level = query.target.level
    private = frozenset(tag for tag in wanted if int(tag[3], 16) & 1)
    # With its Private Creator (DICOM PS3.5 7.8.1), as PS3.18 10.6.3.3 wants it.
    private |= {f"{tag[:4]}00{tag[4:6]}" for tag in private}
    wanted |= private
    if level is Level.INSTANCE:
        if wanted:
            yield Piece(_metadata("i.version_id"), partial(_picked_of_version, wanted))
        return
    for each in list(Level)[: level + 1]:
        if wanted - private and not (query.include_all and each in query.target.levels):
            column = f"{_ROW[each]}.attributes"
            yield Piece(column, partial(_picked, wanted - private))
    if private:
        column = _metadata(f"{_ROW[level]}.newest_version_id")
        yield Piece(column, partial(_picked_private, private))


def _computed(query: Query) -> Iterator[Piece]:
    level, levels = query.target.level, query.target.levels
    study = Level.STUDY in levels
    if study or _MODALITIES in query.included:
        render = partial(_texts, _MODALITIES, "CS")
        yield Piece("s.modalities_in_study", render)
    if (study and query.include_all) or _SOP_CLASSES in query.included:
        render = partial(_texts, _SOP_CLASSES, "UI")
        yield Piece("s.sop_classes_in_study", render)
    for tag, (column, owner) in _COUNTS.items():
        if owner in levels or (owner < level and tag in query.included):
            yield Piece(column, partial(_count, tag))
    yield Piece("NULL", _address)


def _whole() -> Piece:
    """Return the instance's metadata without what is computed."""
    return Piece(_metadata("i.version_id"), _version)


def _metadata(key: str) -> str:
    # Below the LIMIT, as a join would not be: PostgreSQL runs it for rows answered.
    return f"(SELECT metadata FROM imaging_instanceversion WHERE id = {key})"  # noqa: S608


def _members(stored: bytes, _url: str) -> bytes:
    return stored


def _parent_members(stored: bytes, _url: str) -> bytes:
    # Most have a character set, which by its tag is the first: no parsing for it.
    return _without(_CHARACTER_SET.sub(b"", stored), _OF_ALL_LEVELS)


def _without(members: bytes, tags: frozenset[str]) -> bytes:
    if not any(b'"%b":' % tag.encode() in members for tag in tags):
        return members
    attributes = orjson.loads(b"{%b}" % members)
    kept = {tag: each for tag, each in attributes.items() if tag not in tags}
    return orjson.dumps(kept)[1:-1]


def _version(stored: bytes, url: str) -> bytes:
    return _without(metadata.render(stored, instance_url=url)[1:-1], _COMPUTED)


def _picked(wanted: frozenset[str], members: bytes, _url: str) -> bytes:
    attributes = orjson.loads(b"{%b}" % members)
    return orjson.dumps({tag: attributes[tag] for tag in attributes.keys() & wanted})[
        1:-1
    ]


def _picked_of_version(wanted: frozenset[str], stored: bytes, url: str) -> bytes:
    return _picked(wanted, metadata.render(stored, instance_url=url)[1:-1], url)


def _picked_private(wanted: frozenset[str], stored: bytes | None, url: str) -> bytes:
    """Return private attributes without bulk values, which are an instance's."""
    if stored is None:
        return b""
    attributes = orjson.loads(metadata.unpack(stored))
    picked = {tag: orjson.dumps(attributes[tag]) for tag in attributes.keys() & wanted}
    return b",".join(
        b'"%b":%b' % (tag.encode(), value)
        for tag, value in picked.items()
        if _BULK not in value
    )


def _uid(tag: str, uid: str, _url: str) -> bytes:
    return f'"{tag}":{{"vr":"UI","Value":["{uid}"]}}'.encode()


def _texts(tag: str, vr: str, values: list[str], _url: str) -> bytes:
    value = b',"Value":' + orjson.dumps(values) if values else b""
    return f'"{tag}":{{"vr":"{vr}"'.encode() + value + b"}"


def _count(tag: str, number: int, _url: str) -> bytes:
    return b'"%b":{"vr":"IS","Value":[%d]}' % (tag.encode(), number)


def _address(_nothing: None, url: str) -> bytes:
    return (
        b'"00080056":{"vr":"CS","Value":["ONLINE"]},'
        b'"00081190":{"vr":"UR","Value":[' + orjson.dumps(url) + b"]}"
    )
