"""ImagingStudy.series: pure.

References
----------
FHIR R4 ImagingStudy, DICOM PS3.3 C.7.3.1.
"""

from collections.abc import Sequence
from typing import Any, Final

from fhirlink.linkage.body_parts_table import BODY_PARTS
from fhirlink.linkage.codes import DCM, SCT, first_coding, plain
from fhirlink.linkage.device import shown_device
from fhirlink.linkage.held import HeldInstance, HeldSeries, Links
from fhirlink.linkage.identifiers import RFC3986
from fhirlink.linkage.modalities_table import MODALITIES
from fhirlink.linkage.moments import moment_of
from fhirlink.linkage.notes import Note, Notes
from fhirlink.linkage.people import staff
from fhirlink.linkage.reading import (
    code,
    code_of,
    compact,
    is_uid,
    text,
    unsigned,
    values,
)
from fhirlink.linkage.source import Source
from imaging.rendering.attributes import Model

_PARTICIPATION: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_SIDES: Final = {
    "R": plain(SCT, "24028007", "Right"),
    "L": plain(SCT, "7771000", "Left"),
    "B": plain(SCT, "51440002", "Right and left"),
}
_UNPAIRED: Final = "U"
_FAR: Final = 2**31


def series_of(
    held: HeldSeries, links: Links, source: Source, notes: Notes, *, is_listed: bool
) -> dict[str, Any]:
    """Return a series; without its instances where they are not listed."""
    model = held.model
    number = values(model, "SeriesNumber")
    instances = _instances(held.instances, notes) if is_listed else []
    return compact(
        uid=held.uid,
        number=_number(number[0] if number else None, "SeriesNumber", notes),
        modality=modality_of(model, notes),
        description=text(model, "SeriesDescription"),
        numberOfInstances=held.number_of_instances,
        endpoint=[] if is_listed else list(links.endpoints),
        bodySite=body_site(model, source, notes),
        laterality=_laterality(model, notes),
        started=moment_of(
            model, "SeriesDate", "SeriesTime", source=source, notes=notes
        ),
        performer=_performers(held, links, source),
        instance=instances,
    )


def modality_of(model: Model, notes: Notes) -> dict[str, Any]:
    """Return the modality of a data set, which FHIR requires: else other."""
    value = code(model, "Modality")
    if not value:
        notes.add(Note.NO_MODALITY, "Modality")
        value = "OT"
    if value not in MODALITIES:
        notes.add(Note.UNKNOWN_MODALITY, "Modality")
    return plain(DCM, value, MODALITIES.get(value, ""))


def body_site(model: Model, source: Source, notes: Notes) -> dict[str, Any]:
    """Return the part of the body: as it is coded, else by its name."""
    coded = first_coding(model, "AnatomicRegionSequence", source)
    if coded:
        return coded
    name = text(model, "BodyPartExamined").upper()
    part = BODY_PARTS.get("".join(filter(str.isalnum, name)))
    if part is None:
        if name:
            notes.add(Note.UNKNOWN_BODY_PART, "BodyPartExamined")
        return {}
    return plain(SCT, *part)


def _laterality(model: Model, notes: Notes) -> dict[str, Any]:
    side = code(model, "Laterality") or code(model, "ImageLaterality")
    if side and side not in _SIDES and side != _UNPAIRED:
        notes.add(Note.UNKNOWN_LATERALITY, "Laterality")
    return _SIDES.get(side, {})


def _performers(held: HeldSeries, links: Links, source: Source) -> list[dict[str, Any]]:
    device = links.devices.get(held.uid)
    if device is None and (shown := shown_device(held.model)):
        device = {"type": "Device", "display": shown}
    found = [] if device is None else [_performer("DEV", "device", device)]
    if source.names_staff:
        people = staff(
            held.model,
            "PerformingPhysicianName",
            "PerformingPhysicianIdentificationSequence",
            source,
        ) + staff(held.model, "OperatorsName", "OperatorIdentificationSequence", source)
        found += [_performer("PRF", "performer", each) for each in people]
    return found


def _performer(function: str, shown: str, actor: dict[str, Any]) -> dict[str, Any]:
    coding = plain(_PARTICIPATION, function, shown)
    return {"function": {"coding": [coding]}, "actor": actor}


def _instances(instances: Sequence[HeldInstance], notes: Notes) -> list[dict[str, Any]]:
    found = []
    for each in sorted(instances, key=_place):
        if not is_uid(each.uid):
            notes.add(Note.BAD_UID, "SOPInstanceUID")
            continue
        found.append(
            compact(
                uid=each.uid,
                sopClass=_sop_class(each.sop_class, notes),
                number=_number(each.number, "InstanceNumber", notes),
                title=each.title,
            )
        )
    return found


def _place(instance: HeldInstance) -> tuple[int, str]:
    return _FAR if instance.number is None else instance.number, instance.uid


def _sop_class(uid: str, notes: Notes) -> dict[str, Any]:
    """Return the SOP class, which FHIR requires."""
    if not is_uid(uid):
        notes.add(Note.NO_SOP_CLASS, "SOPClassUID")
        return {"display": code_of(uid) or "unknown"}
    return plain(RFC3986, f"urn:oid:{uid}")


def _number(value: object, keyword: str, notes: Notes) -> int | None:
    """Return a number as FHIR has them; negative ones are dropped."""
    found = unsigned(value)
    if value is not None and found is None:
        notes.add(Note.BAD_NUMBER, keyword)
    return found
