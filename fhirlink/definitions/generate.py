"""``python -m fhirlink.definitions.generate FOLDER``: tables of FHIR R4's definitions.

From the files of FHIR 4.0.1's definitions (CC0) to what this app needs of them: which
search parameters each resource type has, and where their values stand; which codes an
element with a required binding may have; what leads into a patient's compartment; what
a summary shows. Run by who changes `TYPES`; what it writes is kept beside it and read
by `fhirlink.definitions`.

`FOLDER` holds ``search-parameters.json``, ``profiles-resources.xml``,
``profiles-types.xml``, ``valuesets.xml`` and ``v3-codesystems.xml``.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple
from xml.etree import ElementTree  # noqa: ICN001 the name of the tree's own class

from fhirlink.definitions.types import TYPES

HERE: Final = Path(__file__).parent
_F: Final = "{http://hl7.org/fhir}"
_CAST: Final = re.compile(r"\((\S+) as (\w+)\)|(\S+?)\.as\((\w+)\)")
_WHERE: Final = re.compile(r"^(\S+)\.where\((.+)\)$")
_TARGET: Final = re.compile(r"^resolve\(\) is (\w+)$")
_SYSTEM: Final = re.compile(r"^system='(\w+)'$")
_EXISTS: Final = "Patient.deceased.exists() and Patient.deceased != false"
_SEARCHED: Final = frozenset(
    [
        *("token", "string", "date", "reference", "quantity", "uri", "number"),
        "composite",
    ]
)


class Element(NamedTuple):
    """What a definition says of an element."""

    types: tuple[str, ...]
    value_set: str  # of a required binding
    is_list: bool = False
    is_summary: bool = False
    is_mandatory: bool = False


@dataclass
class Definitions:
    """The elements of all types, by their paths, and the codes of value sets."""

    elements: dict[str, Element] = field(default_factory=dict)
    codes: dict[str, list[str]] = field(default_factory=dict)

    def names_of(self, path: str) -> Iterator[tuple[str, str]]:
        """Yield how an element is called in JSON, and its type, for each type."""
        held = self.elements.get(path)
        if held is not None:
            yield from ((path.rpartition(".")[2], each) for each in held.types)
            return
        for each in self.elements[f"{path}[x]"].types:
            yield path.rpartition(".")[2] + _upper(each), each


def main(folder: Path) -> None:
    """Write the tables."""
    definitions = Definitions()
    for name in ("profiles-types.xml", "profiles-resources.xml"):
        definitions.elements.update(_elements(folder / name))
    definitions.codes = _value_sets(
        [folder / "valuesets.xml", folder / "v3-codesystems.xml"]
    )
    parameters = json.loads((folder / "search-parameters.json").read_text("utf-8"))
    resources = [each["resource"] for each in parameters["entry"]]
    _write("search_parameters.json", dict(_parameters(resources, definitions)))
    _write("required_codes.json", dict(_bindings(definitions)))
    _write("summaries.json", {each: _summary(each, definitions) for each in TYPES})
    compartment = _compartment(folder / "profiles-resources.xml")
    _write("patient_compartment.json", compartment)


def _read(path: Path) -> Iterator[tuple[str, ElementTree.Element]]:
    # The standard's own files, which who changes this program has fetched.
    return ElementTree.iterparse(path)  # noqa: S314


def _elements(path: Path) -> Iterator[tuple[str, Element]]:
    for _, definition in _read(path):
        if definition.tag != f"{_F}StructureDefinition":
            continue
        if _value(definition, "derivation") != "constraint":
            for each in definition.iterfind(f"{_F}snapshot/{_F}element"):
                yield _value(each, "path"), _element(each)
        definition.clear()


def _element(element: ElementTree.Element) -> Element:
    types = [_value(each, "code") for each in element.iterfind(f"{_F}type")]
    plain = [each.rpartition(".")[2] if "System" in each else each for each in types]
    binding = element.find(f"{_F}binding")
    value_set = ""
    if binding is not None and _value(binding, "strength") == "required":
        value_set = _value(binding, "valueSet").partition("|")[0]
    content = element.find(f"{_F}contentReference")
    if content is not None:
        plain = [content.get("value", "")]
    return Element(
        tuple(dict.fromkeys(plain)),
        value_set,
        is_list=_value(element, "max") != "1",
        is_summary=_value(element, "isSummary") == "true",
        is_mandatory=_value(element, "min") != "0",
    )


def _value(element: ElementTree.Element, name: str) -> str:
    found = element.find(f"{_F}{name}")
    return "" if found is None else found.get("value", "")


def _value_sets(paths: Iterable[Path]) -> dict[str, list[str]]:
    """Return the codes of value sets that list them, or whole code systems."""
    systems: dict[str, list[str]] = {}
    sets: list[ElementTree.Element] = []
    for path in paths:
        for _, each in _read(path):
            if each.tag == f"{_F}CodeSystem":
                codes = [_value(c, "code") for c in each.iter(f"{_F}concept")]
                systems[_value(each, "url")] = codes
            elif each.tag == f"{_F}ValueSet":
                sets.append(each)
    return {_value(each, "url"): list(_expanded(each, systems)) for each in sets}


def _expanded(
    value_set: ElementTree.Element, systems: dict[str, list[str]]
) -> Iterator[str]:
    """Yield the codes; none where some are not told, as of units or languages."""
    codes: list[str] = []
    for include in value_set.iterfind(f"{_F}compose/{_F}include"):
        listed = [_value(each, "code") for each in include.iterfind(f"{_F}concept")]
        if not listed and include.find(f"{_F}filter") is None:
            listed = systems.get(_value(include, "system"), [])
        if not listed:
            return
        codes += listed
    yield from codes


def _parameters(
    resources: Iterable[dict[str, Any]], definitions: Definitions
) -> Iterator[tuple[str, Any]]:
    held = [each for each in resources if each.get("expression")]
    by_url = {each["url"]: each for each in held}
    for name in (*TYPES, "Resource"):
        found = {}
        for each in sorted(held, key=lambda one: str(one["code"])):
            if name in each["base"] and each["type"] in _SEARCHED:
                found[each["code"]] = _parameter(name, each, definitions, by_url)
        yield name, {code: each for code, each in found.items() if each}


def _parameter(
    name: str,
    resource: dict[str, Any],
    definitions: Definitions,
    by_url: dict[str, dict[str, Any]],
) -> dict[str, Any]:
    kind = resource["type"]
    if kind == "composite":
        groups: list[dict[str, Any]] = [
            {
                "at": base.partition(".")[2],
                "parts": [
                    {
                        "kind": by_url[each["definition"]]["type"],
                        "values": list(
                            _of_component(base, each["expression"], definitions)
                        ),
                    }
                    for each in resource["component"]
                ],
            }
            for base in _bases_of(name, resource["expression"])
        ]
        if (name, resource["code"]) == ("DocumentReference", "relationship"):
            # The definition names its parts' expressions the wrong way round.
            for group in groups:
                first, second = group["parts"]
                first["values"], second["values"] = second["values"], first["values"]
        return {"kind": kind, "groups": groups}
    values = list(_values(name, resource["expression"], definitions))
    found: dict[str, Any] = {"kind": kind, "values": values}
    if kind == "reference":
        found["target"] = sorted(set(resource["target"]) & {*TYPES}) or ["*"]
    if kind == "date" and _is_single(name, values, definitions):
        found["single"] = True
    return found if values else {}


def _is_single(
    name: str, values: list[dict[str, str]], definitions: Definitions
) -> bool:
    """Return whether there is one value at most: of one choice, in no list."""
    names = {
        each["path"]
        if f"{name}.{each['path']}" in definitions.elements
        else each["path"].removesuffix(_upper(each["type"]))
        for each in values
    }
    if any("." in each["path"] for each in values) or len(names) != 1:
        return False
    (path,) = names
    held = definitions.elements.get(f"{name}.{path}") or definitions.elements.get(
        f"{name}.{path}[x]"
    )
    return held is not None and not held.is_list


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _summary(name: str, definitions: Definitions) -> dict[str, list[str]]:
    """Return what a summary shows of a type, and what stands at its top always."""
    own = {
        path.partition(".")[2]: element
        for path, element in definitions.elements.items()
        if path.startswith(f"{name}.")
    }
    return {
        "summary": [path for path, each in own.items() if each.is_summary],
        "mandatory": [
            path for path, each in own.items() if each.is_mandatory and "." not in path
        ],
    }


def _compartment(path: Path) -> dict[str, list[str]]:
    """Return by which parameters each type lies in a patient's compartment."""
    found: dict[str, list[str]] = {}
    for _, each in _read(path):
        is_wanted = each.tag == f"{_F}CompartmentDefinition"
        if is_wanted and _value(each, "code") == "Patient":
            for one in each.iterfind(f"{_F}resource"):
                names = [param.get("value", "") for param in one.iter(f"{_F}param")]
                if names and _value(one, "code") in TYPES:
                    found[_value(one, "code")] = names
    return found


