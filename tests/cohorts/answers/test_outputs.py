"""What is wanted of patients, output by output, on a few resources."""

from datetime import date
from typing import Any, Final

import pytest

from cohorts.answers import running
from cohorts.answers.event_rows import count_events, page_of_events
from cohorts.answers.patient_rows import page_of_patients
from cohorts.answers.reading import reading_of
from cohorts.answers.rows import EventRow
from cohorts.answers.running import answer_cohort
from cohorts.models import CohortRun
from tests.fhirlink.events.record import ACTOR, follow, patient, put, resource

pytestmark = pytest.mark.django_db

NOW: Final = date(2026, 1, 1)
CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
DCM: Final = "http://dicom.nema.org/resources/ontology/DCM"


def study(
    id_: str, patient_: str, day: str, modality: str, body: str
) -> dict[str, Any]:
    return resource(
        "ImagingStudy",
        id_,
        patient_,
        status="available",
        started=day,
        identifier=[{"system": "urn:dicom:uid", "value": f"urn:oid:{UIDS[id_]}"}],
        modality=[{"system": DCM, "code": modality}],
        series=[
            {
                "uid": f"{UIDS[id_]}.1",
                "modality": {"system": DCM, "code": modality},
                "bodySite": {"display": body},
            }
        ],
    )


UIDS: Final = {"ct1": "1.2.3.1", "ct2": "1.2.3.2", "mr": "1.2.3.3", "ct3": "1.2.3.4"}


def of(id_: str) -> dict[str, Any]:
    return {"identifier": {"system": "urn:dicom:uid", "value": f"urn:oid:{UIDS[id_]}"}}


@pytest.fixture(autouse=True)
def _record() -> None:
    first = patient(
        "p", identifier=[{"system": "urn:mrn", "value": "1"}], gender="female"
    )
    put(first)
    follow()  # patients come in the order in which they were heard of
    put(
        patient("q", identifier=[{"system": "urn:mrn", "value": "2"}]),
        patient("other", identifier=[{"system": "urn:mrn", "value": "3"}]),
        *(
            resource(
                "Condition", f"dx-{who}", who, code={"text": "Flu"}, onsetDateTime=day
            )
            for who, day in (("p", "2025-03-10"), ("q", "2025-05-01"))
        ),
        resource(
            "Condition", "dx-old", "p", code={"text": "Flu"}, onsetDateTime="2020"
        ),
        study("ct1", "p", "2025-03-01", "CT", "Chest"),
        study("ct2", "p", "2025-04-01", "CT", "Head"),
        study("mr", "p", "2025-06-01", "MR", "Head"),
        study("ct3", "q", "2025-05-02", "CT", "Chest"),
        resource(
            "DiagnosticReport", "r1", status="final", code={"text": "CT"},
            effectiveDateTime="2025-03-02", imagingStudy=[of("ct1")],
        ),
        resource(
            "DiagnosticReport", "r2", status="final", code={"text": "MR"},
            effectiveDateTime="2025-06-02", imagingStudy=[of("mr")],
        ),
        resource(
            "DiagnosticReport", "r3", status="cancelled", code={"text": "CT"},
            effectiveDateTime="2025-04-02", imagingStudy=[of("ct2")],
        ),
        resource(
            "DocumentReference", "d1", status="current", date="2025-03-02T00:00:00Z",
            type={"text": "Scan"}, context={"related": [of("ct1")]},
        ),
        resource(
            "DocumentReference", "d2", status="current", date="2025-03-03T00:00:00Z",
            type={"coding": [{"system": "http://loinc.org", "code": "18748-4"}]},
        ),
        resource(
            "DocumentReference", "d3", status="current", date="2025-03-04T00:00:00Z",
            type={"text": "Discharge summary"},
        ),
        resource(
            "Observation", "lab", status="final", effectiveDateTime="2025-03-11",
            category=[{"coding": [{"system": CATEGORY, "code": "laboratory"}]}],
            code={"text": "CRP"}, identifier=[{"system": "urn:lab", "value": "L1"}],
        ),
        resource(
            "Observation", "vital", status="final", effectiveDateTime="2025-03-11",
            category=[{"coding": [{"system": CATEGORY, "code": "vital-signs"}]}],
            code={"text": "Pulse"},
        ),
        resource(
            "MedicationRequest", "drug", status="draft", intent="order",
            medicationCodeableConcept={"text": "Oseltamivir"}, authoredOn="2025-03-10",
        ),
        resource("Procedure", "none", status="not-done", code={"text": "Puncture"}),
        resource(
            "Immunization", "shot", status="completed", vaccineCode={"text": "Flu"}
        ),
        resource("AllergyIntolerance", "pollen", code={"text": "Pollen"}),
    )  # fmt: skip
    follow()


FLU: Final[dict[str, Any]] = {
    "event": {
        "type": "condition",
        "code": {"text": "flu"},
        "when": {"from": "2025-01-01", "to": None},
        "as": "dx",
    }
}


def run(*output: dict[str, Any], where: Any = FLU, **more: Any) -> CohortRun:
    criteria = {"v": 1, "where": where, "output": list(output), **more}
    return answer_cohort(
        actor=ACTOR, partition="default", criteria=criteria, now=NOW
    ).run


