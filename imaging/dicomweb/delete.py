"""``DELETE`` of a study, a series or an instance."""

from starlette.requests import Request
from starlette.responses import Response

from core.database import run_long
from imaging.delete import delete_instances
from imaging.dicomweb.request import actor_of, partition_of, uid


async def delete(request: Request) -> Response:
    """Delete what the address names; 204, or 404 where nothing is held."""
    levels = ("study", "series", "instance")
    study, series, instance = (
        uid(request, level) if level in request.path_params else None
        for level in levels
    )
    await run_long(
        delete_instances,
        actor=actor_of(request),
        partition=partition_of(request),
        study_instance_uid=study or "",
        series_instance_uid=series,
        sop_instance_uid=instance,
    )
    return Response(status_code=204)
