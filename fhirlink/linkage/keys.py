"""Keys by which studies and the record are joined, as texts for an index: pure."""

from enum import StrEnum
from typing import Final, NamedTuple

from fhirlink.linkage.identifiers import DICOM_UID, Identifier
from imaging.fold import HEAD_CHARACTERS, text_key

STUDY: Final = "Study"
"""The type of the owner that is a study; others are resources of the record."""

DECISION: Final = "Decision"
"""That of a person's decision that two are one."""

_APART: Final = "\x1f"  # no identifier has it: `clean` takes it out


class Kind(StrEnum):
    """What a key says of its owner."""

    PATIENT = "patient"  # this is its patient, or an identifier of the patient
    OTHER = "other"  # another identifier of the patient
    SELF = "self"  # it is this Patient
    LINK = "link"  # it is the same person as this Patient
    REPLACED = "replaced"  # this Patient stands for it
    ACCESSION = "accession"
    STUDY = "study"  # it is this study, or of it
    DOCUMENT = "document"  # it is this document, or has it in it
    ORDER = "order"  # it answers this order
    SUBJECT = "subject"  # it is about this Patient
    DAY = "day"  # it was made on this day, with this modality
    LIKENESS = "likeness"  # the patient is called, born and so on


JOINING: Final = [Kind.PATIENT, Kind.OTHER, Kind.SELF, Kind.LINK, Kind.REPLACED]
"""What makes patients one."""


class Key(NamedTuple):
    """What is said of an owner."""

    kind: Kind
    term: str


class Owner(NamedTuple):
    """Who has keys."""

    type: str
    id: str


def term(system: str, value: str) -> str:
    """Return the term of a value in a system."""
    return text_key(f"{system}{_APART}{value}")


def address(type_: str, fhir_id: str) -> str:
    """Return the term of a resource here."""
    return text_key(f"{type_}/{fhir_id}")


def of_uid(uid: str) -> str:
    """Return the term of a study."""
    return term(DICOM_UID, uid)


def patient_of(text: str) -> str:
    """Return the id of the Patient that a term names; empty for other terms."""
    type_, _, fhir_id = text.partition("/")
    return fhir_id if type_ == "Patient" and _APART not in text else ""


def identifier_of(text: str) -> Identifier | None:
    """Return the system and value of a term; None of a shortened or other one."""
    system, found, value = text.partition(_APART)
    if not found or not system or len(text) > HEAD_CHARACTERS:
        return None
    return Identifier(system, value)
