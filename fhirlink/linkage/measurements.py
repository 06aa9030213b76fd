"""Measurements in structured reports, as Observations: pure.

Of a measurement group (TID 1500, 1501, 1410, 1411) one for the group, with what was
found and where, and one for each number in it; of other reports one for each number.

References
----------
DICOM PS3.16 TID 300, 1500; HL7's guide from DICOM SR to FHIR, as far as R4 has it.
"""

from collections.abc import Iterator
from typing import Any, Final

from fhirlink.linkage.dose import is_dose, observations_of_dose
from fhirlink.linkage.identifiers import DICOM_UID
from fhirlink.linkage.moments import moment_of
from fhirlink.linkage.notes import Notes
from fhirlink.linkage.reading import code, compact, is_uid, text
from fhirlink.linkage.report_tree import (
    About,
    Item,
    concept,
    concept_name,
    quantity,
    read_tree,
    words,
)
from fhirlink.linkage.source import Source
from imaging.rendering.attributes import Model

MOST_OBSERVATIONS: Final = 1_000
"""Of one report."""

GROUP: Final = ("125007", "DCM")
TRACKING: Final = ("112039", "DCM")
TRACKING_UID: Final = ("112040", "DCM")
FINDING: Final = ("121071", "DCM")
SITES: Final = (("363698007", "SCT"), ("G-C0E3", "SRT"))
METHODS: Final = (("370129005", "SCT"), ("G-C036", "SRT"))
_OF_THE_GROUP: Final = {TRACKING, TRACKING_UID, FINDING, *SITES, *METHODS}
_IMAGING: Final = {
    "coding": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/observation-category",
            "code": "imaging",
        }
    ]
}
Json = dict[str, Any]


def observations_of(model: Model, about: About) -> list[Json]:
    """Return the Observations of a report, each with its id, in its order."""
    tree = read_tree(model)
    common = _common(model, about)
    found = observations_of_dose if is_dose(tree) else _of_numbers
    made: list[Json] = []
    for position, each in found(tree, about):
        if len(made) == MOST_OBSERVATIONS:
            break
        made.append({**_named(position, about), **common, **each})
    return [_with_identifiers(each) for each in made]


def _of_numbers(tree: Item, about: About) -> Iterator[tuple[str, Json]]:
    """Yield the Observations of groups and numbers, with their positions."""
    yield from _below(tree, about, {})


def _below(item: Item, about: About, site: Json) -> Iterator[tuple[str, Json]]:
    for each in item.below:
        here = concept(each.first(*SITES), about.source) or site
        if each.name == GROUP:
            yield from _group(each, about, here)
        elif each.kind == "NUM":
            if number := _number(each, about, here, {}):
                yield each.position, number
        else:
            yield from _below(each, about, here)


def _group(group: Item, about: About, site: Json) -> Iterator[tuple[str, Json]]:
    method = concept(group.first(*METHODS), about.source)
    numbers = [
        (each.position, found)
        for each in group.walk()
        if each.kind == "NUM"
        and (
            found := _number(
                each, about, concept(each.first(*SITES), about.source) or site, method
            )
        )
    ]
    members = [{"reference": f"Observation/{about.id_of(at)}"} for at, _ in numbers]
    tracking = words(group.first(TRACKING_UID))
    yield (
        group.position,
        compact(
            identifier=_tracked(tracking),
            code=concept_name(group, about.source),
            valueCodeableConcept=concept(group.first(FINDING), about.source),
            bodySite=site,
            method=method,
            note=_notes(words(group.first(TRACKING))),
            hasMember=members,
            component=list(_components(group, about.source)),
        ),
    )
    yield from numbers


def _number(item: Item, about: About, site: Json, method: Json) -> Json:
    """Return the Observation of a number; empty where nothing says what it is."""
    name = concept_name(item, about.source)
    if not name:
        return {}
    own = concept(item.first(*METHODS), about.source) or method
    return compact(
        identifier=_tracked(words(item.first(TRACKING_UID))),
        code=name,
        bodySite=site,
        method=own,
        **quantity(item, about.source),
    )


def _components(group: Item, source: Source) -> Iterator[Json]:
    """Yield what else a group says in codes and words."""
    for each in group.below:
        if each.name in _OF_THE_GROUP:
            continue
        name, value = concept_name(each, source), concept(each, source)
        if not name:
            continue
        if each.kind == "CODE" and value:
            yield {"code": name, "valueCodeableConcept": value}
        elif each.kind == "TEXT" and words(each):
            yield {"code": name, "valueString": words(each)}


def _tracked(uid: str) -> list[Json]:
    """Return the identifier that follows a lesion from one report to the next."""
    if not is_uid(uid):
        return []
    typed = {"text": "Tracking Unique Identifier"}
    return [{"type": typed, "system": DICOM_UID, "value": f"urn:oid:{uid}"}]


def _notes(tracking: str) -> list[Json]:
    return [{"text": tracking}] if tracking else []


def _named(position: str, about: About) -> Json:
    value = f"urn:oid:{about.sop_instance_uid}#{position}"
    return {
        "id": about.id_of(position),
        "named": [{"system": DICOM_UID, "value": value}],
    }


def _with_identifiers(made: Json) -> Json:
    """Return an Observation whose first identifier names its place in the report."""
    named = made.pop("named")
    return {**made, "identifier": [*named, *made.get("identifier", [])]}


def _common(model: Model, about: About) -> Json:
    is_early = code(model, "CompletionFlag") == "PARTIAL"
    is_early = is_early or code(model, "PreliminaryFlag") == "PRELIMINARY"
    study = {"reference": f"ImagingStudy/{about.study_id}"}
    at = moment_of(
        model, "ContentDate", "ContentTime", source=about.source, notes=Notes()
    )
    return compact(
        resourceType="Observation",
        status="preliminary" if is_early else "final",
        category=[_IMAGING],
        subject=about.subject,
        effectiveDateTime=at or _study_date(model, about.source),
        derivedFrom=[study],
    )


def _study_date(model: Model, source: Source) -> str:
    if not text(model, "StudyDate"):
        return ""
    return moment_of(model, "StudyDate", "StudyTime", source=source, notes=Notes())
