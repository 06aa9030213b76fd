"""``python -m fhirlink.definitions.generate_elements FOLDER``: what FHIR R4 is made of.

From the files of FHIR 4.0.1's definitions (CC0): the elements of every resource and
data type, and the codes that concepts with a required binding may have (those of plain
codes are in ``required_codes.json``). What it writes is kept beside it and read by
`fhirlink.definitions.elements`.

`FOLDER` holds ``profiles-resources.xml``, ``profiles-types.xml``, ``valuesets.xml`` and
``v3-codesystems.xml``.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element, iterparse

HERE: Final = Path(__file__).parent
_F: Final = "{http://hl7.org/fhir}"
_CODED: Final = frozenset({"CodeableConcept", "Coding"})
_SYSTEM_TYPES: Final = {"Extension.url": "uri"}


def main(folder: Path) -> None:
    """Write the tables."""
    resources: list[str] = []
    elements: dict[str, dict[str, str]] = {}
    bound: dict[str, str] = {}
    for name in ("profiles-types.xml", "profiles-resources.xml"):
        for definition in _definitions(folder / name, "StructureDefinition"):
            if _value(definition, "derivation") == "constraint":
                continue
            kind, type_ = _value(definition, "kind"), _value(definition, "type")
            if kind == "primitive-type":
                continue
            if kind == "resource" and _value(definition, "abstract") == "false":
                resources.append(type_)
            for path, text, value_set in _elements(definition):
                owner, _, own = path.rpartition(".")
                elements.setdefault(owner, {})[own] = text
                if value_set:
                    bound[path] = value_set
    _write("elements.json", {"resources": sorted(resources), "elements": elements})
    codes = _value_sets(folder)
    concepts = {path: codes[each] for path, each in bound.items() if codes.get(each)}
    _write("required_concepts.json", dict(sorted(concepts.items())))


def _definitions(path: Path, tag: str) -> Iterator[Element]:
    # The standard's own files, which who changes this program has fetched.
    for _, each in iterparse(path):  # noqa: S314
        if each.tag == f"{_F}{tag}":
            yield each
            each.clear()


def _value(element: Element, name: str) -> str:
    found = element.find(f"{_F}{name}")
    return "" if found is None else found.get("value", "")


def _elements(definition: Element) -> Iterator[tuple[str, str, str]]:
    """Yield path, description and required value set of each element, by JSON name."""
    is_resource = _value(definition, "kind") == "resource"
    for each in definition.iterfind(f"{_F}snapshot/{_F}element"):
        path = _value(each, "path")
        if "." not in path:
            continue
        number = f"{_value(each, 'min')}..{'1' if _value(each, 'max') == '1' else '*'}"
        choice = path.removesuffix("[x]").rpartition(".")[2]
        for type_ in [each] if _content(each) else each.iterfind(f"{_F}type"):
            code = _content(each) or _code(path, type_)
            if path.count(".") == 1 and path.endswith(".id") and is_resource:
                code = "id"
            value_set = _bound(each) if code in _CODED else ""
            if not path.endswith("[x]"):
                yield path, f"{code} {number}", value_set
            else:
                name = path.removesuffix("[x]") + code[:1].upper() + code[1:]
                yield name, f"{code} {number} of {choice}", value_set


def _content(element: Element) -> str:
    found = element.find(f"{_F}contentReference")
    return "" if found is None else found.get("value", "").removeprefix("#")


def _code(path: str, type_: Element) -> str:
    """Return the name of a type; of an element with elements its path."""
    code = _value(type_, "code")
    if code in {"BackboneElement", "Element"}:
        return path
    if "fhirpath" in code:
        return _SYSTEM_TYPES.get(path, "string")
    return code


def _bound(element: Element) -> str:
    binding = element.find(f"{_F}binding")
    if binding is None or _value(binding, "strength") != "required":
        return ""
    return _value(binding, "valueSet").partition("|")[0]


def _value_sets(folder: Path) -> dict[str, dict[str, list[str]]]:
    """Return the codes of value sets by system; none where some are not told."""
    systems: dict[str, list[str]] = {}
    for name in ("valuesets.xml", "v3-codesystems.xml"):
        for each in _definitions(folder / name, "CodeSystem"):
            codes = [_value(c, "code") for c in each.iter(f"{_F}concept")]
            systems[_value(each, "url")] = codes
    found: dict[str, dict[str, list[str]]] = {}
    for each in _definitions(folder / "valuesets.xml", "ValueSet"):
        included: dict[str, list[str]] = {}
        for include in each.iterfind(f"{_F}compose/{_F}include"):
            listed = [_value(c, "code") for c in include.iterfind(f"{_F}concept")]
            if not listed and include.find(f"{_F}filter") is None:
                listed = systems.get(_value(include, "system"), [])
            included[_value(include, "system")] = sorted(listed)
        if all(included.values()):
            found[_value(each, "url")] = included
    return found


def _write(name: str, table: dict[str, Any]) -> None:
    text = json.dumps(table, indent=1, ensure_ascii=False) + "\n"
    (HERE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
