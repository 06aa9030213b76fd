"""What is no resource of FHIR R4 is stored by no door; what is wrong is told."""

import json
from typing import Any, Final

import pytest

from fhirlink.models import Resource
from tests.fhirlink.service import Fhir

pytestmark = pytest.mark.usefixtures("committing")

BAD: Final = {
    "resourceType": "Observation",
    "id": "o",
    "status": "done",
    "valueQuantity": {"value": "5.0"},
}
PLACES: Final = [
    "Observation.status",
    "Observation.valueQuantity.value",
    "Observation.code",
]
GOOD: Final = {
    "resourceType": "Observation",
    "id": "o",
    "status": "final",
    "code": {"text": "weight"},
}


@pytest.fixture
def fhir() -> Fhir:
    return Fhir()


def expressions(outcome: Any) -> list[str]:
    assert outcome["resourceType"] == "OperationOutcome"
    return [place for each in outcome["issue"] for place in each["expression"]]


def request(method: str, url: str, resource: Any) -> dict[str, Any]:
    return {"resource": resource, "request": {"method": method, "url": url}}


def test_an_invalid_resource_is_neither_created_nor_updated(fhir: Fhir) -> None:
    for answer in (fhir.post("Observation", BAD), fhir.put("Observation/o", BAD)):
        assert answer.status_code == 400
        assert expressions(answer.json()) == PLACES
        codes = [each["code"] for each in answer.json()["issue"]]
        assert codes == ["code-invalid", "value", "required"]
    assert not Resource.objects.exists()


def test_a_patch_does_not_make_a_resource_invalid(fhir: Fhir) -> None:
    fhir.put("Observation/o", GOOD)
    patch = [{"op": "replace", "path": "/status", "value": "done"}]
    form = "application/json-patch+json"
    answer = fhir.ask(
        "PATCH", "Observation/o", json.dumps(patch).encode(), content_type=form
    )
    assert (answer.status_code, expressions(answer.json())) == (400, PLACES[:1])
    assert fhir.get("Observation/o").json()["status"] == "final"


def test_the_places_in_a_transaction_are_told_from_the_bundle(fhir: Fhir) -> None:
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            request("PUT", "Patient/p", {"resourceType": "Patient", "id": "p"}),
            request("POST", "Observation", BAD),
        ],
    }
    answer = fhir.post("", bundle)
    start = "Bundle.entry[1].resource"
    assert answer.status_code == 400
    assert expressions(answer.json()) == [
        place.replace("Observation", start) for place in PLACES
    ]
    assert not Resource.objects.exists()


@pytest.mark.parametrize(
    "address", ["Observation/$validate", "Observation/o/$validate"]
)
def test_what_would_stand_against_a_resource_is_told_and_nothing_stored(
    fhir: Fhir, address: str
) -> None:
    parameter = {"name": "resource", "resource": BAD}
    parameters = {"resourceType": "Parameters", "parameter": [parameter]}
    for body in (BAD, parameters):
        answer = fhir.post(address, body)
        assert (answer.status_code, expressions(answer.json())) == (200, PLACES)
    (issue,) = fhir.post(address, GOOD).json()["issue"]
    assert issue["severity"] == "information"
    other = fhir.post(address.replace("Observation", "Patient"), GOOD).json()
    assert expressions(other) == ["Observation.resourceType"]
    assert not Resource.objects.exists()


@pytest.mark.parametrize(
    "parameters", [[], {}, [{"name": "resource"}], [5], [{"name": ["resource"]}]]
)
def test_parameters_without_a_resource_are_told_of(fhir: Fhir, parameters: Any) -> None:
    body = {"resourceType": "Parameters", "parameter": parameters}
    (issue,) = fhir.post("Patient/$validate", body).json()["issue"]
    assert (issue["severity"], issue["code"]) == ("error", "required")


def test_that_any_resource_may_be_deleted_is_told(fhir: Fhir) -> None:
    mode = {"name": "mode", "valueCode": "delete"}
    body = {"resourceType": "Parameters", "parameter": [mode]}
    (issue,) = fhir.post("Patient/p/$validate", body).json()["issue"]
    assert issue["severity"] == "information"
