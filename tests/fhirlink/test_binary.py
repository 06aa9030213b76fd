"""What is no FHIR: sent and taken as it is, or as a resource."""

import base64
from typing import Any

import pytest

from tests.fhirlink.service import Fhir

pytestmark = pytest.mark.usefixtures("committing")

PDF = b"%PDF-1.7 not really\x00\xff"


@pytest.fixture
def fhir() -> Fhir:
    return Fhir()


def test_bytes_are_sent_and_taken_as_they_are(fhir: Fhir) -> None:
    sent: dict[str, Any] = {"content_type": "application/pdf"}
    context = {"x_security_context": "Patient/ada"}
    made = fhir.post("Binary", PDF, **sent, **context)

    assert made.status_code == 201
    held = made.json()
    assert held["contentType"] == "application/pdf"
    assert base64.b64decode(held["data"]) == PDF
    assert held["securityContext"] == {"reference": "Patient/ada"}
    address = f"Binary/{held['id']}"
    taken = fhir.get(address, accept="application/pdf")
    assert (taken.content, taken.headers["content-type"]) == (PDF, "application/pdf")
    assert taken.headers["content-disposition"] == "attachment"
    assert fhir.get(address).json() == held
    assert fhir.get(address, accept="application/fhir+json").json() == held
    changed = fhir.put(address, b"other", content_type="text/plain")
    assert changed.headers["etag"] == 'W/"2"'
    assert fhir.get(address, accept="text/*").content == b"other"


def test_a_resource_is_one_like_others(fhir: Fhir) -> None:
    data = base64.b64encode(PDF).decode()
    resource = {"resourceType": "Binary", "id": "b", "contentType": "text/html"}
    assert fhir.put("Binary/b", {**resource, "data": data}).status_code == 201
    assert fhir.get("Binary/b", accept="text/html").content == PDF
    found = fhir.get("Binary?_id=b").json()
    assert [each["resource"]["id"] for each in found["entry"]] == ["b"]
    assert fhir.ask("DELETE", "Binary?_id=b").status_code == 204


def test_what_is_sent_without_a_type_is_refused(fhir: Fhir) -> None:
    answer = fhir.post("Binary", PDF, content_type="pdf/")
    assert answer.status_code in {400, 415}
    assert answer.json()["resourceType"] == "OperationOutcome"
