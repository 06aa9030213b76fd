"""Parts of resources are changed: JSON Patch over HTTP and in bundles."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from core.access import Verb
from tests.actors import acting
from tests.fhirlink.service import Fhir

pytestmark = pytest.mark.usefixtures("committing")

JSON_PATCH = "application/json-patch+json"
WEIGHT = (
    b'{"resourceType":"Observation","id":"w","status":"preliminary",'
    b'"code":{"text":"weight"},"valueQuantity":{"value":70.50},"note":[]}'
).replace(b',"note":[]', b"")


@pytest.fixture
def fhir() -> Fhir:
    made = Fhir()
    made.put("Observation/w", WEIGHT)
    return made


def patch(fhir: Fhir, *operations: Any, path: str = "Observation/w", **h: str) -> Any:
    return fhir.ask("PATCH", path, list(operations), content_type=JSON_PATCH, **h)


def replaced(path: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


def test_what_is_not_patched_stays_as_it_was(fhir: Fhir) -> None:
    answer = patch(fhir, replaced("/status", "final"))

    assert (answer.status_code, answer.headers["etag"]) == (200, 'W/"2"')
    held = fhir.get("Observation/w")
    assert held.json()["status"] == "final"
    assert b'"value":70.50' in held.content
    (newest, _) = fhir.get("Observation/w/_history").json()["entry"]
    assert newest["request"]["method"] == "PATCH"


def test_a_search_finds_what_is_patched(fhir: Fhir) -> None:
    path = "Observation?status=preliminary"
    answer = patch(fhir, replaced("/status", "final"), path=path)

    assert answer.json()["status"] == "final"
    assert patch(fhir, replaced("/status", "final"), path=path).status_code == 404


@pytest.mark.parametrize(
    ("operation", "status"),
    [
        ({"op": "test", "path": "/status", "value": "final"}, 409),
        (replaced("/no/such", 1), 400),
        (replaced("/id", "other"), 400),
        (replaced("/resourceType", "Patient"), 400),
        ({"op": "nonsense", "path": "/status"}, 400),
        ({"op": "remove", "path": ""}, 400),
    ],
)
def test_what_cannot_be_patched_is_told(
    fhir: Fhir, operation: Any, status: int
) -> None:
    answer = patch(fhir, operation)

    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert fhir.get("Observation/w").headers["etag"] == 'W/"1"'


def test_a_patch_is_of_the_version_that_the_client_knows(fhir: Fhir) -> None:
    patch(fhir, replaced("/status", "final"), if_match='W/"1"')
    late = patch(fhir, replaced("/status", "amended"), if_match='W/"1"')

    assert late.status_code == 412
    absent = patch(fhir, replaced("/status", "final"), path="Observation/absent")
    assert absent.status_code == 404
    as_json = fhir.ask("PATCH", "Observation/w", [replaced("/status", "final")])
    assert as_json.status_code == 415


def test_patches_at_once_are_done_one_after_the_other(fhir: Fhir) -> None:
    patch(fhir, {"op": "add", "path": "/note", "value": [{"text": "0"}]})

    def add(number: int) -> int:
        note = {"op": "add", "path": "/note/-", "value": {"text": str(number)}}
        answer: int = patch(fhir, note).status_code
        return answer

    with ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(add, range(1, 10)))
    held = fhir.get("Observation/w").json()["note"]
    done = 1 + sum(answer == 200 for answer in answers)
    assert set(answers) <= {200, 503}
    assert len(held) == done == int(fhir.get("Observation/w").headers["etag"][3:-1]) - 1


def test_a_transaction_patches_by_a_binary(fhir: Fhir) -> None:
    operations = json.dumps([replaced("/status", "final")]).encode()
    binary = {
        "resourceType": "Binary",
        "contentType": JSON_PATCH,
        "data": base64.b64encode(operations).decode(),
    }

    def sent(
        resource: Any, url: str = "Observation/w", kind: str = "transaction"
    ) -> Any:
        entry = {"resource": resource, "request": {"method": "PATCH", "url": url}}
        return fhir.post("", {"resourceType": "Bundle", "type": kind, "entry": [entry]})

    assert sent({**binary, "data": "?"}).status_code == 400
    assert sent(binary, "Observation/absent").status_code == 404
    assert sent(binary, "Observation?status=amended").status_code == 404
    answer = sent(binary, "Observation?status=preliminary")
    assert answer.json()["entry"][0]["response"]["etag"] == 'W/"2"'
    assert fhir.get("Observation/w").json()["status"] == "final"
    (batched,) = sent(binary, kind="batch").json()["entry"]
    assert batched["response"]["status"] == "200 OK"
    (broken,) = sent({**binary, "data": "?"}, kind="batch").json()["entry"]
    assert broken["response"]["status"] == "400 Bad Request"


def test_who_may_not_read_may_not_patch(fhir: Fhir) -> None:
    writer = Fhir(acting(None, "writer", frozenset({Verb.STORE})), fhir.name)

    test = {"op": "test", "path": "/status", "value": "preliminary"}
    assert patch(writer, test).status_code == 403
