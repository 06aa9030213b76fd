"""Exporting the answer of a run, as an operation: tables, bundles, and a manifest.

For each list (the patients, and each output) a table as CSV, the same as Parquet, a
file for each step, and a Bundle of the resources behind the rows (FHIR R4 Bundle,
collection). Rows without names go as tables alone. What may be taken along is decided
anew in each step, for the account that has asked. Images go with `start_study_export`.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import transaction

from cohorts.answers.export_pages import Page, lists_of, page_of
from cohorts.answers.export_tables import csv_of, parquet_of
from cohorts.answers.reading import Reading, reading_of, require_rows
from core import audit, result_files
from core.access import Actor, Verb, deputy, require
from core.accounts.actors import actor_of_account
from core.errors import Forbidden, Invalid, NotFound
from core.models import Account, Operation
from core.operations import Progress, start_operation
from core.reach import ScopeKey
from core.result_fetching import VERBS
from core.result_files import Part
from core.result_places import NO_FILE

KIND: Final = "cohort-export"
MANIFEST: Final = "manifest.json"
_WITHOUT_NAMES: Final = (Verb.EXPORT, Verb.READ)
"""What is needed to fetch tables of rows without names."""

_MORE: Final = "You see more here than you may export: narrow what you ask for."
_NO_NAMES: Final = (
    "You see rows without names: they go as tables (CSV, Parquet). Resources and images"
    " tell who patients are."
)
_CHANGED: Final = "What you see of these patients has changed meanwhile: export anew."
_CSV: Final = "text/csv"
_PARQUET: Final = "application/vnd.apache.parquet"
_BUNDLE: Final = "application/fhir+json"


class Format(StrEnum):
    """As what an answer is exported."""

    CSV = "csv"
    PARQUET = "parquet"
    BUNDLE = "bundle"


def start_cohort_export(
    *, actor: Actor, run_id: UUID, formats: Sequence[Format]
) -> Operation:
    """Start to export the answer of a run.

    Raises
    ------
    Forbidden, NotFound, Gone
        The actor may not export what it sees, or `reading_of` says so.
    Invalid
        No format is named.
    Forbidden
        Rows without names go as tables alone.
    """
    if not formats:
        message = f"Name at least one format: {', '.join(Format)}."
        raise Invalid(message, path="formats")
    reading = reading_that_leaves(actor, run_id)
    _require_formats(reading, formats)
    parameters = {
        "run": str(run_id),
        "partition": reading.run.partition_id,
        "formats": list(dict.fromkeys(formats)),
        "project": _scope_without_names(reading),
    }
    with transaction.atomic(durable=True):
        operation = start_operation(actor=actor, kind=KIND, parameters=parameters)
        audit.record(
            audit.Event(
                actor,
                audit.Action.EXPORT,
                partition_id=reading.run.partition_id,
                detail=f"cohort {run_id}, operation {operation.pk}",
            )
        )
    return operation


def reading_that_leaves(actor: Actor, run_id: UUID) -> Reading:
    """Return a run for whoever may take along all that it sees of it.

    Raises
    ------
    Forbidden, NotFound, Gone
        The actor may not.
    """
    require(actor, Verb.EXPORT)
    reading = reading_of(actor, run_id)
    require_rows(reading)
    within = reading.asked.within
    if within is not None:
        if not actor.reach(Verb.EXPORT).has(within.scope):
            raise Forbidden(_MORE)
        return reading
    partition_id = reading.run.partition_id
    seen = actor.reach(Verb.VIEW_PHI)
    taken = seen & actor.reach(Verb.EXPORT)
    if taken.within(partition_id) != seen.within(partition_id):
        raise Forbidden(_MORE)
    return reading


def require_names(reading: Reading) -> None:
    """Refuse who is told rows without names.

    Raises
    ------
    Forbidden
        The actor is.
    """
    if reading.asked.is_deidentified:
        raise Forbidden(_NO_NAMES)


def _require_formats(reading: Reading, formats: Sequence[str]) -> None:
    if Format.BUNDLE in formats:
        require_names(reading)


def _scope_without_names(reading: Reading) -> int | None:
    """Return the key of the scope that rows without names come from."""
    within = reading.asked.within
    return within.scope.key if within and within.is_deidentified else None


def step(operation: Operation) -> Progress:
    """Write the next rows of a list; then the manifest of all files."""
    parameters: Mapping[str, Any] = operation.parameters
    actor = _actor(operation)
    reading = reading_that_leaves(actor, UUID(parameters["run"]))
    _require_formats(reading, parameters["formats"])
    if _scope_without_names(reading) != parameters.get("project"):
        raise Forbidden(_CHANGED)
    progress: dict[str, Any] = {"list": 0, "after": None, "part": 0, "files": {}}
    progress |= operation.progress
    lists = lists_of(reading)
    at: int = progress["list"]
    if at == len(lists):
        result = _concluded(operation, reading, progress["files"])
        return Progress(progress, 100, result=result)
    page = page_of(reading, lists[at], progress["after"])
    files: dict[str, Any] = progress["files"]
    for format_ in parameters["formats"]:
        _WRITES[format_](operation, files, lists[at].name, page, progress["part"])
    progress["part"] += 1
    progress["after"] = page.after
    if page.after is None:
        progress |= {"list": at + 1, "part": 0}
    return Progress(progress, min(99, 100 * progress["list"] // len(lists)))


def _actor(operation: Operation) -> Actor:
    """Return who has asked, with what the account may do now."""
    via = f"operation {operation.pk}"
    if operation.account_id is None:
        return deputy(None, operation.actor, via=via)
    account = Account.objects.filter(pk=operation.account_id, is_active=True).first()
    if account is None:
        message = "The account that has asked is not in use any more."
        raise Forbidden(message)
    return replace(actor_of_account(account), via=via)


def _write_csv(
    operation: Operation, files: dict[str, Any], name: str, page: Page, part: int
) -> None:
    head = b"" if part else csv_of([page.columns])
    _add(operation, files, (f"{name}.csv", _CSV), head + csv_of(page.lines))


def _write_parquet(
    operation: Operation, files: dict[str, Any], name: str, page: Page, part: int
) -> None:
    if page.lines:
        content = parquet_of(page.columns, page.lines)
        _add(operation, files, (f"{name}-{part:05}.parquet", _PARQUET), content)


def _write_bundle(
    operation: Operation, files: dict[str, Any], name: str, page: Page, part: int
) -> None:
    """Add entries to a Bundle, which has an array of them only if there are any."""
    named = (f"{name}.bundle.json", _BUNDLE)
    number: int = files.get(named[0], {}).get("entries", 0)
    content = b"" if part else b'{"resourceType":"Bundle","type":"collection"'
    if page.resources:
        content += b",\n" if number else b',"entry":['
        content += b",\n".join(b'{"resource":' + e + b"}" for e in page.resources)
        number += len(page.resources)
    if page.after is None:
        content += b"]}\n" if number else b"}\n"
    _add(operation, files, named, content)
    files[named[0]]["entries"] = number


_WRITES: Final[Mapping[str, Callable[..., None]]] = {
    Format.CSV: _write_csv,
    Format.PARQUET: _write_parquet,
    Format.BUNDLE: _write_bundle,
}


def _add(
    operation: Operation, files: dict[str, Any], named: tuple[str, str], content: bytes
) -> None:
    """Add a piece to a file, of a name and a media type."""
    name, media_type = named
    file = files.setdefault(name, {"type": media_type, "pieces": []})
    if content:
        with result_files.new_piece(operation.pk) as piece:
            piece.file.write(content)
            piece.keep()
            file["pieces"].append([piece.name, len(content)])


def _concluded(
    operation: Operation, reading: Reading, files: Mapping[str, Any]
) -> dict[str, Any]:
    """Make the files and the manifest that tells their SHA-256."""
    told = []
    for name, found in files.items():
        parts = [Part(piece, 0, size) for piece, size in found["pieces"]]
        file = result_files.register(operation.pk, name, found["type"], parts)
        digest = hashlib.sha256()
        for piece in result_files.read(file, 0, file.size_bytes):
            digest.update(piece)
        size = {"size": file.size_bytes, "sha256": digest.hexdigest()}
        told.append({"name": name, "mediaType": found["type"], **size})
    run = reading.run
    manifest = {
        "run": str(run.pk),
        "criteria": run.criteria,
        "project": run.project.name if run.project else None,
        "isDeidentified": reading.asked.is_deidentified,
        "day": run.day,
        "sequence": run.sequence,
        "askedAt": run.created_at,
        "numberOfPatients": run.number_of_patients,
        "attrition": run.attrition,
        "files": told,
    }
    text = orjson.dumps(manifest, option=orjson.OPT_INDENT_2)
    result_files.write(operation.pk, MANIFEST, "application/json", [text])
    return {"files": told, "manifest": MANIFEST}


def require_cohort(actor: Actor, operation: Operation) -> int:
    """Let who sees and exports the same still have the files; return the partition.

    Raises
    ------
    NotFound
        The actor may not, or not any more.
    """
    key: int = operation.parameters["partition"]
    scope = operation.parameters.get("project")
    if scope is None:
        may = all(actor.reach(verb).enters(key) for verb in VERBS)
    else:
        of_project = ScopeKey(scope, key)
        may = all(actor.reach(verb).has(of_project) for verb in _WITHOUT_NAMES)
    if not may:
        raise NotFound(NO_FILE, path="file")
    return key
