"""How failures look in GraphQL: the map of `core.boundary`, in one place.

A query that fails has an entry in ``errors`` whose ``extensions`` hold the code. A
mutation answers its own result or a `Fault`, so that a client must deal with both.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final

import strawberry
from graphql import FieldNode, GraphQLError, OperationType, get_operation_ast
from strawberry.extensions import FieldExtension, SchemaExtension
from strawberry.types.execution import ExecutionContext, StreamExecutionResult

from core.boundary import log_failure, refusal_of
from core.errors import Busy, Invalid, PortalError, Upstream
from core.graphql.context import Info
from core.graphql.refusals import record_refusals

_TOO_DEEP: Final = "The query is nested too deeply."


@strawberry.type(description="Why a mutation did not do what it was asked to.")
class Fault:
    """A failure that the client is told about."""

    code: str = strawberry.field(
        description="What kind of failure it is, for programs: NOT_FOUND, GONE,"
        " FORBIDDEN, UNAUTHENTICATED, INVALID, TOO_LARGE, UNSUPPORTED, CONFLICT,"
        " PRECONDITION_FAILED, BUSY, TOO_MANY, STORAGE_UNAVAILABLE, UPSTREAM."
    )
    message: str = strawberry.field(
        description="What went wrong and what to do, for people."
    )
    path: str | None = strawberry.field(
        description="The argument or attribute at fault, where there is one."
    )
    retry_after: int | None = strawberry.field(
        description="Seconds after which a retry makes sense; null: it makes none."
    )


class AnswerFaults(FieldExtension):
    """Has a mutation answer a `Fault` where its domain function refuses."""

    async def resolve_async(
        self,
        next_: Callable[..., Awaitable[Any]],
        source: Any,
        info: Info,
        **kwargs: Any,
    ) -> Any:
        """Return what the mutation answers, or why it does not."""
        try:
            return await next_(source, info, **kwargs)
        except PortalError as error:
            log_failure(error, info.context.request_id)
            info.context.refused[info.field_name] = error
            return Fault(
                code=error.code,
                message=error.message,
                path=error.path,
                retry_after=_retry_after(error),
            )


mutation = partial(strawberry.mutation, extensions=[AnswerFaults()])
"""Makes the field of a mutation whose type is a union with `Fault`."""


class TellErrors(SchemaExtension):
    """Gives each error of an answer its code, and hides what only operators see."""

    def __init__(self, **_given: Any) -> None:
        self._is_stream = False

    async def on_operation(self) -> AsyncIterator[None]:
        """Tell the errors of an answer that is no stream."""
        self._is_stream = False
        yield
        result = self.execution_context.result
        if not self._is_stream and result is not None:
            self._tell(result)
            await self._record()

    async def on_stream_result(
        self, result: StreamExecutionResult
    ) -> AsyncIterator[None]:
        """Tell the errors of each answer of a stream, before it is sent."""
        self._is_stream = True
        self._tell(result)
        await self._record()  # now: a client that goes would cut short what comes later
        yield

    async def _record(self) -> None:
        execution = self.execution_context
        await record_refusals(execution.context, _kind(execution))

    def _tell(self, result: Any) -> None:
        if result.errors:
            context = self.execution_context.context
            context.refused |= _failed(result.errors)
            result.errors = told(result.errors, context.request_id)


def _kind(execution: ExecutionContext) -> OperationType | None:
    """Return the kind of an operation; None where the document has no such one."""
    document = execution.graphql_document
    if document is None:
        return None
    operation = get_operation_ast(document, execution.operation_name)
    return None if operation is None else operation.operation


def _failed(errors: Sequence[GraphQLError]) -> dict[str, Exception]:
    """Return the fields that were refused or failed; not what breaks the grammar."""
    causes = ((error, _cause(error)) for error in errors)
    return {_field(error): cause for error, cause in causes if cause is not None}


def _field(error: GraphQLError) -> str:
    nodes = error.nodes or ()
    named = (node.name.value for node in nodes if isinstance(node, FieldNode))
    return next(named, "operation")


def told(errors: Sequence[GraphQLError], request_id: str) -> list[GraphQLError]:
    """Return errors as the client may see them; what is a bug is logged."""
    return [_told(error, request_id) for error in errors]


def _told(error: GraphQLError, request_id: str) -> GraphQLError:
    cause = _cause(error)
    if cause is None:  # of syntax, validation, values: the message is graphql-core's
        extensions: dict[str, Any] = {"code": Invalid.code}
        return _with(error, error.message, extensions)
    log_failure(cause, request_id)
    extensions = {"code": getattr(cause, "code", PortalError.code)}
    if isinstance(cause, PortalError):
        if cause.path is not None:
            extensions["path"] = cause.path
        if (retry_after := _retry_after(cause)) is not None:
            extensions["retryAfter"] = retry_after
    else:
        extensions["reference"] = request_id
    return _with(error, refusal_of(cause, request_id).text, extensions)


def _cause(error: GraphQLError) -> Exception | None:
    """Return what an error stems from, beneath those of graphql-core."""
    cause: Exception | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    if isinstance(cause, RecursionError):
        return Invalid(_TOO_DEEP)
    return cause


def _with(error: GraphQLError, message: str, extensions: Any) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )


def _retry_after(error: PortalError) -> int | None:
    if isinstance(error, Busy):
        return error.retry_after_s
    return 0 if isinstance(error, Upstream) and error.retryable else None
