"""Radiation dose reports as Observations: pure.

One that sums the procedure up, and one for each irradiation event: what TID 10011 and
10001 tell of CT and of projection X-rays.

References
----------
DICOM PS3.16 TID 10001 to 10003, 10011 to 10013; HL7's guide on summaries of radiation
dose.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fhirlink.linkage.codes import LOINC
from fhirlink.linkage.identifiers import DICOM_UID
from fhirlink.linkage.reading import compact, is_uid
from fhirlink.linkage.report_tree import (
    About,
    Item,
    concept,
    concept_name,
    quantity,
    words,
)
from fhirlink.linkage.source import Source

Json = dict[str, Any]

_REPORT: Final = ("113701", "DCM")
_ACCUMULATED: Final = {("113811", "DCM"), ("113702", "DCM")}
_EVENTS: Final = {("113819", "DCM"), ("113706", "DCM")}
_EVENT_UID: Final = ("113769", "DCM")
_TARGETS: Final = (("123014", "DCM"),)
_SUMMARY: Final = {
    "coding": [{"system": LOINC, "code": "73569-6"}],
    "text": "Radiation dose",
}
MOST_EVENTS: Final = 500

_TOLD: Final[Mapping[str, str]] = {
    "113812": "Total Number of Irradiation Events",
    "113813": "CT Dose Length Product Total",
    "113814": "CT Effective Dose Total",
    "113722": "Dose Area Product Total",
    "113725": "Dose (RP) Total",
    "113726": "Fluoro Dose Area Product Total",
    "113727": "Acquisition Dose Area Product Total",
    "113728": "Fluoro Dose (RP) Total",
    "113729": "Acquisition Dose (RP) Total",
    "113730": "Total Fluoro Time",
    "113731": "Total Number of Radiographic Frames",
    "113855": "Total Acquisition Time",
    "113830": "Mean CTDIvol",
    "113838": "DLP",
    "113839": "Effective Dose",
    "122130": "Dose Area Product",
    "113738": "Dose (RP)",
    "113733": "KVP",
    "113734": "X-Ray Tube Current",
    "113736": "Exposure",
    "113824": "Exposure Time",
    "113825": "Scanning Length",
    "113828": "Pitch Factor",
}
"""The numbers that are taken, of DCM."""

_CODED: Final = {"113835", "113820", "113721", "113764", "113732"}
"""The codes that are taken: phantom, kind of acquisition and event, plane, mode."""


def is_dose(tree: Item) -> bool:
    """Return whether a report is one of the dose of X-rays."""
    return tree.name == _REPORT


def observations_of_dose(tree: Item, about: About) -> Iterator[tuple[str, Json]]:
    """Yield the summary of a dose report and its events, with their positions."""
    every = list(tree.walk())
    events = [each for each in every if each.name in _EVENTS][:MOST_EVENTS]
    sums = [
        part
        for each in every
        if each.name in _ACCUMULATED
        for part in _components(each, about.source)
    ]
    told = [(each, _event(each, about.source)) for each in events]
    told = [(each, found) for each, found in told if found]
    members = [
        {"reference": f"Observation/{about.id_of(each.position)}"} for each, _ in told
    ]
    study = {"reference": f"ImagingStudy/{about.study_id}"}
    if sums or members:
        summary = compact(
            code=_SUMMARY, partOf=[study], component=sums, hasMember=members
        )
        yield tree.position, summary
    for each, found in told:
        yield each.position, {**found, "partOf": [study]}


def _event(event: Item, source: Source) -> Json:
    """Return an irradiation event; empty where it tells of no dose."""
    components = list(_components(event, source))
    if not components:
        return {}
    uid = words(event.first(_EVENT_UID))
    identifier = {"system": DICOM_UID, "value": f"urn:oid:{uid}"}
    return compact(
        identifier=[identifier] if is_uid(uid) else [],
        code=concept_name(event, source),
        bodySite=concept(event.first(*_TARGETS), source),
        component=components,
    )


def _components(item: Item, source: Source) -> Iterator[Json]:
    for each in item.walk():
        value, scheme = each.name
        if scheme != "DCM":
            continue
        name = concept_name(each, source)
        if each.kind == "NUM" and value in _TOLD:
            yield {"code": name, **quantity(each, source)}
        found = concept(each, source) if value in _CODED else {}
        if each.kind == "CODE" and found:
            yield {"code": name, "valueCodeableConcept": found}
