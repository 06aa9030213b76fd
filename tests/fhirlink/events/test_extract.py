"""What events resources tell of: the readings of dates, statuses, codes and values."""

import math
from base64 import b64encode
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from fhirlink.events.codes import Coding
from fhirlink.events.days import FOREVER, Days
from fhirlink.events.extract import NOTHING_KNOWN, Event, Known, events_of, needs
from fhirlink.events.series import Series, series_of
from fhirlink.events.shapes import Kind
from fhirlink.events.values import NOTHING, Unit, Value

SNOMED = "http://snomed.info/sct"
PATIENT = {"reference": "Patient/p"}
CHF = {"coding": [{"system": SNOMED, "code": "88805009", "display": "Failure"}]}


def one(type_: str, **members: Any) -> Event:
    (event,) = told(type_, **members)
    return event


def told(type_: str, known: Known = NOTHING_KNOWN, **members: Any) -> list[Event]:
    patient = {"subject": PATIENT, "patient": PATIENT}
    return events_of({"resourceType": type_, **patient, **members}, known)


def on(year: int, month: int, day: int) -> Days:
    return Days(date(year, month, day), date(year, month, day))


TYPES = [
    ("Condition", {"code": CHF, "onsetDateTime": "2020-01-02"}, Kind.CONDITION),
    ("Procedure", {"code": CHF, "performedDateTime": "2020-01-02"}, Kind.PROCEDURE),
    (
        "MedicationRequest",
        {"medicationCodeableConcept": CHF, "authoredOn": "2020-01-02"},
        Kind.MEDICATION,
    ),
    (
        "MedicationAdministration",
        {"medicationCodeableConcept": CHF, "effectiveDateTime": "2020-01-02"},
        Kind.MEDICATION,
    ),
    (
        "MedicationStatement",
        {"medicationCodeableConcept": CHF, "effectivePeriod": {"start": "2020-01-02"}},
        Kind.MEDICATION,
    ),
    ("AllergyIntolerance", {"code": CHF, "recordedDate": "2020-01-02"}, Kind.ALLERGY),
    (
        "Immunization",
        {"vaccineCode": CHF, "occurrenceDateTime": "2020-01-02"},
        Kind.IMMUNIZATION,
    ),
    ("Observation", {"code": CHF, "effectiveInstant": "2020-01-02T00:00:00Z"}, 6),
    ("DiagnosticReport", {"code": CHF, "effectiveDateTime": "2020-01-02"}, 7),
    ("DocumentReference", {"type": CHF, "date": "2020-01-02T03:04:05Z"}, 8),
    ("Encounter", {"type": [CHF], "period": {"start": "2020-01-02"}}, Kind.ENCOUNTER),
    ("ServiceRequest", {"code": CHF, "authoredOn": "2020-01-02"}, Kind.ORDER),
    ("ImagingStudy", {"procedureCode": [CHF], "started": "2020-01-02"}, Kind.IMAGING),
    (
        "Specimen",
        {"type": CHF, "collection": {"collectedDateTime": "2020-01-02"}},
        Kind.SPECIMEN,
    ),
    ("CarePlan", {"category": [CHF], "period": {"start": "2020-01-02"}}, 14),
]


@pytest.mark.parametrize(("type_", "members", "kind"), TYPES)
def test_each_type_says_what_and_when(
    type_: str, members: dict[str, Any], kind: int
) -> None:
    event = one(type_, **members)

    assert event.kind == kind
    assert event.patient == "Patient/p"
    assert Coding(SNOMED, "88805009", "Failure") in event.codes
    assert event.start == on(2020, 1, 2)


def test_a_device_of_a_patient_has_no_date() -> None:
    event = one("Device", type=CHF)

    assert (event.kind, event.start) == (Kind.DEVICE, None)


@pytest.mark.parametrize(
    "members",
    [
        {"subject": {"reference": "Group/g"}},
        {"subject": {"display": "Ann"}},
        {"subject": {"reference": "https://elsewhere.example/fhir/Patient/p"}},
        {"subject": None},
        {"subject": []},
    ],
)
def test_what_is_of_no_patient_here_is_no_event(members: dict[str, Any]) -> None:
    assert told("Condition", code=CHF, **members) == []


