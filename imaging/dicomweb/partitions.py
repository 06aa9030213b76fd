"""The data partitions over HTTP.

``GET /partitions`` answers as Azure's DICOM service does. That they can be created,
renamed, disabled and deleted is ours, and is there in the standard dialect only.
"""

from collections.abc import Sequence
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from core.database import run, run_read
from core.errors import Invalid
from core.media_types import JSON
from core.models import Partition
from core.partitions import (
    change_partition,
    create_partition,
    delete_partition,
    find_partition,
    list_partitions,
)
from imaging.dicomweb.dialect import dialect_of
from imaging.dicomweb.json_body import json_object
from imaging.dicomweb.request import actor_of, service_url

_NEW: Final = {"partitionName": str}
_CHANGES: Final = {"partitionName": str, "disabled": bool, "storedAs": str}


async def partitions(request: Request) -> Response:
    """Answer the partitions that the actor may see, oldest first."""
    held: Sequence[Partition] = await run_read(list_partitions, actor=actor_of(request))
    rows = [_row(request, partition) for partition in held]
    return Response(orjson.dumps(rows), media_type=JSON)


async def create(request: Request) -> Response:
    """Create a partition."""
    body = await json_object(request, _NEW)
    name = body.get("partitionName", "")
    created = await run(create_partition, actor=actor_of(request), name=name)
    address = f"{service_url(request)}/partitions/{created.name}"
    return _answer(request, created, 201, {"location": address})


async def partition(request: Request) -> Response:
    """Answer one partition, disabled or not."""
    return _answer(
        request,
        await run_read(find_partition, actor=actor_of(request), name=_name(request)),
    )


async def change(request: Request) -> Response:
    """Rename a partition, disable or enable it, or say as what it stores images."""
    body = await json_object(request, _CHANGES)
    if not body:
        message = "Say what to change: partitionName, disabled, storedAs."
        raise Invalid(message)
    changed = await run(
        change_partition,
        actor=actor_of(request),
        name=_name(request),
        new_name=body.get("partitionName"),
        is_disabled=body.get("disabled"),
        stored_as=body.get("storedAs"),
    )
    return _answer(request, changed)


async def delete(request: Request) -> Response:
    """Delete a partition that holds nothing."""
    await run(delete_partition, actor=actor_of(request), name=_name(request))
    return Response(status_code=204)


def _name(request: Request) -> str:
    name: str = request.path_params["partition"]
    return name


def _answer(
    request: Request,
    partition: Partition,
    status_code: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    body = orjson.dumps(_row(request, partition))
    return Response(body, status_code, headers, JSON)


def _row(request: Request, partition: Partition) -> dict[str, Any]:
    row = {
        "partitionKey": partition.pk,
        "partitionName": partition.name,
        "createdDate": partition.created_at,
    }
    if not dialect_of(request).is_azure:
        row["disabled"] = partition.disabled_at is not None
        row["storedAs"] = partition.stored_as
    return row
