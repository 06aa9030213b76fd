"""The history of a resource, of a type and of a partition (FHIR R4 3.1.0.12).

That of more than one resource is a view of the change feed, in its order: a reader of
pages neither misses a version nor sees one twice while others are written.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from core import audit
from core.access import Actor
from core.database import raw_connection
from core.errors import NotFound
from fhirlink.access import Seen, seen_in
from fhirlink.concerned import patients_of
from fhirlink.read import MISSING, Version
from fhirlink.write import KIND

_COLUMNS: Final = "r.type, r.fhir_id, v.number, v.at, v.method, v.body"
_OF_ONE: Final = (
    f"SELECT {_COLUMNS}, v.number FROM fhirlink_resource r"  # noqa: S608 own names
    " JOIN fhirlink_resourceversion v ON v.resource_id = r.id"
)
_OF_MANY: Final = (
    f"SELECT {_COLUMNS}, f.seq FROM core_feedentry f"  # noqa: S608 own names
    " JOIN fhirlink_resourceversion v ON v.id = f.version"
    " JOIN fhirlink_resource r ON r.id = v.resource_id"
)
_NOT_LATER: Final = (
    "NOT EXISTS (SELECT FROM fhirlink_resourceversion later"
    " WHERE later.resource_id = v.resource_id AND later.number = v.number + 1"
    " AND later.at <= %s)"
)


class Span(NamedTuple):
    """Which part of a history is asked for.

    Attributes
    ----------
    after
        The cursor at which the page before has ended; None: from the newest.
    since
        Only versions that were made then or later.
    at
        Only versions that were current at some moment between two.
    """

    limit: int
    after: int | None = None
    since: datetime | None = None
    at: tuple[datetime, datetime] | None = None


class Page(NamedTuple):
    """Some versions, the newest first.

    Attributes
    ----------
    next
        Where the next page begins; None where there is none.
    total
        How many versions there are, of the history of one resource.
    """

    versions: Sequence[Version]
    next: int | None
    total: int | None


def history_of(
    *, actor: Actor, partition: str, type_: str, fhir_id: str, span: Span
) -> Page:
    """Return the versions of one resource.

    Raises
    ------
    NotFound
        There never was such a resource that the actor may see.
    """
    seen = seen_in(actor, partition)
    conditions = (
        f"r.partition_id = %s AND r.type = %s AND r.fhir_id = %s AND {seen.condition}"
    )
    values = [seen.partition_id, type_, fhir_id, *seen.values]
    row = (
        raw_connection()
        .execute(f"SELECT r.number FROM fhirlink_resource r WHERE {conditions}", values)  # noqa: S608 own names
        .fetchone()
    )
    if row is None:
        raise NotFound(MISSING)
    page = _page(_OF_ONE, "v.number", [conditions], values, span)
    _record(actor, seen, f"history of 1 {type_}", page)
    is_whole = span.since is None and span.at is None
    return page._replace(total=row[0] if is_whole else None)


def history(
    *, actor: Actor, partition: str, span: Span, type_: str | None = None
) -> Page:
    """Return the versions of all resources of a partition, or of those of a type."""
    seen = seen_in(actor, partition)
    conditions = ["f.kind = %s AND f.partition_id = %s", seen.condition]
    values = [KIND, seen.partition_id, *seen.values]
    if type_ is not None:
        conditions.append("f.key[1] = %s")
        values.append(type_)
    page = _page(_OF_MANY, "f.seq", conditions, values, span)
    _record(actor, seen, f"history of {type_ or 'all types'}", page)
    return page


def _page(
    query: str, order: str, conditions: list[str], values: list[Any], span: Span
) -> Page:
    conditions, values = [*conditions], [*values]
    bounds: list[tuple[str, object]] = [
        (f"{order} < %s", span.after),
        ("v.at >= %s", span.since),
    ]
    if span.at is not None:
        first, end = span.at
        bounds += [("v.at < %s", end), (_NOT_LATER, first)]
    for sql, value in bounds:
        if value is not None:
            conditions.append(sql)
            values.append(value)
    rows = (
        raw_connection()
        .execute(
            f"{query} WHERE {' AND '.join(conditions)} ORDER BY {order} DESC LIMIT %s",
            [*values, span.limit + 1],
        )
        .fetchall()
    )
    shown = rows[: span.limit]
    has_more = len(rows) > span.limit and shown
    versions = [Version(*row[:-1]) for row in shown]
    return Page(versions, shown[-1][-1] if has_more else None, None)


def _record(actor: Actor, seen: Seen, detail: str, page: Page) -> None:
    event = audit.Event(
        actor,
        audit.Action.RETRIEVE,
        partition_id=seen.partition_id,
        detail=detail,
    )
    told = [each.told for each in page.versions]
    audit.record_answer(event, patients=patients_of(seen.partition_id, told))
