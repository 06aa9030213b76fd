"""Importing folders of DICOM files, as an operation that survives its workers.

Each step takes the next files, stores what they hold and writes a line of the report
for each; a file that no instance can be read from is refused with its reason and the
import goes on. A step that is repeated after a crash finds its instances held already.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.db.models import Count

from core import audit
from core.access import Actor, Verb, deputy, require
from core.errors import Invalid
from core.models import Operation
from core.operations import Progress, start_operation
from core.partitions import get_or_create_partition, stored_as
from imaging.blobs import CHUNK_BYTES
from imaging.file_tree import files_after
from imaging.models import ImportedFile, ImportOutcome
from imaging.receive import Incoming, Received
from imaging.store import Refused, Stored, record_refused, store_instances
from imaging.store_status import FailureReason, StoreOutcome

KIND: Final = "import"
FILES_A_STEP: Final = 128
BYTES_A_STEP: Final = 256 * 1024 * 1024
FILES_AT_ONCE: Final = 4  # their fsyncs overlap


@dataclass(frozen=True, slots=True)
class _File:
    """A file of the import and the cursor that comes after it."""

    path: Path
    cursor: tuple[int, str]


def start_import(
    *, actor: Actor, folders: Sequence[Path], partition: str, replace: bool
) -> Operation:
    """Start to import all files below `folders`; `manage.py import` follows it.

    Raises
    ------
    Forbidden
        The actor may not store, or not manage data: the server's own folders are
        read, whatever lies there.
    Invalid
        One of the folders is none, or cannot be read.
    """
    require(actor, Verb.STORE)
    require(actor, Verb.MANAGE)
    for folder in folders:
        if not folder.is_dir():
            message = f"{folder} is not a folder that the server can read."
            raise Invalid(message, path="folders")
    partition_id = get_or_create_partition(actor=actor, name=partition)
    parameters = {
        "folders": [str(folder.resolve()) for folder in folders],
        "partition": partition,
        "replace": replace,
    }
    with transaction.atomic(durable=True):
        operation = start_operation(actor=actor, kind=KIND, parameters=parameters)
        event = audit.Event(
            actor,
            audit.Action.IMPORT,
            partition_id=partition_id,
            detail=f"{len(folders)} folders, operation {operation.pk}",
        )
        audit.record(event)
    return operation


def step(operation: Operation) -> Progress:
    """Import the next files; the first step counts them all."""
    folders: list[str] = operation.parameters["folders"]
    progress: Mapping[str, Any] = operation.progress
    if "total" not in progress:
        total = sum(1 for _ in files_after(folders, None))
        return Progress({"total": total, "done": 0, "cursor": None}, percent=0)
    cursor = tuple(progress["cursor"]) if progress["cursor"] else None
    files = list(_next_files(folders, cursor))
    if not files:
        return Progress(dict(progress), percent=100, result=_result(operation))
    outcomes = _store(operation, files)
    _report(operation, files, outcomes)
    done = progress["done"] + len(files)
    return Progress(
        {"total": progress["total"], "done": done, "cursor": files[-1].cursor},
        percent=min(99, 100 * done // max(1, progress["total"])),
        errors=[
            (str(file.path), "; ".join(outcome.comments))
            for file, outcome in zip(files, outcomes, strict=True)
            if isinstance(outcome, Refused)
            and outcome.reason != FailureReason.INSTANCE_EXISTS
        ],
    )


def _next_files(
    folders: Sequence[str], cursor: tuple[int, str] | None
) -> Iterator[_File]:
    """Yield the files of one step: bounded in number and in size."""
    size_bytes = 0
    for position, path in islice(files_after(folders, cursor), FILES_A_STEP):
        file = _File(Path(folders[position], path), (position, path))
        yield file
        size_bytes += file.path.stat().st_size
        if size_bytes >= BYTES_A_STEP:
            return


def _store(operation: Operation, files: Sequence[_File]) -> list[StoreOutcome]:
    via = f"operation {operation.pk}"
    actor = deputy(operation.account_id, operation.actor, via=via)
    name = operation.parameters["partition"]
    partition_id = get_or_create_partition(actor=actor, name=name)
    receive = partial(_receive, stored_as=stored_as(name))
    with ThreadPoolExecutor(FILES_AT_ONCE, thread_name_prefix="import") as threads:
        read = list(threads.map(receive, [file.path for file in files]))
    received = [one for one in read if isinstance(one, Received)]
    stored = iter(
        store_instances(
            actor,
            partition_id=partition_id,
            received=received,
            replace=operation.parameters["replace"],
        ).result()
        if received
        else ()
    )
    outcomes = [one if isinstance(one, Refused) else next(stored) for one in read]
    record_refused(actor=actor, partition_id=partition_id, outcomes=outcomes)
    return outcomes


def _receive(path: Path, *, stored_as: str) -> Received | Refused:
    """Copy one file into a blob; a file that cannot be read is refused."""
    try:
        source = path.open("rb")
    except OSError as error:
        reason = f"The file cannot be read: {error.strerror}."
        return Refused("", "", FailureReason.PROCESSING_FAILURE, (reason,))
    incoming = Incoming(stored_as=stored_as)
    try:
        with source:
            while data := source.read(CHUNK_BYTES):
                incoming.write(data)
        return incoming.finish()
    except BaseException:
        incoming.discard()
        raise


def _report(
    operation: Operation, files: Sequence[_File], outcomes: Sequence[StoreOutcome]
) -> None:
    """Write the lines of this step; those of a repeated step take their place."""
    ImportedFile.objects.bulk_create(
        [
            ImportedFile(
                operation=operation,
                path=str(file.path),
                outcome=_outcome_of(outcome),
                sop_instance_uid=outcome.sop_instance_uid,
                comment="; ".join(outcome.comments),
            )
            for file, outcome in zip(files, outcomes, strict=True)
        ],
        ignore_conflicts=True,
    )


def _outcome_of(outcome: StoreOutcome) -> ImportOutcome:
    if isinstance(outcome, Stored):
        if outcome.replaced:
            return ImportOutcome.REPLACED
        if outcome.warning is not None:
            return ImportOutcome.STORED_WITH_WARNING
        return ImportOutcome.STORED
    if outcome.reason == FailureReason.INSTANCE_EXISTS:
        return ImportOutcome.HELD_ALREADY
    return ImportOutcome.REFUSED


def _result(operation: Operation) -> dict[str, int]:
    """Return how many files had which outcome."""
    counts = (
        ImportedFile.objects.filter(operation=operation)
        .values_list("outcome")
        .annotate(number=Count("id"))
    )
    return {str(outcome): number for outcome, number in counts}
