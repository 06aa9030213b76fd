"""FHIR servers of others in the graph, for who manages the data of all partitions."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final

import strawberry

from core.graphql.connections import (
    DEFAULT_PAGE,
    After,
    First,
    Uncounted,
    checked_page,
    connect_uncounted,
    no_such_cursor,
)
from core.graphql.context import Info
from core.graphql.faults import Fault, mutation
from core.graphql.scalars import BigInt
from fhirlink.models import OutboxItem
from fhirlink.remote import managing, outbox
from fhirlink.remote.managing import Progress, Status

_FIRST: Final = 2**63 - 1  # before the newest
Server = Annotated[str, strawberry.argument(description="The name of the server.")]
LetterId = Annotated[
    BigInt, strawberry.argument(description="The letterId of the dead letter.")
]


@strawberry.type(
    description="How far the resources of a type were taken from a server."
)
class FhirInbound:
    """`fhirlink.remote.managing.Progress`."""

    progress: strawberry.Private[Progress]

    @strawberry.field(description="The type.")
    def resource_type(self) -> str:
        """Return the type."""
        return self.progress.type

    @strawberry.field(description="When the last one that was taken was written there.")
    def since(self) -> datetime | None:
        """Return the moment."""
        return self.progress.since

    @strawberry.field(description="Seconds since all was taken; null: never yet.")
    def lag_seconds(self) -> float | None:
        """Return the age."""
        return self.progress.lag_s

    @strawberry.field(description="What it failed with last; empty: it did not.")
    def error(self) -> str:
        """Return the error."""
        return self.progress.error


@strawberry.type(
    description="A FHIR server of somebody else that a partition is kept in step with."
    " Its secret is never told."
)
class FhirServer:
    """`fhirlink.models.RemoteServer`, and how it stands."""

    status: strawberry.Private[Status]

    @strawberry.field(description="Its name.")
    def name(self) -> str:
        """Return the name."""
        return self.status.server.name

    @strawberry.field(description="Name of the data partition.")
    def partition_name(self) -> str:
        """Return the name."""
        return self.status.server.partition.name

    @strawberry.field(description="Its base address.")
    def base_url(self) -> str:
        """Return the address."""
        return self.status.server.base_url

    @strawberry.field(description="Whether anything is sent or taken.")
    def enabled(self) -> bool:
        """Return whether it is."""
        return self.status.server.is_enabled

    @strawberry.field(description="Types of resources that are sent.")
    def types_out(self) -> list[str]:
        """Return the types."""
        return list(self.status.server.types_out)

    @strawberry.field(description="Types of resources that are taken.")
    def types_in(self) -> list[str]:
        """Return the types."""
        return list(self.status.server.types_in)

    @strawberry.field(description="How many changes wait to be sent.")
    def number_waiting(self) -> int:
        """Return the number."""
        return self.status.waiting

    @strawberry.field(description="How many were given up: fhirDeadLetters.")
    def number_of_dead_letters(self) -> int:
        """Return the number."""
        return self.status.dead

    @strawberry.field(description="Seconds that the oldest change waits; 0: none.")
    def lag_seconds(self) -> float:
        """Return the age."""
        return self.status.lag_s

    @strawberry.field(description="When it has answered last.")
    def answered_at(self) -> datetime | None:
        """Return the moment."""
        return self.status.server.answered_at

    @strawberry.field(description="Not asked before then, as it has failed.")
    def retry_at(self) -> datetime | None:
        """Return the moment."""
        return self.status.server.retry_at

    @strawberry.field(description="What it failed with last; empty: it did not.")
    def error(self) -> str:
        """Return the error."""
        return self.status.server.error

    @strawberry.field(description="How far each type was taken.")
    def inbound(self) -> list[FhirInbound]:
        """Return the types."""
        return [FhirInbound(progress=each) for each in self.status.inbound]


@strawberry.type(
    description="A resource that a FHIR server refused, or that failed too often: by"
    " its address, not by what it says."
)
class FhirDeadLetter:
    """`fhirlink.models.OutboxItem` that was given up."""

    held: strawberry.Private[OutboxItem]

    @strawberry.field(description="What retryFhirDeadLetter calls it.")
    def letter_id(self) -> BigInt:
        """Return the key."""
        return BigInt(self.held.pk)

    @strawberry.field(description="The name of the server.")
    def server(self) -> str:
        """Return the name."""
        return self.held.server.name

    @strawberry.field(description="Type of the resource.")
    def resource_type(self) -> str:
        """Return the type."""
        return self.held.type

    @strawberry.field(description="Id of the resource here.")
    def fhir_id(self) -> str:
        """Return the id."""
        return self.held.fhir_id

    @strawberry.field(description="Why, the last time.")
    def error(self) -> str:
        """Return the error."""
        return self.held.error

    @strawberry.field(description="How often it was tried.")
    def attempts(self) -> int:
        """Return the number."""
        return self.held.attempts

    @strawberry.field(description="Since when it was to be sent.")
    def queued_at(self) -> datetime:
        """Return the moment."""
        return self.held.queued_at


@strawberry.type(description="A FHIR server of which workers have been told.")
class OrderedFhirServer:
    """What ordering a server answers."""

    name: str = strawberry.field(
        description="Its name; fhirServers tells how far it is."
    )


@strawberry.type(description="A dead letter that is none any more.")
class SettledFhirDeadLetter:
    """What retrying or discarding one answers."""

    letter_id: BigInt = strawberry.field(description="What it was called.")


FhirServerResult = Annotated[
    OrderedFhirServer | Fault,
    strawberry.union(
        "OrderFhirServerResult", description="The server, or why it has no order."
    ),
]
LetterResult = Annotated[
    SettledFhirDeadLetter | Fault,
    strawberry.union(
        "SettleFhirDeadLetterResult", description="The letter, or why it stays."
    ),
]


@strawberry.type
class FhirServerQueries:
    """Servers of others, in the root of queries."""

    @strawberry.field(
        description="FHIR servers of others, and how they stand, for who manages the"
        " data of all partitions."
    )
    async def fhir_servers(self, info: Info) -> list[FhirServer]:
        """List them."""
        found = await info.context.ask(managing.list_statuses, actor=info.context.actor)
        return [FhirServer(status=each) for each in found]

    @strawberry.field(
        description="What FHIR servers of others were to have and was given up, the"
        " newest first, for who manages the data of all partitions."
    )
    async def fhir_dead_letters(
        self,
        info: Info,
        server: Annotated[
            str | None,
            strawberry.argument(description="Of one server: its name; else of all."),
        ] = None,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Uncounted[FhirDeadLetter]:
        """List them."""
        limit = checked_page(first)
        held = await info.context.ask(
            outbox.page_of_dead_letters,
            actor=info.context.actor,
            server=server,
            before=_place(after),
            limit=limit + 1,
        )
        nodes = [(str(each.pk), FhirDeadLetter(held=each)) for each in held[:limit]]
        return connect_uncounted(nodes, has_more=len(held) > limit, after=after)


@strawberry.type
class FhirServerMutations:
    """Servers of others, in the root of mutations."""

    @mutation(
        description="Have all that a FHIR server is sent be compared with what it has,"
        " and all be asked for anew; what agrees is not written."
    )
    async def resync_fhir_server(self, info: Info, name: Server) -> FhirServerResult:
        """Compare everything."""
        held = await info.context.do(
            managing.resync, actor=info.context.actor, name=name
        )
        return OrderedFhirServer(name=held.name)

    @mutation(description="Have what was given up be sent at once.")
    async def retry_fhir_dead_letter(
        self, info: Info, letter_id: LetterId
    ) -> LetterResult:
        """Try one again."""
        return await _settled(info, outbox.retry_item, letter_id)

    @mutation(description="Do without sending; the next change of it is sent again.")
    async def discard_fhir_dead_letter(
        self, info: Info, letter_id: LetterId
    ) -> LetterResult:
        """Discard one."""
        return await _settled(info, outbox.discard_item, letter_id)


async def _settled(
    info: Info, settle: Callable[..., Any], letter_id: int
) -> SettledFhirDeadLetter:
    await info.context.do(settle, actor=info.context.actor, item_id=letter_id)
    return SettledFhirDeadLetter(letter_id=BigInt(letter_id))


def _place(after: str | None) -> int:
    if after is None:
        return _FIRST
    if not (after.isascii() and after.isdecimal() and len(after) < 19):
        raise no_such_cursor()
    return int(after)
