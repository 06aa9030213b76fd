"""Drugs ordered, given and taken; procedures; plans; what came of it.

References
----------
FHIR R4 MedicationRequest, MedicationAdministration, MedicationStatement, Procedure;
mCODE cancer disease status (LOINC 97509-4 with SNOMED CT findings).
"""

from datetime import date, timedelta
from enum import Enum
from typing import Final

from portal.demo.record.chart import Chart, Visit, stamp
from portal.demo.record.codes import Coded, Element, concept, hl7, loinc, of, sct
from portal.demo.record.drugs import DRUGS
from portal.demo.record.house import STOCKED
from portal.demo.record.laboratory import observed

_EXAM: Final = hl7("observation-category", "exam", "Exam")
_STATUS: Final = of(loinc("97509-4", "Cancer disease progression"))
_ECOG: Final = of(loinc("89247-1", "ECOG Performance Status score"))
_REPORTED: Final = concept("Reported by the patient")


class Outcome(Enum):
    """How a cancer answers treatment, in the findings of mCODE."""

    IMPROVED = sct("268910001", "Patient's condition improved")
    STABLE = sct("359746009", "Patient's condition stable")
    WORSENED = sct("271299001", "Patient's condition worsened")


def prescribe(
    chart: Chart,
    visit: Visit,
    name: str,
    reason: Element,
    *,
    status: str = "completed",
    until: date | None = None,
    forbidden: bool = False,
) -> Element:
    """Write an order of a drug down; one that is `forbidden` says: do not give it.

    A drug of the hospital's stock is ordered as the Medication, others by their code.
    """
    drug = DRUGS[name]
    period = {"start": visit.moment(40)} | ({"end": until.isoformat()} if until else {})
    stocked = name in STOCKED
    return chart.add(
        "MedicationRequest",
        status=status,
        intent="order",
        doNotPerform=True if forbidden else None,
        medicationReference=_stocked(name) if stocked else None,
        medicationCodeableConcept=None if stocked else drug.concept(),
        subject=chart.patient,
        encounter=visit.encounter,
        authoredOn=visit.moment(40),
        requester=visit.doctor,
        reasonReference=[reason],
        dosageInstruction=None if forbidden else [drug.dosage()],
        dispenseRequest=None if forbidden else {"validityPeriod": period},
    )


def give(chart: Chart, visit: Visit, name: str, order: Element, minute: int) -> None:
    """Write down that a drug was given at a minute of a visit."""
    stocked = name in STOCKED
    chart.add(
        "MedicationAdministration",
        status="completed",
        medicationReference=_stocked(name) if stocked else None,
        medicationCodeableConcept=None if stocked else DRUGS[name].concept(),
        subject=chart.patient,
        context=visit.encounter,
        effectiveDateTime=visit.moment(minute),
        performer=[{"actor": visit.doctor}],
        request=order,
        dosage=DRUGS[name].given(),
    )


def state(chart: Chart, visit: Visit, name: str, since: date) -> None:
    """Write down that the patient says to take a drug since a day."""
    chart.add(
        "MedicationStatement",
        status="active",
        category=_REPORTED,
        medicationCodeableConcept=DRUGS[name].concept(),
        subject=chart.patient,
        context=visit.encounter,
        effectivePeriod={"start": since.isoformat()},
        dateAsserted=visit.moment(20),
        informationSource=chart.patient,
        dosage=[DRUGS[name].dosage()],
    )


def perform(
    chart: Chart,
    visit: Visit,
    what: Element,
    reason: Element,
    *,
    minutes: int = 30,
    status: str = "completed",
) -> Element:
    """Write a procedure of a visit down, which begins ten minutes into it."""
    start = visit.at + timedelta(minutes=10)
    period = {"start": stamp(start), "end": stamp(start + timedelta(minutes=minutes))}
    return chart.add(
        "Procedure",
        status=status,
        code=what,
        subject=chart.patient,
        encounter=visit.encounter,
        performedPeriod=period,
        performer=[{"actor": visit.doctor}],
        reasonReference=[reason],
    )


def plan(chart: Chart, visit: Visit, title: str, code: Coded, why: Element) -> Element:
    """Write a plan of care down."""
    return chart.add(
        "CarePlan",
        status="active" if not chart.life.death_date else "completed",
        intent="plan",
        category=[of(code)],
        title=title,
        subject=chart.patient,
        encounter=visit.encounter,
        period={"start": visit.at.date().isoformat()},
        created=visit.moment(45),
        author=visit.doctor,
        addresses=[why],
    )


def assess(
    chart: Chart, visit: Visit, outcome: Outcome, ecog: int, disease: Element
) -> None:
    """Write down how the cancer goes on, and how well the patient is."""
    value = of(outcome.value)
    observed(chart, visit, _STATUS, _EXAM, valueCodeableConcept=value, focus=[disease])
    observed(chart, visit, _ECOG, _EXAM, valueInteger=ecog)


def _stocked(name: str) -> Element:
    return {"reference": f"Medication/demo-medication-{name}"}
