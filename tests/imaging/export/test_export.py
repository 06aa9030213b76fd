"""Exports into folders: what is taken along, once and whole, and what is told of it."""

from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from pydicom import dcmread

from core.access import Actor, Verb
from core.errors import Forbidden, Invalid, NotFound, TooLarge
from core.models import AuditRecord, Operation, OperationState
from core.operations import cancel_operation, retry_operation
from core.reach import Reach
from imaging import delete
from imaging.export import Typed, step
from imaging.models import ExportItem
from imaging.pixels import CODECS
from tests.actors import acting
from tests.imaging.dicomweb.service import ACTOR, Service
from tests.imaging.export.exporting import (
    checked_manifest,
    ended,
    files,
    folder,
    identifiers,
    lines,
    query,
    started,
)
from tests.synthetic import encode, instance, new_uid

pytestmark = pytest.mark.usefixtures("committing")
RLE = "1.2.840.10008.1.2.5"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "EXPORT_FOLDERS", [tmp_path])
    return tmp_path


@pytest.fixture
def service() -> Service:
    return Service()


def series(number: int, **attributes: Any) -> list[Any]:
    study, uid = new_uid(), new_uid()
    return [
        instance(StudyInstanceUID=study, SeriesInstanceUID=uid, **attributes)
        for _ in range(number)
    ]


def held_at(operation: Operation, root: Path) -> Path:
    return root / str(operation.pk)


def path_of(dataset: Any) -> str:
    return (
        f"results/{dataset.StudyInstanceUID}/{dataset.SeriesInstanceUID}"
        f"/{dataset.SOPInstanceUID}.dcm"
    )


def test_identifiers_of_all_levels_are_exported_once_and_as_stored(
    root: Path, service: Service
) -> None:
    first, second = series(3), series(2)
    service.store(*first, *second)
    one = second[0]
    operation = ended(
        started(
            service,
            identifiers(
                first[0].StudyInstanceUID,
                f"{one.StudyInstanceUID}/{one.SeriesInstanceUID}/{one.SOPInstanceUID}",
                f"{first[0].StudyInstanceUID}/{first[0].SeriesInstanceUID}",
            ),
            folder(root / "a" / "b"),
        )
    )
    place = root / "a" / "b" / str(operation.pk)
    assert checked_manifest(place) == {
        path_of(each): encode(each) for each in sorted([*first, one], key=path_of)
    }
    assert operation.state == OperationState.SUCCEEDED
    assert operation.result == {
        "errorHref": f"file://{place}/errors.log",
        "exported": 4,
        "skipped": 0,
        "href": f"file://{place}",
    }
    assert {each.name for each in place.iterdir()} == {
        "results",
        "errors.log",
        "manifest.jsonl",
    }


def test_what_is_not_there_is_skipped_and_listed(root: Path, service: Service) -> None:
    (one,) = series(1)
    service.store(one)
    other = Service()
    hidden = instance()
    other.store(hidden)
    unknown = [
        hidden.StudyInstanceUID,  # of another partition
        f"{one.StudyInstanceUID}/1.2.3",
        f"{one.StudyInstanceUID}/{one.SeriesInstanceUID}/4.5.6",
    ]
    operation = ended(
        started(service, identifiers(one.StudyInstanceUID, *unknown), folder(root))
    )
    place = held_at(operation, root)
    assert list(checked_manifest(place)) == [path_of(one)]
    told = lines(place / "errors.log")
    assert {line["identifier"] for line in told} == set(unknown)
    assert all(line.keys() == {"timestamp", "identifier", "error"} for line in told)
    assert all(datetime.fromisoformat(line["timestamp"]).tzinfo for line in told)
    assert operation.result is not None
    assert (operation.result["exported"], operation.result["skipped"]) == (1, 3)
    assert operation.state == OperationState.SUCCEEDED
    assert sorted(e.item for e in operation.item_errors.all()) == sorted(unknown)


