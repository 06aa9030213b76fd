"""What a document of the index holds, and how Elasticsearch keeps it: pure.

A study and a series are a document each. Fields are called as the columns that a search
reads in PostgreSQL and hold the same values, folded by us before (`imaging.fold`), so
that both compare the same text in the same order. Elasticsearch analyses nothing.
Ranges of dates and times are ranges of text, as in PostgreSQL (decision 0022).
"""

from collections.abc import Iterator
from typing import Any, Final

from core.changefeed_access import GRANT, PROJECT
from imaging.feed import KIND as INSTANCE
from imaging.levels import Kind, Level
from imaging.query.attributes import ATTRIBUTES, Attribute
from imaging.query.elastic import tag_values
from imaging.query.facets import FACETS, Facet, is_of_series
from imaging.query.moments import PAIRS

LEVELS: Final = (Level.STUDY, Level.SERIES)
"""Instances are searched in PostgreSQL: below a series or by UID as a rule."""

FORM: Final = 5
"""Of the documents. A change of it has them made anew (`test_fields`)."""

NAME: Final = "search"
"""Of the follower that fills the index."""

SCOPING: Final = (PROJECT, GRANT)
"""Of the entries that change which scopes lead to studies, and name none of these."""

KINDS: Final = (INSTANCE, *SCOPING)
"""Of the entries that it takes notice of."""

ITEMS: Final = "request_attributes"
ODD: Final = "odd"
WORDS: Final = "words"
TAG_WORDS: Final = "tag_words"
ODD_WORDS: Final = "odd_words"

_ROW: Final = {Level.STUDY: "s.", Level.SERIES: "e."}
_KEYWORD: Final = {"type": "keyword"}
_LONG: Final = {"type": "long"}
_OWN: Final = {
    "key": _LONG,
    "partition_id": _LONG,
    "scopes": _LONG,
    ODD: {"type": "boolean"},
    WORDS: _KEYWORD | {"doc_values": False},
    TAG_WORDS: _KEYWORD | {"doc_values": False},
    ODD_WORDS: {"type": "boolean"},
}


def columns(level: Level) -> list[str]:
    """Return the columns of a level whose values a document has as they are."""
    found = [name for each in _attributes(level) for name in each.columns]
    found += [pair.utc for pair in PAIRS if pair.date.level is level]
    return list(dict.fromkeys(found))


def item_columns() -> dict[str, str]:
    """Return the arrays of what stands inside of items, by the names of the fields."""
    return {
        each.columns[0].partition(".")[2]: each.columns[1]
        for each in ATTRIBUTES
        if each.in_item
    }


def facet_columns() -> dict[str, Facet]:
    """Return what studies are counted by that is no column of theirs, in SQL."""
    found = {}
    for facet in FACETS:
        if is_of_series(facet):
            column = facet.expression
            found[
                f"ARRAY(SELECT DISTINCT {column} FROM imaging_series e"  # noqa: S608 own names
                f" WHERE e.study_id = s.id AND {column} <> '' ORDER BY 1)"
            ] = facet
        elif facet.expression not in facet.attribute.columns:
            found[facet.expression] = facet
    return found


def field_of(column: str) -> str:
    """Return what a column is called in a document."""
    row, _, name = column.partition(".")
    return f"{ITEMS}.{name}" if row == "item" else name


EXPRESSIONS: Final = {
    expression: f"{field_of(column)}_time"
    for pair in PAIRS
    for date, time in [(pair.date.columns[0], pair.time.columns[0])]
    for expression, column in (
        (f"{date} || {time}", date),
        (f"substr({pair.utc}, 9)", pair.utc),
    )
}
"""What a search computes of columns and a document has as a field of its own."""


def mappings(level: Level) -> dict[str, Any]:
    """Return the mappings of a level: what is not there is refused."""
    return {
        "dynamic": "strict",
        "_meta": {"form": FORM},
        "properties": dict(_OWN) | dict(_properties(level)),
    }


def levels_of(level: Level) -> list[Level]:
    """Return the levels whose attributes a document has: what is above is repeated."""
    return list(Level)[: level + 1]


def _properties(level: Level) -> Iterator[tuple[str, Any]]:
    for each in levels_of(level):
        for attribute in _attributes(each):
            kind = _LONG if attribute.kind is Kind.NUMBER else _KEYWORD
            for column in attribute.columns:
                yield field_of(column), kind
        for pair in PAIRS:
            if pair.date.level is each:
                yield field_of(pair.utc), _KEYWORD
    if level is Level.STUDY:
        yield from ((facet.field, _KEYWORD) for facet in facet_columns().values())
    for expression, name in EXPRESSIONS.items():
        if any(_ROW[each] in expression for each in levels_of(level)):
            yield name, _KEYWORD
    yield from tag_values.properties(level)
    if level is Level.SERIES:
        items = dict.fromkeys(item_columns(), _KEYWORD)
        yield ITEMS, {"type": "nested", "dynamic": "strict", "properties": items}


def _attributes(level: Level) -> list[Attribute]:
    return [each for each in ATTRIBUTES if each.level is level and not each.in_item]
