"""Subscriptions through the real server, by clients of others and by hand."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from gql import Client, gql
from gql.client import AsyncClientSession
from gql.transport.websockets import WebsocketsTransport
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from tests.stack import Stack
from tests.synthetic import encode, instance, multipart, new_uid

LONG_S = 60
PROTOCOL = Subprotocol("graphql-transport-ws")
FEED = """
subscription ($study: UI, $after: String) {
  changeFeed(filter: {studyInstanceUid: $study}, after: $after) {
    sequence cursor action state partitionName studyInstanceUid dicomJson
  }
}
"""


def address(stack: Stack) -> str:
    return f"ws://127.0.0.1:{stack.port}/graphql"


def store(stack: Stack, study: str, number: int = 1) -> None:
    datasets = [instance(StudyInstanceUID=study) for _ in range(number)]
    body, headers = multipart(*map(encode, datasets))
    headers["Authorization"] = f"Bearer {stack.token}"
    url = f"{stack.base_url}/dicomweb/studies"
    answer = httpx.post(url, content=body, headers=headers, timeout=LONG_S)
    assert answer.status_code == 200, answer.text


@asynccontextmanager
async def raw(
    stack: Stack, token: str | None = None, **more: Any
) -> AsyncIterator[ClientConnection]:
    """Open a connection, and begin it with a token if one is given."""
    options = {"subprotocols": [PROTOCOL], "open_timeout": LONG_S, **more}
    async with connect(address(stack), **options) as socket:
        if token is not None:
            payload = {"Authorization": f"Bearer {token}"}
            await say(socket, type="connection_init", payload=payload)
            assert await hear(socket) == {"type": "connection_ack"}
        yield socket


async def say(socket: ClientConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))


async def hear(socket: ClientConnection) -> Any:
    """Return the next message that is no ping."""
    async with asyncio.timeout(LONG_S):
        while True:
            message = json.loads(await socket.recv())
            if message["type"] != "ping":
                return message


async def closed(socket: ClientConnection) -> int | None:
    """Return the code that the server closes a connection with."""
    try:
        async with asyncio.timeout(LONG_S):
            while True:
                await socket.recv()
    except ConnectionClosed as error:
        return error.rcvd.code if error.rcvd else None


async def subscribe(socket: ClientConnection, key: str, **payload: Any) -> None:
    await say(socket, id=key, type="subscribe", payload=payload)


@pytest.mark.parametrize("first", ["headers", "payload"])
def test_a_client_of_others_follows_and_resumes(stack: Stack, first: str) -> None:
    study = new_uid()
    bearer = {"Authorization": f"Bearer {stack.token}"}

    async def take(session: AsyncClientSession, after: str | None, number: int) -> Any:
        query = gql(FEED)
        query.variable_values = {"study": study, "after": after}
        seen: list[Any] = []
        async with aclosing(session.subscribe(query)) as results:
            async for result in results:
                seen.append(result["changeFeed"])
                if len(seen) == number:
                    break
                if len(seen) == 2:
                    await asyncio.to_thread(store, stack, study)
        return seen

    async def follow() -> list[Any]:
        transport = WebsocketsTransport(
            url=address(stack),
            subprotocols=[PROTOCOL],
            headers=bearer if first == "headers" else None,
            init_payload=bearer if first == "payload" else None,
        )
        async with Client(transport=transport) as session:
            seen: list[Any] = await take(session, None, 3)
            assert await take(session, seen[1]["cursor"], 1) == seen[2:]
            return seen

    store(stack, study, 2)
    seen = asyncio.run(follow())
    assert [each["action"] for each in seen] == ["CREATE"] * 3
    assert [each["state"] for each in seen] == ["CURRENT"] * 3
    numbers = [each["sequence"] for each in seen]
    assert numbers == sorted(set(numbers))
    assert {each["dicomJson"] for each in seen} == {None}


def test_queries_and_mutations_go_over_the_socket_too(stack: Stack) -> None:
    async def run() -> None:
        async with raw(stack, stack.token) as socket:
            await subscribe(socket, "1", query="{ me { name roles } }")
            data: Any = {"me": {"name": "bootstrap", "roles": ["Administrator"]}}
            told: Any = {"id": "1", "type": "next", "payload": {"data": data}}
            assert await hear(socket) == told
            assert await hear(socket) == {"id": "1", "type": "complete"}
            await subscribe(socket, "1", query="{ nothing }")
            error = await hear(socket)
            assert (error["type"], error["id"]) == ("error", "1")
            assert error["payload"][0]["extensions"] == {"code": "INVALID"}
            await subscribe(socket, "2", query=" " * 60_000)
            error = await hear(socket)
            assert error["payload"][0]["extensions"]["code"] == "TOO_LARGE"
            feed = 'subscription { changeFeed(after: "x") { sequence } }'
            await subscribe(socket, "3", query=feed)
            told = await hear(socket)
            assert told["payload"]["errors"][0]["extensions"]["path"] == "after"
            assert await hear(socket) == {"id": "3", "type": "complete"}
            await say(socket, type="ping")
            assert await hear(socket) == {"type": "pong"}

    asyncio.run(run())


def test_all_kinds_of_changes_are_followed_in_one_order(stack: Stack) -> None:
    name = f"p{new_uid()[-20:]}"
    making = f"""mutation {{ createPartition(name: "{name}") {{ __typename }}
      createProject(partition: "{name}", name: "x") {{ __typename }} }}"""
    query = f"""subscription {{ changes(filter: {{partitions: ["{name}"]}}) {{
      __typename cursor ... on ProjectChange {{ project {{ name }} }} }} }}"""

    async def run() -> list[Any]:
        async with raw(stack, stack.token) as socket:
            await subscribe(socket, "1", query=making)
            assert (await hear(socket))["type"] == "next"
            assert (await hear(socket))["type"] == "complete"
            await subscribe(socket, "2", query=query)
            seen = [await hear(socket), await hear(socket)]
            body, headers = multipart(encode(instance()))
            headers["Authorization"] = f"Bearer {stack.token}"
            url = f"{stack.base_url}/dicomweb/partitions/{name}/studies"
            async with httpx.AsyncClient(timeout=LONG_S) as client:
                stored = await client.post(url, content=body, headers=headers)
            assert stored.status_code == 200
            return [*seen, await hear(socket)]

    seen = [each["payload"]["data"]["changes"] for each in asyncio.run(run())]
    kinds = ["PartitionChange", "ProjectChange", "ChangeFeedEntry"]
    assert [each["__typename"] for each in seen] == kinds
    assert seen[1]["project"] == {"name": "x"}
    numbers = [int(each["cursor"]) for each in seen]
    assert numbers == sorted(set(numbers))


def test_a_subscription_is_ended_by_its_client(stack: Stack) -> None:
    study = new_uid()

    async def run() -> None:
        async with raw(stack, stack.token) as socket:
            variables = {"study": study}
            await subscribe(socket, "a", query=FEED, variables=variables)
            await say(socket, id="a", type="complete")
            await subscribe(socket, "a", query=FEED, variables=variables)
            await asyncio.to_thread(store, stack, study)
            assert (await hear(socket))["type"] == "next"

    asyncio.run(run())


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        (["{"], 4400),
        (["[]"], 4400),
        (['{"type": "no"}'], 4400),
        (["{}"], 4400),
        ([b"{}"], 4400),
        (['{"type": "connection_init", "payload": 1}'], 4400),
        (['{"type": "connection_init", "payload": {"Authorization": 1}}'], 4400),
        (['{"type": "connection_init"}'], 4401),
        (['{"type": "connection_init", "payload": {"Authorization": "x"}}'], 4401),
        (
            ['{"type": "connection_init", "payload": {"Authorization": "Bearer x"}}'],
            4401,
        ),
        (
            ['{"type": "subscribe", "id": "1", "payload": {"query": "{me{name}}"}}'],
            4401,
        ),
        (["x" * 2_000_000], 1009),
    ],
)
def test_who_breaks_the_protocol_is_told_by_code(
    stack: Stack, messages: list[str | bytes], code: int
) -> None:
    async def run() -> int | None:
        async with raw(stack) as socket:
            for message in messages:
                await socket.send(message)
            return await closed(socket)

    assert asyncio.run(run()) == code


def test_rules_of_a_connection_that_goes_on(stack: Stack) -> None:
    variables = {"study": new_uid()}

    async def again(**message: Any) -> int | None:
        async with raw(stack, stack.token) as socket:
            await subscribe(socket, "1", query=FEED, variables=variables)
            await say(socket, **message)
            return await closed(socket)

    async def many() -> Any:
        async with raw(stack, stack.token) as socket:
            for key in range(21):
                await subscribe(socket, str(key), query=FEED, variables=variables)
            return await hear(socket)

    payload = {"query": "{ me { name } }"}
    assert asyncio.run(again(type="subscribe", id="1", payload=payload)) == 4409
    assert asyncio.run(again(type="connection_init")) == 4429
    assert asyncio.run(again(type="subscribe", id=1, payload=payload)) == 4400
    assert asyncio.run(again(type="subscribe", id="2", payload=[])) == 4400
    refused = asyncio.run(many())
    assert (refused["type"], refused["id"]) == ("error", "20")


def test_only_who_is_known_gets_in(stack: Stack) -> None:
    async def status(**more: Any) -> int:
        with pytest.raises(InvalidStatus) as refused:
            async with raw(stack, **more):
                pass
        return refused.value.response.status_code

    async def protocol() -> int | None:
        async with raw(stack, subprotocols=[Subprotocol("graphql-ws")]) as socket:
            return await closed(socket)

    bad = {"Authorization": "Bearer bad"}
    assert asyncio.run(status(additional_headers=bad)) == 403
    assert asyncio.run(protocol()) == 4406


def test_a_session_follows_from_our_own_pages_only(stack: Stack) -> None:
    cookie = sign_in(stack)

    async def run(**headers: str) -> Any:
        more = {"Cookie": cookie, **headers}
        async with raw(stack, additional_headers=more) as socket:
            await say(socket, type="connection_init")
            return await hear(socket)

    ours = f"http://127.0.0.1:{stack.port}"
    assert asyncio.run(run(Origin=ours)) == {"type": "connection_ack"}
    for origin in ("http://evil.example", f"{ours}0", "null"):
        with pytest.raises(InvalidStatus):
            asyncio.run(run(Origin=origin))
    with pytest.raises(InvalidStatus):
        asyncio.run(run())


def test_a_session_writes_from_our_own_pages_only(stack: Stack) -> None:
    cookie = {"Cookie": sign_in(stack)}
    ours = f"http://127.0.0.1:{stack.port}"
    body = {"query": 'mutation { deletePartition(name: "none") { __typename } }'}
    with httpx.Client(base_url=stack.base_url, timeout=LONG_S) as web:
        for origin in ("http://evil.example", "null"):
            headers = {**cookie, "Origin": origin}
            assert web.post("/graphql", json=body, headers=headers).status_code == 403
        assert web.post("/graphql", json=body, headers=cookie).status_code == 403
        done = web.post("/graphql", json=body, headers={**cookie, "Origin": ours})
        assert done.json()["data"]["deletePartition"] == {"__typename": "Fault"}
        query = {"query": "{ me { name } }"}
        asked = web.get("/graphql", params=query, headers=cookie)
        assert asked.json()["data"]["me"]["name"] == "browser"


def test_nobody_learns_the_schema_without_credentials(stack: Stack) -> None:
    query = {"query": "{ __schema { types { name } } }"}
    with httpx.Client(base_url=stack.base_url, timeout=LONG_S) as web:
        for answer in (
            web.post("/graphql", json=query),
            web.get("/graphql", params=query),
            web.post("/graphql", json=[query]),
        ):
            assert answer.status_code == 401
            assert "Partition" not in answer.text


def test_a_client_that_reads_nothing_keeps_nobody_waiting(stack: Stack) -> None:
    study = new_uid()
    store(stack, study, 40)

    async def run() -> None:
        query = "subscription { changeFeed(metadata: true) { cursor dicomJson } }"
        async with raw(stack, stack.token, max_queue=1) as idle:
            for key in range(20):
                await subscribe(idle, str(key), query=query)
            for _ in range(5):
                async with raw(stack, stack.token) as socket:
                    await subscribe(socket, "1", query="{ me { name } }")
                    assert (await hear(socket))["type"] == "next"

    asyncio.run(run())


def test_who_may_not_read_any_more_is_closed_out(stack: Stack) -> None:
    study = new_uid()
    token = stack.manage("token", "create", "listener", "--role", "Service Reader")
    store(stack, study)

    async def run() -> int | None:
        async with raw(stack, token) as socket:
            await subscribe(socket, "1", query=FEED, variables={"study": study})
            assert (await hear(socket))["type"] == "next"
            listed = await asyncio.to_thread(stack.manage, "token", "list", "listener")
            number = listed.split("\t")[0]
            await asyncio.to_thread(stack.manage, "token", "revoke", number)
            return await closed(socket)

    assert asyncio.run(run()) == 4401


def test_a_role_without_the_verb_follows_nothing(stack: Stack) -> None:
    token = stack.manage("token", "create", "sender", "--role", "Service Writer")

    async def run() -> tuple[int | None, Any]:
        async with raw(stack, token) as socket:
            await subscribe(socket, "1", query="{ me { name } }")
            told = await hear(socket)
            await hear(socket)
            await subscribe(socket, "2", query=FEED)
            return await closed(socket), told

    code, told = asyncio.run(run())
    assert told["payload"]["data"] == {"me": {"name": "sender"}}
    assert code == 4403


def test_many_followers_hold_no_connection_to_the_database(stack: Stack) -> None:
    """More than there are threads and connections, in each process."""
    study = new_uid()

    async def run() -> list[int]:
        async with raw(stack, stack.token) as first:
            sockets = [first]
            stacked = []
            for _ in range(60):
                context = raw(stack, stack.token)
                sockets.append(await context.__aenter__())
                stacked.append(context)
            for socket in sockets:
                for key in ("a", "b"):
                    variables = {"study": study}
                    await subscribe(socket, key, query=FEED, variables=variables)
            await asyncio.to_thread(store, stack, study)
            told = [[await hear(socket), await hear(socket)] for socket in sockets]
            for context in stacked:
                await context.__aexit__(None, None, None)
            return [
                message["payload"]["data"]["changeFeed"]["sequence"]
                for pair in told
                for message in pair
            ]

    seen = asyncio.run(run())
    assert len(seen) == 122
    assert len(set(seen)) == 1


def test_a_server_that_stops_ends_its_followers(tmp_path: Path) -> None:
    running = Stack(tmp_path)
    running.start()

    async def run() -> tuple[list[int | None], Any, int]:
        async with (
            raw(running, running.token) as one,
            raw(running, running.token) as two,
        ):
            await subscribe(one, "1", query=FEED)
            await asyncio.sleep(1)
            stopped = asyncio.create_task(asyncio.to_thread(running.stop))
            told = await hear(one)
            codes = [await closed(one), await closed(two)]
            return codes, told, await stopped

    codes, told, status = asyncio.run(run())
    assert codes == [1001, 1001]
    assert told == {"id": "1", "type": "complete"}
    assert status == 0
    log = (tmp_path / "logs" / "web.log").read_text(encoding="utf-8")
    assert "Killing worker" not in log
    assert "Traceback" not in log


def sign_in(stack: Stack) -> str:
    """Return the cookie of a session of somebody who may do everything."""
    code = (
        "from core.models import Account; a, _ = Account.objects.get_or_create("
        "username='browser', is_staff=True, is_superuser=True);"
        "a.set_password('pass-word-of-tests'); a.save()"
    )
    stack.manage("shell", "-c", code)
    with httpx.Client(base_url=stack.base_url, timeout=LONG_S) as web:
        page = web.get("/admin/login/")
        token = page.cookies["csrftoken"]
        answer = web.post(
            "/admin/login/",
            data={
                "username": "browser",
                "password": "pass-word-of-tests",
                "csrfmiddlewaretoken": token,
            },
            headers={"Referer": stack.base_url},
        )
        assert answer.status_code == 302, answer.text
        return f"sessionid={web.cookies['sessionid']}"