def rows(
    *output: dict[str, Any], at: int = 0, size: int = 100, **more: Any
) -> list[EventRow]:
    made = run(*output, **more)
    found: list[EventRow] = []
    after, has_more = None, True
    while has_more:
        page = page_of_events(
            reading_of(ACTOR, made.pk), output=at, limit=size, after=after
        )
        found += page.rows
        after, has_more = found[-1].cursor if found else None, page.has_more
    assert count_events(reading_of(ACTOR, made.pk), output=at) == len(found)
    return found


def ids(*output: dict[str, Any], **more: Any) -> list[str]:
    return [row.event.resource.split("/")[1] for row in rows(*output, **more)]


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ({"what": "condition"}, ["dx-old", "dx-p", "dx-q"]),
        ({"what": "condition", "matching": True}, ["dx-p", "dx-q"]),
        ({"what": "condition", "pick": "first"}, ["dx-old", "dx-q"]),
        ({"what": "condition", "pick": "last"}, ["dx-p", "dx-q"]),
        ({"what": "imaging"}, ["ct1", "ct2", "mr", "ct3"]),
        ({"what": "imaging", "modality": ["CT"]}, ["ct1", "ct2", "ct3"]),
        ({"what": "imaging", "modality": ["CT"], "pick": "last"}, ["ct2", "ct3"]),
        ({"what": "imaging", "body": {"text": "head"}}, ["ct2", "mr"]),
        ({"what": "imaging", "when": {"last": "P9M"}}, ["ct2", "mr", "ct3"]),
        (
            {"what": "imaging", "when": {"near": "dx", "from": "P0D", "to": "P30D"}},
            ["ct2", "ct3"],
        ),
        (
            {"what": "imaging", "when": {"near": "dx", "from": None, "to": "P0D"}},
            ["ct1"],
        ),
        ({"what": "report"}, ["r1", "r2"]),
        ({"what": "report", "modality": ["MR"]}, ["r2"]),
        ({"what": "report", "status": ["cancelled"]}, ["r3"]),
        ({"what": "document"}, ["ct1", "d1", "d2", "ct2", "mr", "ct3"]),
        ({"what": "document", "modality": ["CT"]}, ["ct1", "d1", "ct2", "ct3"]),
        ({"what": "observation", "category": "laboratory"}, ["lab"]),
        ({"what": "observation", "code": {"text": "pulse"}}, ["vital"]),
        ({"what": "medication"}, []),
        ({"what": "medication", "status": ["draft"]}, ["drug"]),
        ({"what": "procedure"}, []),
        ({"what": "immunization"}, ["shot"]),
        ({"what": "allergy"}, ["pollen"]),
        ({"what": "encounter"}, []),
    ],
)
def test_an_output_has_what_it_asks_for(
    output: dict[str, Any], expected: list[str]
) -> None:
    assert ids(output) == expected


def test_reports_are_of_the_studies_listed_beside_them() -> None:
    ct = {"what": "imaging", "modality": ["CT"]}
    mr = {"what": "imaging", "modality": ["MR"]}
    report = {"what": "report", "of": "imaging"}
    assert ids(ct, report, at=1) == ["r1"]
    assert ids(ct, report, mr, at=1) == ["r1", "r2"]
    assert ids({**ct, "pick": "last"}, report, at=1) == []
    assert ids({**report, "modality": ["CT"]}) == ["r1"]
    assert ids(ct, {"what": "document", "of": "imaging"}, at=1) == ["d1"]


def test_rows_tell_what_they_are_called_and_why_their_patient_is_there() -> None:
    (lab,) = rows({"what": "observation", "category": "laboratory"})
    assert [tuple(each) for each in lab.identifiers] == [("urn:lab", "L1")]
    assert lab.person is not None
    assert (lab.person.fhir_ids, lab.person.gender) == (["p"], "female")
    (reason,) = lab.reasons
    assert (reason.leaf, reason.number) == (0, 1)
    assert (reason.event.resource, reason.event.label) == ("Condition/dx-p", "Flu")
    assert lab.leaves == ()
    matched = rows({"what": "condition", "matching": True})
    assert [list(row.leaves) for row in matched] == [[0], [0]]


def test_pages_are_one_list_whatever_their_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running, "PATIENTS_OF_A_PART", 1)
    whole = ids({"what": "imaging"})
    assert whole == ["ct1", "ct2", "mr", "ct3"]
    for size in (1, 2, 3):
        assert ids({"what": "imaging"}, size=size) == whole
        assert ids({"what": "imaging"}, size=size, sort="-date") == [
            *("mr", "ct3", "ct2", "ct1")
        ]
    assert ids({"what": "imaging"}, sort="date") == ["ct1", "ct2", "ct3", "mr"]
    assert ids({"what": "imaging"}, sort="-date", limit=2, size=1) == ["mr", "ct3"]

    made = run({"what": "patient"})
    first = page_of_patients(reading_of(ACTOR, made.pk), limit=1)
    second = page_of_patients(
        reading_of(ACTOR, made.pk), limit=1, after=first.rows[0].cursor
    )
    told = [row.identifiers[0].value for row in (*first.rows, *second.rows)]
    assert (told, first.has_more, second.has_more) == (["1", "2"], True, False)
