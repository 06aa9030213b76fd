"""Pages of what is found by values of query tags: keys first, then their rows.

Of many that match, only the keys of a page are looked up. A value says by itself in
which partition its study lies, so that series and studies need not be read before:
their joins are outer ones, which PostgreSQL drops where nothing asks of them. The rows
of a page are held against the area once more, as they are read.

How many have one value PostgreSQL's statistics tell; how many have one in a range they
do not, as they are of all tags together. So where more than a range is asked, up to
`FEW` keys of that are read at first. Are these all, they are gone through in the order
of results; else PostgreSQL chooses.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from imaging.levels import Level
from imaging.query.area import Area
from imaging.query.conditions import Condition, all_of
from imaging.query.order_sql import KEY, Position, after, order_by
from imaging.query.parse import Query
from imaging.query.tag_conditions import (
    is_of_one_value,
    is_of_values,
    tag_conditions,
    values_in,
)
from imaging.query.terms import Criterion

FEW: Final = 20_000  # keys; to read and to sort them takes some milliseconds

_STUDY: Final = "LEFT JOIN imaging_study s ON s.id ="
_FROM: Final = {
    Level.STUDY: "imaging_study s",
    Level.SERIES: f"imaging_series e {_STUDY} e.study_id",
    Level.INSTANCE: "imaging_instance i"
    f" LEFT JOIN imaging_series e ON e.id = i.series_id {_STUDY} i.study_id",
}
_ROWS: Final = {
    Level.STUDY: "{join} imaging_study s ON s.id = {key}",
    Level.SERIES: "{join} imaging_series e ON e.id = {key}"
    " {join} imaging_study s ON s.id = e.study_id",
    Level.INSTANCE: "{join} imaging_instance i ON i.id = {key}"
    " {join} imaging_series e ON e.id = i.series_id"
    " {join} imaging_study s ON s.id = i.study_id",
}
# Of a row and of those above it, as the row itself has them.
_KEYS: Final = {
    Level.STUDY: {Level.STUDY: "s.id"},
    Level.SERIES: {Level.STUDY: "e.study_id", Level.SERIES: "e.id"},
    Level.INSTANCE: {
        Level.STUDY: "i.study_id",
        Level.SERIES: "i.series_id",
        Level.INSTANCE: "i.id",
    },
}


class Asked(NamedTuple):
    """A search by tags, in the parts that its statement is made of.

    Attributes
    ----------
    inside
        What is true of the rows of the area.
    others
        What the query asks besides tags and area.
    position
        After which row the page begins.
    """

    query: Query
    area: Area
    inside: Sequence[Condition]
    others: Sequence[Condition]
    position: Position | None

    @property
    def level(self) -> Level:
        """Return what is searched for."""
        return self.query.target.level

    @property
    def page(self) -> list[int]:
        """Return how many rows are wanted, one more than the page has; and offset."""
        return [self.query.limit + 1, self.query.offset]

    @property
    def tags(self) -> list[Criterion]:
        """Return what is asked of tags."""
        return [
            each for each in self.query.criteria if each.attribute.query_tag is not None
        ]


def compile_page(asked: Asked, columns: Sequence[str]) -> Condition:
    """Return the statement that answers `columns` of a page, in its order."""
    keys, values = _keys(asked)
    rows = _ROWS[asked.level].format(join="JOIN", key="page.id")
    where, more = _where(asked.inside)
    return (
        f"SELECT {', '.join(columns)} FROM ({keys}) page {rows}{where}"  # noqa: S608
        f" ORDER BY {order_by(asked.query)}",
        [*values, *more],
    )


def _keys(asked: Asked) -> Condition:
    """Return the statement of the keys of a page."""
    own = [each for each in asked.tags if each.attribute.level is asked.level]
    valued = list(filter(is_of_values, own))
    if not valued or asked.query.sort or asked.area.scopes:
        return _of_rows(asked)
    ranges = [each for each in valued if not is_of_one_value(each)]
    is_of_own = not asked.others and own == asked.tags
    if is_of_own and (len(own) == 1 or not ranges):
        return _of_values(asked, valued[0])
    return _of_few(asked, ranges[0]) if ranges else _of_rows(asked)


def _of_values(asked: Asked, first: Criterion) -> Condition:
    """Return the keys of what has values: all that is asked, in the order of keys."""
    rest = tag_conditions(
        asked.tags, asked.area, keys={asked.level: "found.id"}, without=first
    )
    source, values = _valued(asked, first, rest)
    return (
        f"SELECT DISTINCT found.id {source} ORDER BY found.id DESC LIMIT %s OFFSET %s",
        [*values, *asked.page],
    )


def _of_few(asked: Asked, first: Criterion) -> Condition:
    """Return the keys of what has values, and what else is asked is true of."""
    source, values = _valued(asked, first)
    keys = {**_KEYS[asked.level], asked.level: "found.id"}
    rest = tag_conditions(asked.tags, asked.area, keys=keys, without=first)
    number = "(SELECT count(*) FROM few)"
    are_few: Condition = (f"{number} <= %s", [FEW])
    where, more = _where([are_few, *asked.others, *rest])
    rows = _ROWS[asked.level].format(join="LEFT JOIN", key="found.id")
    many, most = _of_rows(asked, [(f"{number} > %s", [FEW])])
    return (
        f"WITH few AS MATERIALIZED (SELECT found.id {source} LIMIT %s)"  # noqa: S608
        " (SELECT found.id FROM (SELECT DISTINCT id FROM few ORDER BY id DESC) found"
        f" {rows}{where} ORDER BY found.id DESC LIMIT %s OFFSET %s)"
        f" UNION ALL ({many})",
        [*values, FEW + 1, *more, *asked.page, *most],
    )


def _valued(
    asked: Asked, first: Criterion, rest: Iterable[Condition] = ()
) -> Condition:
    """Return what says where the keys of the values are, and which of them."""
    names = {KEY[asked.level]: "found.id"}
    source, values = values_in(first, asked.area)
    position = asked.position
    after_it = after(asked.query, position, names) if position else ()
    where, more = _where([*rest, *after_it])
    return f"FROM ({source}) found{where}", [*values, *more]


def _of_rows(asked: Asked, more: Sequence[Condition] = ()) -> Condition:
    """Return the keys of rows, which are read as far as conditions ask of them."""
    query, level = asked.query, asked.level
    where, values = _where([*_conditions(asked), *more])
    return (
        f"SELECT {KEY[level]} AS id FROM {_FROM[level]}{where}"  # noqa: S608
        f" ORDER BY {order_by(query)} LIMIT %s OFFSET %s",
        [*values, *asked.page],
    )


def _conditions(asked: Asked) -> Iterator[Condition]:
    is_inside = not asked.area.scopes and any(map(is_of_values, asked.tags))
    if not is_inside:  # values say it
        yield from asked.inside
    yield from asked.others
    yield from tag_conditions(asked.tags, asked.area, keys=_KEYS[asked.level])
    if asked.position:
        yield from after(asked.query, asked.position)


def _where(conditions: Sequence[Condition]) -> Condition:
    if not conditions:
        return "", []
    text, values = all_of(conditions)
    return f" WHERE {text}", values
