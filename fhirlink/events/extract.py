"""From the JSON of a resource to the events that it tells of: pure, driven by a table.

What belongs to other resources (the drug that a Medication names, the UID of an
ImagingStudy) is handed in: `needs` says what an extraction wants to know.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Any, Final

from fhirlink.events.codes import Codes, codes_of
from fhirlink.events.days import FOREVER, Days, days_of, second_of
from fhirlink.events.drugs import dosage_of, run_of
from fhirlink.events.read import at, first, reference, text
from fhirlink.events.shapes import OUT, SHAPES, Kind, Shape
from fhirlink.events.texts import text_of
from fhirlink.events.values import Value, value_of

Json = Any

STUDY_SYSTEMS: Final = frozenset({"urn:dicom:uid", "urn:ietf:rfc:3986"})
_LONGEST_UID: Final = 64
_MOST_COMPONENTS: Final = 1000
_TEXTUAL: Final = frozenset({Kind.REPORT, Kind.DOCUMENT})
_MEDICATION: Final = "medicationReference"


@dataclass(frozen=True, slots=True)
class Known:
    """What other resources say that events are made with, by their references.

    Attributes
    ----------
    medications
        The codes of Medications.
    studies
        The StudyInstanceUIDs of ImagingStudies.
    """

    medications: Mapping[str, Codes]
    studies: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a patient, as one resource tells it.

    Attributes
    ----------
    part
        0 for what the resource itself tells, from 1 on for its components.
    patient, encounter, site
        References to resources of this server; a site may be words only.
    start
        When it began; None where it has no date: it is in no window then.
    second
        Of the day that it began on, where it names a time.
    run, end
        From when it runs, where that is not its start; and until when. `FOREVER` for
        what still does, None where it is not known or has no length.
    status
        The codes of its statuses as they are written, with blanks between.
    is_counted
        Whether its status leaves it in where none is asked for.
    studies
        StudyInstanceUIDs that it is about.
    text
        The words of a report or document.
    """

    kind: Kind
    part: int
    patient: str
    codes: Codes
    categories: Codes
    start: Days | None
    second: int | None
    run: Days | None
    end: Days | None
    status: str
    is_counted: bool
    value: Value
    encounter: str
    site: Codes
    studies: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class _Moment:
    start: Days | None = None
    second: int | None = None
    end: Days | None = None


def needs(resource: Mapping[str, Json]) -> tuple[str, ...]:
    """Return the references to what else its events depend on."""
    shape = SHAPES.get(text(resource, "resourceType"))
    if shape is None:
        return ()
    wanted = [each for path in shape.studies for each in at(resource, path)]
    links = [link for each in wanted if (link := _study_link(each))]
    if shape.kind is Kind.MEDICATION:
        links.append(reference(resource.get(_MEDICATION)))
    return tuple(dict.fromkeys(link for link in links if link))


def events_of(resource: Mapping[str, Json], known: Known) -> list[Event]:
    """Return what a resource tells; nothing where it is of no patient of this server.

    Whoever is of a group, of a device or of a patient elsewhere is no patient here.
    """
    shape = SHAPES.get(text(resource, "resourceType"))
    if shape is None:
        return []
    patient = reference(resource.get(shape.patient))
    if not patient.startswith("Patient/"):
        return []
    event = _event(resource, shape, patient, known)
    return [event, *_components(resource, event)]


def medication_codes(resource: Mapping[str, Json]) -> Codes:
    """Return what a Medication is, and what is in it."""
    inside = at(resource, "ingredient.itemCodeableConcept")
    return codes_of(resource.get("code"), *inside)


def study_uid(item: Json) -> str:
    """Return the StudyInstanceUID among the identifiers of an ImagingStudy or link."""
    for identifier in at(item, "identifier"):
        if text(identifier, "system") in STUDY_SYSTEMS:
            uid = text(identifier, "value").removeprefix("urn:oid:")
            if uid and uid.replace(".", "").isdigit():
                return uid[:_LONGEST_UID]
    return ""


def study_name(resource: Mapping[str, Json]) -> str:
    """Return the UID of the study that an ImagingStudy is, or its own address."""
    return study_uid(resource) or f"ImagingStudy/{text(resource, 'id')}"


