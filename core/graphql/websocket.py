"""GraphQL over a WebSocket: the protocol ``graphql-transport-ws``.

A browser that is signed in is let in by the boundary, from our own pages; anybody else
sends a token: in the handshake (as a header, or beside the subprotocol) or as
``Authorization`` in the payload of ``connection_init``. Who it is, is asked anew for
each operation and by what lasts; where that ends, the socket is closed with 4401 or
4403. An answer is made when the one before it has been taken, so a slow client costs no
memory, and one that takes nothing for `SEND_S`, or answers no pings, is cut off. Nobody
who waits holds a thread or a database connection.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import aclosing, suppress
from typing import Any, Final

import orjson
from django.conf import settings
from graphql import GraphQLError
from starlette.types import Receive, Scope, Send
from strawberry.schema import BaseSchema
from strawberry.types.execution import ExecutionResult, PreExecutionError

from core.asgi import close_code
from core.errors import Busy, PortalError, TooLarge
from core.feed_listener import listener
from core.graphql.context import Context
from core.graphql.http import checked, formatted, payload_of
from core.pinging import Silent, ping

PROTOCOL: Final = "graphql-transport-ws"
INIT_S: Final = 10.0  # for the first message
SEND_S: Final = 60.0  # for a client to take a message
END_S: Final = 5.0  # for operations to end when the server stops
CLOSE_S: Final = 2.0  # for a client to take the end of the connection
MAXIMUM_OPERATIONS: Final = 20  # of a connection
MAXIMUM_MESSAGE_CHARACTERS: Final = 1024 * 1024
# Codes of graphql-transport-ws, and of RFC 6455 7.4.1.
GOING_AWAY: Final = 1001
POLICY: Final = 1008
TRY_AGAIN_LATER: Final = 1013
TOO_BIG: Final = 1009
BAD_MESSAGE: Final = 4400
UNAUTHORIZED: Final = 4401
NO_SUBPROTOCOL: Final = 4406
INIT_TIMEOUT: Final = 4408
SUBSCRIBER_EXISTS: Final = 4409
TOO_MANY_INITS: Final = 4429


class _Closed(Exception):
    """The connection is to be closed with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class _Gone(Exception):
    """The client has closed the connection."""


async def serve_websocket(
    schema: BaseSchema, scope: Scope, receive: Receive, send: Send
) -> None:
    """Serve one connection until either side ends it."""
    await receive()  # the handshake
    is_known = PROTOCOL in scope.get("subprotocols", ())
    await send(
        {"type": "websocket.accept", "subprotocol": PROTOCOL if is_known else None}
    )
    connection = _Connection(schema, scope, receive, send)
    if not is_known:
        await connection.close(_Closed(NO_SUBPROTOCOL, "Subprotocol not acceptable"))
        return
    ended = asyncio.Event()
    _ends.add(ended)
    try:
        await connection.serve()
    finally:
        _ends.remove(ended)
        ended.set()


async def wait_until_closed() -> None:
    """Wait, when the server stops, until the clients of this process know that."""
    with suppress(TimeoutError):
        async with asyncio.timeout(END_S + CLOSE_S):
            for ended in tuple(_ends):
                await ended.wait()


_ends: Final[set[asyncio.Event]] = set()


