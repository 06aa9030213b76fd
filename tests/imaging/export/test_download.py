"""Archives to be fetched: whole, in parts, by whom, until when."""

import json
import struct
import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.utils import timezone

from core import result_files
from core.access import Actor, Verb
from core.errors import NotFound
from core.models import (
    AuditRecord,
    Operation,
    OperationState,
    ResultFile,
    ResultPiece,
)
from core.reach import Reach
from core.result_places import place
from imaging.export import Typed, forgetting, steps
from imaging.models import ExportItem
from imaging.outside import zip_file
from imaging.outside.zip_file import Grown, ZipPart, end_of
from tests.actors import acting
from tests.imaging.dicomweb.asking import send
from tests.imaging.dicomweb.service import Service
from tests.imaging.export.exporting import (
    checked_manifest,
    ended,
    identifiers,
    query,
    started,
)
from tests.synthetic import encode, instance

pytestmark = pytest.mark.usefixtures("committing")
DOWNLOAD = Typed("download", {})


def exported(service: Service, *datasets: Any) -> Operation:
    service.store(*datasets)
    return ended(started(service, query(""), DOWNLOAD))


def fetched(
    operation: Operation, name: str = "export.zip", **more: Any
) -> httpx.Response:
    return send(f"/operations/{operation.pk}/files/{name}", **more)


def unpacked(content: bytes, operation: Operation, folder: Path) -> Path:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
    assert [each.name for each in folder.iterdir()] == [str(operation.pk)]
    return folder / str(operation.pk)


def test_an_archive_holds_what_a_folder_would(tmp_path: Path) -> None:
    service, sets = Service(), [instance(), instance(), instance()]
    operation = exported(service, *sets)
    assert operation.state == OperationState.SUCCEEDED, operation.error
    got = fetched(operation)
    assert got.status_code == 200
    assert got.headers["content-type"] == "application/zip"
    held = checked_manifest(unpacked(got.content, operation, tmp_path))
    assert sorted(held.values()) == sorted(map(encode, sets))
    rows = send(f"/operations/{operation.pk}/files").json()
    assert [row["name"] for row in rows] == [
        "errors.log",
        "manifest.jsonl",
        "export.zip",
    ]
    manifest = send(rows[1]["href"].removeprefix("http://h/dicomweb"))
    assert len([json.loads(line) for line in manifest.text.splitlines()]) == 3
    told = send(f"/operations/{operation.pk}").json()
    assert told["results"]["href"] == rows[2]["href"]
    assert told["results"]["errorHref"] == rows[0]["href"]


def test_an_archive_is_fetched_in_parts() -> None:
    operation = exported(Service(), instance(), instance())
    whole = fetched(operation).content
    for asked, expected in (
        ("bytes=0-9", whole[:10]),
        ("bytes=100-", whole[100:]),
        ("bytes=-22", whole[-22:]),
    ):
        got = fetched(operation, headers={"range": asked})
        assert (got.status_code, got.content) == (206, expected)
    beyond = fetched(operation, headers={"range": f"bytes={len(whole)}-"})
    assert beyond.status_code == 416
    tag = fetched(operation, method="HEAD").headers["etag"]
    assert fetched(operation, headers={"if-none-match": tag}).status_code == 304


def test_a_worker_that_dies_in_any_step_leaves_no_doubles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imaging.export.steps.ITEMS_A_STEP", 2)
    service, sets = Service(), [instance() for _ in range(5)]
    service.store(*sets)
    operation = started(service, query(""), DOWNLOAD)
    for _ in range(4):
        steps.step(operation)  # dies before its progress is written
        progress = steps.step(operation)
        operation.progress = dict(progress.cursor)
    assert progress.result is not None
    operation.save()
    assert ended(operation).state == OperationState.SUCCEEDED
    content = fetched(operation).content
    held = checked_manifest(unpacked(content, operation, tmp_path))
    assert sorted(held.values()) == sorted(map(encode, sets))


def test_what_cannot_be_made_leaves_nothing_in_the_archive(tmp_path: Path) -> None:
    service, good, bad = Service(), instance(), instance(NumberOfFrames=3)
    bad.PixelData = bad.PixelData * 2
    service.store(bad, good)
    operation = ended(
        started(service, query(""), DOWNLOAD, transfer_syntax="1.2.840.10008.1.2.5")
    )
    assert operation.result is not None
    assert (operation.result["exported"], operation.result["skipped"]) == (1, 1)
    checked_manifest(unpacked(fetched(operation).content, operation, tmp_path))


def test_only_who_may_export_all_of_it_fetches_it() -> None:
    service, other = Service(), Service()
    one, mine = instance(), instance()
    operation = exported(service, one, mine)
    other.store(instance())
    key = operation.parameters["partition"]
    here = acting(None, "x", partitions=frozenset({key}))
    everywhere = {**here.reaches, Verb.MANAGE: Reach(None)}
    assert fetched(operation, actor=Actor(None, "x", everywhere)).status_code == 200
    for verb in (Verb.EXPORT, Verb.VIEW_PHI, Verb.READ):
        less = {each: reach for each, reach in everywhere.items() if each != verb}
        assert fetched(operation, actor=Actor(None, "x", less)).status_code == 403
        elsewhere = {**everywhere, verb: Reach(frozenset({key + 10**6}))}
        got = fetched(operation, actor=Actor(None, "x", elsewhere))
        assert got.status_code == 404, verb
    # Who neither started it nor may manage all does not see that it is there.
    assert fetched(operation, actor=here).status_code == 404