def _event(
    resource: Mapping[str, Json], shape: Shape, patient: str, known: Known
) -> Event:
    moment = _moment(resource, shape)
    status = _status(resource, shape)
    run, end = None, moment.end
    value = value_of(resource)
    if shape.kind is Kind.MEDICATION:
        run, bounded = run_of(resource, moment.start)
        end = end if end and end != FOREVER else bounded
        value = value._replace(words=dosage_of(resource))
    elif shape.kind is Kind.REPORT:
        value = value._replace(codes=codes_of(*at(resource, "conclusionCode")))
    is_own = shape.kind is Kind.ENCOUNTER
    encounter = f"Encounter/{text(resource, 'id')}" if is_own else None
    return Event(
        kind=shape.kind,
        part=0,
        patient=patient,
        codes=_codes(resource, shape, known),
        categories=codes_of(
            *(e for path in shape.categories for e in at(resource, path))
        ),
        start=moment.start,
        second=moment.second,
        run=run if run != moment.start else None,
        end=end,
        status=status,
        is_counted=OUT.isdisjoint(status.split()),
        value=value,
        encounter=encounter or reference(first(resource, shape.encounter)),
        site=_site(resource, shape),
        studies=_studies(resource, shape, known),
        text=text_of(resource) if shape.kind in _TEXTUAL else "",
    )


def _components(resource: Mapping[str, Json], whole: Event) -> Iterator[Event]:
    """Yield an event for each component, by its own code and value."""
    if whole.kind is not Kind.OBSERVATION:
        return
    components = islice(at(resource, "component"), _MOST_COMPONENTS)
    for part, component in enumerate(components, start=1):
        if isinstance(component, dict):
            codes = codes_of(component.get("code"))
            yield replace(whole, part=part, codes=codes, value=value_of(component))


def _codes(resource: Mapping[str, Json], shape: Shape, known: Known) -> Codes:
    own = codes_of(*(each for path in shape.codes for each in at(resource, path)))
    if shape.kind is not Kind.MEDICATION or _MEDICATION not in resource:
        return own
    link = resource[_MEDICATION]
    return tuple(dict.fromkeys((*own, *_medication(resource, link, known))))


def _medication(resource: Mapping[str, Json], link: Json, known: Known) -> Codes:
    name = text(link, "reference")
    if name.startswith("#"):
        inside = at(resource, "contained")
        found = (m for m in inside if text(m, "id") == name[1:])
        return medication_codes(next(found, {}))
    return known.medications.get(reference(link), ()) or codes_of(text(link, "display"))


def _moment(resource: Mapping[str, Json], shape: Shape) -> _Moment:
    """Return when it began and ended: the first of its dates that is one."""
    for path in shape.starts:
        for item in at(resource, path):
            if moment := _of_date(item):
                ends = (_end(resource, each) for each in shape.ends)
                end = moment.end or next((each for each in ends if each), None)
                return replace(moment, end=end)
    return _Moment(end=next((e for p in shape.ends if (e := _end(resource, p))), None))


def _of_date(item: Json) -> _Moment | None:
    if isinstance(item, str):
        start = days_of(item)
        return _Moment(start, second_of(item)) if start else None
    if not isinstance(item, dict):
        return None
    start, end = days_of(item.get("start")), days_of(item.get("end"))
    if start is None:
        # Of something that only has an end, all that is known is when it was over.
        return _Moment(Days(date.min, end.last), None, end) if end else None
    return _Moment(start, second_of(item.get("start")), end or FOREVER)


def _end(resource: Mapping[str, Json], path: str) -> Days | None:
    item = first(resource, path)
    if isinstance(item, dict):
        return days_of(item.get("end")) or days_of(item.get("start"))
    return days_of(item)


def _status(resource: Mapping[str, Json], shape: Shape) -> str:
    found = []
    for path in shape.statuses:
        for item in at(resource, path):
            if isinstance(item, str):
                found.append(item)
            else:
                found += [text(coding, "code") for coding in at(item, "coding")]
    if resource.get("doNotPerform") is True:
        found.append("doNotPerform")
    words = (word for each in found for word in each.split())
    return " ".join(dict.fromkeys(words))[:200].replace("\0", "")


def _site(resource: Mapping[str, Json], shape: Shape) -> Codes:
    for path in shape.sites:
        for item in at(resource, path):
            coding = {"code": reference(item), "display": text(item, "display")}
            if codes := codes_of(coding):
                return codes
    return ()


def _studies(
    resource: Mapping[str, Json], shape: Shape, known: Known
) -> tuple[str, ...]:
    if shape.kind is Kind.IMAGING:
        found = [study_name(resource)]
    else:
        links = [each for path in shape.studies for each in at(resource, path)]
        # By its logical identifier, or by where it stands.
        found = [study_uid(e) or known.studies.get(_study_link(e), "") for e in links]
    return tuple(dict.fromkeys(uid for uid in found if uid))


def _study_link(item: Json) -> str:
    link = reference(item)
    return link if link.startswith("ImagingStudy/") else ""


NOTHING_KNOWN: Final = Known({}, {})
