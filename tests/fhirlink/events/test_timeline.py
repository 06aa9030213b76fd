"""What happened to a patient, as the page of the patient reads it."""

from datetime import date
from typing import Any

import pytest

from core import access
from core.access import Verb
from core.errors import Forbidden, NotFound
from core.models import AuditRecord, Partition
from fhirlink.events.shapes import Kind
from fhirlink.models import ReportLink
from fhirlink.timeline import Timeline, Window, measurements, timeline
from tests.actors import READING, acting
from tests.fhirlink.events.record import ACTOR, follow, patient, put, remove, resource

pytestmark = pytest.mark.django_db

LOINC = "http://loinc.org"


def told(actor: access.Actor = ACTOR, patient: str = "p", **asked: Any) -> Timeline:
    return timeline(actor=actor, partition="default", patient=patient, **asked)


def observation(id_: str, day: str, value: float, **coding: str) -> dict[str, Any]:
    code = {"coding": [{"system": LOINC, "code": "2093-3", **coding}]}
    quantity = {"value": value, "unit": "mg/dL"}
    return resource(
        "Observation", id_, code=code, effectiveDateTime=day, valueQuantity=quantity
    )


def test_all_that_happened_comes_in_the_order_of_days_undated_last() -> None:
    put(
        patient(gender="female", birthDate="1970", deceasedBoolean=True),
        resource("Condition", "c", code={"text": "flu"}, onsetDateTime="2020-05"),
        resource("Procedure", "x", code={"text": "biopsy"}),
        resource(
            "Encounter", "e", type=[{"text": "visit"}], period={"start": "2019-01-01"}
        ),
        observation("late", "2021-01-01T12:00:00Z", 5, display="Cholesterol"),
        observation("early", "2021-01-01T07:00:00Z", 6),
    )
    follow()

    found = told()

    assert found.person is not None
    assert (found.person.gender, found.person.is_deceased) == ("female", True)
    assert found.person.birth_last == date(1970, 12, 31)
    assert [each.resource for each in found.events] == [
        *("Encounter/e", "Condition/c", "Observation/early", "Observation/late"),
        "Procedure/x",
    ]
    flu = found.events[1]
    assert (flu.kind, flu.label) == (Kind.CONDITION, "flu")
    assert (flu.start_first, flu.start_last) == (date(2020, 5, 1), date(2020, 5, 31))
    # A code without words is called as it is elsewhere.
    assert [each.label for each in found.events[2:4]] == ["Cholesterol"] * 2
    assert [(each.value, each.unit) for each in found.events[2:4]] == [
        ("6", "mg/dL"),
        ("5", "mg/dL"),
    ]


def test_pages_follow_each_other_and_kinds_are_chosen() -> None:
    days = [f"2020-01-{day:02}" for day in range(1, 8)]
    put(patient(), *(observation(day, day, 1) for day in days))
    put(resource("Condition", "c"))
    follow()

    seen, after = [], None
    for _ in range(4):
        page = told(limit=2, after=after)
        seen += [each.resource.partition("/")[2] for each in page.events]
        after = page.after
    assert seen == [*days, "c"]
    assert after is None
    only = told(kinds=[Kind.CONDITION])
    assert [each.resource for each in only.events] == ["Condition/c"]


def test_a_merged_patient_has_one_time_line_under_both_names() -> None:
    other = {"reference": "Patient/q"}
    link = {"link": [{"type": "replaced-by", "other": other}]}
    put(patient("p", **link), patient("q"))
    put(resource("Condition", "c", "p"), resource("Condition", "d", "q"))
    follow()

    for name in ("p", "q"):
        assert len(told(patient=name).events) == 2


def test_a_report_is_about_the_studies_that_the_linker_has_found_too() -> None:
    put(patient(), resource("DiagnosticReport", "r"))
    follow()
    partition = Partition.objects.get(name="default")
    for uid, is_suggestion in (("1.2", False), ("1.3", True)):
        ReportLink.objects.create(
            partition=partition,
            report="r",
            study_instance_uid=uid,
            is_suggestion=is_suggestion,
        )

    (report,) = told().events

    assert report.studies == ("1.2",)


def curve(code: str, **asked: Any) -> Timeline:
    return measurements(
        actor=ACTOR, partition="default", patient="p", code=code, **asked
    )


def values_of(code: str, **asked: Any) -> list[str]:
    return [each.value for each in curve(code, **asked).events]


