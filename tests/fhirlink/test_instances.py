"""One resource over HTTP: create, read, vread, update, delete, history."""

import json
from typing import Any

import pytest

from core.access import Verb
from core.changefeed import Filter, read
from core.models import AuditRecord
from tests.actors import READING, acting
from tests.fhirlink.service import ACTOR, Fhir

pytestmark = pytest.mark.usefixtures("committing")

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "ada",
    "meta": {"tag": [{"system": "urn:test", "code": "kept"}]},
    "name": [{"family": "Lovelace"}],
    "gender": "female",
}
WEIGHT = (
    b'{"resourceType":"Observation","id":"w","status":"final","code":{"text":"weight"},'
    b'"valueQuantity":{"value":70.50,"unit":"kg"}}'
)


@pytest.fixture
def fhir() -> Fhir:
    return Fhir()


def issue_of(answer: Any) -> dict[str, Any]:
    outcome = answer.json()
    assert outcome["resourceType"] == "OperationOutcome"
    assert answer.headers["content-type"] == "application/fhir+json; charset=utf-8"
    issue: dict[str, Any] = outcome["issue"][0]
    return issue


def test_what_is_put_is_read_with_its_version(fhir: Fhir) -> None:
    made = fhir.put("Patient/ada", PATIENT)

    assert made.status_code == 201
    assert made.headers["etag"] == 'W/"1"'
    assert made.headers["location"] == f"{fhir.base_url}/Patient/ada/_history/1"
    held = fhir.get("Patient/ada")
    assert held.content == made.content
    meta = held.json()["meta"]
    assert meta.pop("lastUpdated").endswith("Z")
    assert meta == {"versionId": "1", "tag": PATIENT["meta"]["tag"]}
    assert {**held.json(), "meta": PATIENT["meta"]} == PATIENT


def test_decimals_keep_their_digits(fhir: Fhir) -> None:
    fhir.put("Observation/w", WEIGHT)

    assert b'"value":70.50' in fhir.get("Observation/w").content
    assert b'"value": 70.50' in fhir.get("Observation/w?_pretty=true").content


def test_the_server_names_what_is_posted(fhir: Fhir) -> None:
    made = fhir.post("Patient", PATIENT)

    assert made.status_code == 201
    assert made.json()["id"] != "ada"
    assert fhir.get(made.headers["location"]).json() == made.json()


def test_an_update_makes_a_version_and_keeps_the_one_before(fhir: Fhir) -> None:
    fhir.put("Patient/ada", PATIENT)
    changed = fhir.put("Patient/ada", {**PATIENT, "gender": "other"})

    assert (changed.status_code, changed.headers["etag"]) == (200, 'W/"2"')
    assert fhir.get("Patient/ada").json()["gender"] == "other"
    assert fhir.get("Patient/ada/_history/1").json()["gender"] == "female"


def test_what_changes_nothing_is_no_version(fhir: Fhir) -> None:
    fhir.put("Patient/ada", PATIENT)
    again = fhir.put(
        "Patient/ada", {**PATIENT, "meta": {**PATIENT["meta"], "versionId": "9"}}
    )

    assert (again.status_code, again.headers["etag"]) == (200, 'W/"1"')


def test_who_knows_another_version_changes_nothing(fhir: Fhir) -> None:
    fhir.put("Patient/ada", PATIENT)
    fhir.put("Patient/ada", {**PATIENT, "gender": "other"})
    late = fhir.put("Patient/ada", {**PATIENT, "gender": "male"}, if_match='W/"1"')

    assert late.status_code == 412
    assert issue_of(late)["code"] == "conflict"
    assert fhir.get("Patient/ada").json()["gender"] == "other"
    known = fhir.put("Patient/ada", {**PATIENT, "gender": "male"}, if_match='W/"2"')
    assert known.status_code == 200
    absent = fhir.put("Patient/eve", {**PATIENT, "id": "eve"}, if_match='W/"1"')
    assert absent.status_code == 412


def test_what_is_deleted_is_gone_and_its_history_stays(fhir: Fhir) -> None:
    fhir.put("Patient/ada", PATIENT)
    deleted = fhir.ask("DELETE", "Patient/ada")

    assert (deleted.status_code, deleted.headers["etag"]) == (204, 'W/"2"')
    gone = fhir.get("Patient/ada")
    assert (gone.status_code, issue_of(gone)["code"]) == (410, "deleted")
    assert fhir.get("Patient/ada/_history/2").status_code == 410
    assert fhir.get("Patient/ada/_history/1").json()["id"] == "ada"
    assert fhir.ask("DELETE", "Patient/ada").status_code == 204
    again = fhir.put("Patient/ada", PATIENT)
    assert (again.status_code, again.headers["etag"]) == (201, 'W/"3"')


def test_a_history_lists_versions_the_newest_first(fhir: Fhir) -> None:
    fhir.put("Patient/ada", PATIENT)
    fhir.put("Observation/w", WEIGHT)
    fhir.put("Patient/ada", {**PATIENT, "gender": "other"})
    fhir.ask("DELETE", "Patient/ada")

    of_one = fhir.get("Patient/ada/_history").json()
    assert (of_one["type"], of_one["total"]) == ("history", 3)
    entries = of_one["entry"]
    assert [e["request"]["method"] for e in entries] == ["DELETE", "PUT", "PUT"]
    assert [e["response"]["etag"] for e in entries] == ['W/"3"', 'W/"2"', 'W/"1"']
    assert "resource" not in entries[0]
    assert fhir.get("Observation/_history").json()["entry"][0]["resource"]["id"] == "w"
    assert len(fhir.get("_history").json()["entry"]) == 4


