"""Binary: what is no FHIR, as a resource or as it is (FHIR R4 2.43).

Who sends or takes another form than FHIR's gets the bytes themselves.
"""

import base64
import binascii
import re
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from core.database import run, run_read
from core.errors import Invalid, NotAcceptable
from core.media_types import parse_media_type
from fhirlink import read, store
from fhirlink.json_text import Resource, parse
from fhirlink.rest.answers import etag, version_answer, written_answer
from fhirlink.rest.request import (
    FHIR_TYPES,
    actor_of,
    body_of,
    id_of,
    if_match,
    media_type_of,
    partition_of,
    resource_of,
)

TYPE: Final = "Binary"
_MEDIA_TYPE: Final = re.compile(r"[\w.+-]{1,100}/[\w.+-]{1,100}", re.ASCII)
# Whoever opens it in a browser saves it: it may hold scripts.
_SAVED: Final = {"content-disposition": "attachment"}


async def get(request: Request) -> Response:
    """Answer the resource, or what it holds where FHIR is not asked for."""
    version = await run_read(
        read.read,
        actor=actor_of(request),
        partition=partition_of(request),
        type_=TYPE,
        fhir_id=id_of(request),
    )
    if _wants_fhir(request):
        return version_answer(request, version)
    held = parse(version.json())
    try:
        content = base64.b64decode(str(held.get("data", "")))
    except (binascii.Error, ValueError) as error:
        message = "What the resource holds cannot be decoded: ask for FHIR's form."
        raise NotAcceptable(message) from error
    headers = {**_SAVED, "etag": etag(version.number)}
    return Response(content, headers=headers, media_type=_type_of(held))


async def create(request: Request) -> Response:
    """Store a resource, or the bytes of the body as one."""
    written = await run(
        store.create,
        actor=actor_of(request),
        partition=partition_of(request),
        type_=TYPE,
        content=await _content(request),
        if_none_exist=request.headers.get("if-none-exist"),
    )
    return written_answer(request, written)


async def update(request: Request) -> Response:
    """Have the resource hold what the body does."""
    fhir_id = id_of(request)
    content = await _content(request)
    if not _is_fhir(request):
        content["id"] = fhir_id
    written = await run(
        store.update,
        actor=actor_of(request),
        partition=partition_of(request),
        type_=TYPE,
        fhir_id=fhir_id,
        content=content,
        if_match=if_match(request),
    )
    return written_answer(request, written)


async def _content(request: Request) -> Resource:
    if _is_fhir(request):
        return await resource_of(request)
    given = request.headers.get("content-type", "")
    media_type = given.partition(";")[0].strip().lower()
    if not _MEDIA_TYPE.fullmatch(media_type):
        message = "Say by Content-Type what is sent."
        raise Invalid(message, path="Content-Type")
    body = await body_of(request, frozenset({media_type}))
    content: Resource = {"resourceType": TYPE, "contentType": media_type}
    if context := request.headers.get("x-security-context"):
        content["securityContext"] = {"reference": context}
    if body:  # FHIR has no empty texts
        content["data"] = base64.b64encode(body).decode()
    return content


def _is_fhir(request: Request) -> bool:
    given = parse_media_type(request.headers.get("content-type", ""))
    return given is None or given.type in FHIR_TYPES


def _wants_fhir(request: Request) -> bool:
    """Return whether the client asks for FHIR's form, or for whichever."""
    accept = request.headers.get("accept", "*/*")
    if "_format" in request.query_params or "json" in accept or "fhir" in accept:
        media_type_of(request)
        return True
    return accept.strip() in {"", "*/*"}


def _type_of(held: Resource) -> str:
    media_type = str(held.get("contentType", ""))
    is_one = _MEDIA_TYPE.fullmatch(media_type)
    return media_type if is_one else "application/octet-stream"
