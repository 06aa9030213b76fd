"""Connections on which nothing happens: held through proxies, and ended by silence."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.peers import require_peer
from tests.proxies import QUIET_S, Proxy, nginx
from tests.stack import PATIENCE_S, Stack
from tests.synthetic import encode, instance, multipart, new_uid
from tests.worklist.listening import Worklist, hear

PING_S = 1
FEED = "subscription { changeFeed { studyInstanceUid } }"
# A client that does nothing by itself: pings would hold its connection.
QUIETLY: dict[str, Any] = {"ping_interval": None}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Yield a portal of our own, which pings more often than its proxies wait."""
    settings = {"PORTAL_PING_S": str(PING_S)}
    own = Stack(tmp_path_factory.mktemp("quiet"), settings=settings)
    try:
        own.start()
        yield own
    finally:
        own.kill()


def follow(stack: Stack) -> connect:
    """Return a connection to the graph; nothing of its protocol is sent yet."""
    return connect(
        f"ws://127.0.0.1:{stack.port}/graphql",
        subprotocols=[Subprotocol("graphql-transport-ws")],
        additional_headers={"authorization": f"Bearer {stack.token}"},
        **QUIETLY,
    )


async def is_told(stack: Stack) -> None:
    """See that channel and graph tell what happens after a long quiet time."""
    aetitle = new_uid()[-12:]
    worklist = Worklist(stack)
    uid = await worklist.schedule()
    await worklist.subscribe(aetitle, uid)
    async with worklist.channel(aetitle, **QUIETLY) as channel, follow(stack) as graph:
        await graph.send(json.dumps({"type": "connection_init"}))
        asked = {"type": "subscribe", "id": "1", "payload": {"query": FEED}}
        await graph.send(json.dumps(asked))
        assert [each.state for each in await hear(channel)] == ["SCHEDULED"]
        await asyncio.sleep(3 * QUIET_S)
        await worklist.claim(uid)
        assert [each.state for each in await hear(channel)] == ["IN PROGRESS"]
        study = await _store(stack)
        async with asyncio.timeout(PATIENCE_S):
            while study not in str(await graph.recv()):
                pass


async def _store(stack: Stack) -> str:
    made = instance()
    body, headers = multipart(encode(made))
    headers["authorization"] = f"Bearer {stack.token}"
    url = f"{stack.base_url}/dicomweb/studies"
    async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
        stored = await client.post(url, content=body, headers=headers)
    assert stored.status_code == 200
    return str(made.StudyInstanceUID)


@pytest.mark.peer("nginx")
def test_nginx_keeps_them(stack: Stack, tmp_path: Path) -> None:
    program = require_peer("nginx")["nginx"]
    with nginx(program, tmp_path, stack.port) as port:
        asyncio.run(is_told(replace(stack, port=port)))


def test_a_proxy_that_ends_what_is_quiet_keeps_them(stack: Stack) -> None:
    async def run() -> None:
        async with Proxy(stack.port).running() as proxy:
            await is_told(replace(stack, port=proxy.port))

    asyncio.run(run())


def test_who_has_lost_the_network_is_let_go(stack: Stack) -> None:
    """Nothing comes of what we send, and no end of the connection either."""

    async def run() -> None:
        async with Proxy(stack.port).running() as proxy:
            lost = replace(stack, port=proxy.port)
            aetitle = new_uid()[-12:]
            async with (
                Worklist(lost).channel(aetitle, close_timeout=0, **QUIETLY),
                follow(lost),
            ):
                await asyncio.sleep(2 * PING_S)
                assert proxy.number_of_ends == 0
                proxy.passes.clear()
                async with asyncio.timeout(PATIENCE_S):
                    while proxy.number_of_ends < 2:
                        await asyncio.sleep(0.1)
            # And its channel goes on elsewhere as if it had said good-bye.
            async with Worklist(stack).channel(aetitle) as socket:
                assert await (await socket.ping()) >= 0

    asyncio.run(run())
