"""Importing folders of DICOM files, as an operation that survives its workers.

Each step takes the next files, stores what they hold and writes a line of the report
for each; a file that no instance can be read from is refused with its reason and the
import goes on. A step that is repeated after a crash finds its instances held already.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson
from django.db import transaction
from django.db.models import Count

from core import audit, result_files
from core.access import Actor, Verb, deputy, require
from core.errors import Invalid
from core.models import Operation
from core.operations import Progress, start_operation
from core.partitions import get_or_create_partition, stored_as
from imaging.blobs import CHUNK_BYTES
from imaging.errors import StorageUnavailable
from imaging.file_tree import files_after
from imaging.models import ImportedFile, ImportOutcome
from imaging.receive import Incoming, Received
from imaging.store import Refused, Stored, record_refused, store_instances
from imaging.store_status import FailureReason, StoreOutcome

KIND: Final = "import"
ERRORS: Final = "errors.log"
FILES_A_STEP: Final = 128
BYTES_A_STEP: Final = 256 * 1024 * 1024
FILES_AT_ONCE: Final = 4  # their fsyncs overlap
_LINE: Final = orjson.OPT_APPEND_NEWLINE


Receive = Callable[[str, Incoming], Received | Refused]
"""Reads the file of a name into a blob."""


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
    return begin(
        actor=actor,
        source={"folders": [str(folder.resolve()) for folder in folders]},
        described=f"{len(folders)} folders",
        partition=partition,
        replace=replace,
    )


def begin(
    *,
    actor: Actor,
    source: Mapping[str, Any],
    described: str,
    partition: str,
    replace: bool,
) -> Operation:
    """Start an import of what has been looked at, and tell the audit log.

    Parameters
    ----------
    source
        Where it lies: parameters of the operation, for its steps.
    described
        The same in words.
    """
    partition_id = get_or_create_partition(actor=actor, name=partition)
    parameters = {**source, "partition": partition, "replace": replace}
    with transaction.atomic(durable=True):
        operation = start_operation(actor=actor, kind=KIND, parameters=parameters)
        event = audit.Event(
            actor,
            audit.Action.IMPORT,
            partition_id=partition_id,
            detail=f"{described}, operation {operation.pk}",
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
        return Progress(dict(progress), percent=100, result=concluded(operation))
    errors = take(operation, [str(file.path) for file in files], _receive)
    done = progress["done"] + len(files)
    return Progress(
        {"total": progress["total"], "done": done, "cursor": files[-1].cursor},
        percent=min(99, 100 * done // max(1, progress["total"])),
        errors=errors,
    )


def take(
    operation: Operation, names: Sequence[str], receive: Receive
) -> list[tuple[str, str]]:
    """Store what files hold and write their lines; return those refused, and why."""
    outcomes = _store(operation, names, receive)
    _report(operation, names, outcomes)
    return [
        (name, "; ".join(outcome.comments))
        for name, outcome in zip(names, outcomes, strict=True)
        if isinstance(outcome, Refused)
        and outcome.reason != FailureReason.INSTANCE_EXISTS
    ]


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


def _store(
    operation: Operation, names: Sequence[str], receive: Receive
) -> list[StoreOutcome]:
    via = f"operation {operation.pk}"
    actor = deputy(operation.account_id, operation.actor, via=via)
    name = operation.parameters["partition"]
    partition_id = get_or_create_partition(actor=actor, name=name)
    begin = partial(Incoming, stored_as=stored_as(name))
    with ThreadPoolExecutor(FILES_AT_ONCE, thread_name_prefix="import") as threads:
        read = list(threads.map(lambda each: receive(each, begin()), names))
    received = [one for one in read if isinstance(one, Received)]
    _await_bytes(received)
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


def _receive(name: str, incoming: Incoming) -> Received | Refused:
    """Copy one file into a blob; a file that cannot be read is refused."""
    try:
        source = Path(name).open("rb")  # noqa: SIM115 closed below
    except OSError as error:
        incoming.discard()
        return unreadable(f"The file cannot be read: {error.strerror}.")
    with source:
        return received(incoming, iter(partial(source.read, CHUNK_BYTES), b""))


def received(incoming: Incoming, pieces: Iterable[bytes]) -> Received | Refused:
    """Write the bytes of a file into a blob and read it."""
    try:
        for piece in pieces:
            incoming.write(piece)
        return incoming.finish()
    except BaseException:
        incoming.discard()
        raise


def unreadable(reason: str) -> Refused:
    """Return the outcome of a file that no instance was read from."""
    return Refused("", "", FailureReason.PROCESSING_FAILURE, (reason,))


def _await_bytes(received: Sequence[Received]) -> None:
    """Wait until all bytes are durable: no transaction waits for a bucket.

    Raises
    ------
    StorageUnavailable
        Some are not, and nothing is kept: the step is to be done again.
    """
    try:
        for one in received:
            one.durable.result()
    except OSError as error:
        for one in received:
            one.discard()
        raise StorageUnavailable from error


def _report(
    operation: Operation, names: Sequence[str], outcomes: Sequence[StoreOutcome]
) -> None:
    """Write the lines of this step; those of a repeated step take their place."""
    ImportedFile.objects.bulk_create(
        [
            ImportedFile(
                operation=operation,
                path=name,
                outcome=_outcome_of(outcome),
                sop_instance_uid=outcome.sop_instance_uid,
                comment="; ".join(outcome.comments),
            )
            for name, outcome in zip(names, outcomes, strict=True)
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


def concluded(operation: Operation) -> dict[str, int]:
    """Write the list of errors, and return how many files had which outcome.

    The list lies among the files of the operation, where there is anything in it.
    """
    if operation.item_errors.exists():
        lines = (
            orjson.dumps({"identifier": item, "error": error}, option=_LINE)
            for item, error in operation.item_errors.values_list(
                "item", "error"
            ).iterator()
        )
        result_files.write(operation.pk, ERRORS, "application/x-ndjson", lines)
    counts = (
        ImportedFile.objects.filter(operation=operation)
        .values_list("outcome")
        .annotate(number=Count("id"))
    )
    return {str(outcome): number for outcome, number in counts}
