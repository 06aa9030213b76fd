"""What is answered beside the results: ``_include`` and ``_revinclude``.

What results refer to is read out of them; what refers to them is found by the terms of
its references. All of it the actor must see.

References
----------
FHIR R4 3.1.1.5.4.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from fhirlink.access import Seen
from fhirlink.definitions.parameters import Kind, Parameter, parameters_of
from fhirlink.json_text import Resource
from fhirlink.search import slots
from fhirlink.search.asked import Include
from fhirlink.search.rows import COLUMNS, Found, Statement, found_by
from fhirlink.search.slots import Owner, term
from fhirlink.search.values import Link, values_at

MAXIMUM_INCLUDED: Final = 1_000
MAXIMUM_ROUNDS: Final = 5
LEFT_OUT: Final = (
    f"More than {MAXIMUM_INCLUDED} resources would be included: some are left out."
)

Address = tuple[str, str]


def included(
    seen: Seen, includes: Sequence[Include], matches: Sequence[Found]
) -> tuple[list[Found], list[str]]:
    """Return what is included with matches, and what is to be said of it."""
    found = {each.address: each for each in matches}
    new: Sequence[Found] = matches
    for at in range(MAXIMUM_ROUNDS):
        wanted = [each for each in includes if not at or each.is_iterated]
        room = MAXIMUM_INCLUDED + 1 - (len(found) - len(matches))
        new = [
            each
            for each in _of_round(seen, wanted, new, room)
            if each.address not in found
        ]
        found |= {each.address: each for each in new}
        if not new or len(found) - len(matches) > MAXIMUM_INCLUDED:
            break
    more = list(found.values())[len(matches) :]
    warnings = [LEFT_OUT] if len(more) > MAXIMUM_INCLUDED else []
    return more[:MAXIMUM_INCLUDED], warnings


def _of_round(
    seen: Seen, includes: Iterable[Include], found: Sequence[Found], room: int
) -> Iterator[Found]:
    if not found:
        return
    forward = [each for each in includes if not each.is_reverse]
    if forward:
        links = dict.fromkeys(_links(forward, found))
        yield from _at(seen, list(links), room)
    for each in includes:
        if each.is_reverse:
            yield from _referring(seen, each, found, room)


def _links(includes: Sequence[Include], found: Sequence[Found]) -> Iterator[Address]:
    """Yield the addresses that resources refer to, as far as they are included."""
    for each in found:
        wanted = [i for i in includes if i.type in {"", each.type}]
        resource = each.parsed() if wanted else {}
        for include in wanted:
            for parameter in include.parameters or _references(each.type):
                yield from _addresses(parameter, resource, include.target)


def _addresses(
    parameter: Parameter, resource: Resource, target: str
) -> Iterator[Address]:
    links = (each for each in values_at(parameter, resource) if isinstance(each, Link))
    for link in links:
        if link.fhir_id and not link.url and target in {"", link.type}:
            yield link.type, link.fhir_id


def _references(type_: str) -> Iterator[Parameter]:
    for each in parameters_of(type_).values():
        if each.kind is Kind.REFERENCE:
            yield each


def _at(seen: Seen, addresses: Sequence[Address], room: int) -> Iterator[Found]:
    types = [type_ for type_, _ in addresses]
    ids = [fhir_id for _, fhir_id in addresses]
    page = (
        f"SELECT {COLUMNS} FROM unnest(%s::text[], %s::text[]) AS key (type, fhir_id)"  # noqa: S608 own names
        " JOIN fhirlink_resource r ON r.partition_id = %s AND r.type = key.type"
        " AND r.fhir_id = key.fhir_id"
        f" WHERE NOT r.is_deleted AND {seen.condition} LIMIT %s"
    )
    parameters = [types, ids, seen.partition_id, *seen.values, room]
    yield from (each for each, _ in found_by(Statement(page, parameters)))


def _referring(
    seen: Seen, include: Include, found: Sequence[Found], room: int
) -> Iterator[Found]:
    """Yield what refers to resources."""
    terms = [
        term(Owner(seen.partition_id, include.type, each.name), slots.TO, *one.address)
        for each in include.parameters
        for one in found
        if include.target in {"", one.type}
    ]
    if not terms:
        return
    page = (
        f"SELECT {COLUMNS} FROM fhirlink_resource r"  # noqa: S608 own names
        " WHERE r.partition_id = %s AND r.type = %s AND NOT r.is_deleted"
        f" AND r.terms && %s::bigint[] AND {seen.condition} ORDER BY r.id LIMIT %s"
    )
    parameters = [seen.partition_id, include.type, terms, *seen.values, room]
    yield from (each for each, _ in found_by(Statement(page, parameters)))
