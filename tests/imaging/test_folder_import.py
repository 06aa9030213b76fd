"""Importing folders: a line for every file; a killed worker's step is repeated."""

from pathlib import Path

import pytest

from core.access import Verb, system
from core.errors import Forbidden, Invalid
from core.models import AuditRecord, Operation, OperationState
from core.operation_worker import run_operation
from imaging.file_tree import files_after
from imaging.folder_import import start_import, step
from imaging.models import ImportedFile, ImportOutcome, Instance
from tests.actors import acting
from tests.synthetic import encode, instance, new_uid

ACTOR = system("test")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a" / "deep").mkdir(parents=True)
    first, second = instance(), instance(PatientID="")
    (tmp_path / "a" / "deep" / "one.dcm").write_bytes(encode(first))
    (tmp_path / "a" / "two").write_bytes(encode(second))
    (tmp_path / "b.txt").write_text("no DICOM at all")
    (tmp_path / "again.dcm").write_bytes(encode(first))
    (tmp_path / "link.dcm").symlink_to(tmp_path / "again.dcm")
    return tmp_path


def start(folder: Path) -> Operation:
    return start_import(
        actor=ACTOR, folders=[folder], partition=f"i-{new_uid()[-9:]}", replace=False
    )


def outcomes(operation: Operation) -> dict[str, str]:
    lines = ImportedFile.objects.filter(operation=operation)
    root = Path(operation.parameters["folders"][0])
    return {str(Path(line.path).relative_to(root)): line.outcome for line in lines}


def test_files_come_in_order_and_from_any_point_on(folder: Path) -> None:
    every = list(files_after([str(folder)], None))

    assert [path for _, path in every] == [
        "a/deep/one.dcm",
        "a/two",
        "again.dcm",
        "b.txt",
    ]
    for position in range(len(every)):
        rest = files_after([str(folder)], every[position])
        assert list(rest) == every[position + 1 :]


@pytest.mark.usefixtures("committing")
def test_an_import_reports_every_file(folder: Path) -> None:
    operation = start(folder)

    while run_operation(operation.pk):
        pass

    operation.refresh_from_db()
    assert operation.state == OperationState.SUCCEEDED
    assert outcomes(operation) == {
        "a/deep/one.dcm": ImportOutcome.STORED,
        "a/two": ImportOutcome.STORED_WITH_WARNING,
        "again.dcm": ImportOutcome.HELD_ALREADY,
        "b.txt": ImportOutcome.REFUSED,
    }
    assert operation.result == {
        "stored": 1,
        "stored with warning": 1,
        "held already": 1,
        "refused": 1,
    }
    assert operation.number_of_errors == 1


@pytest.mark.usefixtures("committing")
def test_a_step_that_is_repeated_changes_nothing_more(folder: Path) -> None:
    operation = start(folder)
    operation.progress = dict(step(operation).cursor)
    step(operation)
    held, lines = Instance.objects.count(), outcomes(operation)

    step(operation)  # as after a worker that died before it wrote its progress

    assert Instance.objects.count() == held == 2
    assert outcomes(operation) == lines


@pytest.mark.usefixtures("committing")
def test_who_may_not_or_names_no_folder_is_refused(folder: Path) -> None:
    writer = acting(None, "writer", frozenset({Verb.STORE}))
    with pytest.raises(Forbidden):
        start_import(actor=writer, folders=[folder], partition="x", replace=False)
    with pytest.raises(Invalid):
        start(folder / "nothing")
    assert not Operation.objects.exists()


@pytest.mark.usefixtures("committing")
def test_an_import_and_all_it_stores_and_refuses_are_in_the_audit_log(
    folder: Path,
) -> None:
    operation = start(folder)
    run_operation(operation.pk)
    began = AuditRecord.objects.get(action="import")
    assert began.detail == f"1 folders, operation {operation.pk}"
    rows = AuditRecord.objects.filter(via=f"operation {operation.pk}").order_by("id")
    assert [(row.actor, row.action, row.outcome) for row in rows] == [
        ("system:test", "store", 0),
        ("system:test", "store", 0),
        ("system:test", "store", 4),
    ]
    assert rows[2].detail.startswith("refused 2 of 4 instances (1 ")
