"""Resources in bulk: imported, refused line by line, exported, over HTTP."""

import json
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest

from core.access import Verb
from core.errors import Forbidden, Invalid
from core.models import Operation
from core.operation_worker import run_operation
from fhirlink.bulk import exporting, importing, lines, taking
from fhirlink.models import Resource, ResourceVersion
from tests.actors import READING, acting
from tests.fhirlink.service import ACTOR, Fhir

pytestmark = pytest.mark.usefixtures("committing")

NDJSON = "application/fhir+ndjson"


@pytest.fixture
def fhir() -> Fhir:
    return Fhir()


OBSERVATION: Final = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"text": "weight"},
}


def patient(fhir_id: str, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": fhir_id, **more}


def ndjson(*resources: Any) -> bytes:
    return b"\n".join(json.dumps(each).encode() for each in resources)


def worked(operation: Operation) -> Operation:
    while run_operation(operation.pk):
        pass
    operation.refresh_from_db()
    return operation


def asked(answer: Any) -> Operation:
    """Return the operation that an answer says was started."""
    assert answer.status_code == 202, answer.text
    name = answer.headers["content-location"].rpartition("/")[2]
    return Operation.objects.get(pk=UUID(name))


def imported(fhir: Fhir, content: bytes) -> Operation:
    return worked(asked(fhir.post("$import", content, content_type=NDJSON)))


def test_lines_are_imported_and_those_refused_are_listed(fhir: Fhir) -> None:
    content = ndjson(patient("a"), {"resourceType": "Nonsense"}, patient("b"))
    operation = imported(fhir, content + b"\n\n{broken\n" + ndjson(patient("c_d")))

    assert operation.result == {"created": 2, "refused": 3}
    assert {each.item for each in operation.item_errors.all()} == {
        "line:2",
        "line:5",
        "line:6",
    }
    assert fhir.get("Patient/b").status_code == 200
    manifest = fhir.get(f"operations/{operation.pk}").json()
    (errors,) = manifest["error"]
    told = [json.loads(each) for each in fhir.get(errors["url"]).text.splitlines()]
    assert [each["resourceType"] for each in told] == ["OperationOutcome"] * 3
    assert told[0]["issue"][0]["expression"] == ["line:2"]


def test_what_is_imported_again_changes_nothing(fhir: Fhir) -> None:
    content = ndjson(patient("a"), patient("b"))
    imported(fhir, content)

    assert imported(fhir, content).result == {"unchanged": 2}
    assert ResourceVersion.objects.count() == 2


def test_a_resource_without_id_is_one_however_often_its_step_is_done(
    fhir: Fhir,
) -> None:
    sent = ndjson({"resourceType": "Patient"})
    operation = asked(fhir.post("$import", sent, content_type=NDJSON))
    first = importing.step(operation)
    operation.progress = dict(first.cursor)
    importing.step(operation)
    worked(operation)

    assert Resource.objects.count() == 1


def test_a_transaction_creates_its_resources_once_however_often_it_is_done(
    fhir: Fhir,
) -> None:
    entry = {
        "resource": {"resourceType": "Patient"},
        "request": {"method": "POST", "url": "Patient"},
    }
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry] * 2}
    operation = asked(fhir.post("$import", ndjson(bundle), content_type=NDJSON))
    first = importing.step(operation)
    operation.progress = dict(first.cursor)
    importing.step(operation)
    worked(operation)

    assert Resource.objects.count() == 2
    assert ResourceVersion.objects.count() == 2


def test_a_resource_said_twice_is_at_its_last_version(fhir: Fhir) -> None:
    imported(fhir, ndjson(patient("a", gender="male"), patient("a", gender="other")))

    held = fhir.get("Patient/a").json()
    assert (held["gender"], held["meta"]["versionId"]) == ("other", "2")


def test_an_import_goes_on_where_its_step_ended(
    fhir: Fhir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "STEP_S", 0.0)  # a line a step
    monkeypatch.setattr(lines, "CHUNK_BYTES", 16)
    monkeypatch.setattr(taking, "BATCH", 2)
    operation = imported(fhir, ndjson(*(patient(f"p{n}") for n in range(5))))

    assert operation.result == {"created": 5}


