"""Archives are imported: those of a download, and any others with instances in them."""

import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import obstore
import pytest
from django.conf import settings

from core.errors import Invalid
from core.models import AuditRecord, Operation, OperationState
from imaging import restore
from imaging.export import Typed
from imaging.models import ArchiveMember, ImportedFile, Instance
from imaging.outside.zip_reading import OVERLAPPING
from imaging.restore import from_zip, start_restore, start_restore_from_bucket
from imaging.restore.lines import DIFFERENT
from imaging.restore.members_sql import DOUBLE, MISSING, NOT_LISTED
from tests.imaging.dicomweb.asking import send
from tests.imaging.dicomweb.service import ACTOR, Service
from tests.imaging.export.exporting import ended, query, started
from tests.object_storage import BUCKET, KEY_ID, SECRET, ObjectStorage
from tests.synthetic import encode, instance, new_uid

pytestmark = pytest.mark.usefixtures("committing")


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStorage]:
    server = ObjectStorage(tmp_path_factory.mktemp("bucket"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    inside = tmp_path / "inside"
    inside.mkdir()
    monkeypatch.setattr(settings, "IMPORT_FOLDERS", [inside])
    return inside


def begun(path: Path, partition: str | None = None) -> Operation:
    name = partition or f"z-{new_uid()[-9:]}"
    return start_restore(actor=ACTOR, path=str(path), partition=name, replace=False)


def imported(path: Path, partition: str | None = None) -> Operation:
    operation = ended(begun(path, partition))
    assert operation.state == OperationState.SUCCEEDED, operation.error
    assert not ArchiveMember.objects.filter(operation=operation).exists()
    return operation


def told(operation: Operation) -> dict[str, str]:
    return {each.item: each.error for each in operation.item_errors.all()}


def held(partition: str) -> list[str]:
    rows = Instance.objects.filter(study__partition__name=partition)
    return sorted(rows.values_list("sop_instance_uid", flat=True))


def downloaded(*datasets: Any) -> bytes:
    """Return the archive that an export of instances makes."""
    service = Service()
    service.store(*datasets)
    operation = ended(started(service, query(""), Typed("download", {})))
    got = send(f"/operations/{operation.pk}/files/export.zip")
    assert got.status_code == 200
    return bytes(got.content)


def zipped(path: Path, files: dict[str, bytes], **more: Any) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **more) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def unzipped(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {each: archive.read(each) for each in archive.namelist()}


def series() -> list[Any]:
    """Return four instances of a study, the last of which says what is shown."""
    study = new_uid()
    return [
        instance(StudyInstanceUID=study, StudyDescription=f"Said {number}")
        for number in range(4)
    ]


def description_in(partition: str) -> str:
    (study,) = send(f"/partitions/{partition}/studies").json()
    return str(study["00081030"]["Value"][0])


@pytest.mark.parametrize("is_packed_again", [False, True])
def test_what_a_download_made_is_restored(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, is_packed_again: bool
) -> None:
    monkeypatch.setattr(from_zip, "FILES_A_STEP", 3)
    datasets, name = series(), f"z-{new_uid()[-9:]}"
    content = downloaded(*datasets)
    path = folder / "export.zip"
    path.write_bytes(content)
    if is_packed_again:  # by somebody's tool, in another order and deflated
        zipped(path, dict(sorted(unzipped(content).items(), reverse=True)))
    operation = imported(path, name)
    assert operation.result == {"stored": 4}
    assert held(name) == sorted(each.SOPInstanceUID for each in datasets)
    assert description_in(name) == "Said 3"  # in the order of the manifest
    assert told(operation) == {}
    row = AuditRecord.objects.get(action="import")
    assert row.detail == f"archive {path}, operation {operation.pk}"


def test_any_archive_with_instances_in_it_is_imported(folder: Path) -> None:
    one, other, name = instance(), instance(), f"z-{new_uid()[-9:]}"
    files = {
        "DICOMDIR": b"x",
        "disc/dicomdir": b"x",
        "disc/IMAGES/": b"",
        "disc/IMAGES/IM0001": encode(one),
        "a/b/c/d/e/f/g.dcm": encode(other),
        "readme.txt": b"This is text, and no instance.",
        "empty": b"",
        "zeros": bytes(1_000_000),
    }
    operation = imported(zipped(folder / "disc.zip", files), name)
    assert operation.result == {"stored": 2, "refused": 3}
    assert held(name) == sorted(each.SOPInstanceUID for each in (one, other))
    assert set(told(operation)) == {"readme.txt", "empty", "zeros"}
    assert "neither a Part 10 header nor a data set" in told(operation)["readme.txt"]


def test_files_that_are_not_as_the_manifest_says_are_refused(folder: Path) -> None:
    files = unzipped(downloaded(*series(), instance()))
    (root,) = {name.partition("/")[0] for name in files}
    changed, longer, missing, double, good = sorted(
        name for name in files if name.endswith(".dcm")
    )
    files[changed] = files[changed][:-1] + b"\1"
    files[longer] += b"more"
    del files[missing]
    files[f"{root}/results/other.dcm"] = encode(instance())
    files["outside.dcm"] = encode(instance())
    files[f"{root}/manifest.jsonl"] += b"no line\n"
    path = zipped(folder / "x.zip", files)
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        zipfile.ZipFile(path, "a") as archive,
    ):
        archive.writestr(double, encode(instance()))
    operation = imported(path)
    assert operation.result == {"stored": 3, "refused": 5}
    errors = told(operation)
    lines = [name for name in errors if "line" in name]
    assert lines == [f"{root}/manifest.jsonl, line 6"]
    del errors[lines[0]]
    again = next(name for name in errors if name.startswith(f"{double} (again"))
    assert errors == {
        changed: DIFFERENT,
        longer: DIFFERENT,
        missing: MISSING,
        f"{root}/results/other.dcm": NOT_LISTED,
        again: DOUBLE,
    }
    stored = ImportedFile.objects.filter(operation=operation, outcome="stored")
    assert set(stored.values_list("path", flat=True)) == {double, good, "outside.dcm"}


def test_names_lead_nowhere_and_are_kept_as_text(folder: Path) -> None:
    names = ["../../etc/one.dcm", "/etc/two.dcm", "C:\\three.dcm", "line\nfeed"]
    names += ["x" * 5_000, "\N{SNOWMAN}"]
    files = {name: encode(instance()) for name in names}
    before = {each for each in folder.parent.rglob("*") if each.is_file()}
    operation = imported(zipped(folder / "x.zip", files))
    assert operation.result == {"stored": 6}
    after = {each for each in folder.parent.rglob("*") if each.is_file()}
    assert after - before == {folder / "x.zip"}
    paths = set(operation.imported_files.values_list("path", flat=True))
    assert {"../../etc/one.dcm", "x" * 512, "line\ufffdfeed"} <= paths


def test_an_encrypted_file_is_told_and_the_others_are_imported(folder: Path) -> None:
    path = zipped(folder / "x.zip", {"secret": b"secret", "good": encode(instance())})
    content = bytearray(path.read_bytes())
    row = content.index(b"PK\1\2")
    content[row + 8] |= 1
    path.write_bytes(bytes(content))
    operation = imported(path)
    assert operation.result == {"stored": 1, "refused": 1}
    assert "encrypted" in told(operation)["secret"]


def test_files_that_overlap_are_a_trap(folder: Path) -> None:
    path = zipped(folder / "x.zip", {"bomb": os.urandom(1000)})
    content = path.read_bytes()
    at = content.index(b"PK\1\2")
    row, end = content[at : at + 50], bytearray(content[at + 50 :])
    end[8:12] = (30).to_bytes(2, "little") * 2
    end[12:16] = (30 * len(row)).to_bytes(4, "little")
    path.write_bytes(content[:at] + row * 30 + bytes(end))
    operation = ended(begun(path))
    assert (operation.state, operation.error) == (OperationState.FAILED, OVERLAPPING)
    assert not operation.imported_files.exists()


def test_a_worker_that_dies_in_any_step_changes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(from_zip, "FILES_A_STEP", 2)
    monkeypatch.setattr("imaging.outside.zip_reading.WINDOW_BYTES", 600)
    monkeypatch.setattr(from_zip, "LINES_AT_ONCE", 2)
    (folder / "x.zip").write_bytes(downloaded(*series(), instance()))
    name = f"z-{new_uid()[-9:]}"
    operation = begun(folder / "x.zip", name)
    for _ in range(50):
        restore.step(operation)  # dies before its progress is written
        progress = restore.step(operation)
        operation.progress = dict(progress.cursor)
        if progress.result is not None:
            break
    assert progress.result == {"stored": 5}
    assert len(held(name)) == 5


def test_an_import_whose_list_is_forgotten_is_not_tried_again_in_vain(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(from_zip, "FILES_A_STEP", 1)
    files = {str(number): encode(instance()) for number in range(3)}
    operation = begun(zipped(folder / "x.zip", files))
    for _ in range(4):
        operation.progress = dict(restore.step(operation).cursor)
    assert operation.progress["done"] == 1
    operation.save()
    ArchiveMember.objects.all().delete()
    assert ended(operation).error == from_zip.FORGOTTEN


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content[:-40],
        lambda content: b"no archive" * 100,
        lambda content: b"",
    ],
)
def test_what_is_no_archive_is_not_started(
    folder: Path, spoil: Callable[[bytes], bytes]
) -> None:
    path = zipped(folder / "x.zip", {"a": b"x"})
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(Invalid, match="no zip archive"):
        begun(path)
    with pytest.raises(Invalid):
        begun(folder / "missing.zip")
    assert not Operation.objects.exists()


