"""``GET /partitions``: the data partitions, in the form of Azure's DICOM service."""

import orjson
from starlette.requests import Request
from starlette.responses import Response

from core.database import run_read
from core.partitions import list_partitions
from imaging.dicomweb.media_types import JSON
from imaging.dicomweb.request import actor_of


async def partitions(request: Request) -> Response:
    """Answer the partitions that the actor may see, oldest first."""
    held = await run_read(list_partitions, actor=actor_of(request))
    rows = [
        {
            "partitionKey": partition.pk,
            "partitionName": partition.name,
            "createdDate": partition.created_at,
        }
        for partition in held
    ]
    return Response(orjson.dumps(rows), media_type=JSON)
