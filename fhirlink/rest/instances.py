"""One resource: read, vread, create, update, patch, delete (FHIR R4 3.1.0.2 to 8)."""

from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from core.database import run, run_read
from core.errors import NotFound
from fhirlink import patching, read, store
from fhirlink.patch import parse_patch
from fhirlink.rest.answers import etag, version_answer, written_answer
from fhirlink.rest.request import (
    actor_of,
    body_of,
    criteria_of,
    id_of,
    if_match,
    media_type_of,
    partition_of,
    resource_of,
    type_of,
)
from fhirlink.write import Outcome

_LONGEST_VERSION: Final = 9
_PATCHES: Final = frozenset({patching.JSON_PATCH})


async def get(request: Request) -> Response:
    """Answer the current version of a resource."""
    media_type_of(request)
    version = await run_read(
        read.read,
        actor=actor_of(request),
        partition=partition_of(request),
        type_=type_of(request),
        fhir_id=id_of(request),
    )
    return version_answer(request, version)


async def get_version(request: Request) -> Response:
    """Answer one version of a resource."""
    media_type_of(request)
    version = await run_read(
        read.vread,
        actor=actor_of(request),
        partition=partition_of(request),
        type_=type_of(request),
        fhir_id=id_of(request),
        number=_number(request),
    )
    return version_answer(request, version)


async def create(request: Request) -> Response:
    """Store a resource under an id of the server's choice."""
    media_type_of(request)
    written = await run(
        store.create,
        actor=actor_of(request),
        partition=partition_of(request),
        type_=type_of(request),
        content=await resource_of(request),
        if_none_exist=request.headers.get("if-none-exist"),
    )
    return written_answer(request, written)


async def update(request: Request) -> Response:
    """Have a resource be what the body says."""
    media_type_of(request)
    written = await run(
        store.update,
        actor=actor_of(request),
        partition=partition_of(request),
        type_=type_of(request),
        fhir_id=id_of(request),
        content=await resource_of(request),
        if_match=if_match(request),
    )
    return written_answer(request, written)


async def update_found(request: Request) -> Response:
    """Have the resource that the query finds be what the body says."""
    media_type_of(request)
    written = await run(
        store.update_found,
        actor=actor_of(request),
        partition=partition_of(request),
        type_=type_of(request),
        query=criteria_of(request),
        content=await resource_of(request),
        if_match=if_match(request),
    )
    return written_answer(request, written)


async def patch(request: Request) -> Response:
    """Change a part of a resource."""
    media_type_of(request)
    written = await run(
        patching.patch,
        actor=actor_of(request),
        partition=partition_of(request),
        type_=type_of(request),
        fhir_id=id_of(request),
        operations=await _operations_of(request),
        if_match=if_match(request),
    )
    return written_answer(request, written)


async def patch_found(request: Request) -> Response:
    """Change a part of the resource that the query finds."""
    media_type_of(request)
    written = await run(
        patching.patch_found,
        actor=actor_of(request),
        partition=partition_of(request),
        type_=type_of(request),
        query=criteria_of(request),
        operations=await _operations_of(request),
        if_match=if_match(request),
    )
    return written_answer(request, written)


async def _operations_of(request: Request) -> patching.Operations:
    return parse_patch(await body_of(request, _PATCHES))


async def delete_found(request: Request) -> Response:
    """Delete what the query finds."""
    await run(
        store.delete_found,
        actor=actor_of(request),
        partition=partition_of(request),
        type_=type_of(request),
        query=criteria_of(request),
    )
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def delete(request: Request) -> Response:
    """Delete a resource."""
    written = await run(
        store.delete,
        actor=actor_of(request),
        partition=partition_of(request),
        type_=type_of(request),
        fhir_id=id_of(request),
        if_match=if_match(request),
    )
    headers = {}
    if written.outcome is Outcome.DELETED:
        headers["etag"] = etag(written.number)
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)


def _number(request: Request) -> int:
    text: str = request.path_params["version"]
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_VERSION):
        raise NotFound(read.MISSING)
    return int(text)
