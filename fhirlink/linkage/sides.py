"""Both sides of a conflict, for a person to look at: what images say, and the record.

The images' side is what the linker has read of the study when it folded it last, and
its ImagingStudy; the record's are the Patient that it is linked to, and those that it
may be.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from core import audit
from core.access import Actor
from core.errors import NotFound
from fhirlink.concerned import patients_of
from fhirlink.linkage.current import current
from fhirlink.linkage.identifiers import Identifier
from fhirlink.linkage.keys import identifier_of
from fhirlink.linkage.managed import require_managed
from fhirlink.linkage.reading import clean
from fhirlink.linkage.suggestions import suggest_merges
from fhirlink.models import LinkConflict, LinkedStudy

MOST_CANDIDATES: Final = 20
MOST_VALUES: Final = 20
MOST_SUGGESTED: Final = 20
MOST_ALIKE: Final = 6  # of a suggestion: a person looks at each two of them
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Side:
    """What one side says of a patient.

    Attributes
    ----------
    patient
        The id of its Patient; empty: that is what the images say.
    is_linked
        Whether the study is linked to this Patient.
    """

    patient: str
    identifiers: tuple[Identifier, ...] = ()
    names: tuple[str, ...] = ()
    birth_date: str = ""
    gender: str = ""
    is_linked: bool = False


@dataclass(frozen=True, slots=True)
class Sides:
    """A conflict with all that somebody needs to decide it.

    Attributes
    ----------
    identifier
        What the images call their patient; None where that cannot be told.
    study
        The ImagingStudy; empty where there is none any more.
    how
        How the study came to the Patient that it is linked to.
    """

    conflict: LinkConflict
    identifier: Identifier | None
    images: Side
    record: tuple[Side, ...]
    study: Json
    how: str


def sides_of(*, actor: Actor, partition: str, key: int) -> Sides:
    """Return both sides of a conflict.

    The audit log names the study, and the patients.

    Raises
    ------
    Forbidden, NotFound
        The actor may not manage the patients of all of the partition; or there is no
        such conflict in it.
    """
    partition_id = require_managed(actor, partition)
    held = LinkConflict.objects.filter(partition=partition_id, pk=key).first()
    if held is None:
        message = "There is no such conflict, or no more."
        raise NotFound(message, path="key")
    uid = held.study_instance_uid
    rows = LinkedStudy.objects.filter(partition=partition_id, study_instance_uid=uid)
    linked = rows.first() or LinkedStudy()
    ids = _patients(held, linked.subject)
    patients = current(partition_id, "Patient", ids)
    studies = current(partition_id, "ImagingStudy", [linked.fhir_id])
    event = audit.Event(
        actor,
        audit.Action.RETRIEVE,
        partition_id=partition_id,
        study_instance_uid=uid,
        detail=f"link conflict {held.kind} with {len(patients)} Patient",
        query=" ".join(f"Patient/{each}" for each in ids),
    )
    told = patients_of(partition_id, [("Patient", each, b"") for each in ids])
    audit.record_answer(event, patients=[*told, linked.patient_id])
    identifier = identifier_of(linked.term)
    return Sides(
        held,
        identifier,
        _side("", {**linked.told, "identifier": [identifier and identifier._asdict()]}),
        tuple(
            _side(each, patients.get(each, {}), is_linked=each == linked.subject)
            for each in ids
        ),
        studies.get(linked.fhir_id, {}),
        linked.how,
    )


def suggested_sides(*, actor: Actor, partition: str) -> list[tuple[Side, ...]]:
    """Return Patients who may be one (`fhirlink.linkage.suggestions`), side by side.

    The audit log names those whom images are of.

    Raises
    ------
    Forbidden, NotFound
        The actor may not manage the patients of all of the partition.
    """
    partition_id = require_managed(actor, partition)
    found = suggest_merges(actor=actor, partition=partition, limit=MOST_SUGGESTED)
    groups = [each.patients[:MOST_ALIKE] for each in found]
    ids = {one for group in groups for one in group}
    patients = current(partition_id, "Patient", ids)
    event = audit.Event(
        actor,
        audit.Action.RETRIEVE,
        partition_id=partition_id,
        detail=f"patients who may be one: {len(patients)} Patient",
    )
    told = patients_of(partition_id, [("Patient", each, b"") for each in ids])
    audit.record_answer(event, patients=told)
    return [
        tuple(_side(one, patients.get(one, {})) for one in group) for group in groups
    ]


def _patients(held: LinkConflict, subject: str) -> list[str]:
    """Return the ids of the Patient that it is linked to, and of the others."""
    candidates = held.detail.get("candidates", [])[:MOST_CANDIDATES]
    ids = [subject, held.detail.get("patient", ""), *candidates]
    return list(dict.fromkeys(filter(None, ids)))


def _side(patient: str, content: Json, *, is_linked: bool = False) -> Side:
    return Side(
        patient,
        tuple(map(_identifier, _items(content, "identifier"))),
        tuple(filter(None, map(_name, _items(content, "name")))),
        clean(content.get("birthDate")),
        clean(content.get("gender")),
        is_linked,
    )


def _items(content: Json, name: str) -> Iterator[Json]:
    found = content.get(name)
    for each in found[:MOST_VALUES] if isinstance(found, list) else ():
        if isinstance(each, Mapping):
            yield each


def _identifier(item: Json) -> Identifier:
    return Identifier(clean(item.get("system")), clean(item.get("value")))


def _name(item: Json) -> str:
    given = item.get("given")
    parts: Collection[object] = given if isinstance(given, list) else ()
    written = " ".join(filter(None, map(clean, [*parts, item.get("family")])))
    return clean(item.get("text")) or written
