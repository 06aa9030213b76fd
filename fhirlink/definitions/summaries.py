"""What a summary shows of a resource (FHIR R4 3.1.1.5.6), by its definition."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

_TABLE: Final = Path(__file__).parent / "summaries.json"
_CHOICE: Final = "[x]"


class Outline(NamedTuple):
    """What is shown of a type.

    Attributes
    ----------
    summary
        Paths of the elements of a summary, below the resource.
    mandatory
        The elements at its top that no resource is without.
    """

    summary: frozenset[str]
    mandatory: frozenset[str]

    def shows(self, path: str) -> bool:
        """Return whether a summary shows what stands at a path."""
        return _is_of(self.summary, path)

    def needs(self, name: str) -> bool:
        """Return whether an element must be there."""
        return _is_of(self.mandatory, name)

    def goes_into(self, path: str) -> bool:
        """Return whether a summary shows some of what stands below a path only."""
        return any(each.startswith(f"{path}.") for each in self.summary)


def _is_of(paths: frozenset[str], path: str) -> bool:
    if path in paths:
        return True
    return any(
        path.startswith(each.removesuffix(_CHOICE))
        and path[len(each) - len(_CHOICE) :][:1].isupper()
        for each in paths
        if each.endswith(_CHOICE)
    )


@cache
def outline_of(resource_type: str) -> Outline:
    """Return what is shown of a type; of unknown ones what all have."""
    found = _table().get(resource_type, {"summary": ["id", "meta"], "mandatory": []})
    return Outline(frozenset(found["summary"]), frozenset(found["mandatory"]))


@cache
def _table() -> Mapping[str, Any]:
    table: Mapping[str, Any] = orjson.loads(_TABLE.read_bytes())
    return table
