"""What a search goes through: chains, and ``_has``.

What lies on the way is looked up first, and the search itself then asks for what was
found there by its keys: PostgreSQL knows how many resources each key has, and cannot
know that of a subquery. Only where very many lie on the way they are not looked up.

Each of them the actor must see: else a count would tell of what it may not.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import orjson

from core.database import raw_connection
from fhirlink.access import Seen
from fhirlink.document import unpacked
from fhirlink.search import slots
from fhirlink.search.ordered import Condition, any_of
from fhirlink.search.slots import Owner
from fhirlink.search.terms import Chained, Having
from fhirlink.search.terms import Condition as Wanted
from fhirlink.search.values import Link, values_at

MANY: Final = 1_000
_FROM: Final = "fhirlink_resource r"

Matching = Callable[[Seen, str, Sequence[Wanted]], Condition]
"""What is true of the resources of a type that the actor sees and seeks."""


def link_prefix(owner: Owner, target: str) -> str:
    """Return what the text of a reference's term begins with, before the id."""
    return slots.SEPARATOR.join((slots.prefix(owner), slots.TO, target, ""))


def chained(seen: Seen, type_: str, wanted: Chained, matching: Matching) -> Condition:
    """Return what is true of what refers to resources that fulfil a condition."""
    owner = Owner(seen.partition_id, type_, wanted.parameter.name)
    terms: list[int] = []
    found: list[Condition] = []
    for target, condition in wanted.steps:
        where, values = matching(seen, target, [condition])
        links = f"SELECT fhirlink_term(%s || r.fhir_id) FROM {_FROM} WHERE {where}"  # noqa: S608
        values = [link_prefix(owner, target), *values]
        rows = _some(links, values)
        if len(rows) <= MANY:
            terms += [term for (term,) in rows]
        else:
            of_row = (
                f"SELECT FROM unnest(r.terms) AS held (term) WHERE term IN ({links})"
            )
            found.append((f"EXISTS ({of_row})", values))
    if terms or not found:
        found.append(("r.terms && %s::bigint[]", [terms]))
    return any_of(found)


def having(seen: Seen, type_: str, wanted: Having, matching: Matching) -> Condition:
    """Return what is true of what resources that fulfil a condition refer to."""
    where, values = matching(seen, wanted.type, [wanted.condition])
    rows = _some(
        f"SELECT v.body FROM {_FROM} JOIN fhirlink_resourceversion v"  # noqa: S608
        f" ON v.id = r.version_id WHERE {where}",
        values,
    )
    if len(rows) <= MANY:
        ids = {
            link.fhir_id
            for (body,) in rows
            for link in values_at(wanted.parameter, orjson.loads(unpacked(body)))
            if isinstance(link, Link) and link.type == type_ and not link.url
        }
        return "r.fhir_id = ANY(%s::text[])", [sorted(ids)]
    owner = Owner(seen.partition_id, wanted.type, wanted.parameter.name)
    # Apart, because for one row of a subquery PostgreSQL would rather read the table.
    referring = (
        "SELECT r.* FROM (VALUES (fhirlink_term(%s || r.fhir_id))) AS here (term),"  # noqa: S608
        f" {_FROM} WHERE r.terms @> ARRAY[here.term]"
    )
    asked = (
        f"WITH referring AS MATERIALIZED ({referring})"
        f" SELECT FROM referring r WHERE {where}"
    )
    return f"EXISTS ({asked})", [link_prefix(owner, type_), *values]


def _some(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return rows, and one more than `MANY` where there are more."""
    cursor = raw_connection().cursor(binary=True)
    limited = [*values, MANY + 1]
    return cursor.execute(f"{statement} LIMIT %s", limited, prepare=False).fetchall()
