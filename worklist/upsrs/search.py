"""Searching workitems over HTTP (DICOM PS3.18 11.9)."""

from collections.abc import Sequence
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from core.database import run, run_read
from core.media_types import DICOM_XML, MULTIPART, MediaType
from imaging import native_xml
from imaging.dicomweb.dialect import dialect_of
from imaging.dicomweb.multipart_body import PART_END, MultipartBody
from imaging.dicomweb.request import (
    accepted_data_sets,
    actor_of,
    link_to_next,
    partition_of,
)
from imaging.dicomweb.responses import text_response
from imaging.part10 import JsonModel
from worklist.query import WorkitemQuery, parse
from worklist.rules import RETURN_KEYS
from worklist.search import Found, answered, search
from worklist.upsrs.answers import warning_header

_USUAL: Final = frozenset(RETURN_KEYS)


async def search_workitems(request: Request) -> Response:
    """Answer which workitems match, the most urgent first."""
    form = accepted_data_sets(request)
    is_azure = dialect_of(request).is_azure
    query = parse(request.scope["query_string"], azure=is_azure)
    found: Found = await run_read(
        search, actor=actor_of(request), partition=partition_of(request), query=query
    )
    headers = _headers(request, query, found)
    if not found.rows:
        return Response(status_code=204, headers=headers)
    body, media_type = await run(_rendered, found, query, form)
    is_partial = found.after is not None and not is_azure
    return text_response(
        request,
        body,
        media_type=media_type,
        status_code=206 if is_partial else 200,
        headers=headers,
    )


def _rendered(found: Found, query: WorkitemQuery, form: MediaType) -> tuple[bytes, str]:
    """Return the results in a form, and the type of the answer."""
    models = [answered(row, query, _USUAL) for row in found.rows]
    if form.type == MULTIPART:
        return _in_xml(models)
    return orjson.dumps(models), form.type


def _in_xml(models: Sequence[JsonModel]) -> tuple[bytes, str]:
    parts = [native_xml.write(each) for each in models]
    # Equal results have equal boundaries, which no value can foresee.
    frame = MultipartBody.of(DICOM_XML, b"".join(parts).decode())
    head = frame.head(DICOM_XML)
    body = b"".join(head + part + PART_END for part in parts) + frame.end
    return body, frame.content_type


def _headers(request: Request, query: WorkitemQuery, found: Found) -> dict[str, str]:
    headers = {}
    warnings = list(query.warnings)
    if found.total is not None:
        headers["x-total-count"] = str(found.total)
    if found.after is not None and not dialect_of(request).is_azure:
        headers["link"] = link_to_next(request, "cursor", found.after)
        warnings.append(_about_more(query, found))
    if warnings:
        headers["warning"] = warning_header(request, warnings)
    return headers


def _about_more(query: WorkitemQuery, found: Found) -> str:
    """Return the warning of PS3.18 8.3.4.4.1, with the number where it is known."""
    remaining = ""
    if found.total is not None and query.after is None:
        remaining = f"{found.total - query.offset - len(found.rows)} "
    return f"There are {remaining}additional results that can be requested"
