"""Exports run to their end in this process, for tests."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.models import Operation
from core.operation_worker import run_operation
from imaging.export import Typed, start_export
from tests.imaging.dicomweb.service import ACTOR, Service


def identifiers(*values: str) -> Typed:
    """Return a source of identifiers."""
    return Typed("identifiers", {"values": list(values)})


def query(text: str, level: str = "study") -> Typed:
    """Return a source of all that matches."""
    return Typed("query", {"level": level, "query": text})


def folder(path: Path) -> Typed:
    """Return a folder as a destination."""
    return Typed("folder", {"path": str(path)})


def started(
    service: Service, source: Typed, destination: Typed, **more: Any
) -> Operation:
    """Start an export out of a service's partition."""
    return start_export(
        actor=more.pop("actor", ACTOR),
        partition=service.name,
        source=source,
        destination=destination,
        **more,
    )


def ended(operation: Operation) -> Operation:
    """Do all steps of an operation; return what became of it."""
    while run_operation(operation.pk):
        pass
    operation.refresh_from_db()
    return operation


def lines(path: Path) -> list[dict[str, Any]]:
    """Return the JSON lines of a file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def files(root: Path) -> dict[str, bytes]:
    """Return all files below a folder by their paths."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def checked_manifest(
    root: Path, rows: Sequence[Mapping[str, Any]] | None = None
) -> dict[str, bytes]:
    """Return the files that a manifest names, each as it says and no other one."""
    held = files(root)
    rows = lines(root / "manifest.jsonl") if rows is None else rows
    for row in rows:
        content = held[row["path"]]
        assert row["size"] == len(content)
        assert row["sha256"] == hashlib.sha256(content).hexdigest()
        uids = (row[f"{one}InstanceUid"] for one in ("study", "series", "sop"))
        assert row["path"] == "results/{}/{}/{}.dcm".format(*uids)
    named = {row["path"] for row in rows}
    assert named == held.keys() - {"manifest.jsonl", "errors.log"}
    assert len(named) == len(rows)
    return {path: held[path] for path in sorted(named)}