def _bases_of(name: str, expression: str) -> Iterator[str]:
    for part in _parts(expression):
        if part == name or part.startswith(f"{name}."):
            yield part


def _of_component(
    base: str, expression: str, definitions: Definitions
) -> Iterator[dict[str, str]]:
    for part in _parts(expression):
        yield from _of_part(f"{base}.{part}", definitions, start=base)


def _parts(expression: str) -> list[str]:
    return [each.strip() for each in re.split(r"\s\|\s", expression)]


def _values(
    name: str, expression: str, definitions: Definitions
) -> Iterator[dict[str, str]]:
    for part in _parts(expression):
        bare = part.strip("(")
        if bare == name or bare.startswith(f"{name}."):
            yield from _of_part(part, definitions, start=name)


def _of_part(
    part: str, definitions: Definitions, *, start: str
) -> Iterator[dict[str, str]]:
    """Yield where the values of one path stand in JSON, and what type they have."""
    if part == _EXISTS:
        yield {"path": "deceased[x]", "type": "exists"}
        return
    only = ""
    if (found := _WHERE.match(part)) is not None:
        part, condition = found[1], found[2]
        if (target := _TARGET.match(condition)) is not None:
            only = target[1]
        elif (system := _SYSTEM.match(condition)) is not None:
            only = system[1]
        else:
            raise ValueError(condition)
    part = _CAST.sub(lambda m: f"{m[1] or m[3]}:{m[2] or m[4]}", part)
    for names, type_ in _walk(part, definitions):
        path = ".".join(names[start.count(".") + 1 :])
        yield {"path": path, "type": type_} | ({"only": only} if only else {})


