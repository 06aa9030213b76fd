"""Whether a resource is made as FHIR R4 says: names, numbers, types, codes (pure).

One walk over the JSON, led by the tables of `fhirlink.definitions.elements`. On the way
it notes what `fhirlink.validation.rules` and `references` look at afterwards.

References
----------
FHIR R4 2.6.2 JSON; 2.24 Data Types.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from fhirlink.definitions.elements import (
    ANY_RESOURCE,
    Composite,
    Element,
    composites,
    resource_types,
)
from fhirlink.validation.issues import At, Found
from fhirlink.validation.primitives import CHECKS
from fhirlink.validation.references import check_literal
from fhirlink.validation.rules_table import RULED

_NO_NULL: Final = "must not be null: leave out what has no value"
_SHOWN: Final = 20  # codes that a binding allows, in words


class Root(NamedTuple):
    """A resource that is in no other one but a bundle.

    Attributes
    ----------
    local
        References in it that begin with ``#``, and their places.
    """

    resource: Mapping[str, Any]
    at: At
    local: list[tuple[str, At]]


class Structure:
    """One walk over a resource.

    Attributes
    ----------
    found
        What is wrong.
    ruled
        What has rules: path of its type, itself, its place.
    roots
        Resources that no other one contains.
    """

    def __init__(self, found: Found) -> None:
        self.found = found
        self.ruled: list[tuple[str, Mapping[str, Any], At]] = []
        self.roots: list[Root] = []
        self._local: list[tuple[str, At]] = []
        self._composites = composites()
        self._inner = self._composites["Extension"].elements["extension"]

    def resource(self, value: Any, at: At, *, is_contained: bool = False) -> None:
        """Walk over a resource."""
        if type(value) is not dict:
            self.found.add("structure", at, "must be a resource: an object of JSON")
            return
        type_ = value.get("resourceType")
        if type(type_) is not str or type_ not in resource_types():
            words = "must be the name of a resource type of FHIR R4"
            self.found.add("structure", (at, "resourceType"), words)
            return
        kind = self._composites[type_]
        if is_contained:
            self._object(value, kind, at)
            return
        around, self._local = self._local, []
        self.roots.append(Root(value, at, self._local))
        self._object(value, kind, at)
        self._local = around

    def _object(self, value: dict[str, Any], kind: Composite, at: At) -> None:
        elements = kind.elements
        for name, held in value.items():
            element = elements.get(name)
            if element is None:
                self._other(name, value, kind, at)
            elif element.is_list:
                self._list(held, element, value, (at, name))
            else:
                self._value(held, element, (at, name))
        self._number(value, kind, at)
        if kind.path in RULED:
            self.ruled.append((kind.path, value, at))

    def _list(self, held: Any, element: Element, value: dict[str, Any], at: At) -> None:
        if type(held) is not list or not held:
            words = "must be a list that is not empty, in square brackets"
            self.found.add("structure", at, words)
            return
        for number, each in enumerate(held):
            if each is not None or f"_{element.name}" not in value:
                self._value(each, element, (at, number))

    def _number(self, value: dict[str, Any], kind: Composite, at: At) -> None:
        """Check that there is what must be, and of each choice no more than one."""
        for name, names in kind.required:
            if not any(each in value or f"_{each}" in value for each in names):
                told = name if len(names) == 1 else f"{name}[x]"
                self.found.add("required", (at, told), "must be there")
        if not value or (len(value) == 1 and "id" in value):
            self.found.add("structure", at, "must have a value or elements (ele-1)")
        if not kind.has_choices:
            return
        chosen: dict[str, str] = {}
        for name in value:
            element = kind.elements.get(name.removeprefix("_"))
            if element is None or not element.choice:
                continue
            if chosen.setdefault(element.choice, element.name) != element.name:
                words = f"must have one {element.choice}[x] only"
                self.found.add("structure", (at, name), words)

    def _value(self, held: Any, element: Element, at: At) -> None:
        check = CHECKS.get(element.type)
        if check is not None:
            words = check(held)
            if words is not None:
                self.found.add("value", at, _NO_NULL if held is None else words)
            elif element.codes and held not in element.codes:
                self.found.add("code-invalid", at, _one_of(element.codes))
        elif element.type == ANY_RESOURCE:
            self.resource(held, at, is_contained=element.name == "contained")
        elif type(held) is not dict:
            words = f"must be an object of JSON: {element.type}"
            self.found.add("structure", at, _NO_NULL if held is None else words)
        else:
            self._object(held, self._composites[element.type], at)
            if element.type == "Reference":
                self._reference(held, at)
            elif element.type == "Extension" and element is not self._inner:
                self._extension(held, at)
            elif element.concepts:
                self._concept(held, element, at)

    def _extension(self, held: dict[str, Any], at: At) -> None:
        url = held.get("url")
        if type(url) is str and ":" not in url:
            words = "must be an absolute address, but for extensions in extensions"
            self.found.add("value", (at, "url"), words)

    def _reference(self, held: dict[str, Any], at: At) -> None:
        text = held.get("reference")
        if type(text) is not str:
            return
        if text.startswith("#"):
            self._local.append((text, (at, "reference")))
            return
        words = check_literal(text)
        if words is not None:
            self.found.add("value", (at, "reference"), words)

    def _concept(self, held: dict[str, Any], element: Element, at: At) -> None:
        """Check a concept with a required binding: one coding must be of it."""
        codings = (
            held.get("coding", ()) if element.type == "CodeableConcept" else [held]
        )
        for each in codings if isinstance(codings, list) else ():
            if isinstance(each, dict):
                system, code = each.get("system"), each.get("code")
                is_text = type(system) is str and type(code) is str
                if is_text and code in element.concepts.get(str(system), ()):
                    return
        if codings or "extension" not in held:
            allowed = {f"{s}|{c}" for s, each in element.concepts.items() for c in each}
            self.found.add("code-invalid", at, f"{_one_of(allowed)} as coding")

    def _other(self, name: str, value: dict[str, Any], kind: Composite, at: At) -> None:
        """Check a member that is no element: what a primitive has besides a value."""
        element = kind.elements.get(name[1:]) if name.startswith("_") else None
        if element is None or element.type not in CHECKS:
            if name == "resourceType" and kind.path in resource_types():
                return
            words = f"is no element of {kind.path}"
            self.found.add("structure", (at, name[:64]), words)
            return
        held, place = value[name], (at, element.name)
        if not element.is_list:
            self._companion(held, place)
            return
        values = value.get(element.name)
        if type(held) is not list or not any(held):
            words = f"{name} must be a list in which not all is null"
            self.found.add("structure", place, words)
            return
        if type(values) is list and len(values) != len(held):
            words = f"{name} must be as long as {element.name}, with null for nothing"
            self.found.add("structure", place, words)
            return
        for number, each in enumerate(held):
            if each is not None:
                self._companion(each, (place, number))
            elif type(values) is not list or values[number] is None:
                words = "must have a value or an extension"
                self.found.add("structure", (place, number), words)

    def _companion(self, held: Any, at: At) -> None:
        if type(held) is dict:
            self._object(held, self._composites["Element"], at)
        else:
            words = "must be an object with an id or extensions beside the value"
            self.found.add("structure", at, words)


def _one_of(codes: frozenset[str] | set[str]) -> str:
    shown = sorted(codes)[:_SHOWN]
    return f"must be one of {', '.join(shown)}{', …' if len(codes) > _SHOWN else ''}"
