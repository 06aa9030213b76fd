"""The WebSocket by which a subscriber is told of events (DICOM PS3.18 8.10.4, 8.10.5).

Each message is an event report in DICOM JSON. A client may send the number of an event
back, which says that it has it and all before; it sends nothing else. A page that can
send no headers offers its token beside `PROTOCOL` (`core.subprotocols`).
"""

import asyncio
import re
from contextlib import suppress
from typing import Final
from urllib.parse import parse_qs
from uuid import UUID, uuid4

from django.conf import settings
from starlette.types import Receive, Scope, Send

from core.access import Actor, Verb, require
from core.asgi import close_code
from core.database import run
from core.errors import Busy, Invalid, NotFound, PortalError
from core.partitions import DEFAULT_PARTITION, get_partition
from core.pinging import Silent, ping
from worklist.events.channel import Channel, TakenOver, Unconfirmed
from worklist.events.hub import hub
from worklist.events.number import Number
from worklist.events.subscribers import Opened, open_channel

ROOT: Final = "/ws"
PROTOCOL: Final = "ups-event-report"
"""The subprotocol: selected where it is offered. The standard has none of its own."""
SEND_S: Final = 60.0  # for a client to take a message
CLOSE_S: Final = 2.0  # for a client to take the end of the connection
END_S: Final = 5.0  # for channels to end when the server stops
LONGEST_MESSAGE: Final = 64  # characters
# RFC 6455 7.4.1, and our own.
GOING_AWAY: Final = 1001
POLICY: Final = 1008
TRY_AGAIN_LATER: Final = 1013
BAD_MESSAGE: Final = 4400
OPENED_ANEW: Final = 4409

_ADDRESS: Final = re.compile(
    rf"{ROOT}(?:/partitions/(?P<partition>[^/]+))?/subscribers/(?P<aetitle>[^/]+)"
)


class _Ended(Exception):
    """The connection is to be closed with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class _Gone(Exception):
    """The client has closed the connection."""


async def serve_channel(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one connection until either side ends it.

    Raises
    ------
    NotFound
        There is no channel at this address.
    Forbidden
        The roles of who asks lack the verb.
    """
    found = _ADDRESS.fullmatch(scope["path"])
    if found is None:
        message = "There is no WebSocket at this address."
        raise NotFound(message)
    require(scope["actor"], Verb.VIEW_PHI)
    await receive()  # the handshake
    is_offered = PROTOCOL in scope.get("subprotocols", ())
    await send(
        {"type": "websocket.accept", "subprotocol": PROTOCOL if is_offered else None}
    )
    partition = found["partition"] or DEFAULT_PARTITION
    connection = _Connection(scope, receive, send, partition, found["aetitle"])
    ended = asyncio.Event()
    _ends.add(ended)
    try:
        await connection.serve()
    except* _Gone:
        pass
    except* (_Ended, PortalError, TakenOver, Unconfirmed) as group:
        await connection.close(_end_of(_first(group)))
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
    """A client and its channel."""

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        partition: str,
        aetitle: str,
    ) -> None:
        self._scope = scope
        self._receive = receive
        self._raw_send = send
        self._partition = partition
        self._aetitle = aetitle
        self._sending = asyncio.Lock()

    async def serve(self) -> None:
        """Open the channel, and tell until one side ends it."""
        holder = uuid4()
        opened = await run(self._open, holder)
        actor: Actor = self._scope["actor"]
        channel = Channel(opened, holder, hub(), actor, self._find_actor, self._send)
        async with hub().joined(channel), asyncio.TaskGroup() as group:
            group.create_task(self._listen(channel))
            group.create_task(self._tell(channel))
            group.create_task(self._ping())

    async def close(self, end: _Ended) -> None:
        """Close the connection, as far as the client takes it."""
        message = {"type": "websocket.close", "code": end.code, "reason": end.reason}
        with suppress(Exception):
            async with asyncio.timeout(CLOSE_S):
                await self._raw_send(message)

    def _open(self, holder: UUID) -> Opened:
        actor: Actor = self._scope["actor"]
        name, verb = self._partition, Verb.VIEW_PHI
        return open_channel(
            actor=actor,
            partition_id=get_partition(actor=actor, name=name, verb=verb),
            aetitle=self._aetitle,
            holder=holder,
            started_at=hub().started_at,
            cursor=_cursor_of(self._scope),
        )

    async def _find_actor(self) -> Actor:
        actor: Actor = await self._scope["authenticate"]()
        # The partition may be closed meanwhile.
        name, verb = self._partition, Verb.VIEW_PHI
        await run(get_partition, actor=actor, name=name, verb=verb)
        return actor

    async def _tell(self, channel: Channel) -> None:
        await channel.serve()
        raise _Ended(GOING_AWAY, "The server stops")

    async def _ping(self) -> None:
        """Keep the connection, and see that somebody is there."""
        while True:
            await asyncio.sleep(settings.PING_S)
            try:
                async with self._sending:
                    ping(self._scope)
            except Silent as error:
                raise _Ended(POLICY, "Pings have not been answered") from error

    async def _listen(self, channel: Channel) -> None:
        while True:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                raise _Gone
            text = message.get("text")
            if text is None or len(text) > LONGEST_MESSAGE:
                raise _Ended(BAD_MESSAGE, "Send numbers of events, or nothing")
            try:
                channel.confirm(Number.read(text.strip()))
            except Invalid as error:
                raise _Ended(BAD_MESSAGE, error.message) from error

    async def _send(self, text: str) -> None:
        try:
            async with asyncio.timeout(SEND_S), self._sending:
                await self._raw_send({"type": "websocket.send", "text": text})
        except TimeoutError as error:
            raise _Ended(POLICY, "Nothing was taken for long") from error
        except OSError as error:
            raise _Gone from error


def _cursor_of(scope: Scope) -> Number | None:
    query = parse_qs(scope["query_string"].decode("latin-1"))
    given = query.get("cursor")
    return None if given is None else Number.read(given[-1])


def _first(group: BaseExceptionGroup[Exception]) -> Exception:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, Exception)  # noqa: S101 others are not caught
    return error


def _end_of(error: Exception) -> _Ended:
    match error:
        case _Ended():
            return error
        case TakenOver():
            return _Ended(OPENED_ANEW, "This channel has been opened anew elsewhere")
        case Unconfirmed():
            return _Ended(POLICY, "Events have not been confirmed for long")
        case Busy():
            return _Ended(TRY_AGAIN_LATER, error.message[:100])
        case Invalid():
            return _Ended(BAD_MESSAGE, error.message[:100])
        case _:
            return _Ended(close_code(error), str(error)[:100])