@pytest.mark.parametrize("type_", ["Patient", "Practitioner", "Bundle", "Nonsense"])
def test_other_types_tell_of_no_event(type_: str) -> None:
    assert told(type_) == []


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("2021-12", date(2021, 12, 1), date(2021, 12, 31)),
        ("2021", date(2021, 1, 1), date(2021, 12, 31)),
        ("9999", date(9999, 1, 1), date(9999, 12, 31)),
        ("2021-03-04", date(2021, 3, 4), date(2021, 3, 4)),
        # As written: not turned into UTC, where both would be another day.
        ("2021-03-04T23:30:00-08:00", date(2021, 3, 4), date(2021, 3, 4)),
        ("2021-03-04T00:30:00+09:00", date(2021, 3, 4), date(2021, 3, 4)),
    ],
)
def test_a_partial_date_is_an_interval_of_days_as_written(
    written: str, first: date, last: date
) -> None:
    assert one("Condition", onsetDateTime=written).start == Days(first, last)


@pytest.mark.parametrize("written", ["2021-13", "2021-02-30", "soon", "0000", 7, None])
def test_what_is_no_date_is_none(written: object) -> None:
    assert one("Condition", onsetDateTime=written).start is None


def test_the_onset_counts_before_the_record_of_it() -> None:
    both = one("Condition", onsetDateTime="2019", recordedDate="2020-01-02")
    recorded = one("Condition", onsetAge={"value": 7}, recordedDate="2020-01-02")

    assert both.start == Days(date(2019, 1, 1), date(2019, 12, 31))
    assert recorded.start == on(2020, 1, 2)


def test_the_second_of_the_day_is_kept_where_it_is_named() -> None:
    assert one("Observation", effectiveDateTime="2020-01-02").second is None
    timed = one("Observation", effectiveDateTime="2020-01-02T03:04:05.678+02:00")
    assert timed.second == 3 * 3600 + 4 * 60 + 5


def test_a_period_without_end_still_runs_and_one_without_start_is_over() -> None:
    running = one("Encounter", period={"start": "2020-01-02"})
    over = one("Procedure", performedPeriod={"end": "2020-02"})

    assert running.end == FOREVER
    assert over.start == Days(date.min, date(2020, 2, 29))
    assert over.end == Days(date(2020, 2, 1), date(2020, 2, 29))


def test_a_condition_ends_with_its_abatement() -> None:
    event = one("Condition", onsetDateTime="2020-01-02", abatementDateTime="2021")

    assert event.end == Days(date(2021, 1, 1), date(2021, 12, 31))


def dosed(**repeat: Any) -> dict[str, Any]:
    return {"dosageInstruction": [{"timing": {"repeat": repeat}}]}


@pytest.mark.parametrize(
    ("members", "run", "end"),
    [
        ({"status": "active"}, None, FOREVER),
        ({"status": "stopped"}, None, None),
        (
            dosed(boundsPeriod={"start": "2020-02-01", "end": "2020-03-01"}),
            on(2020, 2, 1),
            on(2020, 3, 1),
        ),
        (
            {"dispenseRequest": {"validityPeriod": {"end": "2020-04-01"}}},
            None,
            on(2020, 4, 1),
        ),
        (
            dosed(boundsDuration={"value": 2, "code": "wk"}),
            None,
            on(2020, 1, 16),
        ),
        (
            {
                "status": "active",
                "dispenseRequest": {"validityPeriod": {"start": "2020-01-05"}},
            },
            on(2020, 1, 5),
            FOREVER,
        ),
    ],
)
def test_a_drug_runs_over_its_bounds_or_validity(
    members: dict[str, Any], run: Days | None, end: Days | None
) -> None:
    event = one("MedicationRequest", authoredOn="2020-01-02", **members)

    assert (event.start, event.run, event.end) == (on(2020, 1, 2), run, end)


@pytest.mark.parametrize(("status", "end"), [("active", FOREVER), ("completed", None)])
def test_a_drug_that_is_over_does_not_run_on_without_an_end(
    status: str, end: Days | None
) -> None:
    period = {"start": "2020-01-02"}
    event = one("MedicationStatement", status=status, effectivePeriod=period)

    assert event.end == end


def code(*codes: str) -> dict[str, Any]:
    return {"coding": [{"code": each} for each in codes]}


STATUSES: list[tuple[str, dict[str, Any], str, bool]] = [
    ("Condition", {}, "", True),
    ("Condition", {"clinicalStatus": code("resolved")}, "resolved", True),
    (
        "Condition",
        {"clinicalStatus": code("active"), "verificationStatus": code("refuted")},
        "active refuted",
        False,
    ),
    *(
        ("Condition", {"verificationStatus": code(each)}, each, False)
        for each in ("unconfirmed", "provisional", "differential", "entered-in-error")
    ),
    ("Procedure", {"status": "not-done"}, "not-done", False),
    ("Observation", {"status": "cancelled"}, "cancelled", False),
    ("Observation", {"status": "preliminary"}, "preliminary", True),
    ("MedicationRequest", {"status": "draft"}, "draft", False),
    (
        "ServiceRequest",
        {"status": "active", "doNotPerform": True},
        "active doNotPerform",
        False,
    ),
    (
        "DocumentReference",
        {"status": "current", "docStatus": "entered-in-error"},
        "current entered-in-error",
        False,
    ),
]