def test_bundles_are_imported_from_files_and_lines(fhir: Fhir, tmp_path: Path) -> None:
    new = "urn:uuid:0c1f7f3b-9f5e-4f7c-8a52-111111111111"
    observation = {**OBSERVATION, "subject": {"reference": new}}
    entries = [
        {
            "fullUrl": new,
            "resource": {"resourceType": "Patient"},
            "request": {"method": "POST", "url": "Patient"},
        },
        {
            "resource": observation,
            "request": {"method": "POST", "url": "Observation"},
        },
    ]
    transaction = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    collection = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": patient("a")}, {"resource": None}, {}],
    }
    (tmp_path / "one.json").write_text(json.dumps(transaction, indent=1))
    (tmp_path / "two.ndjson").write_bytes(ndjson(collection, patient("b")))
    (tmp_path / "notes.txt").write_text("not looked at")
    operation = worked(
        importing.start_import(actor=ACTOR, folders=[tmp_path], partition=fhir.name)
    )

    assert operation.result == {"created": 4, "refused": 2}
    (held,) = fhir.get("Observation/_history").json()["entry"]
    assert held["resource"]["subject"]["reference"].startswith("Patient/")


def test_a_line_that_is_too_long_is_refused(
    fhir: Fhir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "LONGEST_BYTES", 100)
    monkeypatch.setattr(lines, "CHUNK_BYTES", 64)
    long = patient("long", language="x" * 300)
    operation = imported(fhir, ndjson(patient("a"), long, patient("b")))

    assert operation.result == {"created": 2, "refused": 1}


def test_only_who_manages_data_has_folders_of_the_server_read(tmp_path: Path) -> None:
    writer = acting(None, "writer", frozenset({Verb.STORE}))
    with pytest.raises(Forbidden):
        importing.start_import(actor=writer, folders=[tmp_path], partition="x")
    with pytest.raises(Invalid):
        importing.start_import(
            actor=ACTOR, folders=[tmp_path / "absent"], partition="x"
        )


def test_what_is_exported_are_all_current_resources(
    fhir: Fhir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "ROWS_A_STEP", 2)
    monkeypatch.setattr(exporting, "ROWS_AT_ONCE", 1)
    imported(fhir, ndjson(*(patient(f"p{n}") for n in range(5))))
    fhir.put("Observation/o", {**OBSERVATION, "id": "o"})
    fhir.ask("DELETE", "Patient/p0")
    Fhir().put("Patient/elsewhere", patient("elsewhere"))
    started = fhir.get("$export?_type=Patient,Observation", prefer="respond-async")
    operation = asked(started)
    waiting = fhir.get(started.headers["content-location"])
    assert (waiting.status_code, waiting.headers["x-progress"]) == (202, "0 %")
    worked(operation)

    manifest = fhir.get(started.headers["content-location"]).json()
    assert manifest["request"].endswith("/$export?_type=Patient,Observation")
    assert manifest["requiresAccessToken"] is True
    held = {}
    for each in manifest["output"]:
        text = fhir.get(each["url"]).text
        found = [json.loads(line) for line in text.splitlines()]
        assert len(found) == each["count"]
        held[each["type"]] = [one["id"] for one in found]
    assert held == {"Patient": ["p1", "p2", "p3", "p4"], "Observation": ["o"]}


def test_what_is_exported_is_imported_elsewhere_as_it_was(fhir: Fhir) -> None:
    weight = {"value": 70.5, "unit": "kg"}
    fhir.put("Observation/o", {**OBSERVATION, "id": "o", "valueQuantity": weight})
    operation = worked(asked(fhir.get("Patient/$export")))
    content = fhir.get(f"operations/{operation.pk}/files/Observation.ndjson").content
    other = Fhir()
    imported(other, content)

    ours, theirs = (each.get("Observation/o").json() for each in (fhir, other))
    assert ours.pop("meta").keys() == theirs.pop("meta").keys()
    assert ours == theirs


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("$export?_type=Nonsense", 400),
        ("$export?_since=yesterday", 400),
        ("$export?_outputFormat=csv", 400),
        ("operations/nonsense", 404),
        ("operations/0c1f7f3b-9f5e-4f7c-8a52-111111111111", 404),
    ],
)
def test_what_cannot_be_exported_is_told(fhir: Fhir, path: str, status: int) -> None:
    fhir.put("Patient/a", patient("a"))
    answer = fhir.get(path)

    assert (answer.status_code, answer.json()["resourceType"]) == (
        status,
        "OperationOutcome",
    )


def test_who_may_read_only_takes_nothing_along(fhir: Fhir) -> None:
    fhir.put("Patient/a", patient("a"))
    reader = Fhir(acting(None, "reader", READING), fhir.name)

    assert reader.get("$export").status_code == 403
    assert reader.post("$import", b"", content_type=NDJSON).status_code == 403
    part = acting(None, "part", frozenset(Verb), frozenset({999_999}))
    assert Fhir(part, fhir.name).get("$export").status_code == 404


def test_an_export_can_be_canceled(fhir: Fhir) -> None:
    fhir.put("Patient/a", patient("a"))
    started = fhir.get("$export")
    address = started.headers["content-location"]

    assert fhir.ask("DELETE", address).status_code == 202
    assert fhir.get(address).status_code == 404
