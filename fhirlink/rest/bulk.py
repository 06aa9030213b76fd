"""Bulk data: ``$export``, ``$import``, and how far they are (Bulk Data Access 2.0).

Long work is asked for here, done as operations, and listed with all others.
"""

import asyncio
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID, uuid4

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from core import operations, result_files
from core.database import run, run_long, run_read
from core.errors import Invalid, NotFound, UnsupportedMedia
from core.media_types import parse_media_type
from core.models import Operation, OperationState
from core.request_bodies import awaited
from core.result_places import PieceWriter
from fhirlink.bulk import exporting, importing
from fhirlink.outcome import saying
from fhirlink.rest.answers import json_answer
from fhirlink.rest.request import actor_of, address_of, base_url, partition_of
from fhirlink.search.moments import interval_of

_NDJSONS: Final = frozenset(
    [importing.NDJSON, "application/ndjson", "application/x-ndjson"]
)
_FORMATS: Final = frozenset([*_NDJSONS, "application/fhir ndjson", "ndjson"])
_ASK_AGAIN_S: Final = "5"
_KINDS: Final = frozenset([importing.KIND, exporting.KIND])
_ENDED: Final[dict[str, HTTPStatus]] = {
    OperationState.FAILED: HTTPStatus.INTERNAL_SERVER_ERROR,
    OperationState.CANCELED: HTTPStatus.NOT_FOUND,
}


async def export(request: Request) -> Response:
    """Start to export the resources of a partition."""
    return await _export(request, of_patients=False)


async def export_patients(request: Request) -> Response:
    """Start to export patients and what is in their compartments."""
    return await _export(request, of_patients=True)


async def _export(request: Request, *, of_patients: bool) -> Response:
    asked = request.query_params
    if asked.get("_outputFormat", "ndjson") not in _FORMATS:
        message = f"What is exported is {importing.NDJSON}."
        raise Invalid(message, path="_outputFormat")
    types = [
        each for text in asked.getlist("_type") for each in text.split(",") if each
    ]
    since = None
    if "_since" in asked:
        try:
            since = interval_of(asked["_since"]).first
        except ValueError as error:
            raise Invalid(str(error), path="_since") from error
    operation = await run(
        exporting.start_export,
        actor=actor_of(request),
        partition=partition_of(request),
        types=types,
        since=since,
        of_patients=of_patients,
        request=_address(request),
    )
    return _started(request, operation)


async def import_lines(request: Request) -> Response:
    """Start to import the resources of the body, a line each."""
    given = parse_media_type(request.headers.get("content-type", importing.NDJSON))
    if given is None or given.type not in _NDJSONS:
        message = f"Send {importing.NDJSON}: a resource or bundle in each line."
        raise UnsupportedMedia(message)
    operation_id = uuid4()
    with result_files.new_piece(operation_id) as piece:
        size = await _received(request, piece)
        await asyncio.to_thread(piece.keep)
    operation = await run_long(
        importing.start_import_of,
        actor=actor_of(request),
        operation_id=operation_id,
        name=piece.name,
        size_bytes=size,
        partition=partition_of(request),
    )
    return _started(request, operation)


async def _received(request: Request, piece: PieceWriter) -> int:
    """Write the body aside; return how long it is."""
    size = 0
    try:
        async for chunk in Request(request.scope, awaited(request.receive)).stream():
            await asyncio.to_thread(piece.file.write, chunk)
            size += len(chunk)
    except ClientDisconnect as error:
        message = "The body has ended too early: nothing of it is imported."
        raise Invalid(message) from error
    return size


async def status(request: Request) -> Response:
    """Answer how far it is; the manifest when it is done."""
    operation = await _operation(request)
    if operation.state in operations.OPEN:
        headers = {
            "x-progress": f"{operation.percent} %",
            "retry-after": _ASK_AGAIN_S,
        }
        return Response(status_code=HTTPStatus.ACCEPTED, headers=headers)
    if operation.state in _ENDED:
        text = operation.error or "It was canceled."
        told = saying("error", text, code="exception")
        return json_answer(request, orjson.dumps(told), _ENDED[operation.state])
    files = await run_read(
        result_files.list_files,
        actor=actor_of(request),
        operation_id=operation.pk,
    )
    names = {file.name for file in files}
    return json_answer(request, orjson.dumps(_manifest(request, operation, names)))


async def cancel(request: Request) -> Response:
    """Cancel it, or do nothing where it has ended (Bulk Data Delete Request)."""
    operation = await _operation(request)
    await run(
        operations.cancel_operation,
        actor=actor_of(request),
        operation_id=operation.pk,
    )
    return Response(status_code=HTTPStatus.ACCEPTED)


async def _operation(request: Request) -> Operation:
    """Return the operation that the address names, where it is one of FHIR."""
    operation = await run_read(
        operations.get_operation,
        actor=actor_of(request),
        operation_id=_operation_id(request),
    )
    if operation.kind not in _KINDS:
        raise NotFound(operations.NOT_FOUND)
    return operation


def _manifest(
    request: Request, operation: Operation, names: set[str]
) -> dict[str, Any]:
    """Return what the client is told of what is done."""
    result: dict[str, Any] = operation.result or {}
    base = f"{base_url(request)}/operations/{operation.pk}/files"
    manifest: dict[str, Any] = {
        "transactionTime": result.get(
            "transactionTime", operation.created_at.isoformat()
        ),
        "request": operation.parameters.get("request", ""),
        "requiresAccessToken": True,
        "output": [
            {**each, "url": f"{base}/{each['type']}.ndjson"}
            for each in result.get("output", [])
        ],
        "error": [],
    }
    if importing.ERRORS in names:
        url = f"{base}/{importing.ERRORS}"
        manifest["error"] = [{"type": "OperationOutcome", "url": url}]
    if operation.kind == importing.KIND:
        manifest["extension"] = {"outcomes": result}
    return manifest


def _started(request: Request, operation: Operation) -> Response:
    """Answer that a worker will take it up, and where to ask for its state."""
    address = f"{base_url(request)}/operations/{operation.pk}"
    text = f"It is done as operation {operation.pk}; ask at Content-Location."
    body = orjson.dumps(saying("information", text))
    headers = {"content-location": address}
    return json_answer(request, body, HTTPStatus.ACCEPTED, headers)


def _address(request: Request) -> str:
    query = request.scope["query_string"].decode()
    address = address_of(request)
    return f"{address}?{query}" if query else address


def _operation_id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["operation"])
    except ValueError as error:
        raise NotFound(operations.NOT_FOUND) from error