@pytest.mark.parametrize(("type_", "members", "status", "is_counted"), STATUSES)
def test_what_is_not_so_is_left_out_and_its_status_kept(
    type_: str, members: dict[str, Any], status: str, is_counted: bool
) -> None:
    event = one(type_, **members)

    assert (event.status, event.is_counted) == (status, is_counted)


def test_an_encounter_is_found_by_its_class_too_and_is_its_own() -> None:
    event = one("Encounter", id="e", **{"class": {"system": "urn:act", "code": "EMER"}})

    assert event.codes == (Coding("urn:act", "EMER", ""),)
    assert event.encounter == "Encounter/e"


def test_all_codings_and_the_words_are_one_code() -> None:
    codings = [{"system": SNOMED, "code": "1"}, {"system": "urn:icd", "code": "I50"}]
    event = one("Condition", code={"coding": codings, "text": "heart failure"})

    assert event.codes == (
        Coding(SNOMED, "1", ""),
        Coding("urn:icd", "I50", ""),
        Coding("", "", "heart failure"),
    )


def test_a_drug_is_what_its_medication_is_and_has_in_it() -> None:
    medication = {
        "resourceType": "Medication",
        "id": "m",
        "code": {"text": "Glucophage"},
        "ingredient": [{"itemCodeableConcept": {"text": "metformin"}}],
    }
    inside = one(
        "MedicationRequest",
        contained=[medication],
        medicationReference={"reference": "#m"},
    )
    link = {"reference": "Medication/m", "display": "a tablet"}
    known = Known({"Medication/m": inside.codes}, {})
    (outside,) = told("MedicationRequest", known, medicationReference=link)
    unknown = one("MedicationRequest", medicationReference=link)

    assert [each.display for each in inside.codes] == ["Glucophage", "metformin"]
    assert outside.codes == inside.codes
    assert [each.display for each in unknown.codes] == ["a tablet"]
    request = {"resourceType": "MedicationRequest", "medicationReference": link}
    assert needs(request) == ("Medication/m",)


