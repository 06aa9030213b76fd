"""CodeSystems and ValueSets of FHIR, as JSON.

References
----------
FHIR R4 CodeSystem (nested concepts; the properties parent and child), ValueSet
(compose and expansion).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from core.errors import Invalid
from fhirlink.events.read import at, text
from fhirlink.terminology.content import Content, Term

Json = Any

LARGEST: Final = 512 * 1024**2  # bytes of a file, all of which is in memory at once
_WHOLE: Final = "complete"


def read_fhir(path: Path) -> list[Content]:
    """Return what a CodeSystem has, or what a ValueSet takes from each code system.

    Raises
    ------
    Invalid
        It is neither, or has no codes in it.
    """
    if path.stat().st_size > LARGEST:
        message = f"{path.name} is larger than {LARGEST // 1024**2} MB."
        raise Invalid(message)
    try:
        resource = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        message = f"{path.name} is no JSON: {error}."
        raise Invalid(message) from error
    match text(resource, "resourceType"):
        case "CodeSystem":
            found = [_of_code_system(resource)]
        case "ValueSet":
            found = _of_value_set(resource)
        case other:
            message = (
                f"{path.name} is neither a CodeSystem nor a ValueSet, but"
                f" {other[:40] or 'no resource'}."
            )
            raise Invalid(message)
    if not all(each.system for each in found) or not found:
        message = f"{path.name} has no codes in it, or names no system of them."
        raise Invalid(message)
    return found


def _of_code_system(resource: Mapping[str, Json]) -> Content:
    terms = list(_nested(at(resource, "concept"), "concept", ()))
    is_whole = text(resource, "content") == _WHOLE
    return Content(text(resource, "url"), terms, is_whole=is_whole)


def _of_value_set(resource: Mapping[str, Json]) -> list[Content]:
    systems: dict[str, list[Term]] = {}
    for include in at(resource, "compose.include"):
        terms = list(_nested(at(include, "concept"), "concept", ()))
        systems.setdefault(text(include, "system"), []).extend(terms)
    for each in _all(at(resource, "expansion.contains")):
        code = text(each, "code")
        term = Term(code, text(each, "display") or code)
        systems.setdefault(text(each, "system"), []).append(term)
    return [
        Content(system, terms, is_whole=False)
        for system, terms in systems.items()
        if terms
    ]


def _nested(
    items: Iterator[Json], inside: str, parents: tuple[str, ...]
) -> Iterator[Term]:
    """Yield concepts with those in them, however deep: the JSON cannot be too deep."""
    waiting = [(each, parents) for each in items]
    while waiting:
        item, above = waiting.pop()
        if not (code := text(item, "code")):
            continue
        yield Term(
            code, text(item, "display") or code, (*above, *_property(item, "parent"))
        )
        for child in _property(item, "child"):
            yield Term(child, parents=(code,))
        waiting.extend((each, (code,)) for each in at(item, inside))


def _property(item: Json, name: str) -> tuple[str, ...]:
    return tuple(
        text(each, "valueCode")
        for each in at(item, "property")
        if text(each, "code") == name and text(each, "valueCode")
    )


def _all(items: Iterator[Json]) -> Iterator[Json]:
    waiting = list(items)
    while waiting:
        item = waiting.pop()
        if text(item, "code"):
            yield item
        waiting.extend(at(item, "contains"))
