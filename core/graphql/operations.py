"""Long work with progress: seen, followed, canceled, tried again."""

from collections.abc import AsyncIterator
from datetime import datetime
from enum import Enum
from functools import partial
from typing import Annotated, Final
from uuid import UUID

import strawberry
from strawberry.dataloader import DataLoader

from core import operations, result_files
from core.errors import NotFound
from core.feed_listener import listener
from core.graphql.connections import (
    DEFAULT_PAGE,
    After,
    Connection,
    First,
    Uncounted,
    checked_page,
    connect,
    connect_uncounted,
    no_such_cursor,
)
from core.graphql.context import Context, Info
from core.graphql.faults import Fault, mutation
from core.graphql.nodes import Node, found_by, number_of
from core.graphql.scalars import Json
from core.models import Operation as HeldOperation
from core.models import OperationItemError
from core.models import OperationState as State
from core.models import ResultFile as HeldFile
from core.operation_watching import wait_for_change, watching

ASKED_AGAIN_S: Final = 5.0  # who it is, of whoever waits

OperationId = Annotated[
    UUID, strawberry.argument(description="The UUID of the operation.")
]


@strawberry.enum(description="How far an operation has come.")
class OperationState(Enum):
    """States of `core.operations`."""

    NOT_STARTED = strawberry.enum_value(
        State.NOT_STARTED.value, description="A worker will take it up."
    )
    RUNNING = strawberry.enum_value(
        State.RUNNING.value, description="A worker does it."
    )
    SUCCEEDED = strawberry.enum_value(
        State.SUCCEEDED.value, description="It is done; single items may have failed."
    )
    FAILED = strawberry.enum_value(
        State.FAILED.value, description="It has ended before it was done."
    )
    CANCELED = strawberry.enum_value(
        State.CANCELED.value, description="Somebody has ended it."
    )


@strawberry.type(description="A file that an operation has made.")
class ResultFile:
    """What can be fetched, and until when."""

    name: str = strawberry.field(description="Its name.")
    href: str = strawberry.field(description="Where it is fetched, by who may export.")
    media_type: str = strawberry.field(description="Its media type.")
    size_bytes: float = strawberry.field(description="Its length in bytes.")
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime = strawberry.field(description="When it will be removed.")


@strawberry.type(description="An item that an operation could not do.")
class ItemError:
    """What, and why."""

    item: str = strawberry.field(description="What it is: a file, or a UID.")
    error: str = strawberry.field(description="Why it could not be done.")