@pytest.mark.parametrize("level", ["study", "series", "instance"])
def test_a_query_takes_all_that_it_finds_along(
    root: Path, service: Service, level: str
) -> None:
    ct, mr = series(3, Modality="CT"), series(2, Modality="MR", PatientID="P-2")
    service.store(*ct, *mr)
    operation = ended(started(service, query("PatientID=P-2", level), folder(root)))
    found = checked_manifest(held_at(operation, root))
    assert set(found) == set(map(path_of, mr))
    everything = ended(started(service, query("", level), folder(root)))
    assert len(checked_manifest(held_at(everything, root))) == 5


@pytest.mark.parametrize(
    "text", ["PatientIDD=1", "limit=1", "PatientID=1&offset=2", "sort=StudyDate"]
)
def test_a_query_that_would_take_more_than_is_meant_is_refused(
    root: Path, service: Service, text: str
) -> None:
    service.store(instance())
    with pytest.raises(Invalid):
        started(service, query(text), folder(root))
    assert not Operation.objects.exists()


def test_an_export_takes_what_was_there_when_it_was_started(
    root: Path, service: Service
) -> None:
    early, kept, late = instance(), instance(), instance()
    service.store(early, kept)
    operation = started(service, query(""), folder(root))
    service.store(late)
    delete.delete_instances(
        actor=ACTOR,
        partition=service.name,
        study_instance_uid=early.StudyInstanceUID,
        series_instance_uid=None,
        sop_instance_uid=None,
    )
    place = held_at(ended(operation), root)
    assert list(checked_manifest(place)) == [path_of(kept)]
    (line,) = lines(place / "errors.log")
    assert line["identifier"].startswith(early.StudyInstanceUID)
    assert "deleted" in line["error"]


def test_a_transfer_syntax_is_made_and_what_cannot_be_is_listed(
    root: Path, service: Service
) -> None:
    good, bad = instance(), instance()
    bad.PixelData = bad.PixelData[:-8]
    service.store(good, bad)
    operation = started(service, query(""), folder(root), transfer_syntax=RLE)
    place = held_at(ended(operation), root)
    ((path, content),) = checked_manifest(place).items()
    assert path == path_of(good)
    made = dcmread(BytesIO(content))
    assert made.file_meta.TransferSyntaxUID == RLE
    assert made.pixel_array.tobytes() == good.PixelData
    (row,) = lines(place / "manifest.jsonl")
    assert row["transferSyntaxUid"] == RLE
    (line,) = lines(place / "errors.log")
    assert line["identifier"].endswith(bad.SOPInstanceUID)


def test_a_step_that_is_repeated_leaves_no_doubles(
    root: Path, service: Service
) -> None:
    service.store(*series(4))
    operation = started(service, query(""), folder(root))
    step(operation)  # as by a worker that died before it wrote its progress
    before = files(held_at(operation, root))
    step(operation)
    assert files(held_at(operation, root)) == before
    assert len(before) == 4
    assert len(checked_manifest(held_at(ended(operation), root))) == 4


