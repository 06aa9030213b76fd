"""The sweeper removes what nothing needs, and nothing else."""

import os
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from core.models import AuditRecord
from imaging import tasks
from imaging.blobs import sweep
from imaging.blobs.folder import FolderStore
from imaging.delete import delete_instances
from imaging.models import FreedBlob, InstanceVersion
from tests.imaging.dicomweb.service import ACTOR, Service
from tests.synthetic import instance

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    held = FolderStore(tmp_path)
    monkeypatch.setattr(sweep, "store", lambda: held)
    FreedBlob.objects.all().delete()  # what tests that commit have left
    return tmp_path


def write(folder: Path, *, age_h: float = 0) -> str:
    writer = FolderStore(folder).create()
    writer.write(b"content")
    writer.finish()
    moment = (timezone.now() - timedelta(hours=age_h)).timestamp()
    os.utime(folder / writer.key, (moment, moment))
    return writer.key


def free(key: str, *, age_s: float) -> None:
    row = FreedBlob.objects.create(blob_key=key)
    FreedBlob.objects.filter(pk=row.pk).update(
        freed_at=timezone.now() - timedelta(seconds=age_s)
    )


def test_freed_bytes_go_after_the_grace_time(folder: Path, settings: Any) -> None:
    settings.BLOB_GRACE_S = 60
    old, young = write(folder), write(folder)
    free(old, age_s=61)
    free(young, age_s=30)
    assert sweep.sweep_freed(time_limit_s=10) == 1
    assert not (folder / old).exists()
    assert (folder / young).exists()
    assert FreedBlob.objects.get().blob_key == young


def test_what_is_swept_is_in_the_audit_log(folder: Path, settings: Any) -> None:
    settings.BLOB_GRACE_S = 60
    free(write(folder), age_s=61)
    for _ in range(2):  # the second finds nothing, and says nothing
        sweep.sweep_freed(time_limit_s=10)
    row = AuditRecord.objects.get()
    assert (row.actor, row.action) == ("system:sweeper", "operate")
    assert row.detail == "removed 1 freed blobs"


def test_bytes_that_are_gone_already_are_no_error(folder: Path, settings: Any) -> None:
    settings.BLOB_GRACE_S = 0
    free("2026/01/01/0000/gone.dcm", age_s=1)
    assert sweep.sweep_freed(time_limit_s=10) == 1
    assert not FreedBlob.objects.exists()


def test_a_crash_between_bytes_and_row_leaves_the_row(
    folder: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BLOB_GRACE_S = 0
    keys = [write(folder), write(folder)]
    for key in keys:
        free(key, age_s=1)

    def fail(_store: object, _keys: object) -> None:
        (folder / keys[0]).unlink()
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(FolderStore, "delete", fail)
        with pytest.raises(OSError, match=r"^$"):
            sweep.sweep_freed(time_limit_s=10)
    assert FreedBlob.objects.count() == 2
    assert sweep.sweep_freed(time_limit_s=10) == 2
    assert not any((folder / key).exists() for key in keys)


def test_many_go_in_batches(
    folder: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BLOB_GRACE_S = 0
    monkeypatch.setattr(sweep, "BATCH", 2)
    for _ in range(5):
        free(write(folder), age_s=1)
    assert sweep.sweep_freed(time_limit_s=10) == 5
    assert sweep.sweep_freed(time_limit_s=0) == 0


def test_orphans_go_and_freed_or_young_files_stay(folder: Path) -> None:
    orphan, freed = write(folder, age_h=25), write(folder, age_h=25)
    young = write(folder, age_h=23)
    free(freed, age_s=1)
    assert sweep.sweep_orphans() == 1
    assert not (folder / orphan).exists()
    assert (folder / freed).exists()
    assert (folder / young).exists()


@pytest.mark.folder
@pytest.mark.usefixtures("committing")
def test_what_is_held_stays_and_a_copy_of_what_was_deleted_goes(
    settings: Any,
) -> None:
    service, kept, gone = Service(), instance(), instance()
    service.store(kept, gone)
    keys = InstanceVersion.objects.order_by("pk").values_list("blob_key", flat=True)
    paths = [settings.BLOB_FOLDER / key for key in keys]
    delete_instances(
        actor=ACTOR, partition=service.name, study_instance_uid=gone.StudyInstanceUID
    )
    # As if a copy had brought it back, which the sweeper had removed.
    FreedBlob.objects.all().delete()
    for path in paths:
        os.utime(path, (0, 0))
    sweep.sweep_orphans()
    assert [path.exists() for path in paths] == [True, False]


def test_the_command_and_the_tasks_do_both(folder: Path, settings: Any) -> None:
    settings.BLOB_GRACE_S = 0
    free(write(folder), age_s=1)
    write(folder, age_h=25)
    out = StringIO()
    call_command("sweep", stdout=out)
    assert out.getvalue() == "Removed 1 freed blobs and 1 orphans.\n"
    free(write(folder), age_s=1)
    write(folder, age_h=25)
    tasks.sweep_freed_blobs()
    tasks.sweep_orphans()
    assert not FreedBlob.objects.exists()
    assert not list(folder.rglob("*.dcm"))
