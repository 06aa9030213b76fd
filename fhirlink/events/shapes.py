"""Where resources of each type say what, when and of whom: a table.

References
----------
FHIR R4, the resource types named. An event's date is its start: onset, else when it was
recorded; authoredOn; performed; effective; started (``docs/decisions/0029``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class Kind(IntEnum):
    """What an event is; the numbers stand in the database."""

    CONDITION = 1
    PROCEDURE = 2
    MEDICATION = 3
    ALLERGY = 4
    IMMUNIZATION = 5
    OBSERVATION = 6
    REPORT = 7
    DOCUMENT = 8
    ENCOUNTER = 9
    ORDER = 10
    IMAGING = 11
    DEVICE = 12
    SPECIMEN = 13
    CARE_PLAN = 14


@dataclass(frozen=True, slots=True)
class Shape:
    """Where a type of resource says things; paths are names joined by dots.

    Attributes
    ----------
    codes
        All of them together are the event's code.
    starts
        Dates or periods; the first that is there is when it began.
    ends
        Dates or periods; the first that is there is when it ended, unless what it began
        with is a period.
    statuses
        Codes or CodeableConcepts.
    sites
        References; the first that is there is where it was done, or by whom.
    studies
        References to imaging studies.
    """

    kind: Kind
    codes: tuple[str, ...] = ("code",)
    starts: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ("status",)
    categories: tuple[str, ...] = ("category",)
    patient: str = "subject"
    encounter: str = "encounter"
    sites: tuple[str, ...] = ()
    studies: tuple[str, ...] = ()


_CONDITION_STATUSES: Final = ("clinicalStatus", "verificationStatus")
_EFFECTIVE: Final = (
    "effectiveDateTime",
    "effectivePeriod",
    "effectiveInstant",
    "effectiveTiming.event",
)
SHAPES: Final[Mapping[str, Shape]] = {
    "Condition": Shape(
        Kind.CONDITION,
        starts=("onsetDateTime", "onsetPeriod", "recordedDate"),
        ends=("abatementDateTime", "abatementPeriod"),
        statuses=_CONDITION_STATUSES,
    ),
    "Procedure": Shape(
        Kind.PROCEDURE,
        starts=("performedDateTime", "performedPeriod"),
        sites=("location", "performer.onBehalfOf", "performer.actor"),
    ),
    "MedicationRequest": Shape(
        Kind.MEDICATION,
        codes=("medicationCodeableConcept",),
        starts=("authoredOn",),
        sites=("performer", "requester"),
    ),
    "MedicationAdministration": Shape(
        Kind.MEDICATION,
        codes=("medicationCodeableConcept",),
        starts=("effectiveDateTime", "effectivePeriod"),
        encounter="context",
        sites=("performer.actor",),
    ),
    "MedicationStatement": Shape(
        Kind.MEDICATION,
        codes=("medicationCodeableConcept",),
        starts=("effectiveDateTime", "effectivePeriod"),
        encounter="context",
    ),
    "AllergyIntolerance": Shape(
        Kind.ALLERGY,
        starts=("onsetDateTime", "onsetPeriod", "recordedDate"),
        statuses=_CONDITION_STATUSES,
        patient="patient",
    ),
    "Immunization": Shape(
        Kind.IMMUNIZATION,
        codes=("vaccineCode",),
        starts=("occurrenceDateTime",),
        patient="patient",
        sites=("location", "performer.actor"),
    ),
    "Observation": Shape(
        Kind.OBSERVATION,
        starts=_EFFECTIVE,
        sites=("performer",),
        studies=("derivedFrom", "partOf"),
    ),
    "DiagnosticReport": Shape(
        Kind.REPORT,
        starts=("effectiveDateTime", "effectivePeriod"),
        sites=("performer",),
        studies=("imagingStudy",),
    ),
    "DocumentReference": Shape(
        Kind.DOCUMENT,
        codes=("type",),
        starts=("date", "content.attachment.creation"),
        statuses=("status", "docStatus"),
        encounter="context.encounter",
        sites=("custodian",),
        studies=("context.related",),
    ),
    "Encounter": Shape(
        Kind.ENCOUNTER,
        codes=("type", "class"),  # who asks for a class asks by code
        starts=("period",),
        categories=("serviceType",),
        sites=("serviceProvider", "location.location"),
    ),
    "ServiceRequest": Shape(
        Kind.ORDER,
        starts=("authoredOn",),
        sites=("performer", "requester"),
    ),
    "ImagingStudy": Shape(
        Kind.IMAGING,
        codes=("procedureCode", "description"),
        starts=("started",),
        categories=("modality",),
        sites=("location",),
    ),
    "Device": Shape(
        Kind.DEVICE,
        codes=("type", "deviceName.name"),
        categories=(),
        patient="patient",
        sites=("owner",),
    ),
    "Specimen": Shape(
        Kind.SPECIMEN,
        codes=("type",),
        starts=(
            "collection.collectedDateTime",
            "collection.collectedPeriod",
            "receivedTime",
        ),
        categories=(),
    ),
    "CarePlan": Shape(
        Kind.CARE_PLAN,
        codes=("category", "title"),
        starts=("period", "created"),
        categories=(),
    ),
}

OUT: Final = frozenset(
    (
        *("entered-in-error", "refuted", "unconfirmed", "provisional", "differential"),
        *("cancelled", "not-done", "draft", "doNotPerform"),
    )
)
"""Statuses of what is left out unless it is asked for."""