def test_a_retry_goes_on_with_the_same_set(
    root: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imaging.export.steps.ITEMS_A_STEP", 2)
    service.store(*series(5))
    operation = started(service, query(""), folder(root))
    operation.progress = dict(step(operation).cursor)
    operation.save()
    cancel_operation(actor=ACTOR, operation_id=operation.pk)
    assert len(files(held_at(operation, root))) == 2
    service.store(instance())
    retry_operation(actor=ACTOR, operation_id=operation.pk)
    place = held_at(ended(operation), root)
    assert len(checked_manifest(place)) == 5


def test_damaged_bytes_do_not_leave(root: Path, service: Service) -> None:
    one, other = instance(), instance()
    service.store(one, other)
    operation = started(service, query(""), folder(root))

    (path,) = [
        path
        for path in settings.BLOB_FOLDER.rglob("*")
        if path.is_file() and path.read_bytes() == encode(one)
    ]
    path.write_bytes(encode(one)[:-1] + b"!")
    place = held_at(ended(operation), root)
    assert list(checked_manifest(place)) == [path_of(other)]
    (line,) = lines(place / "errors.log")
    assert line["error"] == "The stored bytes are damaged."


@pytest.mark.parametrize(
    "path",
    ["/etc", "/", "relative", "{root}/../x", "{root}x", "{root}/a/../../b", "", "a\0"],
)
def test_no_path_leads_out_of_the_allowed_folders(
    root: Path, service: Service, path: str
) -> None:
    service.store(instance())
    with pytest.raises(Invalid, match="PORTAL_EXPORT_FOLDERS"):
        started(service, query(""), Typed("folder", {"path": path.format(root=root)}))


def test_a_symbolic_link_leads_nowhere(
    root: Path, service: Service, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (root / "link").symlink_to(outside)
    service.store(instance())
    operation = ended(started(service, query(""), folder(root / "link" / "x")))
    assert operation.state == OperationState.FAILED
    assert "link" in operation.error
    assert list(outside.iterdir()) == []
    # Also one that is put into an export while it is written.
    operation = started(service, query(""), folder(root))
    held_at(operation, root).mkdir()
    (held_at(operation, root) / "results").symlink_to(outside)
    assert ended(operation).state == OperationState.FAILED
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize(
    "value",
    ["..", "../../etc", "1.2/..", "1/2/3/4", "", "1.2/", "/1.2", "a.b", "1." * 40, 7],
)
def test_what_is_no_uid_is_no_identifier(
    root: Path, service: Service, value: Any
) -> None:
    service.store(instance())
    with pytest.raises(Invalid, match="identifier"):
        started(service, Typed("identifiers", {"values": [value]}), folder(root))


def test_a_list_of_a_hundred_thousand_is_taken_and_a_longer_one_is_not(
    root: Path, service: Service
) -> None:
    (one,) = series(1)
    service.store(one)
    unknown = [f"1.2.{number}" for number in range(99_999)]
    operation = started(
        service, identifiers(*unknown, one.StudyInstanceUID), folder(root)
    )
    assert operation.parameters["number"] == 100_000
    assert ExportItem.objects.filter(instance_key__isnull=False).count() == 1
    with pytest.raises(TooLarge):
        started(service, identifiers(*unknown, "1.3", "1.4"), folder(root))


def test_a_transfer_syntax_that_is_not_encoded_is_refused(
    root: Path, service: Service
) -> None:
    service.store(instance())
    named = [uid for uid in CODECS if not CODECS[uid].encodes]
    for uid in ["1.2.3", *named]:
        with pytest.raises(Invalid, match="transferSyntax"):
            started(service, query(""), folder(root), transfer_syntax=uid)


def test_who_may_not_export_is_refused_before_anything_is_looked_up(
    root: Path, service: Service
) -> None:
    for lacking in (Verb.EXPORT, Verb.READ, Verb.VIEW_PHI):
        actor = acting(None, "somebody", frozenset(Verb) - {lacking})
        with pytest.raises(Forbidden):
            started(service, query(""), folder(root), actor=actor)


def test_nothing_of_a_partition_that_one_may_not_export_leaves(
    root: Path, service: Service
) -> None:
    service.store(instance())
    everywhere = dict.fromkeys((Verb.READ, Verb.VIEW_PHI), Reach(None))
    elsewhere = Actor(None, "x", {**everywhere, Verb.EXPORT: Reach(frozenset({10**9}))})
    with pytest.raises(NotFound):
        started(service, query(""), folder(root), actor=elsewhere)
    assert not ExportItem.objects.exists()


def test_what_left_and_where_to_is_in_the_audit_log(
    root: Path, service: Service
) -> None:
    service.store(instance(PatientID="A-1"), instance(PatientID="A-2"))
    operation = ended(started(service, query("StudyDate=20200131"), folder(root)))
    began, left = AuditRecord.objects.filter(action="export").order_by("id")
    assert began.detail == f"2 instances to folder {root}, operation {operation.pk}"
    assert began.query == "StudyDate=20200131"
    assert left.detail == f"2 instances to folder {root}"
    assert left.via == f"operation {operation.pk}"
    assert len(left.patients or []) == 2