VALUES: list[tuple[dict[str, Any], Value]] = [
    ({}, NOTHING),
    (
        {"valueQuantity": {"value": 5.4, "code": "mg/dL", "system": "urn:u"}},
        Value(5.4, 5.4, Unit("urn:u", "mg/dL", ""), words="5.4"),
    ),
    (
        {"valueQuantity": {"value": 5, "comparator": "<", "unit": "ng"}},
        Value(-math.inf, 5, Unit("", "", "ng"), words="<5"),
    ),
    ({"valueQuantity": {"value": "5"}}, NOTHING),
    ({"valueQuantity": {"value": True}}, NOTHING),
    ({"valueQuantity": {"value": 10**400}}, NOTHING),
    (
        {"valueCodeableConcept": {"text": "positive"}},
        Value(codes=(Coding("", "", "positive"),)),
    ),
    ({"valueString": "pale"}, Value(words="pale")),
    ({"valueBoolean": False}, Value(words="false")),
    ({"valueInteger": 7}, Value(7, 7, words="7")),
    (
        {"valueRange": {"low": {"value": 1}, "high": {"value": 2, "unit": "d"}}},
        Value(1, 2, Unit("", "", "d"), words="1 – 2"),  # noqa: RUF001
    ),
    ({"valueRange": {"low": {"value": 1}}}, Value(1, math.inf, words="1 – ")),  # noqa: RUF001
    (
        {"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}},
        Value(words="1 : 128"),
    ),
    ({"valueSampledData": {"data": "1 2 3"}}, NOTHING),
    ({"valueDateTime": "2020-01"}, Value(words="2020-01")),
]


@pytest.mark.parametrize(("members", "value"), VALUES)
def test_values_of_every_form(members: dict[str, Any], value: Value) -> None:
    assert one("Observation", **members).value == value


def test_components_are_events_by_their_own_code_and_value() -> None:
    components = [
        {"code": {"text": "systolic"}, "valueInteger": 120},
        {"code": {"text": "diastolic"}, "valueInteger": 80},
        "nonsense",
    ]
    whole, first, second = told(
        "Observation",
        code={"text": "pressure"},
        component=components,
        status="final",
        effectiveDateTime="2020",
    )

    assert [e.part for e in (whole, first, second)] == [0, 1, 2]
    assert (whole.value, first.value.low, second.value.low) == (NOTHING, 120, 80)
    assert first.codes == (Coding("", "", "systolic"),)
    assert first.start == whole.start
    assert first.status == "final"


def test_the_words_of_a_report_are_conclusion_narrative_and_plain_text() -> None:
    event = one(
        "DiagnosticReport",
        conclusion="A nodule.",
        text={"div": "<div>No <b>mass</b>es.<br/>It&#39;s &lt; 5 mm.</div>"},
        presentedForm=[
            {
                "contentType": "text/plain; charset=iso-8859-1",
                "data": b64encode("Größe 3 mm".encode("latin-1")).decode(),
            },
            {"contentType": "text/html", "data": b64encode(b"<p>no</p>").decode()},
            {"contentType": "text/plain", "data": "%%%"},
            {"contentType": "text/plain; charset=nonsense", "data": "AAAA"},
        ],
        conclusionCode=[{"text": "nodule"}],
    )

    assert event.text == "A nodule.\n\nNo masses.\nIt's < 5 mm.\n\nGröße 3 mm"
    assert event.value.codes == (Coding("", "", "nodule"),)


def test_a_narrative_that_never_ends_takes_no_time() -> None:
    event = one("DiagnosticReport", text={"div": "<" * 300_000 + "<b " * 100_000})

    assert len(event.text) <= 200_000


def test_reports_are_about_studies_by_identifier_or_address() -> None:
    identifier = {"system": "urn:dicom:uid", "value": "urn:oid:1.2.3"}
    links = [
        {"identifier": identifier},
        {"reference": "ImagingStudy/s"},
        {"reference": "ImagingStudy/unknown"},
        {"identifier": {"system": "urn:other", "value": "9"}},
    ]
    known = Known({}, {"ImagingStudy/s": "1.2.4"})
    (event,) = told("DiagnosticReport", known, imagingStudy=links)

    assert event.studies == ("1.2.3", "1.2.4")
    report = {"resourceType": "DiagnosticReport", "imagingStudy": links}
    assert needs(report) == ("ImagingStudy/s", "ImagingStudy/unknown")


@pytest.mark.parametrize("system", ["urn:dicom:uid", "urn:ietf:rfc:3986"])
@pytest.mark.parametrize("value", ["urn:oid:1.2.3", "1.2.3"])
def test_an_imaging_event_is_a_study_with_its_series(system: str, value: str) -> None:
    study = {
        "resourceType": "ImagingStudy",
        "subject": PATIENT,
        "identifier": [{"system": system, "value": value}],
        "modality": [{"code": "CT"}],
        "series": [
            {
                "uid": "1.2.3.4",
                "modality": {"code": "CT"},
                "bodySite": {"system": SNOMED, "code": "51185008", "display": "Chest"},
                "instance": [{}, {}],
            }
        ],
    }
    (event,) = events_of(study, NOTHING_KNOWN)

    assert event.studies == ("1.2.3",)
    assert event.categories == (Coding("", "CT", ""),)
    chest = (Coding(SNOMED, "51185008", "Chest"),)
    assert list(series_of(study)) == [Series("1.2.3.4", "CT", chest, 2)]
    assert list(series_of({"modality": [{"code": "MR"}]})) == [Series("", "MR", (), 0)]


def nonsense(depth: int = 2) -> Iterator[Any]:
    yield from (None, True, 7, 1.5, "", "x\0y", [], {})
    if depth:
        for each in nonsense(depth - 1):
            yield [each]
            yield from (
                {name: each}
                for name in ("coding", "text", "reference", "start", "value", "div")
            )


MEMBERS = (
    *("subject", "code", "onsetPeriod", "status", "category", "component"),
    *("valueQuantity", "valueRange", "valueRatio", "presentedForm", "content"),
    *("dosageInstruction", "medicationReference", "contained", "imagingStudy"),
    *("identifier", "series", "context", "encounter", "period", "performer", "text"),
)


@pytest.mark.parametrize("type_", [type_ for type_, _, _ in TYPES])
def test_nonsense_is_not_there_and_breaks_nothing(type_: str) -> None:
    for item in nonsense():
        for member in MEMBERS:
            resource = {"resourceType": type_, "subject": PATIENT, member: item}
            needs(resource)
            list(series_of(resource))
            for event in events_of(resource, NOTHING_KNOWN):
                assert "\0" not in repr(event).replace("\\x00", "\0")
