"""What resources of the record say that can be joined with studies: pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from fhirlink.linkage import keys
from fhirlink.linkage.codes import DCM
from fhirlink.linkage.identifiers import Identifier, study_uid
from fhirlink.linkage.keys import Key, Kind
from fhirlink.linkage.likeness import likenesses
from fhirlink.linkage.reading import clean

Json = Mapping[str, Any]

_WRONG: Final = "entered-in-error"
_MOST: Final = 200  # identifiers or references of a resource that are looked at
_SECTIONS: Final = "http://terminology.hl7.org/CodeSystem/v2-0074"
_MODALITIES: Final = {
    "CT": "CT",
    "NMR": "MR",
    "NMS": "NM",
    "RUS": "US",
    "OUS": "US",
    "CUS": "US",
    "VUS": "US",
    "XRC": "XA",
    "RX": "CR",
}
"""The modalities of diagnostic sections that are for one."""


def keys_of(type_: str, fhir_id: str, resource: Json) -> set[Key]:
    """Return the keys of a resource; none of a type that is joined with nothing."""
    if clean(resource.get("status")) == _WRONG:
        return set()
    read = _READERS.get(type_)
    return set(read(fhir_id, resource)) if read else set()


def _of_patient(fhir_id: str, resource: Json) -> Iterator[Key]:
    yield Key(Kind.SELF, keys.address("Patient", fhir_id))
    for one in _identifiers(resource.get("identifier")):
        yield Key(Kind.PATIENT, keys.term(*one))
    for link in _objects(resource.get("link")):
        other, how = _reference(link.get("other"), "Patient"), clean(link.get("type"))
        if other and how == "replaced-by":
            yield Key(Kind.REPLACED, other)
        elif other and how in {"replaces", "refer"}:
            yield Key(Kind.LINK, other)
    for likeness in likenesses(resource):
        yield Key(Kind.LIKENESS, keys.term("", likeness))


def _of_order(fhir_id: str, resource: Json) -> Iterator[Key]:
    yield Key(Kind.ORDER, keys.address("ServiceRequest", fhir_id))
    for one in _identifiers(resource.get("identifier")):
        yield Key(Kind.ACCESSION, keys.term(*one))
        if uid := study_uid(*one):  # that its images are to have
            yield Key(Kind.STUDY, keys.of_uid(uid))
    yield from _subject(resource)


def _of_report(_: str, resource: Json) -> Iterator[Key]:
    for each in _objects(resource.get("imagingStudy")):
        yield from _reported(each)
    for each in _objects(resource.get("basedOn")):
        yield from _answered(each)
    for each in _objects(resource.get("identifier")):
        yield from _named(each)
    yield from _subject(resource)
    for modality in sorted(_modalities(resource)):
        if day := _day(resource):
            yield Key(Kind.DAY, keys.term(day, modality))


def _of_document(fhir_id: str, resource: Json) -> Iterator[Key]:
    yield Key(Kind.DOCUMENT, keys.address("DocumentReference", fhir_id))
    context = resource.get("context")
    related = context.get("related") if isinstance(context, Mapping) else None
    for each in _objects(related):
        yield from _reported(each)
        yield from _answered(each)
    master = _objects([resource.get("masterIdentifier")])
    for each in (*master, *_objects(resource.get("identifier"))):
        yield from _named(each)
    yield from _subject(resource)


def _reported(study: Json) -> Iterator[Key]:
    """Yield the keys of a reference to a study, or to an object in it."""
    if reference := _reference(study, "ImagingStudy"):
        yield Key(Kind.STUDY, reference)
    if uid := _uid(study.get("identifier")):
        yield from _of_uid(uid)


def _answered(order: Json) -> Iterator[Key]:
    """Yield the keys of a reference to an order."""
    if reference := _reference(order, "ServiceRequest"):
        yield Key(Kind.ORDER, reference)
    for one in _identifiers([order.get("identifier")]):
        yield Key(Kind.ACCESSION, keys.term(*one))


def _named(identifier: Json) -> Iterator[Key]:
    """Yield the keys of an identifier: an accession number, or a UID."""
    for one in _identifiers([identifier]):
        yield Key(Kind.ACCESSION, keys.term(*one))
        if uid := study_uid(*one):
            yield from _of_uid(uid)


def _of_uid(uid: str) -> Iterator[Key]:
    """Yield the keys of a UID: that of a study, or of a document in one."""
    yield Key(Kind.STUDY, keys.of_uid(uid))
    yield Key(Kind.DOCUMENT, keys.of_uid(uid))


def _of_study(_: str, resource: Json) -> Iterator[Key]:
    for each in _objects(resource.get("identifier")):
        if uid := _uid(each):
            yield Key(Kind.STUDY, keys.of_uid(uid))


_READERS: Final[Mapping[str, Callable[[str, Json], Iterator[Key]]]] = {
    "Patient": _of_patient,
    "ServiceRequest": _of_order,
    "DiagnosticReport": _of_report,
    "DocumentReference": _of_document,
    "ImagingStudy": _of_study,
}
TYPES: Final = frozenset(_READERS)
"""What studies are joined with."""


def subject_of(resource: Json) -> str:
    """Return the term of the Patient that a resource is about; empty for none here."""
    return _reference(resource.get("subject"), "Patient")


def _subject(resource: Json) -> Iterator[Key]:
    if subject := subject_of(resource):
        yield Key(Kind.SUBJECT, subject)


def _identifiers(found: object) -> Iterator[Identifier]:
    """Yield identifiers that have a system: without one nothing is identified."""
    for each in _objects(found):
        system, value = clean(each.get("system")), clean(each.get("value"))
        if system and value:
            yield Identifier(system, value)


def _uid(identifier: object) -> str:
    if not isinstance(identifier, Mapping):
        return ""
    value = clean(identifier.get("value"))
    return study_uid(clean(identifier.get("system")), value)


def _reference(found: object, type_: str) -> str:
    """Return the term of a resource here that is referred to by its address."""
    text = clean(found.get("reference")) if isinstance(found, Mapping) else ""
    named, _, rest = text.partition("/")
    fhir_id = rest.partition("/")[0]
    return keys.address(type_, fhir_id) if named == type_ and fhir_id else ""


def _modalities(report: Json) -> set[str]:
    """Return the modalities that a report's categories and code name."""
    concepts = [*_objects(report.get("category")), *_objects([report.get("code")])]
    found = set()
    for coding in (e for concept in concepts for e in _objects(concept.get("coding"))):
        system, code = clean(coding.get("system")), clean(coding.get("code"))
        if system == DCM:
            found.add(code)
        elif system == _SECTIONS and code in _MODALITIES:
            found.add(_MODALITIES[code])
    return found


def _day(report: Json) -> str:
    """Return the day that a report is about, as it is written."""
    period = report.get("effectivePeriod")
    start = period.get("start") if isinstance(period, Mapping) else ""
    written = clean(report.get("effectiveDateTime")) or clean(start)
    return (written or clean(report.get("issued")))[: len("2020-01-31")]


def _objects(found: object) -> list[Json]:
    listed = found[:_MOST] if isinstance(found, list) else []
    return [each for each in listed if isinstance(each, Mapping)]
