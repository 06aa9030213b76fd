"""The FHIR server and the validator that other tests take as their referee."""

import httpx
import pytest

from tests.fhirlink.hapi.server import shared_space
from tests.fhirlink.hapi.validator import errors, validate

pytestmark = pytest.mark.peer("hapi")

GOOD = {"resourceType": "Patient", "gender": "male"}
BAD = {"resourceType": "Patient", "gender": "somebody", "born": "then"}


def test_what_is_wrong_is_found_for_each_resource_and_in_their_order() -> None:
    first, second, third, fourth = errors([GOOD, BAD, b"{bad", GOOD])
    assert (first, fourth) == ([], [])
    assert {each.place for each in second} == {"Patient", "Patient.gender"}
    assert [each.severity for each in third] == ["fatal"]


def test_codes_of_systems_that_it_does_not_know_are_let_pass_with_a_warning() -> None:
    coding = {"system": "http://snomed.info/sct", "code": "21576001"}
    specimen = {"resourceType": "Specimen", "type": {"coding": [coding]}}
    (found,) = validate([specimen])
    assert {each.severity for each in found} <= {"warning", "information"}


def test_spaces_of_the_server_know_nothing_of_one_another() -> None:
    here, there = shared_space(), shared_space()
    with httpx.Client(timeout=60) as client:
        for space, gender in ((here, "male"), (there, "female")):
            resource = {"resourceType": "Patient", "id": "one", "gender": gender}
            answer = client.put(f"{space}/Patient/one", json=resource)
            assert answer.status_code == 201, answer.text
        assert client.get(f"{here}/Patient/one").json()["gender"] == "male"
        found = client.get(f"{there}/Patient", params={"gender": "female,male"}).json()
        assert [each["resource"]["gender"] for each in found["entry"]] == ["female"]
