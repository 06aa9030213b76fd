"""Exporting resources in bulk, as an operation (FHIR Bulk Data Access 2.0).

A file of NDJSON for each type, grown a piece at a time. What is exported are the
current versions as they are when their step comes; each once.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from core import audit, result_files
from core.access import Actor, Verb, deputy, require, require_whole_partition
from core.database import raw_connection
from core.errors import Invalid, NotFound
from core.models import Operation
from core.operations import Progress, start_operation
from core.partitions import get_partition
from core.result_fetching import VERBS
from core.result_files import Part
from core.result_places import NO_FILE
from fhirlink.bulk.importing import NDJSON
from fhirlink.definitions.compartment import patient_compartment
from fhirlink.document import instant, whole
from fhirlink.served import is_served, served_types

KIND: Final = "fhir-export"
ROWS_A_STEP: Final = 20_000
ROWS_AT_ONCE: Final = 1_000


def start_export(
    *,
    actor: Actor,
    partition: str,
    types: Sequence[str] = (),
    since: datetime | None = None,
    of_patients: bool = False,
    request: str = "",
) -> Operation:
    """Start to export all resources of a partition.

    Parameters
    ----------
    types
        Only these resource types; all without any.
    since
        Only what was written after.
    of_patients
        Patients, and what is in their compartments, only.
    request
        The address that asked for it, which the manifest repeats.

    Raises
    ------
    Forbidden, NotFound
        The actor may not export, see who patients are, or not all of the partition.
    Invalid
        A type is none that is served.
    """
    for verb in VERBS:
        require(actor, verb)
    key = get_partition(actor=actor, name=partition, verb=Verb.EXPORT)
    for verb in VERBS:
        require_whole_partition(actor, verb, key)
    wanted = _wanted(types, of_patients=of_patients)
    parameters = {
        "partition": key,
        "types": wanted,
        "since": since.isoformat() if since else None,
        "request": request,
    }
    with transaction.atomic(durable=True):
        operation = start_operation(actor=actor, kind=KIND, parameters=parameters)
        event = audit.Event(
            actor,
            audit.Action.EXPORT,
            partition_id=key,
            detail=f"FHIR resources, operation {operation.pk}",
        )
        audit.record(event)
    return operation


def _wanted(types: Sequence[str], *, of_patients: bool) -> list[str]:
    for each in types:
        if not is_served(each):
            message = f"There is no resource type {each[:64]!r} here."
            raise Invalid(message, path="_type")
    wanted = list(dict.fromkeys(types)) or list(served_types())
    if not of_patients:
        return wanted
    return [each for each in wanted if each == "Patient" or patient_compartment(each)]


def step(operation: Operation) -> Progress:
    """Export the next resources of a type; the last step makes the files."""
    parameters: Mapping[str, Any] = operation.parameters
    progress: dict[str, Any] = {**_BEGINNING, "files": {}, **operation.progress}
    types: list[str] = parameters["types"]
    if progress["type"] >= len(types):
        return Progress(progress, 100, result=_concluded(operation, progress))
    type_ = types[progress["type"]]
    _record(operation, type_)
    with result_files.new_piece(operation.pk) as piece:
        after, number = progress["after"], 0
        while number < ROWS_A_STEP:
            rows = _rows(parameters, type_, after)
            for row in rows:
                piece.file.write(whole(*row[1:]) + b"\n")
            number += len(rows)
            if len(rows) < ROWS_AT_ONCE:
                break
            after = rows[-1][0]
        if size := piece.file.tell():
            piece.keep()
            found = progress["files"].setdefault(type_, {"count": 0, "pieces": []})
            found["count"] += number
            found["pieces"].append([piece.name, size])
    is_done = number < ROWS_A_STEP
    progress["after"] = 0 if is_done else after
    progress["type"] += is_done
    progress["done"] += number
    return Progress(progress, min(99, 100 * progress["type"] // len(types)))


_BEGINNING: Final = {"type": 0, "after": 0, "done": 0}
_ROWS: Final = (
    "SELECT r.id, r.type, r.fhir_id, r.number, r.updated_at, v.body"
    " FROM fhirlink_resource r JOIN fhirlink_resourceversion v ON v.id = r.version_id"
    " WHERE r.partition_id = %s AND r.type = %s AND NOT r.is_deleted AND r.id > %s"
    " AND (%s::timestamptz IS NULL OR r.updated_at > %s::timestamptz)"
    " ORDER BY r.id LIMIT %s"
)


def _rows(parameters: Mapping[str, Any], type_: str, after: int) -> list[Any]:
    since = parameters["since"]
    values = (parameters["partition"], type_, after, since, since, ROWS_AT_ONCE)
    return raw_connection().execute(_ROWS, values).fetchall()


def _record(operation: Operation, type_: str) -> None:
    """Tell the audit log what leaves, before it does."""
    via = f"operation {operation.pk}"
    audit.record_soon(
        audit.Event(
            deputy(operation.account_id, operation.actor, via=via),
            audit.Action.EXPORT,
            partition_id=operation.parameters["partition"],
            detail=f"resources of the type {type_}",
        )
    )


def _concluded(operation: Operation, progress: Mapping[str, Any]) -> dict[str, Any]:
    """Make the files, and return what the manifest tells of them."""
    for type_, found in progress["files"].items():
        parts = [Part(name, 0, size) for name, size in found["pieces"]]
        result_files.register(operation.pk, f"{type_}.ndjson", NDJSON, parts)
    return {
        "transactionTime": instant(operation.created_at),
        "output": [
            {"type": type_, "count": found["count"]}
            for type_, found in progress["files"].items()
        ],
    }


def require_all(actor: Actor, operation: Operation) -> int:
    """Let who sees all of the partition have the files; return the partition.

    Raises
    ------
    NotFound
        The actor sees parts of it only, or nothing any more.
    """
    key: int = operation.parameters["partition"]
    if not all(actor.reach(verb).has_whole(key) for verb in VERBS):
        raise NotFound(NO_FILE, path="file")
    return key