@strawberry.type(description="A piece of long work.")
class Operation(Node):
    """Who asked for it, how far it is, what came of it."""

    held: strawberry.Private[HeldOperation]

    @strawberry.field(description="Its UUID, as addresses below /operations have it.")
    def operation_id(self) -> UUID:
        """Return the UUID."""
        return self.held.pk

    @strawberry.field(description="What kind of work it is.")
    def kind(self) -> str:
        """Return the kind."""
        return self.held.kind

    @strawberry.field(description="How far it has come.")
    def state(self) -> OperationState:
        """Return the state."""
        return OperationState(self.held.state)

    @strawberry.field(description="How much of it is done, from 0 to 100.")
    def percent(self) -> int:
        """Return the percentage."""
        return self.held.percent

    @strawberry.field(description="Who started it.")
    def started_by(self) -> str:
        """Return the name of the account."""
        return self.held.actor

    @strawberry.field(description="When it was started.")
    def created_at(self) -> datetime:
        """Return the moment."""
        return self.held.created_at

    @strawberry.field(description="When it has changed last.")
    def updated_at(self) -> datetime:
        """Return the moment."""
        return self.held.updated_at

    @strawberry.field(description="What came of it; null before it has succeeded.")
    def result(self) -> Json | None:
        """Return the result."""
        return None if self.held.result is None else Json(self.held.result)

    @strawberry.field(description="Why it failed; null where it did not.")
    def error(self) -> str | None:
        """Return the reason."""
        return self.held.error or None

    @strawberry.field(description="How many of its items could not be done.")
    def number_of_errors(self) -> int:
        """Return the number."""
        return self.held.number_of_errors

    @strawberry.field(
        description="The files that it has made and that have not expired."
    )
    async def files(self, info: Info) -> list[ResultFile]:
        """Return the files."""
        context = info.context
        loader: DataLoader[UUID, list[HeldFile]] = context.once(
            ResultFile, lambda: DataLoader(partial(_files, context))
        )
        base = f"{context.origin}/dicomweb/operations/{self.held.pk}/files"
        return [
            ResultFile(
                name=file.name,
                href=f"{base}/{file.name}",
                media_type=file.media_type,
                size_bytes=file.size_bytes,
                created_at=file.created_at,
                expires_at=file.expires_at,
            )
            for file in await loader.load(self.held.pk)
        ]

    @strawberry.field(
        description="The items that could not be done, in the order in which they were"
        " met; numberOfErrors tells how many."
    )
    async def item_errors(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Uncounted[ItemError]:
        """Return a page of them: one statement for all operations that are asked."""
        context, limit = info.context, checked_page(first)
        last = 0 if after is None else _key_of(after)
        loader: DataLoader[UUID, list[OperationItemError]] = context.once(
            (ItemError, limit, last),
            lambda: DataLoader(partial(_errors, context, limit, last)),
        )
        held = await loader.load(self.held.pk)
        return connect_uncounted(
            [
                (str(each.pk), ItemError(item=each.item, error=each.error))
                for each in held[:limit]
            ],
            has_more=len(held) > limit,
            after=after,
        )

    def name_of_node(self) -> str:
        """Return the UUID."""
        return str(self.held.pk)


async def _files(context: Context, keys: list[UUID]) -> list[list[HeldFile]]:
    found = await context.ask(result_files.files_of, keys)
    return [found[key] for key in keys]


def _key_of(cursor: str) -> int:
    try:
        return number_of(cursor)
    except NotFound as error:
        raise no_such_cursor() from error


async def _errors(
    context: Context, limit: int, after: int, keys: list[UUID]
) -> list[list[OperationItemError]]:
    found = await context.ask(
        operations.errors_of,
        actor=context.actor,
        operation_ids=keys,
        limit=limit + 1,
        after=after,
    )
    return [found[key] for key in keys]


async def _find(context: Context, name: str) -> Operation:
    try:
        operation_id = UUID(name)
    except ValueError as error:
        raise NotFound(operations.NOT_FOUND, path="id") from error
    held = await context.ask(
        operations.get_operation, actor=context.actor, operation_id=operation_id
    )
    return Operation(held=held)


found_by("Operation", _find)


@strawberry.type
class OperationQueries:
    """The part of operations in the root of queries."""

    @strawberry.field(
        description="Long work that you may see, the newest first: your own, and all"
        " of it if you may manage all data."
    )
    async def operations(
        self,
        info: Info,
        kind: Annotated[
            str, strawberry.argument(description="Only of this kind, if not empty.")
        ] = "",
        state: Annotated[
            OperationState | None,
            strawberry.argument(description="Only those in this state."),
        ] = None,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[Operation]:
        """List operations."""
        context, limit = info.context, checked_page(first)
        which = operations.Which(kind, "" if state is None else str(state.value))
        held = await context.ask(
            operations.page_of_operations,
            actor=context.actor,
            limit=limit + 1,
            after=None if after is None else _uuid_of(after),
            which=which,
        )

        async def count() -> int:
            return await context.ask(
                operations.count_operations, actor=context.actor, which=which
            )

        return connect(
            [(str(each.pk), Operation(held=each)) for each in held[:limit]],
            has_more=len(held) > limit,
            after=after,
            count=count,
        )


def _uuid_of(cursor: str) -> UUID:
    try:
        return UUID(cursor)
    except ValueError as error:
        raise no_such_cursor() from error


@strawberry.type(description="An operation as a mutation left it.")
class ChangedOperation:
    """What canceling or retrying answers."""

    operation: Operation = strawberry.field(description="The operation, as it is now.")


OperationResult = Annotated[
    ChangedOperation | Fault,
    strawberry.union(
        "ChangeOperationResult", description="An operation, or why it was not changed."
    ),
]


@strawberry.type
class OperationMutations:
    """The part of operations in the root of mutations."""

    @mutation(
        description="End an operation: at once where nobody works on it, else after"
        " its step."
    )
    async def cancel_operation(
        self, info: Info, operation_id: OperationId
    ) -> OperationResult:
        """Cancel one."""
        held = await info.context.do(
            operations.cancel_operation,
            actor=info.context.actor,
            operation_id=operation_id,
        )
        return ChangedOperation(operation=Operation(held=held))

    @mutation(
        description="Have an operation that failed or was canceled go on where it"
        " ended."
    )
    async def retry_operation(
        self, info: Info, operation_id: OperationId
    ) -> OperationResult:
        """Try one again."""
        held = await info.context.do(
            operations.retry_operation,
            actor=info.context.actor,
            operation_id=operation_id,
        )
        return ChangedOperation(operation=Operation(held=held))


@strawberry.type
class OperationSubscriptions:
    """The part of operations in the root of subscriptions."""

    @strawberry.subscription(
        description="An operation now, and each time that it has changed, until it"
        " has ended. You may look anew as often as you like: nothing is lost."
    )
    async def operation(
        self, info: Info, operation_id: OperationId
    ) -> AsyncIterator[Operation]:
        """Follow one."""
        context = info.context
        told: datetime | None = None
        async with watching(operation_id):
            while not listener().is_ending:
                held = await context.ask(
                    operations.get_operation,
                    actor=await context.find_actor(),
                    operation_id=operation_id,
                )
                if told is None or held.updated_at > told:
                    told = held.updated_at
                    yield Operation(held=held)
                if held.state not in operations.OPEN:
                    return
                await wait_for_change(operation_id, told, ASKED_AGAIN_S)
