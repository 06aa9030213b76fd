"""What a cohort has found, exported: tables, bundles, images, and a manifest."""

import csv
import hashlib
import json
from io import StringIO
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest

from cohorts.answers import export_pages
from cohorts.answers.exporting import Format, start_cohort_export, step
from cohorts.answers.running import answer_cohort
from cohorts.answers.study_export import start_study_export
from cohorts.models import CohortRun
from core import result_files
from core.access import Actor, Verb
from core.errors import Forbidden, NotFound
from core.models import Account, Operation
from imaging.export import Typed
from tests.actors import READING, acting
from tests.fhirlink.events.record import ACTOR, follow, patient, put, resource

pytestmark = pytest.mark.usefixtures("committing")

CRITERIA: Final[dict[str, Any]] = {
    "v": 1,
    "where": {"event": {"type": "condition", "code": {"text": "flu"}}},
    "output": [{"what": "condition"}, {"what": "device"}, {"what": "imaging"}],
}
UID: Final = "1.2.840.77"


@pytest.fixture
def run() -> CohortRun:
    for number in range(3):
        who = f"p{number}"
        put(
            patient(who, identifier=[{"system": "urn:mrn", "value": f"{number}"}]),
            resource(
                "Condition",
                f"c{number}",
                who,
                code={"text": 'Flu, "bad"\n=1'},
                onsetDateTime="2025",
                identifier=[{"value": f"C{number}"}],
            ),
        )
    put(
        resource(
            "ImagingStudy",
            "s",
            "p0",
            status="available",
            identifier=[{"system": "urn:dicom:uid", "value": f"urn:oid:{UID}"}],
        )
    )
    follow()
    return answer_cohort(actor=ACTOR, partition="default", criteria=CRITERIA).run


def worked(operation: Operation) -> dict[str, Any]:
    """Return the result of an operation that is stepped to its end."""
    while True:
        done = step(operation)
        operation.progress = json.loads(json.dumps(done.cursor))
        if done.result is not None:
            return dict(done.result)


def content(operation: Operation, name: str) -> bytes:
    file = result_files.find_file(operation, name)
    return b"".join(result_files.read(file, 0, file.size_bytes))


def test_tables_bundles_and_a_manifest_of_what_was_found(
    run: CohortRun, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(export_pages, "ROWS", 2)
    operation = start_cohort_export(actor=ACTOR, run_id=run.pk, formats=list(Format))

    result = worked(operation)

    manifest = json.loads(content(operation, "manifest.json"))
    assert manifest["files"] == result["files"]
    assert (manifest["run"], manifest["numberOfPatients"]) == (str(run.pk), 3)
    assert manifest["criteria"]["where"] == CRITERIA["where"]
    for each in manifest["files"]:
        held = content(operation, each["name"])
        assert hashlib.sha256(held).hexdigest() == each["sha256"]
        assert len(held) == each["size"]
    assert {each["name"] for each in manifest["files"]} == {
        *(f"{of}.{kind}" for of in ("patients", "1-condition", "2-device", "3-imaging")
          for kind in ("csv", "bundle.json")),
        *("patients-00000.parquet", "patients-00001.parquet"),
        *("1-condition-00000.parquet", "1-condition-00001.parquet"),
        "3-imaging-00000.parquet",
    }  # fmt: skip

    text = content(operation, "1-condition.csv").decode()
    rows = list(csv.DictReader(StringIO(text, newline="")))
    assert sorted(row["identifiers"] for row in rows) == ["|C0", "|C1", "|C2"]
    assert {row["label"] for row in rows} == {'Flu, "bad"\n=1'}
    parquet: list[Any] = []
    for part in range(2):
        file = tmp_path / f"{part}.parquet"
        file.write_bytes(content(operation, f"1-condition-0000{part}.parquet"))
        with duckdb.connect() as reader:
            reader.execute(
                "SELECT identifiers, label FROM read_parquet(?)", [str(file)]
            )
            parquet += reader.fetchall()
    assert parquet == [(row["identifiers"], row["label"]) for row in rows]

    bundle = json.loads(content(operation, "1-condition.bundle.json"))
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection")
    assert sorted(e["resource"]["id"] for e in bundle["entry"]) == ["c0", "c1", "c2"]
    assert json.loads(content(operation, "2-device.bundle.json")) == {
        "resourceType": "Bundle",
        "type": "collection",
    }


def test_who_may_not_export_takes_nothing_along(run: CohortRun) -> None:
    account = Account.objects.create(username="reader")
    CohortRun.objects.filter(pk=run.pk).update(account=account)

    def start(actor: Actor) -> None:
        start_cohort_export(actor=actor, run_id=run.pk, formats=[Format.CSV])

    with pytest.raises(Forbidden):
        start(acting(account.pk, "reader", READING))
    with pytest.raises(NotFound):
        start(acting(None, "other", {*READING, Verb.EXPORT}))
    # Who may export less than is seen is told so; nothing is left out in silence.
    seen = acting(account.pk, "reader", READING).reaches
    less = acting(account.pk, "reader", [Verb.EXPORT], frozenset({0})).reaches
    with pytest.raises(Forbidden, match="narrow"):
        start(Actor(account.pk, "reader", {**seen, **less}))
    assert not Operation.objects.exists()


def test_the_studies_of_a_cohort_go_as_images(run: CohortRun) -> None:
    operation = start_study_export(
        actor=ACTOR, run_id=run.pk, destination=Typed("download", {})
    )
    # It is not held here: known by the record alone, so it is listed as unknown.
    assert (operation.kind, operation.parameters["number"]) == ("export", 1)
