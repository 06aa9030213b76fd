"""Diagnoses as Conditions: since when, how certain, whether still there."""

from datetime import date
from typing import Final

from portal.demo.record.chart import Chart, Visit
from portal.demo.record.codes import Element, hl7
from portal.demo.record.lives import Certainty, Problem

_CATEGORY: Final = hl7(
    "condition-category", "encounter-diagnosis", "Encounter Diagnosis"
)
_DISPLAYS: Final = {
    Certainty.CONFIRMED: "Confirmed",
    Certainty.PROVISIONAL: "Provisional",
    Certainty.REFUTED: "Refuted",
    Certainty.ENTERED_IN_ERROR: "Entered in Error",
}
_CLINICAL: Final = {
    "active": hl7("condition-clinical", "active", "Active"),
    "resolved": hl7("condition-clinical", "resolved", "Resolved"),
    "remission": hl7("condition-clinical", "remission", "Remission"),
    "inactive": hl7("condition-clinical", "inactive", "Inactive"),
}


def diagnose(
    chart: Chart,
    visit: Visit,
    problem: Problem,
    *,
    status: str = "active",
    abated: date | None = None,
    note: str = "",
) -> Element:
    """Write a problem down at a visit and return the reference to its Condition.

    A Condition that was entered in error has no clinical status (FHIR con-5), and one
    that is refuted is no longer active.
    """
    certainty = problem.certainty
    in_error = certainty is Certainty.ENTERED_IN_ERROR
    if certainty is Certainty.REFUTED:
        status = "inactive"
    onset = problem.on.isoformat()[: problem.onset_length] or None
    return chart.add(
        "Condition",
        clinicalStatus=None if in_error else _CLINICAL[status],
        verificationStatus=hl7(
            "condition-ver-status", certainty.value, _DISPLAYS[certainty]
        ),
        category=[_CATEGORY],
        code=problem.disease.concept(problem.icd10, coded=problem.coded),
        subject=chart.patient,
        encounter=visit.encounter,
        onsetDateTime=onset,
        abatementDateTime=abated and abated.isoformat(),
        recordedDate=visit.moment(30),
        recorder=visit.doctor,
        note=[{"text": note}] if note else None,
    )
