"""All that is held of a patient."""

from typing import Any

import pytest

from tests.fhirlink.service import Fhir

pytestmark = pytest.mark.usefixtures("committing")


@pytest.fixture
def fhir() -> Fhir:
    made = Fhir()
    for patient in ("ada", "eve"):
        made.put(f"Patient/{patient}", {"resourceType": "Patient", "id": patient})
        for year in (2019, 2021):
            made.put(f"Observation/{patient}-{year}", weight(patient, year))
    made.put("Practitioner/doc", {"resourceType": "Practitioner", "id": "doc"})
    made.put("Practitioner/other", {"resourceType": "Practitioner", "id": "other"})
    study = {
        "resourceType": "ImagingStudy",
        "id": "ct",
        "status": "available",
        "subject": {"reference": "Patient/ada"},
        "started": "2021-02",
    }
    made.put("ImagingStudy/ct", study)
    return made


def weight(patient: str, year: int) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": f"{patient}-{year}",
        "status": "final",
        "code": {"text": "weight"},
        "subject": {"reference": f"Patient/{patient}"},
        "performer": [{"reference": "Practitioner/doc"}],
        "effectiveDateTime": f"{year}-05-04",
    }


def found(fhir: Fhir, query: str = "") -> dict[str, str]:
    bundle = fhir.get(f"Patient/ada/$everything{query}").json()
    assert bundle["type"] == "searchset"
    return {e["resource"]["id"]: e["search"]["mode"] for e in bundle["entry"]}


def test_all_that_is_held_of_a_patient_is_found(fhir: Fhir) -> None:
    assert found(fhir) == {
        "ada": "match",
        "ada-2019": "match",
        "ada-2021": "match",
        "ct": "match",
        "doc": "include",
    }


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("?start=2020", {"ada", "ada-2021", "ct", "doc"}),
        ("?end=2020-01-01", {"ada", "ada-2019", "doc"}),
        ("?start=2021-02-01&end=2021-03", {"ada", "ct"}),
        ("?_type=Patient,ImagingStudy", {"ada", "ct"}),
        ("?_since=2999-01-01", set()),
    ],
)
def test_dates_and_types_narrow_it(fhir: Fhir, query: str, ids: set[str]) -> None:
    bundle = fhir.get(f"Patient/ada/$everything{query}").json()
    assert {e["resource"]["id"] for e in bundle.get("entry", [])} == ids


def test_pages_hold_all_of_it_once(fhir: Fhir) -> None:
    seen: list[str] = []
    url = "Patient/ada/$everything?_count=2"
    while url:
        page = fhir.get(url).json()
        seen += [
            e["resource"]["id"] for e in page["entry"] if e["search"]["mode"] == "match"
        ]
        url = {each["relation"]: each["url"] for each in page["link"]}.get("next", "")
    assert sorted(seen) == ["ada", "ada-2019", "ada-2021", "ct"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("Patient/absent/$everything", 404),
        ("Patient/ada/$everything?name=x", 400),
        ("Patient/ada/$everything?_type=Practitioner", 400),
        ("Patient/ada/$everything?start=soon", 400),
    ],
)
def test_what_cannot_be_asked_is_told(fhir: Fhir, path: str, status: int) -> None:
    answer = fhir.get(path)
    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"
