"""What a document holds of extended query tags (decision 0022).

Each value is one term, of tag, part and text as `imaging.TagValue` has them: of
``12:0:head`` the terms that begin with ``12:0:`` are in the order of its values. So
there is no field for each tag. Texts that the table shortens stand whole in a field of
their own. What stood in one item of a sequence, or is one name in several component
groups, is in one nested object besides.

A document says of which tags it holds all values: of those that were ready when its
row was read. It lacks those of a tag that became ready later, or that it could not
take; then the database answers.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, NamedTuple

from imaging.levels import Level
from imaging.query.value_conditions import GROUPS

KNOWN: Final = "tags_known"
TERMS: Final = "tags"
LONG: Final = "tags_long"
OF_SERIES: Final = "series_tags"
PLACES: Final = "tag_places"
IN_PLACES: Final = f"{PLACES}.terms"

LONGEST_TERM: Final = 32_700  # bytes of UTF-8, a little less than Lucene takes
MOST_CHARACTERS: Final = 65_536  # of all values of a document
MOST_PLACES: Final = 1000
MOST_OF_SERIES: Final = 5000
_MOST_KNOWN: Final = 30_000  # characters

_KEYWORD: Final = {"type": "keyword"}


class Value(NamedTuple):
    """A row of `imaging.TagValue`.

    Attributes
    ----------
    group
        The sequence that it stands in, and of what level; None outside of any.
    """

    tag: int
    part: int
    text: str
    is_long: bool
    places: Sequence[int] | None
    group: str | None


Place = tuple[str | int, int]
"""The sequence, or the tag of a name, and the number of the item or value."""


def beginning(tag: int, part: int) -> str:
    """Return what all terms of a part of a tag's values begin with."""
    return f"{tag}:{part}:"


def ending(tag: int, part: int) -> str:
    """Return what comes after all terms of a part of a tag's values."""
    return f"{tag}:{part};"


def marker(tag: int) -> str:
    """Return the term of what has any value of a tag."""
    return str(tag)


def listed(tags: Iterable[int]) -> str:
    """Return keys between commas, as many as there is room for."""
    found = ","
    for tag in tags:
        if len(found) < _MOST_KNOWN:
            found += f"{tag},"
    return found


def properties(level: Level) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a level's documents, and how Elasticsearch keeps them."""
    counted = level is Level.STUDY
    yield KNOWN, _KEYWORD | {"doc_values": False}
    yield TERMS, _KEYWORD | {"doc_values": counted}
    yield LONG, _KEYWORD | {"doc_values": False}
    terms = {"terms": _KEYWORD | {"doc_values": False}}
    yield PLACES, {"type": "nested", "dynamic": "strict", "properties": terms}
    if counted:
        yield OF_SERIES, _KEYWORD


def selected(level: Level) -> Iterator[tuple[str, str]]:
    """Yield what is read of a row for `fields_of`, and its name."""
    yield READY, "tags_ready"
    yield (_OF_STUDY if level is Level.STUDY else _OF_BOTH), "tag_values"
    if level is Level.STUDY:
        yield _ALL_SERIES, "series_values"


def fields_of(
    ready: Sequence[Sequence[Any]] | None,
    rows: Iterable[Sequence[Any]] | None,
    of_series: Sequence[Sequence[Any]] | None = (),
) -> Mapping[str, Any]:
    """Return the fields of a document.

    Parameters
    ----------
    ready
        Key and level of the tags that are.
    rows
        `Value`s, by tag.
    of_series
        Tag and text of what a study's series have, shortened texts left out.
    """
    ready = ready or ()
    held = [Value(*row) for row in rows or ()]
    lacking = _too_large(held)
    series = of_series or ()
    if len(series) > MOST_OF_SERIES:
        series = ()
        lacking |= {tag for tag, level in ready if level == _SERIES}
    kept = [each for each in held if each.tag not in lacking]
    fields = {
        KNOWN: listed(tag for tag, _ in ready if tag not in lacking),
        TERMS: [
            *sorted({marker(each.tag) for each in kept}),
            *(_term(each) for each in kept if not each.is_long),
        ],
        LONG: [_term(each) for each in kept if each.is_long],
        PLACES: [{"terms": terms} for terms in _in_places(kept).values()],
        OF_SERIES: [beginning(tag, 0) + text for tag, text in series],
    }
    return {name: value for name, value in fields.items() if value}


def _term(value: Value) -> str:
    return beginning(value.tag, value.part) + value.text


def _too_large(held: Iterable[Value]) -> set[int]:
    """Return the tags whose values a document cannot take."""
    lacking, characters, number = set(), 0, 0
    for tag, values in groupby(held, key=attrgetter("tag")):
        several = list(values)
        size = sum(len(each.text) for each in several)
        places = len(_in_places(several))
        is_small = characters + size <= MOST_CHARACTERS
        if is_small and number + places <= MOST_PLACES and all(map(_fits, several)):
            characters += size
            number += places
        else:
            lacking.add(tag)
    return lacking


def _fits(value: Value) -> bool:
    return not value.is_long or len(value.text.encode()) <= LONGEST_TERM


def _in_places(held: Iterable[Value]) -> dict[Place, list[str]]:
    """Return the terms of each item of a sequence, and of names in several groups."""
    found: dict[Place, list[str]] = defaultdict(list)
    for value in held:
        if value.group is not None or value.part in GROUPS:
            for place in value.places or (0,):
                found[value.group or value.tag, place].append(_term(value))
    return {
        place: terms
        for place, terms in found.items()
        if isinstance(place[0], str) or len(terms) > 1
    }


_SERIES: Final = Level.SERIES.name.lower()
READY: Final = """(
  SELECT json_agg(json_build_array(id, level) ORDER BY id) FROM imaging_querytag
  WHERE status = 'ready' AND level IN ('study', 'series')
)"""
_GROUP: Final = (
    "CASE WHEN tag.path LIKE '%%.%%' THEN tag.level || left(tag.path, -9) END"
)


def _values(where: str) -> str:
    return f"""(
  SELECT json_agg(json_build_array(v.tag_id, v.part,
    coalesce(nullif(v.long, ''), v.text), v.long <> '', v.places, {_GROUP})
    ORDER BY v.tag_id, v.part, v.text)
  FROM imaging_tagvalue v JOIN imaging_querytag tag ON tag.id = v.tag_id
  WHERE tag.status = 'ready' AND {where}
)"""  # noqa: S608 own names


_OF_STUDY: Final = _values("v.row_id = s.id AND tag.level = 'study'")
_OF_BOTH: Final = _values(
    "v.row_id IN (s.id, e.id)"
    " AND v.row_id = CASE tag.level WHEN 'study' THEN s.id WHEN 'series' THEN e.id END"
)
_ALL_SERIES: Final = f"""(
  SELECT json_agg(json_build_array(each.tag_id, each.text)) FROM (
    SELECT DISTINCT v.tag_id, v.text FROM imaging_series e
    JOIN imaging_tagvalue v ON v.row_id = e.id
    JOIN imaging_querytag tag ON tag.id = v.tag_id
    WHERE e.study_id = s.id AND tag.status = 'ready' AND tag.level = 'series'
      AND v.part = 0 AND v.long = ''
    ORDER BY 1, 2 LIMIT {MOST_OF_SERIES + 1}
  ) each
)"""  # noqa: S608 own names
