"""What studies that are folded become: the content of their resources."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from fhirlink.document import instant
from fhirlink.linkage.device import device_of, is_news
from fhirlink.linkage.endpoints import endpoints_of, references
from fhirlink.linkage.facts import Facts
from fhirlink.linkage.held import Links
from fhirlink.linkage.imaging_study import imaging_study, merged, told_by_record
from fhirlink.linkage.people import shown_name
from fhirlink.linkage.reading import compact, text, values
from fhirlink.linkage.source import Source

Json = dict[str, Any]
_OPERATION: Final = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"


def study_content(
    facts: Facts,
    subject: str,
    based_on: Sequence[Json],
    source: Source,
) -> Json:
    """Return the ImagingStudy of a study, as images tell it.

    Parameters
    ----------
    subject
        Id of its Patient; empty where it is linked to none.
    """
    links = Links(
        subject_reference(facts, subject),
        based_on,
        references(source),
        _devices(facts, source),
    )
    return imaging_study(facts.read.held, links, source, facts.notes)


def with_record(made: Json, base: Mapping[str, Any] | None) -> tuple[Json, list[str]]:
    """Return an ImagingStudy with what the record says of it, and which elements.

    Parameters
    ----------
    base
        The record's own, if it has one.
    """
    if base is None:
        return made, []
    return merged(base, made), told_by_record(base, made)


def subject_reference(facts: Facts, subject: str) -> Json:
    """Return a reference to the patient of a study.

    By identifier, too; of one who is linked to nobody by what the study says alone,
    which has no system and so matches nothing.
    """
    shown = values(facts.read.held.model, "PatientName")
    display = shown_name(shown[0]) if shown else ""
    if not subject:
        one = compact(value=text(facts.read.held.model, "PatientID"))
        if facts.read.number_of_patients > 1:
            one, display = {}, "Several patients"
        return compact(
            type_="Patient", identifier=one, display=display or "Unknown patient"
        )
    return compact(
        reference=f"Patient/{subject}",
        type_="Patient",
        identifier=facts.patient._asdict(),
        display=display,
    )


def shared_by(found: Sequence[Facts], source: Source) -> list[Json]:
    """Return the devices that have made studies, and where these can be fetched."""
    devices: dict[str, Json] = {}
    for each in (series for one in found for series in one.read.held.series):
        device = device_of(each.model, source)
        if device and is_news(device, devices.get(device["id"], {})):
            devices[device["id"]] = device
    return [
        *(endpoints_of(source) if found else ()),
        *(devices[each] for each in sorted(devices)),
    ]


def provenance_of(study_id: str, before: str, at: datetime) -> Json:
    """Return the Provenance of a study that is now of another patient than before."""
    return {
        "resourceType": "Provenance",
        "target": [{"reference": f"ImagingStudy/{study_id}"}],
        "recorded": instant(at),
        "activity": {"coding": [{"system": _OPERATION, "code": "UPDATE"}]},
        "agent": [{"who": {"display": "linker"}}],
        "entity": [
            {"role": "source", "what": {"reference": f"Patient/{before}"}},
        ],
    }


def _devices(facts: Facts, source: Source) -> dict[str, Json]:
    found = {}
    for each in facts.read.held.series:
        if device := device_of(each.model, source):
            found[each.uid] = {
                "reference": f"Device/{device['id']}",
                "type": "Device",
            }
    return found
