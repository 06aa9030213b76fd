"""Importing resources in bulk, as an operation that survives its workers.

Folders of the server, or what was sent. Each line is a resource, or a bundle: a
transaction is done as such, of a collection each entry is taken by itself. A line that
cannot be taken is refused with its reason, and the import goes on. Resources keep their
ids; a step that is repeated after a crash finds them as they are.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import transaction

from core import audit, result_files
from core.access import Actor, Verb, require, require_whole_partition
from core.errors import Invalid
from core.models import Operation
from core.operations import Progress, start_operation
from core.partitions import get_or_create_partition
from core.result_places import place
from fhirlink.bulk.lines import Line, LocalFile, Source, is_one_value, lines_of
from fhirlink.bulk.taking import Place, Taking
from fhirlink.outcome import saying
from fhirlink.write_sql import analyze
from imaging.file_tree import files_after

KIND: Final = "fhir-import"
ERRORS: Final = "errors.ndjson"
NDJSON: Final = "application/fhir+ndjson"
STEP_S: Final = 15.0
MANY: Final = 10_000  # resources: PostgreSQL is to look at the tables anew
_ENDINGS: Final = (".ndjson", ".jsonl", ".json")


def start_import(*, actor: Actor, folders: Sequence[Path], partition: str) -> Operation:
    """Start to import all files below folders: ``.ndjson``, ``.jsonl`` and ``.json``.

    Raises
    ------
    Forbidden
        The actor may not store, or not manage data: the server's own folders are
        read, whatever lies there.
    Invalid
        One of the folders is none, or cannot be read.
    """
    require(actor, Verb.MANAGE)
    for folder in folders:
        if not folder.is_dir():
            message = f"{folder} is not a folder that the server can read."
            raise Invalid(message, path="folders")
    source = {"folders": [str(folder.resolve()) for folder in folders]}
    return _begin(actor, partition, source, f"{len(folders)} folders")


def start_import_of(
    *, actor: Actor, operation_id: UUID, name: str, size_bytes: int, partition: str
) -> Operation:
    """Start to import lines that were sent and lie among the operation's pieces."""
    source = {"piece": name, "sizeBytes": size_bytes}
    return _begin(actor, partition, source, f"{size_bytes} bytes", operation_id)


def _begin(
    actor: Actor,
    partition: str,
    source: Mapping[str, Any],
    described: str,
    operation_id: UUID | None = None,
) -> Operation:
    require(actor, Verb.STORE)
    partition_id = get_or_create_partition(actor=actor, name=partition)
    require_whole_partition(actor, Verb.STORE, partition_id)
    with transaction.atomic(durable=True):
        operation = start_operation(
            actor=actor,
            kind=KIND,
            parameters={**source, "partition": partition},
            operation_id=operation_id,
        )
        event = audit.Event(
            actor,
            audit.Action.IMPORT,
            partition_id=partition_id,
            detail=f"FHIR resources of {described}, operation {operation.pk}",
        )
        audit.record(event)
    return operation


def step(operation: Operation) -> Progress:
    """Import the next lines; the first step sees how much there is."""
    progress: Mapping[str, Any] = operation.progress
    if "total" not in progress:
        return Progress({"total": _size_of(operation)}, percent=0)
    at = Place.of(progress)
    until = time.monotonic() + STEP_S
    refused: list[tuple[str, str]] = []
    taking = Taking(operation, at, refused)
    for name, line in _lines(operation, at):
        taking.take(name, line)
        if time.monotonic() >= until:
            taking.flush()
            percent = min(99, 100 * at.done_bytes // max(1, progress["total"]))
            return Progress(
                {**progress, "place": at.as_json()}, percent, errors=refused
            )
    taking.flush()
    cursor = {**progress, "place": at.as_json()}
    if refused:  # written with the progress; the list is made in a step of its own
        return Progress(cursor, 99, errors=refused)
    return Progress(cursor, 100, result=_concluded(operation, at))


def _size_of(operation: Operation) -> int:
    parameters: Mapping[str, Any] = operation.parameters
    if "piece" in parameters:
        return int(parameters["sizeBytes"])
    folders: list[str] = parameters["folders"]
    return sum(
        Path(folders[at], path).stat().st_size
        for at, path in files_after(folders, None)
        if path.lower().endswith(_ENDINGS)
    )


def _lines(operation: Operation, at: Place) -> Iterator[tuple[str, Line]]:
    """Yield what comes next, with the name of its file, and move the place along."""
    for cursor, name, source in _sources(operation, at):
        if cursor != at.file:
            at.file, at.offset, at.line = cursor, 0, 1
        with closing(source):
            for line in lines_of(source, at.offset, at.line, whole=is_one_value(name)):
                at.done_bytes += line.end - at.offset
                at.offset, at.line = line.end, line.number + 1
                yield name, line


def _sources(
    operation: Operation, at: Place
) -> Iterator[tuple[tuple[int, str], str, Source]]:
    """Yield the file that the place is in, and those after it."""
    parameters: Mapping[str, Any] = operation.parameters
    if "piece" in parameters:
        size = int(parameters["sizeBytes"])
        opened = place().open(operation.pk, parameters["piece"], size)
        yield (0, ""), "line", opened
        return
    folders: list[str] = parameters["folders"]
    if at.file is not None:
        position, path = at.file
        yield at.file, path, LocalFile(Path(folders[position], path))
    for position, path in files_after(folders, at.file):
        if path.lower().endswith(_ENDINGS):
            opened = LocalFile(Path(folders[position], path))
            yield (position, path), path, opened


def _concluded(operation: Operation, at: Place) -> dict[str, int]:
    """Write the list of what was refused; return how much had which outcome."""
    if sum(at.counts.values()) >= MANY:
        analyze()
    if operation.item_errors.exists():
        lines = (
            orjson.dumps(
                saying("error", error, code="invalid", path=item),
                option=orjson.OPT_APPEND_NEWLINE,
            )
            for item, error in operation.item_errors.values_list(
                "item", "error"
            ).iterator()
        )
        result_files.write(operation.pk, ERRORS, NDJSON, lines)
    return dict(sorted(at.counts.items()))
