"""What a search answers of each row (DICOM PS3.18 10.6.3.3), spliced from bytes.

An answer is made of pieces: each is one column of the statement and a function from
its value to JSON members without braces. Stored members go in unparsed; only what a
client names with ``includefield`` beyond the default is looked up by parsing.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from typing import Any, Final, NamedTuple

import orjson

from imaging import index, metadata
from imaging.levels import Level
from imaging.limited_view import limited
from imaging.query.attributes import with_creators
from imaging.query.parse import Query

Render = Callable[[Any, str], bytes]
"""From a column's value and the row's RetrieveURL to JSON members."""


class Piece(NamedTuple):
    """A part of each row of the answer."""

    column: str
    render: Render


_URL: Final = {
    Level.STUDY: "'studies/' || s.study_instance_uid",
    Level.SERIES: "'studies/' || s.study_instance_uid"
    " || '/series/' || e.series_instance_uid",
    Level.INSTANCE: "'studies/' || s.study_instance_uid"
    " || '/series/' || e.series_instance_uid"
    " || '/instances/' || i.sop_instance_uid",
}
_PARTITION: Final = "(SELECT name FROM core_partition WHERE id = s.partition_id) || '/'"
_SUMMARY: Final = {
    Level.STUDY: frozenset(index.STUDY_SUMMARY),
    Level.SERIES: frozenset(index.SERIES_SUMMARY),
    Level.INSTANCE: frozenset(index.INSTANCE_SUMMARY),
}
_ATTRIBUTES: Final = {
    Level.STUDY: frozenset(index.STUDY_ATTRIBUTES),
    Level.SERIES: frozenset(index.SERIES_ATTRIBUTES),
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
_ONLINE: Final = b'"00080056":{"vr":"CS","Value":["ONLINE"]}'
_URL_TAG: Final = "00081190"
_STUDY_UID: Final = "0020000D"
_SERIES_UID: Final = "0020000E"
_COUNTS: Final = {
    Level.STUDY: {
        "00201206": "s.number_of_series",
        "00201208": "s.number_of_instances",
    },
    Level.SERIES: {"00201209": "e.number_of_instances"},
    Level.INSTANCE: {},
}
_COMPUTED: Final = frozenset(
    {_MODALITIES, _SOP_CLASSES, _AVAILABILITY, _URL_TAG}
    | {tag for counts in _COUNTS.values() for tag in counts}
)


def columns_of(pieces: Sequence[Piece], level: Level, *, everywhere: bool) -> list[str]:
    """Return what to select: first what ends the RetrieveURL, then each piece's.

    Parameters
    ----------
    everywhere
        Whether each row's partition stands in its address.
    """
    url = f"{_PARTITION} || {_URL[level]}" if everywhere else _URL[level]
    return [url, *(piece.column for piece in pieces)]


def render_rows(
    pieces: Sequence[Piece], rows: Sequence[tuple[Any, ...]], *, base_url: str
) -> bytes:
    """Return the JSON array of the rows.

    A row begins with whether it is shown who the patient is, then comes what
    `columns_of` named.
    """
    return b"[" + b",".join(render_each(pieces, rows, base_url=base_url)) + b"]"


def render_each(
    pieces: Sequence[Piece], rows: Iterable[tuple[Any, ...]], *, base_url: str
) -> Iterator[bytes]:
    """Yield each of such rows as a JSON object."""
    prefix = f"{base_url}/"
    renders = [piece.render for piece in pieces]
    return (_row(renders, row, prefix) for row in rows)


def _row(renders: Sequence[Render], row: tuple[Any, ...], prefix: str) -> bytes:
    is_identified, url = row[0], prefix + row[1]
    members = (
        render(value, url) for render, value in zip(renders, row[2:], strict=False)
    )
    answer = b"{" + b",".join(filter(None, members)) + b"}"
    return answer if is_identified else limited(answer)


def pieces_of(query: Query, *, levels: Sequence[Level] | None = None) -> list[Piece]:
    """Return what the answers of `query` are made of.

    Stored attributes come first, then the parents' UIDs, then what is computed.

    Parameters
    ----------
    levels
        The levels whose attributes are answered, where not those below the path.
    """
    level, levels = query.target.level, levels or query.target.levels
    rules = query.rules
    fields = rules.all_fields if query.include_all else rules.fields
    if level is Level.INSTANCE and query.include_all and rules.whole_instance:
        pieces = [_whole()]
    else:
        stored = {each: fields[each] - _COMPUTED for each in levels}
        pieces = [_stored(each, stored[each], level) for each in levels]
        if Level.STUDY not in levels:
            pieces.append(Piece("s.study_instance_uid", partial(_uid, _STUDY_UID)))
        if level is Level.INSTANCE and Level.SERIES not in levels:
            pieces.append(Piece("e.series_instance_uid", partial(_uid, _SERIES_UID)))
        given = frozenset({_STUDY_UID, _SERIES_UID} if level else {_STUDY_UID}).union(
            *stored.values()
        )
        pieces += _extras(query, query.included - given - _COMPUTED)
    wanted = query.included.union(*(fields[each] for each in levels))
    return [*pieces, *_computed(level, wanted)]


def _stored(each: Level, wanted: frozenset[str], level: Level) -> Piece:
    """Return the attributes `wanted` of a level from the column that holds them."""
    kind, held = "summary", _SUMMARY[each]
    if not wanted <= held:
        kind, held = "attributes", _ATTRIBUTES[each]
    column = f"{_ROW[each]}.{kind}"
    if wanted >= held:
        return Piece(column, _members if each == level else _parent_members)
    if each != level:
        wanted -= _OF_ALL_LEVELS
    return Piece(column, partial(_picked, wanted))


def _extras(query: Query, wanted: frozenset[str]) -> Iterator[Piece]:
    """Yield what is not among the default attributes, from where it is kept.

    Private attributes of a study or series are those of its newest instance, and so
    are those matched by query tags.
    """
    level = query.target.level
    matched = frozenset(
        criterion.attribute.tag.partition(".")[0]
        for criterion in query.criteria
        if criterion.attribute.query_tag is not None
    )
    matched = with_creators(matched & wanted)
    wanted = with_creators(wanted)  # as PS3.18 10.6.3.3 wants it
    private = frozenset(tag for tag in wanted if int(tag[3], 16) & 1)
    if level is Level.INSTANCE:
        if wanted:
            yield Piece(_metadata("i.version_id"), partial(_picked_of_version, wanted))
        return
    of_newest = wanted if query.rules.fields_of_newest else private | matched
    for each in list(Level)[: level + 1]:
        found = wanted & _ATTRIBUTES[each] - of_newest
        if found:
            yield Piece(f"{_ROW[each]}.attributes", partial(_picked, found))
    if of_newest:
        column = _metadata(f"{_ROW[level]}.newest_version_id")
        yield Piece(column, partial(_picked_of_newest, of_newest))


def _computed(level: Level, wanted: frozenset[str]) -> Iterator[Piece]:
    if _MODALITIES in wanted:
        render = partial(_texts, _MODALITIES, "CS")
        yield Piece("s.modalities_in_study", render)
    if _SOP_CLASSES in wanted:
        render = partial(_texts, _SOP_CLASSES, "UI")
        yield Piece("s.sop_classes_in_study", render)
    for owner in list(Level)[: level + 1]:
        for tag, column in _COUNTS[owner].items():
            if tag in wanted:
                yield Piece(column, partial(_count, tag))
    if _AVAILABILITY in wanted:
        yield Piece("NULL", _online)
    if _URL_TAG in wanted:
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
    if _names_of(tags).search(members) is None:  # one pass; hardly any has one
        return members
    attributes = orjson.loads(b"{%b}" % members)
    kept = {tag: each for tag, each in attributes.items() if tag not in tags}
    return orjson.dumps(kept)[1:-1]


@cache
def _names_of(tags: frozenset[str]) -> re.Pattern[bytes]:
    """Return what finds the names of `tags` in JSON, at any depth."""
    return re.compile(f'"(?:{"|".join(sorted(tags))})":'.encode())


def _version(stored: bytes, url: str) -> bytes:
    return _without(metadata.render(stored, instance_url=url)[1:-1], _COMPUTED)


def _picked(wanted: frozenset[str], members: bytes, _url: str) -> bytes:
    attributes = orjson.loads(b"{%b}" % members)
    picked = {tag: each for tag, each in attributes.items() if tag in wanted}
    return orjson.dumps(picked)[1:-1]


def _picked_of_version(wanted: frozenset[str], stored: bytes, url: str) -> bytes:
    return _picked(wanted, metadata.render(stored, instance_url=url)[1:-1], url)


def _picked_of_newest(wanted: frozenset[str], stored: bytes | None, _url: str) -> bytes:
    """Return attributes without bulk values, which are an instance's."""
    if stored is None:
        return b""
    attributes = orjson.loads(metadata.unpack(stored))
    found = {
        tag: orjson.dumps(each) for tag, each in attributes.items() if tag in wanted
    }
    return b",".join(
        b'"%b":%b' % (tag.encode(), value)
        for tag, value in found.items()
        if _BULK not in value
    )


def _uid(tag: str, uid: str, _url: str) -> bytes:
    return f'"{tag}":{{"vr":"UI","Value":["{uid}"]}}'.encode()


def _texts(tag: str, vr: str, values: list[str], _url: str) -> bytes:
    value = b',"Value":' + orjson.dumps(values) if values else b""
    return f'"{tag}":{{"vr":"{vr}"'.encode() + value + b"}"


def _count(tag: str, number: int, _url: str) -> bytes:
    return b'"%b":{"vr":"IS","Value":[%d]}' % (tag.encode(), number)


def _online(_nothing: None, _url: str) -> bytes:
    return _ONLINE


def _address(_nothing: None, url: str) -> bytes:
    return b'"00081190":{"vr":"UR","Value":[' + orjson.dumps(url) + b"]}"
