"""The demo's record: repeatable, coherent, and of the same studies as the images."""

from collections import Counter
from itertools import pairwise
from uuid import UUID

import pytest

from fhirlink.linkage.identifiers import Identifier, accessions_of, patient_key
from fhirlink.linkage.source import Source
from portal.demo import modules
from portal.demo.record.events import event_of
from portal.demo.record.lives import life_of
from portal.demo.record.record import record_of
from portal.demo.stories import EVERYONE, REFERENCE_DATE, Patient, hospital, patient_at
from portal.demo.tales import Course
from tests.portal.demo.record.reading import (
    Resource,
    all_resources,
    charts,
    of_type,
    reference_to,
    references_of,
    text_of,
)

PATIENTS = list(hospital(patients=len(EVERYONE), seed=1))
SOURCE = Source(partition="default", namespace=UUID(int=1))
TYPES = {
    *("AllergyIntolerance", "Appointment", "CarePlan", "Communication", "Condition"),
    *("Consent", "Coverage", "Device", "DiagnosticReport", "DocumentReference"),
    *("Encounter", "ImagingStudy", "Immunization", "Location", "Medication"),
    *("MedicationAdministration", "MedicationRequest", "MedicationStatement"),
    *("Observation", "Organization", "Patient", "Practitioner", "PractitionerRole"),
    *("Procedure", "ServiceRequest", "Specimen", "Task"),
}


def test_same_seed_tells_the_same_record() -> None:
    assert record_of(life_of(patient_at(3, seed=5))) == record_of(
        life_of(patient_at(3, seed=5))
    )
    assert record_of(life_of(patient_at(3, seed=5))) != record_of(
        life_of(patient_at(3, seed=6))
    )


def test_record_has_every_type_that_it_should() -> None:
    assert {each["resourceType"] for each in all_resources()} == TYPES


def test_every_resource_has_a_reference_and_an_identifier_of_its_own() -> None:
    resources = all_resources()
    assert len({reference_to(each) for each in resources}) == len(resources)
    known = {
        (name["system"], name["value"])
        for each in resources
        for name in each["identifier"][:1]
    }
    assert len(known) == len(resources)


def test_references_lead_to_what_was_written_before() -> None:
    seen: set[str] = set()
    for resource in all_resources():
        assert set(references_of(resource)) <= seen, reference_to(resource)
        seen.add(reference_to(resource))


def test_charts_refer_to_their_own_patient_alone() -> None:
    for chart in charts():
        owner = reference_to(chart[0])
        own = {reference_to(each) for each in chart}
        named = {name for each in chart for name in references_of(each)}
        assert {name for name in named if name.startswith("Patient/")} == {owner}
        assert all(name in own or "/demo-" in name for name in named)


@pytest.mark.parametrize("patient", PATIENTS, ids=lambda patient: patient.patient_id)
def test_nothing_happens_before_birth_after_death_or_after_today(
    patient: Patient,
) -> None:
    end = (patient.death_date or REFERENCE_DATE).isoformat()
    for resource in charts()[patient.index]:
        event = event_of(resource)
        if event:
            assert patient.birth_date.isoformat() <= event.date[:10] <= end, event


def test_death_is_told_once_and_closes_a_stay() -> None:
    for patient, chart in zip(PATIENTS, charts(), strict=True):
        told = chart[0].get("deceasedDateTime")
        assert told == (patient.death_date and patient.death_date.isoformat())
        expired = [
            encounter["period"]["end"][:10]
            for encounter in of_type(chart, "Encounter")
            if "exp" in str(encounter.get("hospitalization"))
        ]
        assert expired == ([told] if told else [])


def test_encounters_contain_their_events() -> None:
    for chart in charts():
        periods = {
            reference_to(each): each["period"] for each in of_type(chart, "Encounter")
        }
        for resource in chart:
            within = resource.get("encounter") or resource.get("context", {})
            event = event_of(resource)
            if event and within.get("reference") in periods:
                period = periods[within["reference"]]
                # What was before, or will be, is written down at a visit.
                told = ("recordedDate", "dateAsserted", "created")
                written = [resource[name] for name in told if name in resource]
                at = written[0] if written else event.date
                assert period["start"] <= at <= period["end"], event


def test_periods_end_after_they_begin() -> None:
    for resource in all_resources():
        for element in ("period", "performedPeriod"):
            period = resource.get(element, {})
            if "end" in period:
                assert period["start"] <= period["end"], reference_to(resource)


def test_each_study_is_ordered_reported_and_read_once() -> None:
    for patient, chart in zip(PATIENTS, charts(), strict=True):
        accessions = [
            identifier["value"]
            for order in of_type(chart, "ServiceRequest")
            for identifier in order["identifier"]
            if identifier["system"].endswith("/accessions")
        ]
        outside = len(of_type(chart, "ImagingStudy"))
        told = [study.accession_number for study in patient.studies]
        assert accessions[: len(told)] == told
        assert len(accessions) == len(told) + outside
        for study in patient.studies:
            (report,) = reports_of(chart, study.study_instance_uid)
            order = report["basedOn"][0]["reference"]
            assert order.endswith(study.accession_number.lower())
            assert report["effectiveDateTime"] == study.at.isoformat()


