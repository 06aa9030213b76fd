"""What the fold of a study takes from the index, before it is linked: pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fhirlink.linkage import documents, keys
from fhirlink.linkage.held_rows import Read
from fhirlink.linkage.identifiers import Identifier, other_keys, patient_key
from fhirlink.linkage.imaging_study import all_accessions
from fhirlink.linkage.keys import Key, Kind
from fhirlink.linkage.likeness import likenesses
from fhirlink.linkage.moments import date_of
from fhirlink.linkage.notes import Notes
from fhirlink.linkage.patient import demographics
from fhirlink.linkage.reading import code, text
from fhirlink.linkage.source import Source

NOBODY: Final = Identifier("", "")


@dataclass(frozen=True, slots=True)
class Facts:
    """A study that is held, and who and what it says it is of.

    Attributes
    ----------
    patient
        `NOBODY`, where it cannot be told who it is, or instances name several.
    is_placeholder
        The study names no patient: one is made for it alone.
    documents
        Ids of the DocumentReferences of its documents, by SOPInstanceUID.
    """

    read: Read
    fhir_id: str
    patient: Identifier
    is_placeholder: bool
    documents: Mapping[str, str]
    others: list[Identifier]
    accessions: list[Identifier]
    told: Mapping[str, Any]
    notes: Notes

    @property
    def term(self) -> str:
        """Return the key of the patient; empty for nobody."""
        return keys.term(*self.patient) if self.patient.system else ""


def facts_of(read: Read, source: Source) -> Facts:
    """Return what a study says."""
    notes, model = Notes(), read.held.model
    named = patient_key(model, source)
    is_placeholder = not named.value and read.number_of_patients == 0
    patient = named if named.value and named.system else NOBODY
    if is_placeholder:
        patient = Identifier(source.urn("placeholder"), read.held.uid)
    if read.number_of_patients > 1:
        patient = NOBODY
    others = other_keys(model, source) if patient == named else []
    return Facts(
        read,
        source.id_of("ImagingStudy", read.held.uid),
        patient,
        is_placeholder,
        {
            uid: source.id_of(documents.TYPE, uid)
            for uid, sop_class in (each.place[2:] for each in read.reports)
            if sop_class in documents.CLASSES
        },
        [each for each in others if each != patient],
        all_accessions(read.held, source),
        demographics(model, notes),
        notes,
    )


def keys_of(facts: Facts, study_id: str) -> set[Key]:
    """Return the keys of a study, but for those of what it is linked to.

    Parameters
    ----------
    study_id
        Id of its ImagingStudy.
    """
    found = study_keys(facts.read.held.uid, study_id)
    found |= {
        Key(Kind.DOCUMENT, keys.of_uid(each.place.sop_instance_uid))
        for each in facts.read.reports
    }
    found |= {
        Key(Kind.DOCUMENT, keys.address(documents.TYPE, each))
        for each in facts.documents.values()
    }
    found |= {
        Key(Kind.ACCESSION, keys.term(*each))
        for each in facts.accessions
        if each.system
    }
    if facts.term:
        found.add(Key(Kind.PATIENT, facts.term))
        found |= {Key(Kind.OTHER, keys.term(*each)) for each in facts.others}
    if facts.term and not facts.is_placeholder:
        found |= {
            Key(Kind.LIKENESS, keys.term("", each)) for each in likenesses(facts.told)
        }
    if day := date_of(text(facts.read.held.model, "StudyDate")):
        for each in facts.read.held.series:
            found.add(Key(Kind.DAY, keys.term(day, code(each.model, "Modality"))))
    return found


def study_keys(uid: str, study_id: str) -> set[Key]:
    """Return the keys that a study keeps when it is gone: reports refer to it."""
    named = keys.address("ImagingStudy", study_id)
    return {Key(Kind.STUDY, keys.of_uid(uid)), Key(Kind.STUDY, named)}
