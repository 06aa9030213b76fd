"""What an export has written is imported again, each file checked."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from core.access import Verb
from core.errors import Forbidden, Invalid
from core.models import AuditRecord, Operation, OperationState
from imaging import restore
from imaging.models import ImportedFile, ImportOutcome, Instance
from imaging.restore import from_manifest, start_restore
from imaging.restore.lines import DIFFERENT
from tests.actors import acting
from tests.imaging.dicomweb.asking import send
from tests.imaging.dicomweb.service import ACTOR, Service
from tests.imaging.export.exporting import ended, folder, lines, query, started
from tests.synthetic import instance, new_uid

pytestmark = pytest.mark.usefixtures("committing")


@pytest.fixture
def exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that an export of four instances has written."""
    for name in ("EXPORT_FOLDERS", "IMPORT_FOLDERS"):
        monkeypatch.setattr(settings, name, [tmp_path])
    service, study = Service(), new_uid()
    for number in range(4):
        service.store(
            instance(StudyInstanceUID=study, StudyDescription=f"Said {number}")
        )
    operation = ended(started(service, query(""), folder(tmp_path)))
    return tmp_path / str(operation.pk)


def restored(path: Path, partition: str | None = None) -> Operation:
    return ended(
        start_restore(
            actor=ACTOR,
            path=str(path),
            partition=partition or f"r-{new_uid()[-9:]}",
            replace=False,
        )
    )


def told(operation: Operation) -> dict[str, str]:
    return {each.item: each.error for each in operation.item_errors.all()}


def answered(name: str, path: str) -> list[str]:
    """Return all that a search tells; what was stored at once has no order."""
    rows = send(f"/partitions/{name}/{path}?includefield=all").json()
    return sorted(json.dumps(row).replace(name, "") for row in rows)


def rewritten(path: Path, change: Callable[[list[dict[str, Any]]], Any]) -> None:
    rows = lines(path / "manifest.jsonl")
    change(rows)
    text = "".join(f"{json.dumps(row)}\n" for row in rows)
    (path / "manifest.jsonl").write_text(text)


def test_a_restored_portal_answers_as_the_exported_one_did(exported: Path) -> None:
    source = send("/partitions").json()[-1]["partitionName"]
    target = f"r-{new_uid()[-9:]}"
    operation = restored(exported, target)
    assert operation.state == OperationState.SUCCEEDED, operation.error
    assert operation.result == {"stored": 4}
    for path in ("studies", "series", "instances"):
        first, second = (answered(name, path) for name in (source, target))
        assert first == second
        assert len(first) == (1 if path == "studies" else 4)
    study = send(f"/partitions/{target}/studies").json()[0]
    assert study["00081030"]["Value"] == ["Said 3"]  # the newest one's, as before


def test_a_step_that_is_repeated_changes_nothing(
    exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(from_manifest, "FILES_A_STEP", 2)
    name = f"r-{new_uid()[-9:]}"
    operation = start_restore(
        actor=ACTOR, path=str(exported), partition=name, replace=False
    )
    restore.step(operation)
    assert ended(operation).result == {"stored": 4}
    assert Instance.objects.filter(study__partition__name=name).count() == 4


def test_files_that_are_not_what_was_exported_are_refused(exported: Path) -> None:
    rows = lines(exported / "manifest.jsonl")
    changed, longer, missing, good = (exported / row["path"] for row in rows)
    content = changed.read_bytes()
    changed.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with longer.open("ab") as file:
        file.write(b"more")
    missing.unlink()
    name = f"r-{new_uid()[-9:]}"
    operation = restored(exported, name)
    assert operation.result == {"stored": 1, "refused": 3}
    errors = told(operation)
    assert set(errors) == {row["path"] for row in rows[:3]}
    assert errors[rows[0]["path"]] == errors[rows[1]["path"]] == DIFFERENT
    held = Instance.objects.get(study__partition__name=name)
    assert held.sop_instance_uid == good.stem

    address = f"/operations/{operation.pk}/files"
    assert [row["name"] for row in send(address).json()] == ["errors.log"]
    log = send(f"{address}/errors.log").text.splitlines()
    listed = [json.loads(line) for line in log]
    assert {each["identifier"]: each["error"] for each in listed} == errors
    verbs = frozenset(Verb) - {Verb.MANAGE}
    less = acting(operation.account_id, "somebody", verbs)
    assert send(f"{address}/errors.log", actor=less).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["../../secret.dcm", "/etc/hostname", "results/../../secret.dcm", "link", "d/x"],
)
def test_a_manifest_leads_to_no_other_file(exported: Path, path: str) -> None:
    rows = lines(exported / "manifest.jsonl")
    secret = exported.parent.parent / "secret.dcm"
    shutil.copy(exported / rows[0]["path"], secret)
    (exported / "link").symlink_to(secret)
    (exported / "d").symlink_to(secret.parent)
    rewritten(exported, lambda held: held[0].update(path=path))
    operation = restored(exported)
    assert operation.result == {"stored": 3, "refused": 1}
    assert list(told(operation)) == [path]


