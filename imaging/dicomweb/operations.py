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
from core.media_types import JSON
from core.models import Operation, OperationState
from imaging.dicomweb.dialect import Dialect, dialect_of
from imaging.dicomweb.query_tags import tag_url
from imaging.dicomweb.request import (
    actor_of,
    base_url,
    service_url,
    whole_number,
)

MAXIMUM_LIMIT: Final = 200
MAXIMUM_OFFSET: Final = 10**9
_STATUS: Final = {(Dialect.V1, str(OperationState.SUCCEEDED)): "completed"}
"""How a dialect calls a state, where it does not as we do."""


async def get_operation(request: Request) -> Response:
    """Answer one operation."""
    operation = await run_read(
        operations.get_operation, actor=actor_of(request), operation_id=id_of(request)
    )
    return _answer(request, operation)


async def list_operations(request: Request) -> Response:
    """Answer the operations that the actor may see, the newest first."""
    limit = whole_number(request, "limit", 100, minimum=1, maximum=MAXIMUM_LIMIT)
    offset = whole_number(request, "offset", 0, maximum=MAXIMUM_OFFSET)

    which = _which(request)

    def page() -> list[Operation]:
        held = operations.list_operations(actor=actor_of(request), which=which)
        return list(held[offset : offset + limit])

    rows = [_row(request, operation) for operation in await run_read(page)]
    return Response(orjson.dumps(rows), media_type=JSON)


async def cancel_operation(request: Request) -> Response:
    """End an operation; 409 where it has ended already."""
    operation = await run(
        operations.cancel_operation,
        actor=actor_of(request),
        operation_id=id_of(request),
    )
    return _answer(request, operation)


async def retry_operation(request: Request) -> Response:
    """Have an operation that failed or was canceled go on."""
    operation = await run(
        operations.retry_operation, actor=actor_of(request), operation_id=id_of(request)
    )
    return _answer(request, operation)


def _which(request: Request) -> operations.Which:
    """Return which are asked for; of states the dialect's own words count."""
    words = {_word(dialect_of(request), state): state for state in OperationState}
    asked = request.query_params.get("status", "")
    if asked and asked not in words:
        message = f"status must be one of {', '.join(words)}."
        raise Invalid(message, path="status")
    kind = request.query_params.get("type", "")
    return operations.Which(kind, str(words[asked]) if asked else "")


def _word(dialect: Dialect, state: str) -> str:
    return _STATUS.get((dialect, str(state)), str(state))


def id_of(request: Request) -> UUID:
    """Return the id of the operation that the address names.

    Raises
    ------
    Invalid
        It is none.
    """
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
        "status": _word(dialect, operation.state),
        "percentComplete": operation.percent,
        "resources": [
            tag_url(request, path) for path in operation.parameters.get("paths", ())
        ],
        "results": _results(request, operation),
    }
    if not dialect.is_azure:
        row["error"] = operation.error or None
        row["numberOfErrors"] = operation.number_of_errors
    return {name: value for name, value in row.items() if value is not None}


def _results(request: Request, operation: Operation) -> dict[str, Any] | None:
    """Return what came of it; what lies here has its whole address."""
    if operation.result is None:
        return None
    below = f"operations/{operation.pk}/"
    return {
        name: f"{service_url(request)}/{value}"
        if isinstance(value, str) and value.startswith(below)
        else value
        for name, value in operation.result.items()
    }
