"""Who is told of events of workitems (DICOM PS3.18 11.10 to 11.12)."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from core.addresses import origin_of
from core.database import run
from imaging.dicomweb.request import actor_of, partition_of, truth, uid
from worklist.events import subscribe as domain
from worklist.rules import Status
from worklist.upsrs.answers import warning_header

NOT_LOCKED = f"{Status.DELETION_LOCK_NOT_GRANTED.code}: Deletion Lock not granted."


async def subscribe(request: Request) -> Response:
    """Have an AE told of events (PS3.18 11.10)."""
    is_as_asked = await run(
        domain.subscribe,
        actor=actor_of(request),
        partition=partition_of(request),
        aetitle=request.path_params["aetitle"],
        uid=uid(request, "workitem"),
        deletion_lock=truth(request, "deletionlock", default=False),
        filter_query=request.scope["query_string"],
    )
    headers = {"content-location": channel_address(request)}
    if not is_as_asked:
        headers["warning"] = warning_header(request, [NOT_LOCKED])
    return Response(status_code=201, headers=headers)


async def unsubscribe(request: Request) -> Response:
    """Have an AE told no more (PS3.18 11.11)."""
    await run(
        domain.unsubscribe,
        actor=actor_of(request),
        partition=partition_of(request),
        aetitle=request.path_params["aetitle"],
        uid=uid(request, "workitem"),
    )
    return Response()


async def suspend(request: Request) -> Response:
    """Have an AE told of no more new workitems (PS3.18 11.12)."""
    await run(
        domain.suspend,
        actor=actor_of(request),
        partition=partition_of(request),
        aetitle=request.path_params["aetitle"],
        uid=uid(request, "workitem"),
    )
    return Response()


def channel_address(request: Request) -> str:
    """Return the address of the WebSocket by which an AE is told."""
    partition = request.path_params.get("partition")
    within = f"/partitions/{quote(partition, safe='')}" if partition else ""
    title = quote(request.path_params["aetitle"].strip(" "), safe="")
    origin = origin_of(request.scope).replace("http", "ws", 1)
    return f"{origin}/ws{within}/subscribers/{title}"
