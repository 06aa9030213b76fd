"""Long work over HTTP: see, list, cancel, retry.

``GET /operations/{id}`` answers as Azure's DICOM service does: 202 while it goes on,
200 once it has ended. The rest is ours.
"""

from typing import Any, Final
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response

from core import operations
from core.database import run, run_read
from core.errors import Invalid
from core.models import Operation, OperationState
from imaging.dicomweb.dialect import Dialect, dialect_of
from imaging.dicomweb.media_types import JSON
from imaging.dicomweb.request import actor_of, base_url, whole_number

MAXIMUM_LIMIT: Final = 200
MAXIMUM_OFFSET: Final = 10**9
_STATUS: Final = {(Dialect.V1, str(OperationState.SUCCEEDED)): "completed"}
"""How a dialect calls a state, where it does not as we do."""


async def get_operation(request: Request) -> Response:
    """Answer one operation."""
    operation = await run_read(
        operations.get_operation, actor=actor_of(request), operation_id=_id(request)
    )
    return _answer(request, operation)


async def list_operations(request: Request) -> Response:
    """Answer the operations that the actor may see, the newest first."""
    limit = whole_number(request, "limit", 100, minimum=1, maximum=MAXIMUM_LIMIT)
    offset = whole_number(request, "offset", 0, maximum=MAXIMUM_OFFSET)

    def page() -> list[Operation]:
        held = operations.list_operations(actor=actor_of(request))
        return list(held[offset : offset + limit])

    rows = [_row(request, operation) for operation in await run_read(page)]
    return Response(orjson.dumps(rows), media_type=JSON)


async def cancel_operation(request: Request) -> Response:
    """End an operation; 409 where it has ended already."""
    operation = await run(
        operations.cancel_operation, actor=actor_of(request), operation_id=_id(request)
    )
    return _answer(request, operation)


async def retry_operation(request: Request) -> Response:
    """Have an operation that failed or was canceled go on."""
    operation = await run(
        operations.retry_operation, actor=actor_of(request), operation_id=_id(request)
    )
    return _answer(request, operation)


def _id(request: Request) -> UUID:
    text: str = request.path_params["operation"]
    try:
        return UUID(text)
    except ValueError as error:
        message = "The id of an operation is a UUID."
        raise Invalid(message, path="operation") from error


def _answer(request: Request, operation: Operation) -> Response:
    goes_on = operation.state in operations.OPEN
    address = f"{base_url(request)}/operations/{operation.pk}"
    return Response(
        orjson.dumps(_row(request, operation)),
        202 if goes_on else 200,
        headers={"location": address} if goes_on else {},
        media_type=JSON,
    )


def _row(request: Request, operation: Operation) -> dict[str, Any]:
    """Return an operation; what is empty is left out, as Azure does."""
    dialect = dialect_of(request)
    row: dict[str, Any] = {
        "operationId": str(operation.pk),
        "type": operation.kind,
        "createdTime": operation.created_at,
        "lastUpdatedTime": operation.updated_at,
        "status": _STATUS.get((dialect, operation.state), operation.state),
        "percentComplete": operation.percent,
        "resources": [],
        "results": operation.result,
    }
    if not dialect.is_azure:
        row["error"] = operation.error or None
        row["numberOfErrors"] = operation.number_of_errors
    return {name: value for name, value in row.items() if value is not None}
