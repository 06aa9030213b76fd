"""GraphQL over HTTP: one operation a request, as JSON.

POST does anything but subscribe; GET only queries, so that a link or an image of
another site writes nothing. There are no batches and no uploads: what a list of
operations would do, one operation with several fields does.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import orjson
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send
from strawberry.exceptions import MissingQueryError
from strawberry.schema import BaseSchema
from strawberry.schema.exceptions import (
    CannotGetOperationTypeError,
    InvalidOperationTypeError,
)
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from core.errors import Invalid, TooLarge, UnsupportedMedia
from core.graphql.context import Context
from core.graphql.faults import told
from core.graphql.limits import MAXIMUM_QUERY_CHARACTERS
from core.request_bodies import awaited

MAXIMUM_BODY_BYTES: Final = 1024 * 1024
JSON: Final = "application/json"
GRAPHQL_JSON: Final = "application/graphql-response+json"
_ALLOWED: Final = {
    "GET": (OperationType.QUERY,),
    "HEAD": (OperationType.QUERY,),
    "POST": (OperationType.QUERY, OperationType.MUTATION),
}


class Asked(NamedTuple):
    """One operation, as a client sends it."""

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None


async def serve_http(
    schema: BaseSchema, scope: Scope, receive: Receive, send: Send
) -> None:
    """Answer one request."""
    request = Request(scope, awaited(receive, maximum_bytes=MAXIMUM_BODY_BYTES))
    allowed = _ALLOWED.get(request.method)
    if allowed is None:
        text = f"{request.method} cannot be done here."
        response: Response = PlainTextResponse(text, 405, {"allow": "GET, HEAD, POST"})
    else:
        response = await _answer(schema, request, allowed)
    await response(scope, receive, send)


def checked(asked: Mapping[str, Any]) -> Asked:
    """Return what a client's message asks.

    Raises
    ------
    Invalid
        It is not of the form of GraphQL over HTTP.
    TooLarge
        The text of the query is longer than the limit.
    """
    query = asked.get("query")
    variables, name = asked.get("variables"), asked.get("operationName")
    if not isinstance(query, str) or not query:
        message = "Send one operation: query must be the text of a GraphQL document."
        raise Invalid(message, path="query")
    if len(query) > MAXIMUM_QUERY_CHARACTERS:
        message = f"The query is longer than {MAXIMUM_QUERY_CHARACTERS} characters."
        raise TooLarge(message, path="query")
    if not isinstance(variables, dict | None):
        message = "variables must be an object."
        raise Invalid(message, path="variables")
    if not isinstance(name, str | None):
        message = "operationName must be a string."
        raise Invalid(message, path="operationName")
    if _has_nul(query, variables):
        message = "The operation has NUL characters, which no text here has."
        raise Invalid(message)
    return Asked(query, variables, name or None)


def payload_of(result: ExecutionResult, context: Context) -> dict[str, Any]:
    """Return a result as a client is sent it, with what it is to know of it."""
    payload: dict[str, Any] = {"data": result.data}
    if result.errors:
        payload["errors"] = formatted(result.errors, context.request_id)
    if context.warnings:
        payload["extensions"] = {"warnings": context.warnings}
    return payload


def formatted(errors: list[GraphQLError], request_id: str) -> list[Any]:
    """Return errors as a client is sent them."""
    known = all("code" in (error.extensions or {}) for error in errors)
    return [
        error.formatted for error in (errors if known else told(errors, request_id))
    ]


async def _answer(
    schema: BaseSchema, request: Request, allowed: tuple[OperationType, ...]
) -> Response:
    asked = await _asked(request)
    context = Context(request.scope, asked.operation_name)
    try:
        result = await schema.execute(
            asked.query,
            asked.variables,
            context,
            operation_name=asked.operation_name,
            allowed_operation_types=allowed,
        )
    except InvalidOperationTypeError as error:
        return _wrong_method(error)
    except (MissingQueryError, CannotGetOperationTypeError) as error:
        message = "The document has no such operation: name one in operationName."
        raise Invalid(message, path="operationName") from error
    media_type = (
        GRAPHQL_JSON if GRAPHQL_JSON in request.headers.get("accept", "") else JSON
    )
    is_refused = result.data is None and media_type == GRAPHQL_JSON
    return Response(
        orjson.dumps(payload_of(result, context)),
        400 if is_refused else 200,
        media_type=media_type,
    )


def _has_nul(*given: Any) -> bool:
    """Return whether a text of what a client gave is, or escapes, a NUL character."""
    left = list(given)
    while left:
        each = left.pop()
        if isinstance(each, str):
            if "\0" in each or "\\u0000" in each:
                return True
        elif isinstance(each, list | dict):
            left += each.values() if isinstance(each, dict) else each
    return False


def _wrong_method(error: InvalidOperationTypeError) -> Response:
    if error.operation_type is OperationType.SUBSCRIPTION:
        text = "Subscribe over a WebSocket (graphql-transport-ws)."
        return PlainTextResponse(text, 405, {"allow": ""})
    return PlainTextResponse("Send mutations by POST.", 405, {"allow": "POST"})


async def _asked(request: Request) -> Asked:
    if request.method != "POST":
        return checked(_from_query(request))
    media_type = request.headers.get("content-type", "").partition(";")[0].strip()
    if media_type.lower() != JSON:
        message = "Send the operation as application/json."
        raise UnsupportedMedia(message)
    body = _loaded(await request.body(), "body")
    if isinstance(body, list):
        message = "Send one operation in a request: several are not taken."
        raise Invalid(message)
    if not isinstance(body, dict):
        message = "The body must be a JSON object."
        raise Invalid(message)
    return checked(body)


def _from_query(request: Request) -> dict[str, Any]:
    given = request.query_params
    asked: dict[str, Any] = {
        name: given.get(name) for name in ("query", "operationName")
    }
    if "variables" in given:
        asked["variables"] = _loaded(given["variables"], "variables")
    return asked


def _loaded(text: str | bytes, name: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        message = f"The {name} cannot be read as JSON."
        raise Invalid(message, path=name) from error
