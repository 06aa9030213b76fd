"""QIDO-RS: searching (DICOM PS3.18 10.6)."""

from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from core.database import run, run_read
from core.media_types import DICOM_XML, MULTIPART
from imaging import native_xml
from imaging.dicomweb.dialect import Dialect, dialect_of
from imaging.dicomweb.multipart_body import PART_END, MultipartBody
from imaging.dicomweb.request import (
    ALL_PARTITIONS,
    accepted_data_sets,
    actor_of,
    base_url,
    link_to_next,
    partition_of,
    service_url,
    uid,
)
from imaging.dicomweb.responses import text_response
from imaging.query import (
    AZURE_V1,
    AZURE_V2,
    STANDARD,
    Found,
    Level,
    Query,
    Rules,
    Target,
    names_tags,
    parse,
    search,
)
from imaging.query_tags.known import known_tags

RULES: Final = {
    Dialect.STANDARD: STANDARD,
    Dialect.V1: AZURE_V1,
    Dialect.V2: AZURE_V2,
}

ERRONEOUS: Final = "erroneous-dicom-attributes"
"""Azure's header: the query tags asked for by which not all could be indexed."""


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
    rules = RULES[dialect_of(request)]
    form = accepted_data_sets(request)
    uids = [
        uid(request, name) if name in request.path_params else None
        for name in ("study", "series")
    ]
    text: bytes = request.scope["query_string"]
    tags = await run_read(known_tags) if names_tags(text, rules) else {}
    query = parse(Target(level, *uids), text, rules, tags)
    everywhere = _is_everywhere(request, rules)
    found = await run_read(
        search,
        actor=actor_of(request),
        partition=None if everywhere else partition_of(request),
        query=query,
        base_url=f"{service_url(request)}/partitions"
        if everywhere
        else base_url(request),
    )
    headers = _headers(request, query, found)
    if not found.number_of_results:
        return Response(status_code=204, headers=headers)
    body, media_type = found.body, form.type
    if form.type == MULTIPART:
        body, media_type = await run(_in_xml, found.body)
    return text_response(request, body, media_type=media_type, headers=headers)


def _in_xml(body: bytes) -> tuple[bytes, str]:
    """Return the results in XML, a part for each, and the type of the answer."""
    # Equal results have equal boundaries, which no value can foresee.
    frame = MultipartBody.of(DICOM_XML, body.decode())
    head = frame.head(DICOM_XML)
    parts = (head + native_xml.write(each) + PART_END for each in orjson.loads(body))
    return b"".join(parts) + frame.end, frame.content_type


def _is_everywhere(request: Request, rules: Rules) -> bool:
    """Return whether the address asks for all partitions that the actor may see."""
    named = request.path_params.get("partition")
    return rules.all_partitions and named == ALL_PARTITIONS


def _headers(request: Request, query: Query, found: Found) -> dict[str, str]:
    """Return ``Warning`` in the form of PS3.18, with a colon, total and next page."""
    headers = {}
    warnings = [*query.warnings, *found.warnings]
    if found.total is not None:
        headers["x-total-count"] = str(found.total)
    if found.cursor is not None and query.rules.tolerant:
        headers["link"] = link_to_next(request, "cursor", found.cursor)
        warnings.append(_about_more(query, found))
    if query.erroneous:
        headers[ERRONEOUS] = ",".join(query.erroneous)
    if warnings:
        host = request.url.netloc
        headers["warning"] = ", ".join(f'299 {host}: "{each}"' for each in warnings)
    return headers


def _about_more(query: Query, found: Found) -> str:
    """Return the warning of PS3.18 8.3.4.4.1, with the number where it is known."""
    remaining = ""
    if found.total is not None and query.cursor is None:
        remaining = f"{found.total - query.offset - found.number_of_results} "
    return f"There are {remaining}additional results that can be requested"