def reports_of(chart: tuple[Resource, ...], uid: str) -> list[Resource]:
    identifier = {"system": "urn:dicom:uid", "value": f"urn:oid:{uid}"}
    return [
        report
        for report in of_type(chart, "DiagnosticReport")
        if any(i["identifier"] == identifier for i in report.get("imagingStudy", []))
        and report["status"] != "entered-in-error"
    ]


@pytest.mark.parametrize("patient", PATIENTS[::5], ids=lambda each: each.patient_id)
def test_identifiers_are_those_that_linkage_reads_in_the_images(
    patient: Patient,
) -> None:
    chart = charts()[patient.index]
    numbers = [
        Identifier(name["system"], name["value"])
        for order in of_type(chart, "ServiceRequest")
        for name in order["identifier"][1:]
    ]
    for study, number in zip(patient.studies, numbers, strict=False):
        tags = modules.patient_modules(patient, study)
        tags.update(modules.study_modules(patient, study))
        tags.update(modules.series_modules(patient, study, 1))
        model = tags.to_json_dict()
        (identifier,) = chart[0]["identifier"]
        key = Identifier(identifier["system"], identifier["value"])
        assert patient_key(model, SOURCE) == key
        assert accessions_of(model, SOURCE) == [number]
        assert chart[0]["birthDate"] == patient.birth_date.isoformat()


def test_names_keep_all_scripts_and_say_which() -> None:
    (chart,) = (c for p, c in zip(PATIENTS, charts(), strict=True) if p.index == 1)
    names = chart[0]["name"]
    assert [name["family"] for name in names] == ["Suzuki", "鈴木", "すずき"]
    codes = [name["extension"][0]["valueCode"] for name in names]
    assert codes == ["ABC", "IDE", "SYL"]


def test_reports_tell_the_lesion_and_compare_it() -> None:
    patient, chart = PATIENTS[3], charts()[3]
    assert patient.diagnosis.course is Course.RESPONSE
    for before, study in pairwise(patient.studies):
        assert before.lesion
        assert study.lesion
        (report,) = reports_of(chart, study.study_instance_uid)
        div = report["text"]["div"]
        assert f"of {study.lesion.diameter_mm} mm" in div
        assert f"previously {before.lesion.diameter_mm} mm" in div
        assert "partial response" in report["conclusion"]


def test_reports_negate_and_hedge() -> None:
    conclusions = [
        report["conclusion"]
        for chart in charts()
        for report in of_type(chart, "DiagnosticReport")
        if "conclusion" in report
    ]
    text = " ".join(conclusions)
    for words in (
        "No evidence of metastasis",
        "cannot exclude early metastasis",
        "No evidence of osteosarcoma",
        "osteosarcoma cannot be excluded",
    ):
        assert words in text


def test_some_onsets_are_known_to_the_month_and_one_not_at_all() -> None:
    conditions = [c for chart in charts() for c in of_type(chart, "Condition")]
    lengths = Counter(
        len(c.get("onsetDateTime", "")) for c in conditions if "note" not in c
    )
    assert lengths[0] == 1
    assert lengths[7] > 5
    assert lengths[10] > 25


def test_drugs_are_given_as_they_were_ordered() -> None:
    for chart in charts():
        orders = {reference_to(e): e for e in of_type(chart, "MedicationRequest")}
        for given in of_type(chart, "MedicationAdministration"):
            order = orders[given["request"]["reference"]]
            for element in ("medicationReference", "medicationCodeableConcept"):
                assert given.get(element) == order.get(element)
            assert order["authoredOn"] <= given["effectiveDateTime"]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("Condition", "breast cancer"),
        ("Condition", "multiple sclerosis"),
        ("Condition", "diabetes mellitus"),
        ("Condition", "lung cancer"),
        ("Condition", "chronic kidney disease stage 4"),
        ("Condition", "stroke"),
        ("Procedure", "chemotherapy"),
        ("MedicationRequest", "metformin"),
        ("MedicationRequest", "lisinopril"),
        ("MedicationRequest", "amoxicillin"),
        ("Observation", "hemoglobin a1c"),
        ("Observation", "tobacco smoking status"),
    ],
)
def test_what_questions_ask_for_is_there(kind: str, words: str) -> None:
    found = Counter(
        words in text_of(each.get("medicationCodeableConcept") or each["code"])
        for each in all_resources()
        if each["resourceType"] == kind and "medicationReference" not in each
    )
    assert found[True] > 0
    assert found[False] > 0
