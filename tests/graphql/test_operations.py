"""Following an operation: told of each change until it has ended."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from core import feed_listener, operation_watching, result_files
from core.access import Actor
from core.database import run
from core.errors import Unauthenticated
from core.graphql import operations as graph_operations
from core.graphql.context import Context
from core.models import Account, Operation, OperationState
from portal.schema import schema
from tests.actors import READING, acting

pytestmark = pytest.mark.usefixtures("committing")

QUERY = """subscription ($id: UUID!) {
  operation(operationId: $id) { state percent files { name } }
}"""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operation_watching, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(graph_operations, "ASKED_AGAIN_S", 0.2)


class Door:
    """Lets one actor in, until it is told otherwise."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.is_open = True

    async def __call__(self) -> Actor:
        if not self.is_open:
            message = "It has ended."
            raise Unauthenticated(message)
        return self.actor


@asynccontextmanager
async def following(door: Door, operation_id: UUID) -> AsyncIterator[Any]:
    scope = {
        "type": "websocket",
        "scheme": "ws",
        "headers": [(b"host", b"h")],
        "actor": door.actor,
        "request_id": "r",
        "authenticate": door,
    }
    feed_listener.start_listening()
    context = Context(scope)
    stream = await schema.stream(QUERY, {"id": str(operation_id)}, context)
    try:
        yield stream, context
    finally:
        await stream.aclose()
        await feed_listener.stop_listening()


def change(operation_id: UUID, **values: Any) -> None:
    held = Operation.objects.get(pk=operation_id)
    for name, value in values.items():
        setattr(held, name, value)
    held.save()


def succeed(operation_id: UUID) -> None:
    result_files.write(operation_id, "made.txt", "text/plain", [b"made"])
    change(operation_id, state=OperationState.SUCCEEDED, percent=100, result={})


def test_each_change_is_told_until_the_end() -> None:
    ada = Account.objects.create(username="ada")
    held = Operation.objects.create(kind="test", account=ada, actor="ada")

    async def follow() -> list[Any]:
        door = Door(acting(ada.pk, "ada", READING))
        running = partial(change, state=OperationState.RUNNING, percent=40)
        steps: list[Callable[[UUID], None]] = [running, succeed]
        told = []
        async with following(door, held.pk) as (stream, _context):
            async for result in stream:
                told.append(result.data["operation"])
                if steps:
                    await run(steps.pop(0), held.pk)
        return told

    assert asyncio.run(follow()) == [
        {"state": "NOT_STARTED", "percent": 0, "files": []},
        {"state": "RUNNING", "percent": 40, "files": []},
        {"state": "SUCCEEDED", "percent": 100, "files": [{"name": "made.txt"}]},
    ]


def test_who_is_not_let_in_any_more_is_told_no_more() -> None:
    ada = Account.objects.create(username="ada")
    held = Operation.objects.create(kind="test", account=ada, actor="ada")

    async def follow() -> tuple[list[Any], Any]:
        door = Door(acting(ada.pk, "ada", READING))
        told = []
        async with following(door, held.pk) as (stream, context):
            async for result in stream:
                told.append(result.data and result.data["operation"]["percent"])
                door.is_open = False
                await run(change, held.pk, percent=50)
        return told, context.ended_by

    told, ended_by = asyncio.run(follow())
    assert told == [0, None]
    assert isinstance(ended_by, Unauthenticated)


def test_somebody_elses_operation_is_not_there() -> None:
    held = Operation.objects.create(kind="test", actor="ada")

    async def follow(operation_id: UUID) -> Any:
        door = Door(acting(9, "bob", READING))
        async with following(door, operation_id) as (stream, _context):
            return [result.errors[0].extensions async for result in stream]

    for operation_id in (held.pk, uuid4()):
        assert asyncio.run(follow(operation_id)) == [{"code": "NOT_FOUND"}]


def test_nobody_looks_where_nobody_waits() -> None:
    async def watch() -> None:
        operation_id = uuid4()
        async with operation_watching.watching(operation_id):
            watches = operation_watching._watches[asyncio.get_running_loop()]
            assert watches.task is not None
            task = watches.task
        await asyncio.wait_for(task, 60)
        assert watches.task is None

    asyncio.run(watch())
