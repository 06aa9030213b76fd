"""From the JSON model of a report to what is shown of it (DICOM PS3.3 C.17)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from imaging.rendering.attributes import Model, items, tag, text, values
from imaging.reports import wording
from imaging.reports.document import Item, Piece, Report
from imaging.reports.references import evidence_of
from imaging.reports.values import value_of

MOST_ITEMS: Final = 10_000
"""Content items that are shown of a report."""

MOST_CHARACTERS: Final = 2 << 20
"""Of all their names and values together."""

MOST_DEPTH: Final = 60

_TYPE: Final = tag("ValueType")
_NAME: Final = tag("ConceptNameCodeSequence")
_CONTENT: Final = tag("ContentSequence")
_HOW: Final = tag("RelationshipType")
_OBSERVED: Final = tag("ObservationDateTime")
_BY_REFERENCE: Final = tag("ReferencedContentItemIdentifier")
_RELATIONSHIPS: Final = {
    "HAS OBS CONTEXT": "Context",
    "HAS ACQ CONTEXT": "Acquisition",
    "HAS CONCEPT MOD": "Modifier",
    "HAS PROPERTIES": "Property",
    "INFERRED FROM": "Inferred from",
    "SELECTED FROM": "Selected from",
}
_VERIFIERS: Final = tag("VerifyingObserverSequence")
_VERIFIER: Final = tag("VerifyingObserverName")
_VERIFIED_AT: Final = tag("VerificationDateTime")


def is_report(model: Model) -> bool:
    """Return whether a data set has a content tree, as reports and key objects have."""
    return bool(text(model, _TYPE))


def read_report(model: Model) -> Report:
    """Return what is shown of a report; never more than the bounds above."""
    reader = _Reader(model)
    title = wording.meaning_of(model, _NAME) or "Report"
    shown = reader.items_of(model, "1", 0)
    return Report(title, tuple(_facts(model)), shown, reader.is_cut)


class _Reader:
    """Walks the tree, and keeps count of what is shown already."""

    def __init__(self, model: Model) -> None:
        self._evidence = evidence_of(model)
        self._items = MOST_ITEMS
        self._characters = MOST_CHARACTERS
        self.is_cut = False

    def items_of(self, model: Model, number: str, depth: int) -> tuple[Item, ...]:
        """Return the items below one."""
        found: list[Item] = []
        for place, each in enumerate(items(model, _CONTENT), 1):
            if not self._items or not self._characters or depth > MOST_DEPTH:
                self.is_cut = True
                break
            self._items -= 1
            found.append(self._item(each, f"{number}.{place}", depth))
        return tuple(found)

    def _item(self, model: Model, number: str, depth: int) -> Item:
        kind, how = text(model, _TYPE), text(model, _HOW)
        value = value_of(kind, model, self._evidence)
        observed = wording.moment(text(model, _OBSERVED))
        if observed:
            value = (*value, Piece(f"observed {observed}", is_note=True))
        return Item(
            number,
            _RELATIONSHIPS.get(how, ""),
            self._counted(wording.meaning_of(model, _NAME)),
            tuple(
                replace(each, text=self._counted(each.text))
                for each in (*value, *_reference(model))
            ),
            self.items_of(model, number, depth + 1),
            kind == "CONTAINER",
        )

    def _counted(self, shown: str) -> str:
        """Return text, or what of it there is room for."""
        if len(shown) > self._characters:
            self.is_cut, shown = True, shown[: self._characters]
        self._characters -= len(shown)
        return shown


def _reference(model: Model) -> Iterator[Piece]:
    """Yield a link to the item that stands in place of this one (C.17.3.2.5)."""
    path = values(model, _BY_REFERENCE)
    if path and len(path) <= MOST_DEPTH + 1 and all(isinstance(e, int) for e in path):
        number = ".".join(map(str, path))
        yield Piece(f"see {number}", link=f"#{number}")


def _facts(model: Model) -> Iterator[tuple[str, str]]:
    """Yield labels with values, of those that are said."""
    name = next(map(wording.name_of, values(model, tag("PatientName"))), "")
    content = text(model, tag("ContentDate")), text(model, tag("ContentTime"))
    study = _text(model, "StudyDescription"), _date(model, "StudyDate")
    told = (
        ("Patient", name),
        ("Patient ID", _text(model, "PatientID")),
        ("Born", _date(model, "PatientBirthDate")),
        ("Sex", _text(model, "PatientSex")),
        ("Study", ", ".join(filter(None, study))),
        ("Accession number", _text(model, "AccessionNumber")),
        ("Series", _text(model, "SeriesDescription")),
        ("Institution", _text(model, "InstitutionName")),
        ("Manufacturer", _text(model, "Manufacturer")),
        ("Written", f"{wording.date(content[0])} {wording.time(content[1])}".strip()),
        ("Preliminary or final", _text(model, "PreliminaryFlag").lower()),
        ("Completion", _text(model, "CompletionFlag").lower()),
        ("Verification", _text(model, "VerificationFlag").lower()),
        *(("Verified by", _verifier(each)) for each in items(model, _VERIFIERS)[:10]),
    )
    return ((label, value) for label, value in told if value)


def _verifier(model: Model) -> str:
    name = next(map(wording.name_of, values(model, _VERIFIER)), "")
    return ", ".join(filter(None, (name, wording.moment(text(model, _VERIFIED_AT)))))


def _text(model: Model, keyword: str) -> str:
    return wording.clean(text(model, tag(keyword)))


def _date(model: Model, keyword: str) -> str:
    return wording.date(text(model, tag(keyword)))
