"""What resources and data types of FHIR R4 are made of.

Read once from the tables that `fhirlink.definitions.generate_elements` and
`fhirlink.definitions.generate` have written.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

HERE: Final = Path(__file__).parent
ANY_RESOURCE: Final = "Resource"
_FORM: Final = re.compile(r"([\w.]+) (\d)\.\.([1*])(?: of (\w+))?")


class Element(NamedTuple):
    """An element by its name in JSON.

    Attributes
    ----------
    type
        A data type, `ANY_RESOURCE`, or the path of an element that has elements itself.
    choice
        What it is one form of: ``valueString`` of ``value``.
    codes
        That a required binding allows; empty where there is none.
    concepts
        The same of concepts: codes by system.
    """

    name: str
    type: str
    is_list: bool
    is_required: bool
    choice: str
    codes: frozenset[str]
    concepts: Mapping[str, frozenset[str]]


class Composite(NamedTuple):
    """What has elements: a resource, a data type, or an element.

    Attributes
    ----------
    required
        Elements that must be there: each with the names it can have, one for most.
    has_choices
        Whether some elements are forms of one, of which only one may be there.
    """

    path: str
    elements: Mapping[str, Element]
    required: tuple[tuple[str, tuple[str, ...]], ...]
    has_choices: bool


@cache
def resource_types() -> frozenset[str]:
    """Return the names of all resource types of R4."""
    return frozenset(_table("elements.json")["resources"])


@cache
def composites() -> Mapping[str, Composite]:
    """Return everything that has elements, by its path."""
    codes = _table("required_codes.json")
    concepts = _table("required_concepts.json")
    found = {}
    for path, members in _table("elements.json")["elements"].items():
        elements = {
            name: _element(path, name, text, codes, concepts)
            for name, text in members.items()
        }
        has_choices = any(each.choice for each in elements.values())
        found[path] = Composite(path, elements, _required(elements), has_choices)
    return found


def _element(owner: str, name: str, text: str, codes: Any, concepts: Any) -> Element:
    form = _FORM.fullmatch(text)
    assert form is not None  # noqa: S101 the table is our own
    type_, least, most, choice = form.groups(default="")
    path = f"{owner}.{name}"
    return Element(
        name,
        type_,
        is_list=most == "*",
        is_required=least != "0",
        choice=choice,
        codes=frozenset(codes.get(path, ())),
        concepts={k: frozenset(v) for k, v in concepts.get(path, {}).items()},
    )


def _required(
    elements: Mapping[str, Element],
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found: dict[str, list[str]] = {}
    for element in elements.values():
        if element.is_required:
            found.setdefault(element.choice or element.name, []).append(element.name)
    return tuple((name, tuple(names)) for name, names in found.items())


def _table(name: str) -> Any:
    return orjson.loads((HERE / name).read_bytes())