def _walk(path: str, definitions: Definitions) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the names in JSON on the way to an element, and its type."""
    first, *rest = path.split(".")
    found: list[tuple[tuple[str, ...], str, str]] = [((first,), first, first)]
    for each in rest:
        name, _, cast = each.partition(":")
        further = []
        for names, at, type_ in found:
            # Inside of a backbone the path goes on, else at the type's own.
            inside = at if f"{at}.{name}" in _known(definitions, at, name) else type_
            for called, kind in definitions.names_of(f"{inside}.{name}"):
                if cast not in {"", kind}:
                    continue
                place = f"{inside}.{name}" if not kind.startswith("#") else kind[1:]
                further.append(((*names, called), place, kind.removeprefix("#")))
        found = further
    yield from ((names, type_) for names, _, type_ in found)


def _known(definitions: Definitions, at: str, name: str) -> frozenset[str]:
    held = {f"{at}.{name}", f"{at}.{name}[x]"} & definitions.elements.keys()
    return frozenset({f"{at}.{name}"}) if held else frozenset()


def _bindings(definitions: Definitions) -> Iterator[tuple[str, list[str]]]:
    """Yield the paths of codes with a required binding, and what they may be."""
    for path, element in sorted(definitions.elements.items()):
        owner = path.partition(".")[0]
        is_ours = owner in TYPES or owner[:1].isupper()
        codes = definitions.codes.get(element.value_set, [])
        if is_ours and element.types == ("code",) and codes:
            yield path, sorted(codes)


def _write(name: str, table: dict[str, Any]) -> None:
    text = json.dumps(table, indent=1, ensure_ascii=False) + "\n"
    (HERE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
