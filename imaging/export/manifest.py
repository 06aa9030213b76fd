"""The two lists of an export: what it holds, and what it could not take."""

from collections.abc import Iterator
from uuid import UUID

import orjson

from imaging.export.items_sql import Line, lines
from imaging.models import ExportOutcome

_LINE = orjson.OPT_APPEND_NEWLINE


def manifest(operation_id: UUID) -> Iterator[bytes]:
    """Yield a JSON line for each file, with its SHA-256, in the order of storing."""
    for line in lines(operation_id, ExportOutcome.EXPORTED):
        study, series, instance = line.path.removesuffix(".dcm").split("/")[1:]
        row = {
            "path": line.path,
            "studyInstanceUid": study,
            "seriesInstanceUid": series,
            "sopInstanceUid": instance,
            "transferSyntaxUid": line.transfer_syntax_uid,
            "size": line.size_bytes,
            "sha256": (line.sha256 or b"").hex(),
        }
        yield orjson.dumps(row, option=_LINE)


def errors(operation_id: UUID) -> Iterator[bytes]:
    """Yield a JSON line for each item that was skipped, as Azure's service does."""
    for line in lines(operation_id, ExportOutcome.SKIPPED):
        row = {
            "timestamp": line.done_at,
            "identifier": _identifier(line),
            "error": line.error,
        }
        yield orjson.dumps(row, option=_LINE)


def _identifier(line: Line) -> str:
    uids = (line.study_instance_uid, line.series_instance_uid, line.sop_instance_uid)
    return "/".join(uid for uid in uids if uid)