def test_a_curve_has_the_measurements_of_one_code() -> None:
    wrong = observation("wrong", "2021-03-01", 9)
    put(
        patient(),
        patient("q"),
        observation("b", "2021-02-01", 6, display="Cholesterol"),
        observation("a", "2021-01", 5),
        {**wrong, "status": "entered-in-error"},
        {**observation("of-q", "2021-01-01", 7), "subject": {"reference": "Patient/q"}},
        resource("Observation", "c", code={"text": "weight"}, valueInteger=3),
        resource("Observation", "d", code={"text": "height"}, valueInteger=4),
        resource("Observation", "e", code={"text": "weight"}),
    )
    follow()

    assert values_of(f"{LOINC}|2093-3") == ["5", "6"]
    assert values_of("2093-3") == ["5", "6"]
    assert values_of("CHOLESTEROL") == ["6"]
    assert values_of("Weight") == ["3"]
    assert values_of("urn:other|2093-3") == []
    assert values_of("|2093-3") == []
    # What may have been on a day is in its window; what has no date is in none.
    january = Window(date(2021, 1, 31), date(2021, 1, 31))
    assert values_of("2093-3", window=january) == ["5"]
    assert values_of("2093-3", window=Window(date(2021, 2, 1))) == ["6"]
    assert values_of("weight", window=Window(None, date(2030, 1, 1))) == []
    page = curve("2093-3", limit=1)
    assert [each.value for each in page.events] == ["5"]
    assert values_of("2093-3", after=page.after) == ["6"]


def test_a_component_has_a_curve_of_its_own() -> None:
    parts = [
        {"code": {"text": name}, "valueQuantity": {"value": value, "unit": "mmHg"}}
        for name, value in (("systolic", 120), ("diastolic", 80))
    ]
    put(patient(), resource("Observation", "bp", code={"text": "bp"}, component=parts))
    follow()

    assert values_of("diastolic") == ["80"]
    assert values_of("bp") == []  # it has no value itself


def test_images_are_of_all_their_modalities() -> None:
    dcm = "http://dicom.nema.org/resources/ontology/DCM"
    codes = [{"system": dcm, "code": code} for code in ("PT", "CT")]
    put(patient(), resource("ImagingStudy", "i", modality=codes, status="available"))
    follow()

    (study,) = told().events
    assert study.category == "CT, PT"


def test_who_may_not_see_a_patient_gets_no_curve_and_the_curve_is_recorded() -> None:
    put(patient(), observation("a", "2021-01-01", 5))
    follow()

    asked = {"partition": "default", "patient": "p", "code": "2093-3"}
    with pytest.raises(Forbidden):
        measurements(actor=acting(1, "researcher", {Verb.READ}), **asked)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        measurements(actor=acting(1, "other", READING, frozenset()), **asked)  # type: ignore[arg-type]
    measurements(actor=ACTOR, **asked)  # type: ignore[arg-type]

    (event,) = AuditRecord.objects.filter(query="Patient/p 2093-3")
    assert event.detail == "1 events"


def test_only_who_may_see_patients_sees_what_happened_and_it_is_recorded() -> None:
    put(patient(), resource("Condition", "c"))
    follow()

    with pytest.raises(Forbidden):
        told(acting(1, "researcher", {Verb.READ}))
    with pytest.raises(NotFound):
        told(acting(1, "other", READING, frozenset()))
    with pytest.raises(NotFound):
        told(patient="nobody")
    told()

    (event,) = AuditRecord.objects.filter(query="Patient/p")
    assert event.detail == "1 events"


def test_of_a_deleted_patient_nothing_is_told() -> None:
    put(patient(), resource("Condition", "c"))
    remove("Patient/p")
    follow()

    with pytest.raises(NotFound):
        told()


def test_of_a_patient_of_whom_nothing_is_derived_yet_nothing_has_happened() -> None:
    put(patient(), observation("a", "2021-01-01", 5))

    assert told() == Timeline(None, [], None)
    assert curve("2093-3") == Timeline(None, [], None)
    with pytest.raises(NotFound):
        told(acting(1, "other", READING, frozenset()))
    with pytest.raises(NotFound):
        told(patient="nobody")
    (event,) = AuditRecord.objects.filter(query="Patient/p")
    assert event.detail == "0 events"
    follow()
    assert len(told().events) == 1
