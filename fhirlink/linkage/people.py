"""Names and references of people: pure.

References
----------
DICOM PS3.5 6.2.1 (PN), FHIR R4 HumanName.
"""

from collections.abc import Mapping
from typing import Any, Final

from fhirlink.linkage.codes import coding_of
from fhirlink.linkage.reading import MOST_VALUES, clean, compact, items, values
from fhirlink.linkage.source import Source
from imaging.rendering.attributes import Model

_REPRESENTATION: Final = (
    "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"
)
_GROUPS: Final = (("Alphabetic", "ABC"), ("Ideographic", "IDE"), ("Phonetic", "SYL"))


def names_of(model: Model, keyword: str) -> list[dict[str, Any]]:
    """Return a person's name in each of its forms, the alphabetic one first."""
    found = values(model, keyword)
    groups = found[0] if found and isinstance(found[0], Mapping) else {}
    written = [(form, clean(groups.get(group))) for group, form in _GROUPS]
    names = [(form, name_of(value)) for form, value in written if value.strip("^ ")]
    if len(names) == 1:
        return [names[0][1]]
    return [
        {
            "extension": [{"url": _REPRESENTATION, "valueCode": form}],
            **name,
        }
        for form, name in names
    ]


def name_of(group: str) -> dict[str, Any]:
    """Return the HumanName of one component group."""
    parts = [" ".join(part.split()) for part in group.split("^")][:5]
    family, given, middle, prefix, suffix = (*parts, *[""] * (5 - len(parts)))
    return compact(
        use="official",
        text=" ".join(filter(None, (prefix, given, middle, family, suffix))),
        family=family,
        given=[each for each in (given, middle) if each],
        prefix=[prefix] if prefix else [],
        suffix=[suffix] if suffix else [],
    )


def shown_name(value: object) -> str:
    """Return how a PN value is shown; empty where there is none."""
    groups = value if isinstance(value, Mapping) else {}
    for group, _ in _GROUPS:
        written = clean(groups.get(group))
        if written.strip("^ "):
            return str(name_of(written).get("text", ""))
    return ""


def staff(model: Model, names: str, ids: str, source: Source) -> list[dict[str, Any]]:
    """Return references to people: by identifier where they are coded, else by name."""
    shown = [shown_name(value) for value in values(model, names)]
    coded = [_identified(item, source) for item in items(model, ids)]
    found: list[dict[str, Any]] = []
    for place in range(min(max(len(shown), len(coded)), MOST_VALUES)):
        identifier = coded[place] if place < len(coded) else {}
        display = shown[place] if place < len(shown) else ""
        if not identifier and not display:
            continue
        one = compact(type_="Practitioner", identifier=identifier, display=display)
        if one not in found:
            found.append(one)
    return found


def _identified(item: Model, source: Source) -> dict[str, Any]:
    """Return the identifier of a person (DICOM PS3.3 10.1)."""
    for each in items(item, "PersonIdentificationCodeSequence"):
        if coding := coding_of(each, source):
            return compact(system=coding.get("system"), value=coding["code"])
    return {}
