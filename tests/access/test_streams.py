"""Streams that run on while a grant is taken back: nothing stored later is shown."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.stack import Stack
from tests.synthetic import encode, instance, multipart, new_uid

LONG_S = 60
GRANT = """
from core.access import system
from core.accounts.granted import list_grants
from core.accounts.grants import Level, grant, revoke
from core.models import Account
from imaging.scopes import scope_of_partition
actor = system("test")
"""
FEED = "subscription { changeFeed { partitionName studyInstanceUid } }"


@pytest.fixture
def account(stack: Stack) -> str:
    return f"watcher-{new_uid()[-12:]}"


@pytest.fixture
def token(stack: Stack, account: str) -> str:
    return stack.manage("token", "create", account, "--role", "Researcher")


@pytest.fixture
def partitions(stack: Stack, account: str, token: str) -> tuple[str, str]:
    """Return two partitions that the account may see, for now."""
    opened, kept = (f"{name}-{new_uid()[-20:]}" for name in ("opened", "kept"))
    for name in (opened, kept):
        store(stack, name)
        give(stack, name, account)
    return opened, kept


def give(stack: Stack, partition: str, name: str) -> None:
    to = f"Account.objects.get(username={name!r})"
    on = f"scope_of_partition(actor=actor, partition={partition!r})"
    text = f"grant(actor=actor, scope={on}, to={to}, level=Level.SEE)"
    stack.manage("shell", "-v", "0", "-c", GRANT + text)


def take_back(stack: Stack, partition: str) -> None:
    on = f"scope_of_partition(actor=actor, partition={partition!r})"
    text = f"for each in list_grants(actor=actor, scope={on}):"
    text += " revoke(actor=actor, given=each)"
    stack.manage("shell", "-v", "0", "-c", GRANT + text)


def store(stack: Stack, partition: str) -> str:
    made = instance()
    body, headers = multipart(encode(made))
    headers["authorization"] = f"Bearer {stack.token}"
    url = f"{stack.base_url}/dicomweb/partitions/{partition}/studies"
    answer = httpx.post(url, content=body, headers=headers, timeout=LONG_S)
    assert answer.status_code == 200, answer.text
    return str(made.StudyInstanceUID)


def test_a_stream_of_events_shows_nothing_that_came_after(
    stack: Stack, token: str, partitions: tuple[str, str]
) -> None:
    opened, kept = partitions
    headers = {"authorization": f"Bearer {token}", "accept": "text/event-stream"}
    url = f"{stack.base_url}/dicomweb/changefeed?includeMetadata=false"
    with httpx.stream("GET", url, headers=headers, timeout=LONG_S) as answer:
        told = _events(answer)
        assert {next(told)["partitionName"] for _ in range(2)} == set(partitions)
        before = store(stack, opened)
        assert next(told)["studyInstanceUid"] == before
        take_back(stack, opened)
        store(stack, opened)
        after = store(stack, kept)
        assert next(told)["studyInstanceUid"] == after


def _events(answer: httpx.Response) -> Iterator[Any]:
    for line in answer.iter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


def test_a_subscription_shows_nothing_that_came_after(
    stack: Stack, token: str, partitions: tuple[str, str]
) -> None:
    opened, kept = partitions

    async def run() -> None:
        async with connect(
            f"ws://127.0.0.1:{stack.port}/graphql",
            subprotocols=[Subprotocol("graphql-transport-ws")],
            additional_headers={"authorization": f"Bearer {token}"},
            open_timeout=LONG_S,
        ) as socket:

            async def hear() -> Any:
                async with asyncio.timeout(LONG_S):
                    while True:
                        told = json.loads(await socket.recv())
                        if told["type"] == "next":
                            return told["payload"]["data"]["changeFeed"]

            await socket.send(json.dumps({"type": "connection_init"}))
            asked = {"type": "subscribe", "id": "1", "payload": {"query": FEED}}
            await socket.send(json.dumps(asked))
            seen = [await hear(), await hear()]
            assert {each["partitionName"] for each in seen} == set(partitions)
            before = await asyncio.to_thread(store, stack, opened)
            assert (await hear())["studyInstanceUid"] == before
            await asyncio.to_thread(take_back, stack, opened)
            await asyncio.to_thread(store, stack, opened)
            after = await asyncio.to_thread(store, stack, kept)
            assert (await hear())["studyInstanceUid"] == after

    asyncio.run(run())
