"""Finding resources: a page of what matches, and how many there are.

Every search is audited, with its words and the patients whose data it gave.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import orjson
from psycopg.errors import QueryCanceled

from core import audit
from core.access import Actor
from core.database import raw_connection
from core.errors import TooLarge
from fhirlink.access import Seen, seen_in
from fhirlink.concerned import patients_of
from fhirlink.search.asked import Asked, Total
from fhirlink.search.include import included
from fhirlink.search.order import Cursor, read, written
from fhirlink.search.ordered import Condition
from fhirlink.search.rows import Found, found_by
from fhirlink.search.statements import count_of, page_of, rows_of, where_of

SOON_COUNTED: Final = 10_000
TOO_BROAD: Final = (
    "The search took too long. Narrow it: name a patient, a code or a range of dates."
)


class Page(NamedTuple):
    """What is answered of a search.

    Attributes
    ----------
    total
        How many match altogether, if that is told.
    cursor
        Where the next page begins; None after the last one.
    previous
        Where the page before begins: "" with the first row; None where there is none,
        or that is not remembered.
    warnings
        What the client is to know about what is left out.
    """

    matches: Sequence[Found]
    included: Sequence[Found]
    total: int | None
    cursor: str | None
    previous: str | None
    warnings: tuple[str, ...]


def search(*, actor: Actor, partition: str, asked: Asked, query: str) -> Page:
    """Return a page of the resources that match and the actor may see.

    Parameters
    ----------
    query
        The words of the client, for the audit log.

    Raises
    ------
    Forbidden, NotFound
        The actor may not read here.
    Invalid
        The cursor is none of this search.
    TooLarge
        It took the database too long.
    """
    seen = seen_in(actor, partition)
    cursor = None if asked.cursor is None else read(asked.cursor, asked)
    with in_time():
        page = _page(seen, asked, cursor)
    _audit(actor, seen.partition_id, page, query)
    return page


def _page(seen: Seen, asked: Asked, cursor: Cursor | None) -> Page:
    where = where_of(seen, asked)
    found: list[tuple[Found, tuple[Any, ...]]] = []
    if asked.count:
        found = found_by(page_of(seen, asked, where, cursor))
    is_last = len(found) <= asked.count
    found = found[: asked.count]
    matches = [each for each, _ in found]
    total = _total(asked, where, cursor, len(found) if is_last else None)
    following = None
    if not is_last:
        row, values = found[-1]
        trail = (None,) if cursor is None else cursor.onward
        following = written(Cursor(row.key, values, total, trail), asked)
    more, warnings = included(seen, asked.includes, matches)
    told = (*asked.warnings, *warnings)
    return Page(matches, more, total, following, _previous(cursor, asked), told)


def _previous(cursor: Cursor | None, asked: Asked) -> str | None:
    if cursor is None or not cursor.trail:
        return None
    before = cursor.back()
    return "" if before is None else written(before, asked)


def _total(
    asked: Asked, where: Condition, cursor: Cursor | None, number: int | None
) -> int | None:
    """Return how many match, where it is asked for or soon known."""
    if asked.total is Total.NONE and asked.count:
        return None
    if cursor is not None:
        return cursor.total
    if number is not None and asked.count:  # all are on the first page
        return number
    is_exact = asked.total is Total.ACCURATE or not asked.count
    limit = None if is_exact else SOON_COUNTED + 1
    counted = _count(where, limit)
    if limit is None or counted < limit:
        return counted
    return _estimate(where) if asked.total is Total.ESTIMATE else None


def _count(where: Condition, limit: int | None) -> int:
    ((number,),) = _fetch(count_of(where, limit))
    return int(number)


def _estimate(where: Condition) -> int:
    """Return how many PostgreSQL expects; at least as many as were counted."""
    rows, values = rows_of(where)
    ((plan,),) = _fetch((f"EXPLAIN (FORMAT JSON) {rows}", values))
    told = plan if isinstance(plan, list) else orjson.loads(plan)
    return max(int(told[0]["Plan"]["Plan Rows"]), SOON_COUNTED)


def _fetch(statement: Condition) -> list[tuple[Any, ...]]:
    text, values = statement
    return raw_connection().cursor().execute(text, values, prepare=False).fetchall()


@contextmanager
def in_time() -> Iterator[None]:
    """Refuse a search whose statement took the database too long."""
    try:
        yield
    except QueryCanceled as error:
        raise TooLarge(TOO_BROAD) from error


def _audit(actor: Actor, partition_id: int, page: Page, query: str) -> None:
    found = [*page.matches, *page.included]
    event = audit.Event(
        actor,
        audit.Action.SEARCH,
        partition_id=partition_id,
        detail=f"{len(found)} resources",
        query=query,
    )
    contents = [(each.type, each.fhir_id, each.body) for each in found]
    audit.record_answer(event, patients=patients_of(partition_id, contents))
