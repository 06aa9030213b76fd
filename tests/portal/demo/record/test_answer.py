"""The planted answer, found again by reading nothing but the resources."""

import json
from dataclasses import asdict
from datetime import date
from typing import Any

import pytest

from portal.demo.record.answer import Answer, answer, years_before
from portal.demo.record.lives import life_of
from portal.demo.stories import EVERYONE, REFERENCE_DATE, hospital
from portal.demo.tales import OSTEOSARCOMA, Trap
from tests.portal.demo.record.reading import (
    Resource,
    charts,
    of_type,
    reference_to,
    text_of,
)

PATIENTS = list(hospital(patients=len(EVERYONE), seed=1))
LEFT_OUT = {"entered-in-error", "cancelled", "draft"}
NOT_A_DIAGNOSIS = {"refuted", "provisional", "entered-in-error"}


def planted(now: date) -> list[Answer]:
    found = [
        answer(life_of(patient), chart, now=now)
        for patient, chart in zip(PATIENTS, charts(), strict=True)
    ]
    return [each for each in found if each]


def read(now: date) -> list[dict[str, Any]]:
    """Evaluate the sentence over the resources, and over the studies' modalities."""
    scans = {
        f"urn:oid:{study.study_instance_uid}": study
        for patient in PATIENTS
        for study in patient.studies
        if any(plan.modality == "CT" for plan in study.protocol.series)
    }
    return [
        row(chart, set(scans))
        for chart in charts()
        if full_years(chart[0]["birthDate"], now) > 45
        and any(counts(condition, now) for condition in of_type(chart, "Condition"))
    ]


def full_years(birth: str, now: date) -> int:
    year, month, day = map(int, birth.split("-"))
    return now.year - year - ((now.month, now.day) < (month, day))


def counts(condition: Resource, now: date) -> bool:
    verification = condition["verificationStatus"]["coding"][0]["code"]
    on = (condition.get("onsetDateTime") or condition["recordedDate"])[:10]
    return (
        "osteosarcoma" in text_of(condition["code"])
        and verification not in NOT_A_DIAGNOSIS
        and f"{now.year - 2}{now.isoformat()[4:]}" <= on <= now.isoformat()
    )


def row(chart: tuple[Resource, ...], scans: set[str]) -> dict[str, Any]:
    uids: list[str] = []
    found: dict[str, list[str]] = {"documents": [], "reports": []}
    for each in of_type(chart, "DiagnosticReport", "DocumentReference"):
        named = each.get("imagingStudy") or each.get("context", {}).get("related", [])
        of = [i["identifier"]["value"] for i in named if "identifier" in i]
        if not scans & set(of) or each["status"] in LEFT_OUT:
            continue
        report = each["resourceType"] == "DiagnosticReport"
        found["reports" if report else "documents"].append(reference_to(each))
        uids += [uid.removeprefix("urn:oid:") for uid in of if report]
    return {
        "patient": reference_to(chart[0]),
        "patient_id": chart[0]["identifier"][0]["value"],
        "medications": [
            reference_to(each)
            for each in chart
            if each["resourceType"].startswith("Medication")
            and each["status"] not in LEFT_OUT
            and not each.get("doNotPerform")
        ],
        "imaging": uids,
        **found,
    }


@pytest.mark.parametrize(
    "now",
    [
        REFERENCE_DATE,
        date(2025, 12, 31),
        date(2026, 1, 2),
        date(2026, 3, 1),
        date(2026, 11, 26),
        date(2027, 9, 10),
    ],
)
def test_resources_say_what_was_planted(now: date) -> None:
    told = json.loads(json.dumps([asdict(each) for each in planted(now)]))
    assert told == read(now)


def test_answer_on_the_demos_day_is_the_one_that_was_thought_of() -> None:
    assert [
        (each.patient_id, len(each.imaging), bool(each.medications))
        for each in planted(REFERENCE_DATE)
    ] == [
        ("D1-000001", 4, True),
        ("D1-000011", 3, True),
        ("D1-000013", 2, True),
        ("D1-000021", 0, True),
        ("D1-000022", 1, False),
        ("D1-000025", 2, True),
    ]


def test_a_day_later_one_is_too_long_ago_and_another_is_old_enough() -> None:
    today = {each.patient_id for each in planted(REFERENCE_DATE)}
    tomorrow = {each.patient_id for each in planted(date(2026, 1, 2))}
    assert today - tomorrow == {"D1-000013"}
    assert tomorrow - today == {"D1-000015"}


@pytest.mark.parametrize(
    "trap",
    [
        Trap.REFUTED,
        Trap.ENTERED_IN_ERROR,
        Trap.PROVISIONAL,
        Trap.NEGATED,
        Trap.FAMILY,
    ],
)
def test_traps_have_scans_the_right_age_and_the_word_but_are_not_asked_for(
    trap: Trap,
) -> None:
    (patient,) = (each for each in PATIENTS if each.diagnosis.trap is trap)
    chart = charts()[patient.index]
    assert patient.age(REFERENCE_DATE) > 45
    assert any(study.protocol.modality == "CT" for study in patient.studies)
    assert "steosarcoma" in str(chart)
    assert patient.diagnosis.disease != OSTEOSARCOMA
    assert answer(life_of(patient), chart, now=REFERENCE_DATE) is None


def test_reports_and_drugs_that_do_not_count_are_there_to_be_left_out() -> None:
    chart = charts()[12]
    found = answer(life_of(PATIENTS[12]), chart, now=REFERENCE_DATE)
    assert found
    drugs = of_type(chart, "MedicationRequest")
    assert {each["status"] for each in drugs} >= LEFT_OUT
    wrong = [
        reference_to(each)
        for each in of_type(chart, "DiagnosticReport")
        if each["status"] == "entered-in-error"
    ]
    assert len(wrong) == 1
    assert not set(wrong) & set(found.reports)


def test_two_years_before_a_leap_day_end_on_the_28th() -> None:
    assert years_before(date(2024, 2, 29), 2) == date(2022, 2, 28)
    assert years_before(date(2026, 1, 1), 2) == date(2024, 1, 1)
