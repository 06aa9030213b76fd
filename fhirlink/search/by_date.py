"""Pages by a date: what most search for the newest of.

An index holds the dates of a parameter in their order. So a page is begun there, and
only as many resources are looked at as it takes; of a search that finds few PostgreSQL
sorts these. What has no date comes last.
"""

from collections.abc import Iterator
from typing import Any

from fhirlink.definitions.parameters import Kind
from fhirlink.search import slots
from fhirlink.search.asked import Asked, SortKey
from fhirlink.search.order import Cursor
from fhirlink.search.ordered import Condition, all_of, any_of
from fhirlink.search.rows import COLUMNS
from fhirlink.search.slots import Owner, term


def is_by_date(asked: Asked) -> bool:
    """Return whether results are sorted by one date, of which each has one at most."""
    if len(asked.sort) != 1 or len(asked.types) != 1:
        return False
    parameter = asked.sort[0].parameter
    return parameter.kind is Kind.DATE and parameter.is_single


def page_by_date(
    partition_id: int, asked: Asked, where: Condition, cursor: Cursor | None
) -> Condition:
    """Return the rows of a page, and one more, with their date as ``key_0``."""
    (sort,) = asked.sort
    number = asked.count + 1
    owner = Owner(partition_id, asked.types[0], sort.parameter.name)
    undated, given = _undated(owner, where, cursor)
    if cursor is not None and cursor.values == (None,):
        return f"{undated} LIMIT %s", [*given, number]
    parts = [*_dated(owner, sort, where, cursor)]
    texts = " UNION ALL ".join(f"({text} LIMIT %s)" for text, _ in parts)
    values: list[Any] = [one for _, each in parts for one in (*each, number)]
    dated = f"SELECT * FROM ({texts}) d ORDER BY {_order(sort, 'key_0')}, id LIMIT %s"  # noqa: S608
    # What has no date is looked for only where the page is not full.
    page = (
        f"WITH dated AS MATERIALIZED ({dated}) SELECT * FROM dated UNION ALL"  # noqa: S608
        f" (SELECT * FROM ({undated} LIMIT %s) u"
        " WHERE (SELECT count(*) FROM dated) < %s)"
    )
    return page, [*values, number, *given, number, number]


def _order(sort: SortKey, column: str) -> str:
    return f"{column} DESC" if sort.is_descending else column


def _dated(
    owner: Owner, sort: SortKey, where: Condition, cursor: Cursor | None
) -> Iterator[Condition]:
    begun: Condition = ("true", [])
    if cursor is not None:
        (value,) = cursor.values
        sign = "<" if sort.is_descending else ">"
        same: Condition = ("(d.first = %s AND r.id > %s)", [value, cursor.key])
        begun = all_of(
            [
                (f"d.first {sign}= %s", [value]),
                any_of([(f"d.first {sign} %s", [value]), same]),
            ]
        )
    for slot in (slots.MOMENT, slots.PERIOD):
        yield (
            f"SELECT {COLUMNS}, d.first AS key_0 FROM fhirlink_datevalue d"  # noqa: S608 own names
            " JOIN fhirlink_resource r ON r.id = d.resource_id"
            f" WHERE d.slot = %s AND {begun[0]} AND {where[0]}"
            f" ORDER BY {_order(sort, 'd.first')}, r.id",
            [term(owner, slot), *begun[1], *where[1]],
        )


def _undated(owner: Owner, where: Condition, cursor: Cursor | None) -> Condition:
    begun: Condition = ("true", [])
    if cursor is not None and cursor.values == (None,):
        begun = "r.id > %s", [cursor.key]
    # What says something that is no date has no row and is held to have none.
    held = [term(owner, slot) for slot in (slots.MOMENT, slots.PERIOD)]
    return (
        f"SELECT {COLUMNS}, NULL::timestamptz AS key_0 FROM fhirlink_resource r"  # noqa: S608 own names
        f" WHERE {begun[0]} AND {where[0]} AND NOT EXISTS (SELECT"
        " FROM fhirlink_datevalue d WHERE d.resource_id = r.id"
        " AND d.slot = ANY(%s::bigint[])) ORDER BY r.id",
        [*begun[1], *where[1], held],
    )
