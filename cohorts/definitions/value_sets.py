"""Concept sets of FHIR's own: what a ValueSet or a CodeSystem enumerates.

References
----------
FHIR R4 ValueSet.compose, ValueSet.expansion, CodeSystem.concept.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NoReturn

from cohorts.criteria.values import MOST_VALUES
from core.errors import Invalid
from fhirlink.events.read import at, text

MOST_CODES: Final = 5_000
"""Codes of a set that is read from FHIR; what is larger is a hierarchy to load."""

Json = Any
_IS_A: Final = "is-a"
_BELOW: Final = "descendent-of"


def is_value_set(content: object) -> bool:
    """Return whether content is a resource of FHIR, and no concept of criteria."""
    return isinstance(content, Mapping) and "resourceType" in content


def concept_of(resource: Mapping[str, Json]) -> Json:
    """Return the concept that a ValueSet or a CodeSystem is.

    What an expansion lists counts before what would have to be expanded.

    Raises
    ------
    Invalid
        It is another resource, has no codes or too many, or composes in a way that
        criteria cannot say.
    """
    some: list[Json]
    others: list[Json]
    match text(resource, "resourceType"):
        case "CodeSystem":
            url = text(resource, "url")
            some = [_code(url, each) for each in _nested(at(resource, "concept"))]
            others = []
        case "ValueSet":
            some, others = _of_value_set(resource)
        case _:
            _refuse("It is neither a ValueSet nor a CodeSystem.")
    if not some:
        _refuse("It has no codes in it.")
    if len(some) + len(others) > MOST_CODES:
        _refuse(f"It has more than {MOST_CODES} codes: import_terminology.")
    found = {"anyOf": list(_parts(some))}
    return {**found, "not": list(_parts(others))} if others else found


def _of_value_set(resource: Mapping[str, Json]) -> tuple[list[Json], list[Json]]:
    listed = [
        _code(text(each, "system"), each)
        for each in _nested(at(resource, "expansion.contains"), "contains")
        if each.get("abstract") is not True
    ]
    if listed:
        return listed, []
    some: list[Json] = []
    others: list[Json] = []
    for include in at(resource, "compose.include"):
        found, without = _composed(include)
        some.extend(found)
        others.extend(without)
    for exclude in at(resource, "compose.exclude"):
        found, without = _composed(exclude)
        if without:
            _refuse(f"It excludes by {_BELOW}: name the code with {_IS_A}.")
        others.extend(found)
    return some, others


def _composed(part: Mapping[str, Json]) -> tuple[list[Json], list[Json]]:
    """Return the codes of an include, and those that are not of it."""
    system = text(part, "system")
    if part.get("valueSet"):
        _refuse("It takes in other value sets: expand it first.")
    codes = [_code(system, each) for each in at(part, "concept")]
    filters = list(at(part, "filter"))
    if len(filters) > 1 or (filters and codes) or not (filters or codes):
        _refuse("It composes as criteria cannot say: expand it first.")
    if not filters:
        return codes, []
    op, value = text(filters[0], "op"), text(filters[0], "value")
    if op not in {_IS_A, _BELOW} or text(filters[0], "property") != "concept":
        _refuse(f"It filters by {op[:40] or 'nothing'}: expand it first.")
    itself = _code(system, {"code": value})
    return [{**itself, "descendants": True}], [itself] if op == _BELOW else []


def _nested(items: Iterator[Json], inside: str = "concept") -> Iterator[Json]:
    waiting = list(items)
    while waiting:
        item = waiting.pop(0)
        if text(item, "code"):
            yield item
        waiting[:0] = list(at(item, inside))


def _code(system: str, item: Mapping[str, Json]) -> Json:
    code = text(item, "code")
    if not system or not code:
        _refuse("It has codes without a system, or without a code.")
    return {"system": system, "code": code}


def _parts(codes: list[Json]) -> Iterator[Json]:
    once = list({tuple(each.items()): each for each in codes}.values())
    for at_ in range(0, len(once), MOST_VALUES):
        yield {"codes": once[at_ : at_ + MOST_VALUES]}


def _refuse(message: str) -> NoReturn:
    raise Invalid(message, path="content")
