"""A WebSocket client of the graph at the boundary, in this process."""

import asyncio
from contextlib import suppress
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Scope

from core.graphql.websocket import PROTOCOL


async def first_message(
    app: ASGIApp, token: str | None, payload: dict[str, Any], *, timeout_s: float
) -> Any:
    """Return the first message of an operation; the close code; None for silence."""
    headers = [(b"host", b"h")]
    if token is not None:
        headers.append((b"authorization", f"Bearer {token}".encode()))
    scope: Scope = {
        "type": "websocket",
        "scheme": "ws",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "headers": headers,
        "subprotocols": [PROTOCOL],
        "client": ("127.0.0.1", 1),
    }
    incoming: asyncio.Queue[Message] = asyncio.Queue()
    outgoing: asyncio.Queue[Message] = asyncio.Queue()
    incoming.put_nowait({"type": "websocket.connect"})
    incoming.put_nowait(_message("connection_init"))
    task = asyncio.create_task(_served(app, scope, incoming, outgoing))
    try:
        async with asyncio.timeout(None) as limit:
            while True:
                got = await outgoing.get()
                if got["type"] == "websocket.close":
                    return got["code"]
                if got["type"] != "websocket.send":
                    continue
                told = orjson.loads(got["text"])
                if told["type"] == "connection_ack":
                    incoming.put_nowait(_message("subscribe", id="1", payload=payload))
                    limit.reschedule(asyncio.get_running_loop().time() + timeout_s)
                elif told["type"] not in {"ping", "pong"}:
                    return told
    except TimeoutError:
        return None
    finally:
        incoming.put_nowait({"type": "websocket.disconnect", "code": 1000})
        with suppress(asyncio.CancelledError):
            await task


def _message(kind: str, **more: Any) -> Message:
    text = orjson.dumps({"type": kind, **more}).decode()
    return {"type": "websocket.receive", "text": text}


async def _served(
    app: ASGIApp,
    scope: Scope,
    incoming: "asyncio.Queue[Message]",
    outgoing: "asyncio.Queue[Message]",
) -> None:
    await app(scope, incoming.get, outgoing.put)
