"""What the JSON of a resource says, as fields of the graph answer it.

Of what is not as FHIR has it, nothing is said: the resource has all of it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import strawberry

from fhirlink.events.read import at, first, reference, text
from fhirlink.events.shapes import SHAPES
from fhirlink.events.values import value_of

_UIDS: Final = ("urn:dicom:uid", "urn:ietf:rfc:3986")
_OID: Final = "urn:oid:"
Json = Mapping[str, Any]


@strawberry.type(description="A code of a code system.")
class Coding:
    """FHIR's Coding."""

    system: str | None = strawberry.field(description="The code system.")
    code: str | None = strawberry.field(description="The code.")
    display: str | None = strawberry.field(description="What it is called.")


@strawberry.type(description="Something that is said in words, by codes, or both.")
class CodeableConcept:
    """FHIR's CodeableConcept."""

    text: str | None = strawberry.field(
        description="In words: its own, else those of the first code that has any."
    )
    codings: list[Coding] = strawberry.field(description="By codes.")


@strawberry.type(description="A name of a person.")
class HumanName:
    """FHIR's HumanName."""

    text: str = strawberry.field(description="The whole of it, as it is said.")
    use: str | None = strawberry.field(description="official, usual, maiden, ...")
    family: str | None = strawberry.field(description="The family name.")
    given: list[str] = strawberry.field(description="Given names, in their order.")


@strawberry.type(description="What somebody calls a person or a thing.")
class Identifier:
    """FHIR's Identifier."""

    system: str | None = strawberry.field(description="Who calls it so.")
    value: str = strawberry.field(description="What it is called.")
    type: str | None = strawberry.field(description="What kind of identifier it is.")


@strawberry.type(description="A number with its unit.")
class Quantity:
    """FHIR's Quantity."""

    value: float = strawberry.field(description="The number.")
    unit: str | None = strawberry.field(description="The unit, as people read it.")


def said(item: Json, name: str) -> str | None:
    """Return a member that is text; None where there is none."""
    return text(item, name) or None


def concept(item: Any) -> CodeableConcept | None:
    """Return a CodeableConcept; None where it says nothing."""
    codings = [_coding(each) for each in at(item, "coding") if isinstance(each, dict)]
    displays = (each.display for each in codings if each.display)
    words = said(item, "text") or next(displays, None)
    if words is None and not codings:
        return None
    return CodeableConcept(text=words, codings=codings)


def _coding(item: Json) -> Coding:
    return Coding(
        system=said(item, "system"),
        code=said(item, "code"),
        display=said(item, "display"),
    )


def code_of(resource: Json) -> CodeableConcept | None:
    """Return what a resource is about: its code, or its drug or vaccine."""
    for path in ("code", "medicationCodeableConcept", "vaccineCode", "type"):
        if (found := concept(first(resource, path))) is not None:
            return found
    drug = text(first(resource, "medicationReference"), "display")
    if drug:
        return CodeableConcept(text=drug, codings=[])
    kind = first(resource, "class")
    return concept({"coding": [kind]}) if kind else None


def status_of(resource: Json) -> str | None:
    """Return its status; of a condition or allergy the clinical one."""
    clinical = first(resource, "clinicalStatus.coding")
    return text(clinical, "code") or said(resource, "status")


def start_of(resource: Json) -> str | None:
    """Return when it began, or was, as it is written."""
    return _date(resource, "start", lambda shape: shape.starts)


def end_of(resource: Json) -> str | None:
    """Return when it ended, as it is written; None where it has not, or no length."""
    shape = SHAPES.get(text(resource, "resourceType"))
    if shape is None:
        return None
    for path in (*shape.starts, *shape.ends):
        found = first(resource, path)
        if isinstance(found, dict) and (end := text(found, "end")):
            return end
        if isinstance(found, str) and path in shape.ends:
            return found
    return None


def _date(resource: Json, name: str, paths: Any) -> str | None:
    shape = SHAPES.get(text(resource, "resourceType"))
    for path in paths(shape) if shape else ():
        found = first(resource, path)
        if isinstance(found, dict):
            found = text(found, name)
        if isinstance(found, str) and found:
            return found
    return None


def names_of(patient: Json) -> list[HumanName]:
    """Return the names of a person, in all scripts, in their order."""
    found = (_name(each) for each in at(patient, "name") if isinstance(each, dict))
    return [name for name in found if name.text]


def _name(item: Json) -> HumanName:
    given = [each for each in at(item, "given") if isinstance(each, str)]
    parts = [*given, text(item, "family")]
    return HumanName(
        text=text(item, "text") or " ".join(part for part in parts if part),
        use=said(item, "use"),
        family=said(item, "family"),
        given=given,
    )


def identifiers_of(resource: Json) -> list[Identifier]:
    """Return what a resource is called by others."""
    return [
        Identifier(
            system=said(item, "system"),
            value=text(item, "value"),
            type=_type_of(first(item, "type")),
        )
        for item in at(resource, "identifier")
        if text(item, "value")
    ]


def _type_of(item: Any) -> str | None:
    found = concept(item)
    return None if found is None else found.text or _first_code(found)


def _first_code(found: CodeableConcept) -> str | None:
    return found.codings[0].code if found.codings else None


def value_in_words(observation: Json) -> str | None:
    """Return what was measured or found, as people read it, without its unit."""
    value = value_of(observation)
    codes = [each.display or each.code for each in value.codes]
    return value.words or (codes[0] if codes else None)


def quantity(item: Any) -> Quantity | None:
    """Return a number with its unit; None where there is none."""
    found = item.get("value") if isinstance(item, dict) else None
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return Quantity(value=float(found), unit=said(item, "unit") or said(item, "code"))


def study_uid_of(imaging_study: Json) -> str:
    """Return the StudyInstanceUID of an ImagingStudy; empty where it names none."""
    for item in at(imaging_study, "identifier"):
        if text(item, "system") in _UIDS:
            return text(item, "value").removeprefix(_OID)
    return ""


def subjects_of(resource: Json) -> list[str]:
    """Return whom a resource is about, by type and id."""
    paths = ("subject", "patient")
    return [reference(item) for path in paths for item in at(resource, path)]


def references(resource: Json, path: str, type_: str) -> Iterator[tuple[str, str]]:
    """Yield the resources of a type that a resource refers to, by type and id."""
    for item in at(resource, path):
        found, _, fhir_id = reference(item).partition("/")
        if found == type_:
            yield found, fhir_id