@pytest.mark.parametrize(
    "name", ["other.zip", "..%2fexport.zip", "%2e%2e", "export.zip%00"]
)
def test_other_names_lead_nowhere(name: str) -> None:
    operation = exported(Service(), instance())
    assert fetched(operation, name).status_code in {400, 404}


def test_a_fetch_is_in_the_audit_log() -> None:
    operation = exported(Service(), instance())
    size = len(fetched(operation).content)
    row = AuditRecord.objects.filter(action="export").latest("id")
    told = f"export.zip of operation {operation.pk} fetched ({size} bytes)"
    assert (row.detail, row.partition_id) == (told, operation.parameters["partition"])


def test_files_go_when_their_time_is_over() -> None:
    operation = exported(Service(), instance())
    kept = exported(Service(), instance())
    past = timezone.now() - timedelta(days=30)
    ResultFile.objects.filter(operation=operation).update(expires_at=past)
    assert fetched(operation).status_code == 404
    assert send(f"/operations/{operation.pk}/files").json() == []
    names = ResultPiece.objects.filter(file__operation=operation)
    pieces = set(names.values_list("name", flat=True))
    assert pieces
    assert result_files.remove_expired() == 3
    for piece in pieces:
        with pytest.raises(NotFound):
            place().open(operation.pk, piece, 1).read(0, 1)
    Operation.objects.filter(pk=operation.pk).update(updated_at=past)
    result_files.remove_expired()
    assert forgetting.forget_items(time_limit_s=9) == 1
    assert list(ExportItem.objects.values_list("operation", flat=True)) == [kept.pk]
    assert fetched(kept).status_code == 200


def test_an_export_whose_list_is_forgotten_is_not_tried_again_in_vain() -> None:
    service = Service()
    service.store(instance())
    operation = started(service, query(""), DOWNLOAD)
    ExportItem.objects.all().delete()
    assert ended(operation).state == OperationState.FAILED
    assert "start a new export" in operation.error


def test_an_export_of_nothing_is_an_empty_archive(tmp_path: Path) -> None:
    service = Service()
    service.store(instance())
    operation = ended(started(service, identifiers("1.2.3"), DOWNLOAD))
    place = unpacked(fetched(operation).content, operation, tmp_path)
    assert checked_manifest(place) == {}


def test_what_a_worker_wrote_that_had_only_seemed_dead_is_not_in_the_archive(
    tmp_path: Path,
) -> None:
    service, sets = Service(), [instance(), instance()]
    service.store(*sets)
    operation = started(service, query(""), DOWNLOAD)
    first, late = steps.step(operation), steps.step(operation)
    assert late.cursor["place"] != first.cursor["place"]
    operation.progress = dict(first.cursor)
    operation.save()
    assert ended(operation).state == OperationState.SUCCEEDED
    content = fetched(operation).content
    held = checked_manifest(unpacked(content, operation, tmp_path))
    assert sorted(held.values()) == sorted(map(encode, sets))


def test_what_an_older_version_began_is_not_taken_for_the_beginning() -> None:
    service = Service()
    service.store(instance())
    operation = started(service, query(""), DOWNLOAD)
    grown = {"size": 9, "index_size": 9, "number_of_files": 1}
    operation.progress = {"after": 0, "done": 0, "place": grown}
    operation.save()
    assert ended(operation).state == OperationState.FAILED
    assert "start a new export" in operation.error


def test_large_and_many_files_need_zip64_and_others_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zip_file, "LARGE_BYTES", 1000)
    monkeypatch.setattr(zip_file, "_MOST_FILES", 3)
    contents = {"a": b"x" * 10, "b": b"y" * 5000, "c": b"", "d": b"z" * 99}
    grown, files, rows = Grown(), b"", b""
    for name, content in contents.items():  # each in a part of its own
        with (tmp_path / name).open("w+b") as file:
            archive = ZipPart(file, grown)
            size = None if name == "d" else len(content)
            archive.add(name, size, [content[:3], content[3:]])
            length, _ = archive.end()
            grown = archive.grown
        part = (tmp_path / name).read_bytes()
        files, rows = files + part[:length], rows + part[length:]
    path = tmp_path / "whole.zip"
    path.write_bytes(files + rows + end_of(grown))
    with zipfile.ZipFile(path) as held:
        assert held.testzip() is None
        assert {name: held.read(name) for name in held.namelist()} == contents
        extras = [bool(info.extra) for info in held.infolist()]
        versions = [info.extract_version for info in held.infolist()]
    assert extras == [False, True, False, True]
    assert versions == [20, 45, 20, 45]
    end = struct.unpack("<H", path.read_bytes()[-12:-10])[0]
    assert end == 3  # the rest tells the 64-bit record