@pytest.mark.parametrize(
    "text",
    [
        b"{}\n",
        b"[]\n",
        b"null\n",
        b"no json\n",
        b"\xff\xfe\n",
        b'{"path": 7, "size": 1, "sha256": "x"}\n',
        b'{"path": "a\\u0000", "size": 1, "sha256": "x"}\n',
        b'{"path": "a", "size": "1", "sha256": "x"}\n',
        b"x" * 600_000 + b"\n",
        b"x" * 600_000,
        b"\n",
    ],
    ids=lambda text: str(text[:30]),
)
def test_a_line_that_is_none_is_told_and_passed_over(
    exported: Path, text: bytes
) -> None:
    manifest = exported / "manifest.jsonl"
    manifest.write_bytes(manifest.read_bytes() + text)
    operation = restored(exported)
    assert operation.state == OperationState.SUCCEEDED, operation.error
    assert operation.result == {"stored": 4}
    assert operation.number_of_errors >= 1
    assert all(item.startswith("manifest.jsonl, line ") for item in told(operation))


def test_a_pipe_in_place_of_a_file_keeps_nobody_waiting(exported: Path) -> None:
    path = exported / lines(exported / "manifest.jsonl")[0]["path"]
    path.unlink()
    os.mkfifo(path)
    assert restored(exported).result == {"stored": 3, "refused": 1}


def test_only_allowed_folders_with_a_manifest_are_read(
    exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Invalid, match=r"manifest\.jsonl"):
        restored(exported.parent)
    with pytest.raises(Invalid, match="PORTAL_IMPORT_FOLDERS"):
        restored(Path("/etc"))
    monkeypatch.setattr(settings, "IMPORT_FOLDERS", [])
    with pytest.raises(Invalid, match="PORTAL_IMPORT_FOLDERS"):
        restored(exported)


def test_who_may_not_manage_data_reads_no_folder(exported: Path) -> None:
    for lacking in (Verb.MANAGE, Verb.STORE):
        actor = acting(None, "somebody", frozenset(Verb) - {lacking})
        with pytest.raises(Forbidden):
            start_restore(
                actor=actor, path=str(exported), partition="default", replace=False
            )


def test_an_import_over_http_is_an_operation(exported: Path) -> None:
    name = f"r-{new_uid()[-9:]}"
    body = {"source": {"type": "folder", "settings": {"path": str(exported)}}}
    got = send(f"/partitions/{name}/import", "POST", json=body)
    assert got.status_code == 202, got.text
    operation = ended(Operation.objects.get(pk=got.json()["id"]))
    assert operation.kind == "import"
    outcomes = ImportedFile.objects.filter(operation=operation).values("outcome")
    assert [each["outcome"] for each in outcomes] == [ImportOutcome.STORED] * 4
    row = AuditRecord.objects.get(action="import")
    assert row.detail == f"exported folder {exported}, operation {operation.pk}"
    for wrong in ({}, {"source": {"type": "bucket"}}, {**body, "replace": "yes"}):
        assert send("/import", "POST", json=wrong).status_code == 400
