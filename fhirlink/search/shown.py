"""How much of a resource a search answers: ``_summary`` and ``_elements`` (pure).

What is left out is told by a tag, so that nobody writes the rest back as the whole.

References
----------
FHIR R4 3.1.1.5.6, 3.1.1.5.7.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fhirlink.definitions.summaries import Outline, outline_of
from fhirlink.json_text import dump, parse
from fhirlink.search.asked import Summary

SUBSETTED: Final = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}
_ALWAYS: Final = frozenset(["resourceType", "id", "meta"])


def is_whole(summary: Summary, elements: Sequence[str]) -> bool:
    """Return whether nothing is left out."""
    return summary in {Summary.FALSE, Summary.COUNT} and not elements


def shown(body: bytes, summary: Summary, elements: Sequence[str]) -> bytes:
    """Return the JSON of a resource without what is not asked for.

    Parameters
    ----------
    elements
        Names of elements at the top of the resource, with a type before them or
        without; none for all that the summary has.
    """
    if is_whole(summary, elements):
        return body
    resource = parse(body)
    type_ = str(resource["resourceType"])
    outline = outline_of(type_)
    wanted = frozenset(
        each.removeprefix(f"{type_}.").partition(".")[0]
        for each in elements
        if "." not in each or each.startswith(f"{type_}.")
    )
    kept = {
        name: _inside(outline, name, value) if summary is Summary.TRUE else value
        for name, value in resource.items()
        if _is_kept(outline, name.removeprefix("_"), summary, wanted, bool(elements))
    }
    meta = kept.get("meta", {})
    kept["meta"] = {**meta, "tag": [*meta.get("tag", ()), SUBSETTED]}
    return dump(kept)


def _is_kept(
    outline: Outline,
    name: str,
    summary: Summary,
    wanted: frozenset[str],
    by_elements: bool,  # noqa: FBT001 private
) -> bool:
    if name in _ALWAYS or outline.needs(name):
        return True
    if by_elements:
        return name in wanted or any(_is_choice(name, each) for each in wanted)
    if summary is Summary.TEXT:
        return name == "text"
    if summary is Summary.DATA:
        return name != "text"
    return outline.shows(name)


def _is_choice(name: str, element: str) -> bool:
    """Return whether an element is named without its type, as value of valueString."""
    return name.startswith(element) and name[len(element) :][:1].isupper()


def _inside(outline: Outline, path: str, value: Any) -> Any:
    """Return what a summary shows of what stands at a path."""
    if not outline.goes_into(path):
        return value
    if isinstance(value, list):
        return [_inside(outline, path, each) for each in value]
    if not isinstance(value, Mapping):
        return value
    return {
        name: _inside(outline, f"{path}.{name}", each)
        for name, each in value.items()
        if name == "id" or outline.shows(f"{path}.{name.removeprefix('_')}")
    }
