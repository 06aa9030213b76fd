"""The statements of a search."""

from fhirlink.access import Seen
from fhirlink.search.asked import Asked
from fhirlink.search.by_date import is_by_date, page_by_date
from fhirlink.search.compile import matching
from fhirlink.search.order import Cursor, after, order_by, sort_column
from fhirlink.search.ordered import Condition, any_of
from fhirlink.search.rows import COLUMNS, Statement


def where_of(seen: Seen, asked: Asked) -> Condition:
    """Return what is true of all that matches, of whichever type."""
    return any_of(
        [
            matching(seen, type_, conditions, asked.compartment)
            for type_, conditions in zip(asked.types, asked.conditions, strict=True)
        ]
    )


def page_of(
    seen: Seen, asked: Asked, where: Condition, cursor: Cursor | None
) -> Statement:
    """Return the statement of a page, and of one more row if there is one."""
    names = [f"key_{at}" for at, _ in enumerate(asked.sort)]
    order = order_by(asked.sort, names)
    if is_by_date(asked):
        text, given = page_by_date(seen.partition_id, asked, where, cursor)
        limited = f"SELECT * FROM ({text}) r ORDER BY {order} LIMIT %s"  # noqa: S608
        return Statement(limited, [*given, asked.count + 1], names, order)
    columns = [sort_column(seen.partition_id, asked.types[0], k) for k in asked.sort]
    sorted_by = "".join(
        f", {column} AS {name}"
        for (column, _), name in zip(columns, names, strict=True)
    )
    begun: Condition = ("true", [])
    if cursor is not None:
        begun = after(asked.sort, names, cursor)
    page = (
        f"SELECT * FROM (SELECT {COLUMNS}{sorted_by} FROM fhirlink_resource r"  # noqa: S608 own names
        f" WHERE {where[0]}) r WHERE {begun[0]} ORDER BY {order} LIMIT %s"
    )
    values = [value for _, given in columns for value in given]
    values += [*where[1], *begun[1], asked.count + 1]
    return Statement(page, values, names, order)


def rows_of(where: Condition) -> Condition:
    """Return the statement of all that matches."""
    return f"SELECT FROM fhirlink_resource r WHERE {where[0]}", where[1]


def count_of(where: Condition, limit: int | None) -> Condition:
    """Return the statement that counts what matches, up to a number."""
    rows, values = rows_of(where)
    return f"SELECT count(*) FROM ({rows} LIMIT %s) counted", [*values, limit]  # noqa: S608
