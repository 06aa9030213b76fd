"""Extended query tags over HTTP, as Azure's DICOM service has them.

Its dialects keep its limits; ours has none of them (`docs/conformance.md`).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from core.access import Actor
from core.database import run, run_read
from core.errors import Invalid
from core.media_types import JSON
from imaging.dicomweb.dialect import dialect_of
from imaging.dicomweb.json_body import json_list, json_object
from imaging.dicomweb.request import actor_of, service_url, whole_number
from imaging.models import QueryTag, TagStatus
from imaging.query_tags.definition import AZURE_VRS, Definition, define
from imaging.query_tags.errors import TagFault, count_faults, list_faults
from imaging.query_tags.managing import (
    add_tags,
    delete_tag,
    enable_tag,
    get_tag,
    list_tags,
)

MAXIMUM_LIMIT: Final = 200
MAXIMUM_OFFSET: Final = 10**9
AZURE_MAXIMUM_TAGS: Final = 128
_MEMBERS: Final = ("path", "vr", "privateCreator", "level")
_STATUSES: Final = {"enabled": True, "disabled": False}
_Told = tuple[list[QueryTag], Mapping[int, int]]


async def add(request: Request) -> Response:
    """Add query tags; an operation indexes what is held by them."""
    given = await json_list(request)
    is_azure = dialect_of(request).is_azure
    definitions = [_definition(each, is_azure=is_azure) for each in given]
    operation = await run(
        add_tags,
        actor=actor_of(request),
        definitions=definitions,
        maximum=AZURE_MAXIMUM_TAGS if is_azure else None,
    )
    reference = _operation(request, operation.pk)
    body = orjson.dumps(reference)
    return Response(body, 202, {"location": reference["href"]}, JSON)


def _definition(given: object, *, is_azure: bool) -> Definition:
    if not isinstance(given, dict):
        message = f"Each query tag is an object of {', '.join(_MEMBERS)}."
        raise Invalid(message, path="body")
    known = {name.lower(): name for name in _MEMBERS}
    members = {known.get(name.lower(), ""): value for name, value in given.items()}
    values = {}
    for name in _MEMBERS:
        value = members.get(name)
        if value is not None and not isinstance(value, str):
            message = f"{name} must be text."
            raise Invalid(message, path=name)
        values[name] = value or ""
    for name in ("path", "level"):
        if not values[name]:
            message = f"A query tag needs its {name}."
            raise Invalid(message, path=name)
    path, level, vr = values["path"], values["level"], values["vr"]
    creator = values["privateCreator"]
    found = define(path, level=level, vr=vr, private_creator=creator)
    if is_azure and "." in found.path:
        message = "Attributes inside of sequences cannot be indexed in this dialect."
        raise Invalid(message, path="path")
    if is_azure and found.vr not in AZURE_VRS:
        message = f"vr {found.vr} cannot be indexed in this dialect."
        raise Invalid(message, path="vr")
    return found


async def list_all(request: Request) -> Response:
    """Answer the query tags in the order in which they were added."""
    limit, offset = _page(request)
    told = await run_read(_tags, actor_of(request), limit, offset)
    return Response(orjson.dumps(_rows(request, *told)), media_type=JSON)


async def get(request: Request) -> Response:
    """Answer one query tag."""
    return await _answer(request)


async def change(request: Request) -> Response:
    """Say whether searches may use a query tag."""
    body = await json_object(request, {"queryStatus": str})
    status = body.get("queryStatus", "").lower()
    if status not in _STATUSES:
        message = f"queryStatus must be one of {', '.join(_STATUSES)}."
        raise Invalid(message, path="queryStatus")
    is_enabled = _STATUSES[status]
    await run(
        enable_tag, actor=actor_of(request), path=_path(request), is_enabled=is_enabled
    )
    return await _answer(request)


async def delete(request: Request) -> Response:
    """Delete a query tag; an operation removes its values."""
    await run(delete_tag, actor=actor_of(request), path=_path(request))
    return Response(status_code=204)


async def errors(request: Request) -> Response:
    """Answer the instances that could not be indexed by a query tag."""
    limit, offset = _page(request)
    found = await run_read(
        list_faults,
        actor=actor_of(request),
        path=_path(request),
        limit=limit,
        offset=offset,
    )
    return Response(orjson.dumps([_fault(each) for each in found]), media_type=JSON)


def _page(request: Request) -> tuple[int, int]:
    limit = whole_number(request, "limit", 100, minimum=1, maximum=MAXIMUM_LIMIT)
    return limit, whole_number(request, "offset", 0, maximum=MAXIMUM_OFFSET)


def _path(request: Request) -> str:
    path: str = request.path_params["tag"]
    return path


async def _answer(request: Request) -> Response:
    told = await run_read(_tag, actor_of(request), _path(request))
    (row,) = _rows(request, *told)
    return Response(orjson.dumps(row), media_type=JSON)


def _tags(actor: Actor, limit: int, offset: int) -> _Told:
    return _told(actor, list_tags(actor=actor, limit=limit, offset=offset))


def _tag(actor: Actor, path: str) -> _Told:
    return _told(actor, [get_tag(actor=actor, path=path)])


def _told(actor: Actor, tags: list[QueryTag]) -> _Told:
    return tags, count_faults(actor=actor, tags=[tag.pk for tag in tags])


def _rows(
    request: Request, tags: Sequence[QueryTag], faults: Mapping[int, int]
) -> list[dict[str, Any]]:
    return [_row(request, tag, faults.get(tag.pk, 0)) for tag in tags]


def _row(request: Request, tag: QueryTag, number_of_faults: int) -> dict[str, Any]:
    """Return a tag; what is empty is left out, as Azure does."""
    row: dict[str, Any] = {
        "path": tag.path,
        "vr": tag.vr,
        "privateCreator": tag.private_creator or None,
        "level": tag.level,
        "status": tag.status,
        "queryStatus": "enabled" if tag.is_enabled else "disabled",
    }
    if number_of_faults:
        href = f"{tag_url(request, tag.path)}/errors"
        row["errors"] = {"count": number_of_faults, "href": href}
    if tag.status != TagStatus.READY and tag.operation_id:
        row["operation"] = _operation(request, tag.operation_id)
    return {name: value for name, value in row.items() if value is not None}


def tag_url(request: Request, path: str) -> str:
    """Return the absolute address of a query tag."""
    return f"{service_url(request)}/extendedquerytags/{path}"


def _operation(request: Request, key: object) -> dict[str, str]:
    return {"id": str(key), "href": f"{service_url(request)}/operations/{key}"}


def _fault(fault: TagFault) -> dict[str, Any]:
    return {
        "partitionName": fault.partition,
        "studyInstanceUid": fault.study_instance_uid,
        "seriesInstanceUid": fault.series_instance_uid,
        "sopInstanceUid": fault.sop_instance_uid,
        "createdTime": fault.created_at,
        "errorMessage": fault.message,
    }
