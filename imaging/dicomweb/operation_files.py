"""The files that operations have made: listed and fetched, in whole or in part."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from core import result_files
from core.database import run_read
from core.media_types import JSON
from core.models import ResultFile
from core.result_fetching import fetch_file
from imaging.dicomweb.operations import id_of
from imaging.dicomweb.reading_threads import find_and_read
from imaging.dicomweb.representation import Representation, respond
from imaging.dicomweb.request import actor_of, service_url
from imaging.dicomweb.streaming import HEADERS, Chunks, entity_tag, reader
from imaging.pace import Pace


async def list_files(request: Request) -> Response:
    """Answer which files there are, and until when."""
    operation_id = id_of(request)
    files = await run_read(
        result_files.list_files, actor=actor_of(request), operation_id=operation_id
    )
    base = f"{service_url(request)}/operations/{operation_id}/files"
    rows = [_row(base, file) for file in files]
    return Response(orjson.dumps(rows), media_type=JSON)


async def get_file(request: Request) -> Response:
    """Answer a file, or the parts of it that are asked for."""
    return await find_and_read(_file, request)


def _file(request: Request) -> Response:
    file = fetch_file(
        actor=actor_of(request),
        operation_id=id_of(request),
        name=request.path_params["file"],
    )

    def read(offset: int, length: int, pace: Pace) -> Chunks:
        return result_files.read(file, offset, length, lambda: pace.chunk_bytes)

    tag = entity_tag(file.pk, int(file.created_at.timestamp() * 1e6), file.size_bytes)
    named = f'attachment; filename="{file.operation_id}-{file.name}"'
    return respond(
        request,
        Representation(
            file.media_type,
            file.size_bytes,
            reader(request, file.size_bytes, read),
            tag,
            {**HEADERS, "content-disposition": named},
        ),
    )


def _row(base: str, file: ResultFile) -> dict[str, Any]:
    return {
        "name": file.name,
        "href": f"{base}/{file.name}",
        "mediaType": file.media_type,
        "size": file.size_bytes,
        "createdTime": file.created_at,
        "expiresTime": file.expires_at,
    }
