"""Writes whose resource is found by a search, alone and at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from fhirlink.models import Resource
from tests.fhirlink.service import Fhir

pytestmark = pytest.mark.usefixtures("committing")

MINE = "identifier=urn:mrn|7"


def patient(value: str = "7", **more: Any) -> dict[str, Any]:
    identifier = [{"system": "urn:mrn", "value": value}]
    return {"resourceType": "Patient", "identifier": identifier, **more}


def transaction(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}


def entry(method: str, url: str, resource: Any, **request: Any) -> dict[str, Any]:
    return {
        "resource": resource,
        "request": {"method": method, "url": url, **request},
    }


@pytest.fixture
def fhir() -> Fhir:
    return Fhir()


def test_what_is_there_is_not_created_again(fhir: Fhir) -> None:
    made = fhir.post("Patient", patient(), if_none_exist=MINE)
    again = fhir.post("Patient", patient(gender="other"), if_none_exist=MINE)

    assert (made.status_code, again.status_code) == (201, 200)
    assert again.json() == made.json()
    fhir.post("Patient", patient())
    assert fhir.post("Patient", patient(), if_none_exist=MINE).status_code == 412


def test_an_update_finds_what_it_changes(fhir: Fhir) -> None:
    made = fhir.put(f"Patient?{MINE}", patient())
    changed = fhir.put(f"Patient?{MINE}", patient(gender="other"))

    assert (made.status_code, changed.status_code) == (201, 200)
    assert changed.json()["id"] == made.json()["id"]
    assert changed.headers["etag"] == 'W/"2"'
    other = {**patient(), "id": "another"}
    assert fhir.put(f"Patient?{MINE}", other).status_code == 400
    late = fhir.put(f"Patient?{MINE}", patient(), if_match='W/"1"')
    assert late.status_code == 412
    named = {**patient("8"), "id": "eight"}
    assert fhir.put("Patient?identifier=urn:mrn|8", named).json()["id"] == "eight"


def test_a_delete_finds_what_it_deletes(fhir: Fhir) -> None:
    for value in ("7", "7", "8"):
        fhir.post("Patient", patient(value))

    assert fhir.ask("DELETE", f"Patient?{MINE}").status_code == 204
    assert fhir.ask("DELETE", f"Patient?{MINE}").status_code == 204
    held = Resource.objects.filter(is_deleted=False)
    assert held.count() == 1


@pytest.mark.parametrize("query", ["", "?_format=json", "?nonsense=1", "?_sort=name"])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_search_that_does_not_say_which_is_refused(
    fhir: Fhir, method: str, query: str
) -> None:
    fhir.post("Patient", patient())
    body = patient() if method == "PUT" else None
    answer = fhir.ask(method, f"Patient{query}", body)

    assert (answer.status_code, answer.json()["issue"][0]["severity"]) == (400, "error")
    assert Resource.objects.filter(is_deleted=False).count() == 1


def test_entries_of_a_transaction_find_what_they_are_about(fhir: Fhir) -> None:
    held = fhir.post("Patient", patient()).json()["id"]
    weight = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "weight"},
        "subject": {"reference": f"Patient?{MINE}"},
    }
    new = "urn:uuid:0c1f7f3b-9f5e-4f7c-8a52-111111111111"
    created = entry("POST", "Patient", patient(), ifNoneExist=MINE)
    answer = fhir.post(
        "",
        transaction(
            {**created, "fullUrl": new},
            entry("POST", "Observation", weight),
            entry(
                "PUT",
                "Observation?identifier=urn:o|1",
                {**weight, "subject": {"reference": new}},
            ),
        ),
    )

    assert [e["response"]["status"][:3] for e in answer.json()["entry"]] == [
        "200",
        "201",
        "201",
    ]
    found = fhir.get("Observation").json()["entry"]
    assert {e["resource"]["subject"]["reference"] for e in found} == {f"Patient/{held}"}


def test_a_reference_that_finds_nothing_stops_the_transaction(fhir: Fhir) -> None:
    lost = {"resourceType": "Observation", "subject": {"reference": f"Patient?{MINE}"}}
    answer = fhir.post("", transaction(entry("POST", "Observation", lost)))

    assert answer.status_code == 412
    assert answer.json()["issue"][0]["expression"] == ["Bundle.entry[0]"]
    assert not Resource.objects.exists()


def test_clients_that_create_the_same_at_once_create_it_once(fhir: Fhir) -> None:
    fhir.post("Patient", patient("8"))
    both = [
        entry(
            "POST", "Patient", patient(value), ifNoneExist=f"identifier=urn:mrn|{value}"
        )
        for value in ("1", "2")
    ]

    def create(number: int) -> int:
        if number % 2:
            return fhir.post("Patient", patient(), if_none_exist=MINE).status_code
        bundle = transaction(*(both if number % 4 else reversed(both)))
        return fhir.post("", bundle).status_code

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(create, range(40)))

    assert set(answers) == {200, 201}
    assert Resource.objects.count() == 4