def test_pages_of_a_history_follow_each_other(fhir: Fhir) -> None:
    for number in range(5):
        fhir.put("Patient/ada", {**PATIENT, "birthDate": f"190{number}"})
    seen, url = [], "Patient/_history?_count=2"
    while url:
        page = fhir.get(url).json()
        seen += [entry["resource"]["birthDate"] for entry in page["entry"]]
        links = {each["relation"]: each["url"] for each in page["link"]}
        url = links.get("next", "")

    assert seen == ["1904", "1903", "1902", "1901", "1900"]


def test_who_has_the_version_is_told_so(fhir: Fhir) -> None:
    made = fhir.put("Patient/ada", PATIENT)

    known = fhir.get("Patient/ada", if_none_match='W/"1"')
    assert (known.status_code, known.content) == (304, b"")
    modified = made.headers["last-modified"]
    assert fhir.get("Patient/ada", if_modified_since=modified).status_code == 304
    assert fhir.get("Patient/ada", if_none_match='W/"2"').status_code == 200


@pytest.mark.parametrize(
    ("prefer", "content"),
    [("return=minimal", None), ("return=OperationOutcome", "OperationOutcome")],
)
def test_a_client_gets_back_what_it_prefers(
    fhir: Fhir, prefer: str, content: str | None
) -> None:
    made = fhir.put("Patient/ada", PATIENT, prefer=prefer)

    assert made.headers["etag"] == 'W/"1"'
    assert (made.json()["resourceType"] if made.content else None) == content


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "Patient/eve", PATIENT, 400),
        ("PUT", "Patient/ada", {**PATIENT, "id": None}, 400),
        ("PUT", "Patient/a_b", {**PATIENT, "id": "a_b"}, 400),
        ("POST", "Nonsense", PATIENT, 404),
        ("POST", "Observation", PATIENT, 400),
        ("POST", "Patient", b"{", 400),
        ("GET", "Patient/absent", None, 404),
        ("GET", "Patient/ada/_history/x", None, 404),
        ("GET", "Patient/ada/no/such", None, 404),
        ("TRACE", "Patient/ada", None, 405),
        ("GET", "_history?_since=yesterday", None, 400),
        ("GET", "_history?_count=-1", None, 400),
        ("GET", "_history?_count=99999999999999999999", None, 400),
    ],
)
def test_what_cannot_be_done_is_told_as_an_outcome(
    fhir: Fhir, method: str, path: str, body: Any, status: int
) -> None:
    fhir.put("Patient/ada", PATIENT)
    answer = fhir.ask(method, path, body)

    assert answer.status_code == status, answer.text
    assert issue_of(answer)["severity"] == "error"


def test_other_forms_than_json_are_neither_taken_nor_made(fhir: Fhir) -> None:
    xml = fhir.post("Patient", b"<Patient/>", content_type="application/fhir+xml")
    assert (xml.status_code, issue_of(xml)["code"]) == (415, "not-supported")
    fhir.put("Patient/ada", PATIENT)
    assert fhir.get("Patient/ada", accept="application/fhir+xml").status_code == 406
    assert fhir.get("Patient/ada?_format=xml").status_code == 406
    plain = fhir.get("Patient/ada", accept="application/json")
    assert plain.headers["content-type"] == "application/json; charset=utf-8"


def test_each_change_is_in_the_feed_and_in_the_audit_log(fhir: Fhir) -> None:
    fhir.put("Patient/ada", PATIENT)
    fhir.put("Patient/ada", PATIENT)
    fhir.ask("DELETE", "Patient/ada")

    entries = read(actor=ACTOR, after=0, limit=9, where=Filter(kind="resource"))
    assert [(each.op, each.key) for each in entries] == [
        ("create", ("Patient", "ada")),
        ("delete", ("Patient", "ada")),
    ]
    told = AuditRecord.objects.filter(detail="1 Patient").order_by("id")
    assert [each.action for each in told] == ["store", "delete"]


def test_who_may_store_only_reads_nothing(fhir: Fhir) -> None:
    fhir.put("Patient/ada", PATIENT)
    writer = Fhir(acting(None, "writer", frozenset({Verb.STORE})), fhir.name)

    made = writer.put("Patient/eve", {**PATIENT, "id": "eve"})
    assert (made.status_code, made.content) == (201, b"")
    assert writer.get("Patient/ada").status_code == 403
    assert writer.ask("DELETE", "Patient/ada").status_code == 403


def test_who_may_read_elsewhere_only_finds_nothing(fhir: Fhir) -> None:
    fhir.put("Patient/ada", PATIENT)
    elsewhere = acting(None, "reader", READING, frozenset({999_999}))

    assert Fhir(elsewhere, fhir.name).get("Patient/ada").status_code == 404
    assert Fhir(elsewhere, fhir.name).get("Patient/_history").status_code == 404


def test_partitions_do_not_share_resources(fhir: Fhir) -> None:
    fhir.put("Patient/ada", PATIENT)
    other = Fhir()
    other.put("Patient/ada", {**PATIENT, "gender": "other"})

    assert fhir.get("Patient/ada").json()["gender"] == "female"
    assert json.loads(other.get("Patient/ada").content)["gender"] == "other"
