"""References between the entries of a transaction: pure (FHIR R4 3.1.0.11.2)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

Json = Any

_ADDRESSES: Final = re.compile(
    r"reference|url|uri|uuid|oid|canonical|.*(?:Ur[il]|Uuid|Oid|Canonical)"
)
_LINK: Final = re.compile(r"""((?:href|src)=["'])([^"']*)""")
_CONDITIONAL: Final = re.compile(r"([A-Z][A-Za-z]+)\?(.+)")


def replaced(item: Json, places: Mapping[str, str]) -> Json:
    """Return JSON in which addresses of `places` are others.

    Only in elements that hold addresses, and in links of narratives: an identifier
    may well be the same ``urn:uuid`` and stays.
    """
    if isinstance(item, list):
        return [replaced(each, places) for each in item]
    if not isinstance(item, dict):
        return item
    return {name: _member(name, value, places) for name, value in item.items()}


def _member(name: str, value: Json, places: Mapping[str, str]) -> Json:
    if isinstance(value, str):
        if name == "div":
            return _LINK.sub(lambda m: m[1] + places.get(m[2], m[2]), value)
        return places.get(value, value) if _ADDRESSES.fullmatch(name) else value
    if isinstance(value, list) and _ADDRESSES.fullmatch(name):
        return [
            places.get(each, each) if isinstance(each, str) else replaced(each, places)
            for each in value
        ]
    return replaced(value, places)


def conditional_references(item: Json) -> Iterator[tuple[str, str, str]]:
    """Yield references by search: as they are written, with their type and query."""
    if isinstance(item, list):
        for each in item:
            yield from conditional_references(each)
    elif isinstance(item, dict):
        text = item.get("reference")
        found = _CONDITIONAL.fullmatch(text) if isinstance(text, str) else None
        if found is not None:
            yield found[0], found[1], found[2]
        for value in item.values():
            if isinstance(value, dict | list):
                yield from conditional_references(value)
