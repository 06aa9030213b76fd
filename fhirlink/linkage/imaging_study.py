"""The ImagingStudy of a study: pure.

A function of what is held now and of what it is linked to; `merged` says which of its
elements give way to those of the record.

References
----------
FHIR R4 ImagingStudy; IHE RAD IMR and HL7 Europe's imaging guide for identifiers.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fhirlink.linkage.codes import concepts
from fhirlink.linkage.held import HeldSeries, HeldStudy, Links
from fhirlink.linkage.identifiers import (
    Identifier,
    accession,
    accessions_of,
    of_study,
)
from fhirlink.linkage.moments import moment_of
from fhirlink.linkage.notes import Note, Notes
from fhirlink.linkage.people import staff
from fhirlink.linkage.reading import compact, is_uid, items, number, text
from fhirlink.linkage.series import series_of
from fhirlink.linkage.source import Source
from imaging.rendering.attributes import Model

_FAR: Final = 2**31

OF_IMAGES: Final = frozenset(
    {
        *("status", "modality", "started", "numberOfSeries", "numberOfInstances"),
        *("series", "endpoint"),
    }
)
"""What images know better than the record does."""


def imaging_study(
    held: HeldStudy, links: Links, source: Source, notes: Notes
) -> dict[str, Any]:
    """Return the ImagingStudy of a study of which something is held."""
    model = held.model
    is_listed = held.number_of_instances <= source.most_instances
    ordered = sorted(held.series, key=_place)
    series = [
        series_of(each, links, source, notes, is_listed=is_listed)
        for each in ordered
        if _is_good(each, notes)
    ]
    requests = [model, *_requests(held)]
    _compare_counts(held, notes)
    return compact(
        resourceType="ImagingStudy",
        identifier=_identifiers(held, source),
        status="entered-in-error" if held.is_rejected else "available",
        modality=_modalities(series),
        subject=links.subject,
        started=_started(held, source, notes),
        basedOn=list(links.based_on),
        referrer=_referrer(model, source),
        interpreter=staff(
            model,
            "NameOfPhysiciansReadingStudy",
            "PhysiciansReadingStudyIdentificationSequence",
            source,
        ),
        endpoint=list(links.endpoints),
        numberOfSeries=len(held.series),
        numberOfInstances=held.number_of_instances,
        procedureCode=concepts(model, "ProcedureCodeSequence", source),
        location=_location(model),
        reasonCode=_reasons(requests, source),
        description=text(model, "StudyDescription"),
        series=series,
    )


def cancelled(last: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ImagingStudy of a study of which nothing is held any more.

    Reports refer to it, so that it stays; its series go.
    """
    kept = {
        name: value
        for name, value in last.items()
        if name not in {"series", "endpoint", "modality"}
    }
    counts = {"numberOfSeries": 0, "numberOfInstances": 0}
    return {**kept, "status": "cancelled", **counts}


def merged(record: Mapping[str, Any], made: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record's ImagingStudy with what images say of it.

    Order, reason, encounter, and whatever else the record says itself stays; images
    know status, series, counts, modalities and where they can be fetched.
    """
    kept = {name: record[name] for name in told_by_record(record, made)}
    identifiers = list(record.get("identifier") or [])
    identifiers += [e for e in made["identifier"] if e not in identifiers]
    return {**made, **kept, "identifier": identifiers}


def told_by_record(record: Mapping[str, Any], made: Mapping[str, Any]) -> list[str]:
    """Return the elements that the record's ImagingStudy tells, in its order.

    Whom images name by an identifier, they tell themselves.
    """
    of_images = OF_IMAGES | ({"subject"} if "reference" in made["subject"] else set())
    return [name for name in record if name not in of_images]


def all_accessions(held: HeldStudy, source: Source) -> list[Identifier]:
    """Return the accession numbers of a study, of its own first, each once."""
    found = accessions_of(held.model, source)
    for each in sorted(held.series, key=_place):
        found += [e for e in accessions_of(each.model, source) if e not in found]
    return found


def order_reference(one: Identifier) -> dict[str, Any]:
    """Return a reference to an order that is not known here, by its accession."""
    return {
        "type": "ServiceRequest",
        "identifier": accession(one.value, one.system),
    }


def _identifiers(held: HeldStudy, source: Source) -> list[dict[str, Any]]:
    accessions = all_accessions(held, source)
    found = [of_study(held.uid)]
    found += [accession(each.value, each.system) for each in accessions]
    study_id = text(held.model, "StudyID")
    if study_id and all(study_id != each.value for each in accessions):
        system = source.study_id_system or source.urn("study-id")
        found.append({"system": system, "value": study_id})
    return found


def _modalities(series: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the modalities of all series, each once, in one order."""
    by_code = {each["modality"]["code"]: each["modality"] for each in series}
    return [by_code[code] for code in sorted(by_code)]


def _started(held: HeldStudy, source: Source, notes: Notes) -> str:
    """Return when the study began; else when the first of its series did."""
    found = moment_of(held.model, "StudyDate", "StudyTime", source=source, notes=notes)
    if found:
        return found
    silent = Notes()  # each series has noted its own
    moments = (
        moment_of(each.model, "SeriesDate", "SeriesTime", source=source, notes=silent)
        for each in held.series
    )
    return min(filter(None, moments), default="")


def _referrer(model: Model, source: Source) -> dict[str, Any]:
    people = staff(
        model,
        "ReferringPhysicianName",
        "ReferringPhysicianIdentificationSequence",
        source,
    )
    return people[0] if people else {}


def _location(model: Model) -> dict[str, Any]:
    names = ("InstitutionName", "InstitutionalDepartmentName")
    shown = ", ".join(filter(None, (text(model, name) for name in names)))
    return compact(type_="Location" if shown else "", display=shown)


def _requests(held: HeldStudy) -> list[Model]:
    """Return what series say of the requests that they answer."""
    ordered = sorted(held.series, key=_place)
    return [
        item
        for each in ordered
        for item in items(each.model, "RequestAttributesSequence")
    ]


def _reasons(requests: Sequence[Model], source: Source) -> list[dict[str, Any]]:
    """Return why the study was asked for: as it is coded, and in words."""
    found: list[dict[str, Any]] = []
    for request in requests:
        coded = concepts(request, "ReasonForRequestedProcedureCodeSequence", source)
        words = text(request, "ReasonForTheRequestedProcedure")
        for one in [*coded, *([{"text": words}] if words else [])]:
            if one not in found:
                found.append(one)
    return found


def _place(series: HeldSeries) -> tuple[int, str]:
    found = number(series.model, "SeriesNumber")
    return _FAR if found is None else found, series.uid


def _is_good(series: HeldSeries, notes: Notes) -> bool:
    if not is_uid(series.uid):
        notes.add(Note.BAD_UID, "SeriesInstanceUID")
        return False
    return True


def _compare_counts(held: HeldStudy, notes: Notes) -> None:
    """Note where the sender says that the study has more, or fewer."""
    counts = {
        "NumberOfStudyRelatedSeries": len(held.series),
        "NumberOfStudyRelatedInstances": held.number_of_instances,
    }
    for keyword, count in counts.items():
        claimed = number(held.model, keyword)
        if claimed is not None and claimed != count:
            notes.add(Note.OTHER_COUNT, keyword)
