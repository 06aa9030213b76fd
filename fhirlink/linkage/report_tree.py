"""The content tree of a structured report, as measurements are read of it: pure.

Items beyond the bounds are passed over: a report may be anything.

References
----------
DICOM PS3.3 C.17.3.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from fhirlink.linkage.codes import UCUM, concept_of, system_of
from fhirlink.linkage.reading import code, compact, items, text, values
from fhirlink.linkage.source import Source
from imaging.rendering.attributes import Model, number, tag

MOST_ITEMS: Final = 10_000
MOST_DEPTH: Final = 60

_CONTENT: Final = tag("ContentSequence")
_NUMERIC: Final = tag("NumericValue")
_FLOATING: Final = tag("FloatingPointValue")
_ABSENT: Final = "http://terminology.hl7.org/CodeSystem/data-absent-reason"


class About(NamedTuple):
    """What all Observations of a report have in common.

    Attributes
    ----------
    sop_instance_uid
        Of the report.
    study_id
        Id of the ImagingStudy that it is in.
    """

    sop_instance_uid: str
    study_id: str
    subject: dict[str, Any]
    source: Source

    def id_of(self, position: str) -> str:
        """Return the id of the Observation of a content item."""
        return self.source.id_of("Observation", self.sop_instance_uid, position)


class Item(NamedTuple):
    """A content item.

    Attributes
    ----------
    position
        Its place in the tree: ``1.2.3``.
    kind
        Its value type.
    name
        Value and scheme of its concept name; empty ones where it has none.
    """

    model: Model
    position: str
    kind: str
    name: tuple[str, str]
    below: tuple["Item", ...]

    def first(self, *names: tuple[str, str]) -> "Item | None":
        """Return the first item right below that is named so."""
        return next((each for each in self.below if each.name in names), None)

    def walk(self) -> Iterator["Item"]:
        """Yield all items below, in their order."""
        for each in self.below:
            yield each
            yield from each.walk()


def read_tree(model: Model) -> Item:
    """Return the content tree of a report; never more than the bounds."""
    return _Reader().item(model, "1", 0)


class _Reader:
    def __init__(self) -> None:
        self._left = MOST_ITEMS

    def item(self, model: Model, position: str, depth: int) -> Item:
        below = []
        for place, each in enumerate(_content(model), 1):
            if self._left <= 0 or depth >= MOST_DEPTH:
                break
            self._left -= 1
            below.append(self.item(each, f"{position}.{place}", depth + 1))
        kind = code(model, "ValueType")
        return Item(model, position, kind, _name(model), tuple(below))


def _content(model: Model) -> list[Model]:
    """Return the items right below; there may be more than of other sequences."""
    found = model.get(_CONTENT)
    held = found.get("Value") if isinstance(found, dict) else None
    listed = held[:MOST_ITEMS] if isinstance(held, list) else []
    return [each for each in listed if isinstance(each, dict)]


def _name(model: Model) -> tuple[str, str]:
    for each in items(model, "ConceptNameCodeSequence"):
        return code(each, "CodeValue"), code(each, "CodingSchemeDesignator")
    return "", ""


def concept_name(item: Item, source: Source) -> dict[str, Any]:
    """Return what an item is called, as a CodeableConcept."""
    for each in items(item.model, "ConceptNameCodeSequence"):
        return concept_of(each, source)
    return {}


def concept(item: Item | None, source: Source) -> dict[str, Any]:
    """Return the value of an item that is a code."""
    for each in items(item.model, "ConceptCodeSequence") if item else ():
        return concept_of(each, source)
    return {}


def words(item: Item | None) -> str:
    """Return the value of an item that is text or a UID."""
    if item is None:
        return ""
    return text(item.model, "TextValue") or text(item.model, "UID")


def quantity(item: Item, source: Source) -> dict[str, Any]:
    """Return the value of a number as ``valueQuantity``, or why it has none."""
    for measured in items(item.model, "MeasuredValueSequence"):
        value = number(measured, _NUMERIC)
        if value is None:
            value = number(measured, _FLOATING)
        if value is not None:
            return {"valueQuantity": _measured(measured, value, source)}
    return {"dataAbsentReason": _why_absent(item, source)}


def _measured(measured: Model, value: float, source: Source) -> dict[str, Any]:
    written = values(measured, "NumericValue")
    whole = int(value) if value == int(value) else value
    exact = written[0] if written and isinstance(written[0], int | float) else whole
    for unit in items(measured, "MeasurementUnitsCodeSequence"):
        scheme = code(unit, "CodingSchemeDesignator")
        symbol = code(unit, "CodeValue")
        shown = symbol if symbol != "1" else text(unit, "CodeMeaning")
        system = system_of(scheme, source)
        coded = {"system": system, "code": symbol} if system and symbol else {}
        if system == UCUM or coded:
            return compact(value=exact, unit=shown, **coded)
        return compact(value=exact, unit=shown)
    return {"value": exact}


def _why_absent(item: Item, source: Source) -> dict[str, Any]:
    for each in items(item.model, "NumericValueQualifierCodeSequence"):
        if found := concept_of(each, source):
            return found
    return {"coding": [{"system": _ABSENT, "code": "unknown"}]}
