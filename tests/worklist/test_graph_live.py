"""A list followed in the graph of a running portal, where audit rows have a thread."""

import asyncio
import json
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect

from tests.stack import Stack
from tests.synthetic import new_uid
from tests.worklist.listening import LONG_S, Worklist

LIST: Final = """subscription ($partition: String!) {
  worklist(partition: $partition) { workitemUid isOnList workitem { patientId } } }"""


async def next_of(socket: ClientConnection) -> dict[str, Any]:
    """Return the next message that is no ping."""
    async with asyncio.timeout(LONG_S):
        while True:
            message: dict[str, Any] = json.loads(await socket.recv())
            if message["type"] != "ping":
                return message


def test_changes_of_patients_are_told_one_after_the_other(stack: Stack) -> None:
    worklist = Worklist(stack, partition=f"p{new_uid()[-20:]}")

    async def run() -> list[str]:
        await worklist.schedule()  # the partition is there
        address = f"ws://127.0.0.1:{stack.port}/graphql"
        headers = {"authorization": f"Bearer {stack.token}"}
        async with connect(
            address,
            additional_headers=headers,
            subprotocols=["graphql-transport-ws"],  # type: ignore[list-item] # a str
        ) as socket:
            await socket.send(json.dumps({"type": "connection_init"}))
            assert (await next_of(socket))["type"] == "connection_ack"
            variables = {"partition": worklist.name}
            payload = {"query": LIST, "variables": variables}
            message = {"id": "1", "type": "subscribe", "payload": payload}
            await socket.send(json.dumps(message))
            await asyncio.sleep(2.0)  # it tells only what comes from now on
            uids = [await worklist.schedule() for _ in range(2)]
            told = [await next_of(socket) for _ in uids]
        changes = [each["payload"]["data"]["worklist"] for each in told]
        assert all(each["workitem"]["patientId"] for each in changes), changes
        assert [each["workitemUid"] for each in changes] == uids
        return uids

    asyncio.run(run())
