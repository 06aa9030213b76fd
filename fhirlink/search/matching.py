"""Which resources a search finds, for who works in all of a partition.

By their ids alone for conditional writes, whole for what is made of them. Nothing is
recorded here.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from core.database import raw_connection
from core.errors import Invalid
from fhirlink.access import Seen
from fhirlink.document import whole
from fhirlink.search.asked import asked
from fhirlink.search.compile import matching
from fhirlink.search.parse import pairs_of
from fhirlink.search.terms import Condition


class Matched(NamedTuple):
    """A resource that a search has found.

    Attributes
    ----------
    key
        Of its row: later ones came later.
    at
        When its current version came.
    """

    key: int
    fhir_id: str
    at: datetime
    content: Mapping[str, Any]


def matching_ids(seen: Seen, type_: str, query: str, *, limit: int) -> Sequence[str]:
    """Return the ids of what a search finds, the oldest first, up to a number.

    Raises
    ------
    Invalid
        It has a parameter that is not known, or says only how to answer.
    """
    conditions = conditions_of(type_, query)
    if not conditions:
        message = "Say by search parameters which resource is meant."
        raise Invalid(message)
    where, values = matching(seen, type_, conditions)
    rows = raw_connection().execute(
        f"SELECT r.fhir_id FROM fhirlink_resource r WHERE {where}"  # noqa: S608
        " ORDER BY r.id LIMIT %s",
        [*values, limit],
    )
    return [fhir_id for (fhir_id,) in rows]


def conditions_of(type_: str, query: str) -> Sequence[Condition]:
    """Return what a search asks of a type; nothing where it is empty.

    Raises
    ------
    Invalid
        It has a parameter that is not known.
    """
    (conditions,) = asked([type_], list(pairs_of(query))).conditions
    return conditions


def matching_resources(
    partition_id: int,
    type_: str,
    conditions: Sequence[Condition],
    *,
    ids: Collection[str] | None = None,
    after: int = 0,
    limit: int,
    newest: bool = False,
) -> list[Matched]:
    """Return the resources of a type that match, in the order in which they came.

    Parameters
    ----------
    conditions
        As `conditions_of` returns them; of none all match.
    ids
        The only ones that are asked for; None: all.
    after
        Their keys are higher.
    newest
        Whether those that came last are returned, the last one first.
    """
    where, values = matching(Seen(partition_id, "true", []), type_, conditions)
    if ids is not None:
        where, values = f"{where} AND r.fhir_id = ANY(%s)", [*values, list(ids)]
    order = "DESC" if newest else "ASC"
    rows = (
        raw_connection()
        .cursor(binary=True)
        .execute(
            "SELECT r.id, r.fhir_id, r.number, r.updated_at, v.body"  # noqa: S608
            " FROM fhirlink_resource r"
            f" JOIN fhirlink_resourceversion v ON v.id = r.version_id WHERE {where}"
            f" AND r.id > %s ORDER BY r.id {order} LIMIT %s",
            [*values, after, limit],
        )
    )
    return [
        Matched(key, fhir_id, at, orjson.loads(whole(type_, fhir_id, number, at, body)))
        for key, fhir_id, number, at, body in rows
    ]
