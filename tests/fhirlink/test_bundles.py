"""Batches and transactions over HTTP."""

from typing import Any

import pytest

from core.access import Verb
from fhirlink.models import Resource, ResourceVersion
from tests.actors import acting
from tests.fhirlink.service import Fhir

pytestmark = pytest.mark.usefixtures("committing")

PATIENT = {"resourceType": "Patient", "name": [{"family": "Lovelace"}]}
NEW_PATIENT = "urn:uuid:0c1f7f3b-9f5e-4f7c-8a52-111111111111"


def observation(subject: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "weight"},
        "subject": {"reference": subject},
        **more,
    }


def entry(method: str, url: str, resource: Any = None, **request: Any) -> Any:
    full_url = request.pop("fullUrl", None)
    made = {"request": {"method": method, "url": url, **request}}
    if resource is not None:
        made["resource"] = resource
    return {**made, "fullUrl": full_url} if full_url else made


def bundle(kind: str, *entries: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


@pytest.fixture
def fhir() -> Fhir:
    return Fhir()


def statuses(answer: Any) -> list[str]:
    return [each["response"]["status"][:3] for each in answer.json()["entry"]]


def test_a_transaction_resolves_what_its_entries_refer_to(fhir: Fhir) -> None:
    link = f'<a href="{NEW_PATIENT}">x</a>'
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">{link}</div>'
    linked = {"div": div, "status": "generated"}
    answer = fhir.post(
        "",
        bundle(
            "transaction",
            entry(
                "POST",
                "Observation",
                observation(
                    NEW_PATIENT, text=linked, identifier=[{"value": NEW_PATIENT}]
                ),
            ),
            entry("POST", "Patient", PATIENT, fullUrl=NEW_PATIENT),
            entry("PUT", "Observation/w", {**observation(NEW_PATIENT), "id": "w"}),
        ),
    )

    assert answer.status_code == 200, answer.text
    assert answer.json()["type"] == "transaction-response"
    assert statuses(answer) == ["201", "201", "201"]
    first, second, _ = (e["response"]["location"] for e in answer.json()["entry"])
    patient = second.partition("/_history")[0]
    held = fhir.get(first).json()
    assert held["subject"] == {"reference": patient}
    assert f'href="{patient}"' in held["text"]["div"]
    assert held["identifier"] == [{"value": NEW_PATIENT}]  # no address
    assert fhir.get("Observation/w").json()["subject"]["reference"] == patient


def test_a_transaction_does_all_or_nothing(fhir: Fhir) -> None:
    fhir.put("Patient/ada", {**PATIENT, "id": "ada"})
    answer = fhir.post(
        "",
        bundle(
            "transaction",
            entry("POST", "Patient", PATIENT),
            entry(
                "PUT",
                "Patient/ada",
                {**PATIENT, "id": "ada", "gender": "other"},
                ifMatch='W/"7"',
            ),
        ),
    )

    assert answer.status_code == 412
    (issue,) = answer.json()["issue"]
    assert issue["expression"] == ["Bundle.entry[1].If-Match"]
    assert ResourceVersion.objects.count() == 1
    assert Resource.objects.count() == 1


def test_deletes_go_first_and_reads_last(fhir: Fhir) -> None:
    fhir.put("Patient/ada", {**PATIENT, "id": "ada"})
    answer = fhir.post(
        "",
        bundle(
            "transaction",
            entry("GET", "Patient/eve"),
            entry("PUT", "Patient/eve", {**PATIENT, "id": "eve"}),
            entry("DELETE", "Patient/ada"),
        ),
    )

    assert statuses(answer) == ["200", "201", "204"]
    assert answer.json()["entry"][0]["resource"]["id"] == "eve"
    assert fhir.get("Patient/ada").status_code == 410


def test_one_resource_is_written_once_in_a_transaction(fhir: Fhir) -> None:
    twice = entry("PUT", "Patient/ada", {**PATIENT, "id": "ada"})
    answer = fhir.post("", bundle("transaction", twice, twice))

    assert answer.status_code == 400
    assert "twice" in answer.json()["issue"][0]["diagnostics"]


def test_entries_of_a_batch_fail_alone(fhir: Fhir) -> None:
    answer = fhir.post(
        "",
        bundle(
            "batch",
            entry("POST", "Patient", PATIENT),
            entry("PUT", "Patient/ada", {**PATIENT, "id": "eve"}),
            entry("GET", "Patient/absent"),
            entry("FETCH", "Patient/absent"),
            "nonsense",
            entry("POST", "Observation", observation("Patient/ada")),
        ),
    )

    assert statuses(answer) == ["201", "400", "404", "400", "400", "201"]
    failed = answer.json()["entry"][1]["response"]["outcome"]
    assert failed["issue"][0]["expression"] == ["id"]


def test_a_client_gets_back_what_was_written_where_it_prefers_that(fhir: Fhir) -> None:
    sent = bundle("transaction", entry("POST", "Patient", PATIENT))
    asked = fhir.post("", sent, prefer="return=representation").json()["entry"][0]
    usual = fhir.post("", sent).json()["entry"][0]

    assert asked["resource"]["name"] == PATIENT["name"]
    assert "resource" not in usual


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"resourceType": "Patient"}, 400),
        (bundle("collection"), 400),
        (bundle("transaction", entry("POST", "Patient")), 400),
        (bundle("transaction", entry("POST", "Nonsense", PATIENT)), 400),
        (bundle("transaction", entry("POST", "Patient/ada", PATIENT)), 400),
        (bundle("transaction", entry("PUT", "Patient", PATIENT)), 400),
        (bundle("transaction", entry("PUT", "Patient/a?b=c", PATIENT)), 400),
        (bundle("transaction", {"request": "x"}), 400),
        ({**bundle("transaction"), "entry": {}}, 400),
    ],
)
def test_bundles_that_are_none_are_refused(fhir: Fhir, sent: Any, status: int) -> None:
    answer = fhir.post("", sent)

    assert answer.status_code == status, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_a_bundle_may_ask_for_nothing(fhir: Fhir) -> None:
    fhir.put("Patient/ada", {**PATIENT, "id": "ada"})

    for address in ("", fhir.base_url):
        for kind in ("batch", "transaction"):
            answer = fhir.post(address, bundle(kind))
            assert (answer.status_code, "entry" in answer.json()) == (200, False)


def test_each_entry_is_asked_of_who_may(fhir: Fhir) -> None:
    fhir.put("Patient/ada", {**PATIENT, "id": "ada"})
    writer = Fhir(acting(None, "writer", frozenset({Verb.STORE})), fhir.name)
    one = entry("POST", "Patient", PATIENT)

    for more in (entry("DELETE", "Patient/ada"), entry("GET", "Patient/ada")):
        assert writer.post("", bundle("transaction", one, more)).status_code == 403
        assert statuses(writer.post("", bundle("batch", one, more))) == ["201", "403"]
    assert writer.post("", bundle("transaction", one)).status_code == 200
