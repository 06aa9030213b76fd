"""QIDO-RS: searching (DICOM PS3.18 10.6)."""

from starlette.requests import Request
from starlette.responses import Response

from core.database import run_read
from imaging.dicomweb.request import (
    accepted_json,
    actor_of,
    base_url,
    partition_of,
    uid,
)
from imaging.dicomweb.responses import json_response
from imaging.query import Level, Query, Target, parse, search


async def search_studies(request: Request) -> Response:
    """Answer which studies match."""
    return await _search(request, Level.STUDY)


async def search_series(request: Request) -> Response:
    """Answer which series match, of a study if the address names one."""
    return await _search(request, Level.SERIES)


async def search_instances(request: Request) -> Response:
    """Answer which instances match, of a study or series if the address names one."""
    return await _search(request, Level.INSTANCE)


async def _search(request: Request, level: Level) -> Response:
    media_type = accepted_json(request)
    uids = [
        uid(request, name) if name in request.path_params else None
        for name in ("study", "series")
    ]
    query = parse(Target(level, *uids), request.scope["query_string"])
    found = await run_read(
        search,
        actor=actor_of(request),
        partition=partition_of(request),
        query=query,
        base_url=base_url(request),
    )
    headers = _warning(request, query)
    if not found.number_of_results:
        return Response(status_code=204, headers=headers)
    return json_response(
        request, found.body, media_type=media_type.type, headers=headers
    )


def _warning(request: Request, query: Query) -> dict[str, str]:
    """Return the ``Warning`` header in the form of PS3.18, with a colon."""
    if not query.warnings:
        return {}
    host = request.url.netloc
    warnings = (f'299 {host}: "{warning}"' for warning in query.warnings)
    return {"warning": ", ".join(warnings)}