class _Connection:
    """One client, and its operations that go on."""

    def __init__(
        self, schema: BaseSchema, scope: Scope, receive: Receive, send: Send
    ) -> None:
        self._schema = schema
        self._scope = scope
        self._receive = receive
        self._raw_send = send
        self._sending = asyncio.Lock()
        self._group = asyncio.TaskGroup()
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._was_asked = False  # connection_init came
        self._is_known = False  # and was answered

    async def serve(self) -> None:
        """Serve until the client goes, breaks a rule, or the server stops."""
        try:
            async with self._group as group:
                for way in (self._read, self._ping, self._await_init, self._await_end):
                    group.create_task(way())
        except* _Gone:
            pass
        except* _Closed as ends:
            await self.close(next(iter(_leaves(ends))))

    async def close(self, end: _Closed) -> None:
        """Close the connection, as far as the client takes it."""
        message = {"type": "websocket.close", "code": end.code, "reason": end.reason}
        with suppress(Exception):
            async with asyncio.timeout(CLOSE_S):
                await self._raw_send(message)

    async def _read(self) -> None:
        while True:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                raise _Gone
            await self._take(_message_of(message))

    async def _ping(self) -> None:
        """Keep the connection, and see that somebody is there.

        Both of the protocol and of WebSockets: that one any client answers.
        """
        while True:
            await asyncio.sleep(settings.PING_S)
            await self._send({"type": "ping"})
            try:
                async with self._sending:
                    ping(self._scope)
            except Silent as error:
                raise _Closed(POLICY, "Pings have not been answered") from error

    async def _await_init(self) -> None:
        await asyncio.sleep(INIT_S)
        if not self._was_asked:
            raise _Closed(INIT_TIMEOUT, "Connection initialisation timeout")

    async def _await_end(self) -> None:
        """Close when the server stops, once what follows the feed has ended."""
        await listener().wait_for_end()
        if self._operations:
            await asyncio.wait(self._operations.values(), timeout=END_S)
        raise _Closed(GOING_AWAY, "The server stops")

    async def _take(self, message: Mapping[str, Any]) -> None:
        match message.get("type"):
            case "connection_init":
                await self._initialise(message.get("payload"))
            case "ping":
                await self._send({"type": "pong"})
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(message.get("id"), message.get("payload"))
            case "complete":
                operation = self._operations.pop(str(message.get("id")), None)
                if operation is not None:
                    operation.cancel()
            case _:
                raise _Closed(BAD_MESSAGE, "Unknown type of message")

    async def _initialise(self, payload: Any) -> None:
        if self._was_asked:
            raise _Closed(TOO_MANY_INITS, "Too many initialisation requests")
        self._was_asked = True
        try:
            await self._scope["authenticate"](_authorization_in(payload))
        except PortalError as error:
            raise _ending(error) from error
        await self._send({"type": "connection_ack"})
        self._is_known = True

    async def _subscribe(self, key: Any, payload: Any) -> None:
        if not self._is_known:
            raise _Closed(UNAUTHORIZED, "Unauthorized")
        if not isinstance(key, str) or not isinstance(payload, dict):
            raise _Closed(BAD_MESSAGE, "subscribe needs an id and a payload")
        if key in self._operations:
            raise _Closed(
                SUBSCRIBER_EXISTS, f"Subscriber for {key[:50]} already exists"
            )
        if len(self._operations) >= MAXIMUM_OPERATIONS:
            error = GraphQLError(
                f"A connection has {MAXIMUM_OPERATIONS} operations at most.",
                extensions={"code": TooLarge.code},
            )
            await self._send(_error(key, [error.formatted]))
            return
        self._operations[key] = self._group.create_task(self._run(key, payload))

    async def _run(self, key: str, payload: dict[str, Any]) -> None:
        """Run an operation to its end, and tell it."""
        request_id = self._scope["request_id"]
        try:
            last = await self._answer(key, payload)
        except PortalError as error:
            last = _error(key, formatted([_as_graphql(error)], request_id))
        except (_Closed, _Gone):
            raise
        except Exception as error:  # noqa: BLE001 the boundary of an operation
            last = _error(key, formatted([_as_graphql(error)], request_id))
        if self._operations.get(key) is asyncio.current_task():
            del self._operations[key]
            await self._send(last)

    async def _answer(self, key: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Send what an operation answers, and return the last message about it."""
        asked = checked(payload)
        try:
            await self._scope["authenticate"]()
        except PortalError as error:
            raise _ending(error) from error
        context = Context(self._scope, asked.operation_name)
        stream = await self._schema.stream(
            asked.query,
            asked.variables,
            context,
            operation_name=asked.operation_name,
        )
        async with aclosing(stream):
            async for result in stream:
                if context.ended_by is not None:
                    raise _ending(context.ended_by)
                if isinstance(result, PreExecutionError):
                    return _error(
                        key, formatted(result.errors or [], context.request_id)
                    )
                if not isinstance(result, ExecutionResult):
                    raise TypeError(type(result))  # @defer is not enabled
                payload = payload_of(result, context)
                await self._send({"id": key, "type": "next", "payload": payload})
        return {"id": key, "type": "complete"}

    async def _send(self, message: Mapping[str, Any]) -> None:
        text = orjson.dumps(message).decode()
        try:
            async with asyncio.timeout(SEND_S), self._sending:
                await self._raw_send({"type": "websocket.send", "text": text})
        except TimeoutError as error:
            raise _Closed(POLICY, "Nothing was taken for long") from error
        except OSError as error:
            raise _Gone from error


def _leaves(group: BaseExceptionGroup[_Closed]) -> Iterator[_Closed]:
    for error in group.exceptions:
        if isinstance(error, _Closed):
            yield error
        else:
            yield from _leaves(error)


def _message_of(received: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the JSON object that a client has sent."""
    text = received.get("text")
    if text is None:
        raise _Closed(BAD_MESSAGE, "Messages must be text")
    if len(text) > MAXIMUM_MESSAGE_CHARACTERS:
        raise _Closed(TOO_BIG, "The message is too long")
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _Closed(BAD_MESSAGE, "Messages must be JSON") from error
    if not isinstance(message, dict):
        raise _Closed(BAD_MESSAGE, "Messages must be JSON objects")
    return message


def _authorization_in(payload: Any) -> str | None:
    """Return the ``Authorization`` of connection_init, in any case."""
    if payload is None:
        return None
    if not isinstance(payload, dict):
        raise _Closed(BAD_MESSAGE, "The payload must be an object")
    given = {name.lower(): value for name, value in payload.items()}
    authorization = given.get("authorization")
    if not isinstance(authorization, str | None):
        raise _Closed(BAD_MESSAGE, "Authorization must be a string")
    return authorization


def _error(key: str, errors: list[Any]) -> dict[str, Any]:
    return {"id": key, "type": "error", "payload": errors}


def _as_graphql(error: Exception) -> GraphQLError:
    return GraphQLError(str(error), original_error=error)


def _ending(error: PortalError) -> _Closed:
    code = TRY_AGAIN_LATER if isinstance(error, Busy) else close_code(error)
    return _Closed(code, error.message[:100])