def test_an_archive_in_a_bucket_is_imported(
    storage: ObjectStorage, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = {
        "archive": {
            "url": f"s3://{BUCKET}/in",
            "config": {
                "endpoint": storage.endpoint,
                "region": "us-east-1",
                "access_key_id": KEY_ID,
                "secret_access_key": SECRET,
            },
        }
    }
    (folder / "buckets.json").write_text(json.dumps(listed))
    monkeypatch.setattr(settings, "EXPORT_BUCKETS", folder / "buckets.json")
    monkeypatch.setattr(settings, "EXPORT_HOSTS", ["127.0.0.1"])
    datasets, name = series(), f"z-{new_uid()[-9:]}"
    obstore.put(storage.client(), "in/some/export.zip", downloaded(*datasets))
    where = {"bucket": "archive", "path": "some/export.zip"}
    body = {"source": {"type": "bucket", "settings": where}}
    got = send(f"/partitions/{name}/import", "POST", json=body)
    assert got.status_code == 202, got.text
    operation = ended(Operation.objects.get(pk=got.json()["id"]))
    assert operation.result == {"stored": 4}
    assert description_in(name) == "Said 3"
    for path in ("some", "some/other.zip", "", "some/export.zip/x", "../export.zip"):
        with pytest.raises(Invalid):
            start_restore_from_bucket(
                actor=ACTOR, bucket="archive", path=path, partition=name, replace=False
            )
