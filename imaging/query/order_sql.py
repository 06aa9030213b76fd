"""From the order of results to SQL: what to sort by, and what lies after a row."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from imaging.levels import Kind, Level
from imaging.query.conditions import Condition, all_of, any_of
from imaging.query.order import SortKey
from imaging.query.parse import Query

KEY: Final = {Level.STUDY: "s.id", Level.SERIES: "e.id", Level.INSTANCE: "i.id"}
# What has no value counts as least, like empty text.
_NULLS: Final = {True: " DESC NULLS LAST", False: " NULLS FIRST"}
_DIRECTION: Final = {True: " DESC", False: ""}


class Position(NamedTuple):
    """The row after which a page begins: its key and what it is sorted by."""

    key: int
    values: Sequence[Any]


class _Term(NamedTuple):
    column: str
    descending: bool
    nullable: bool


def sort_columns(sort: Iterable[SortKey]) -> list[str]:
    """Return the columns that results are sorted by."""
    return [key.attribute.columns[0] for key in sort]


def order_by(query: Query, names: Mapping[str, str] | None = None) -> str:
    """Return what to order by: at last the key, in the direction of what is before it.

    Parameters
    ----------
    names
        What columns are called, where not as in their tables.
    """
    return ", ".join(
        (names or {}).get(term.column, term.column)
        + (_NULLS if term.nullable else _DIRECTION)[term.descending]
        for term in _terms(query)
    )


def after(
    query: Query, position: Position, names: Mapping[str, str] | None = None
) -> Iterator[Condition]:
    """Yield what is true only of the rows after a position.

    Parameters
    ----------
    names
        What columns are called, where not as in their tables.
    """
    terms = [
        term._replace(column=(names or {}).get(term.column, term.column))
        for term in _terms(query)
    ]
    values = [*position.values, position.key]
    condition = _beyond(terms[-1], position.key)
    for term, value in zip(terms[-2::-1], values[-2::-1], strict=True):
        equal = all_of([_same(term, value), condition])
        condition = any_of([_beyond(term, value), equal])
    yield condition
    if len(terms) > 1 and values[0] is not None and not terms[0].nullable:
        # Follows from it, in a form that an index can answer.
        sign = "<=" if terms[0].descending else ">="
        yield f"{terms[0].column} {sign} %s", [values[0]]


def _terms(query: Query) -> list[_Term]:
    terms = [
        _Term(column, key.descending, key.attribute.kind is Kind.NUMBER)
        for key, column in zip(query.sort, sort_columns(query.sort), strict=True)
    ]
    newest_first = query.sort[-1].descending if query.sort else True
    return [*terms, _Term(KEY[query.target.level], newest_first, nullable=False)]


def _same(term: _Term, value: Any) -> Condition:
    if value is None:
        return f"{term.column} IS NULL", []
    return f"{term.column} = %s", [value]


def _beyond(term: _Term, value: Any) -> Condition:
    if value is None:
        return ("FALSE" if term.descending else f"{term.column} IS NOT NULL"), []
    if not term.descending:
        return f"{term.column} > %s", [value]
    if term.nullable:
        return f"({term.column} < %s OR {term.column} IS NULL)", [value]
    return f"{term.column} < %s", [value]
