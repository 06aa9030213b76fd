"""The data partitions, and what may be done with them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import strawberry

from core import partitions
from core.errors import NotFound
from core.graphql.connections import (
    DEFAULT_PAGE,
    After,
    Connection,
    First,
    connect_all,
)
from core.graphql.context import Context, Info
from core.graphql.faults import Fault, mutation
from core.graphql.nodes import Node, found_by
from core.models import Partition as HeldPartition

Name = Annotated[str, strawberry.argument(description="Its name in addresses.")]


@strawberry.type(
    description="A data partition: what one tenant holds, apart from all others."
)
class Partition(Node):
    """A tenant."""

    held: strawberry.Private[HeldPartition]

    @strawberry.field(description="Its name in addresses.")
    def name(self) -> str:
        """Return the name."""
        return self.held.name

    @strawberry.field(description="When it was created.")
    def created_at(self) -> datetime:
        """Return the moment."""
        return self.held.created_at

    @strawberry.field(
        description="Since when nothing in it is read or stored; null: it is in use."
    )
    def disabled_at(self) -> datetime | None:
        """Return the moment, if it is."""
        return self.held.disabled_at

    @strawberry.field(
        description="Identifier system of a PatientID that names no issuer; may be"
        " empty."
    )
    def assigning_authority(self) -> str:
        """Return the identifier system."""
        return self.held.assigning_authority

    @strawberry.field(
        description="UID of the transfer syntax into which images are brought as they"
        " are stored, without loss; empty: they stay as they come."
    )
    def stored_as(self) -> str:
        """Return the transfer syntax."""
        return self.held.stored_as

    def name_of_node(self) -> str:
        """Return its name."""
        return self.held.name


async def visible_partitions(context: Context) -> dict[str, Partition]:
    """Return all that may be seen by name, oldest first; looked up once."""

    async def look_up() -> dict[str, Partition]:
        held: Sequence[HeldPartition] = await context.ask(
            partitions.list_partitions, actor=context.actor
        )
        return {each.name: Partition(held=each) for each in held}

    return await context.once_awaited(visible_partitions, look_up)


async def find_partition(context: Context, name: str) -> Partition:
    """Return a partition by its name.

    Raises
    ------
    NotFound
        There is none that the actor may see.
    """
    found = (await visible_partitions(context)).get(name)
    if found is None:
        message = "No such partition."
        raise NotFound(message, path="partition")
    return found


found_by("Partition", find_partition)


@strawberry.type
class PartitionQueries:
    """The part of partitions in the root of queries."""

    @strawberry.field(
        description="The data partitions that you may see, disabled or not, oldest"
        " first."
    )
    async def partitions(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Partition]:
        """List partitions."""
        found = list((await visible_partitions(info.context)).values())
        cursors = [(each.held.name, each) for each in found]
        return connect_all(cursors, first=first, after=after)

    @strawberry.field(
        description="The data partition of a name; null where there is none that you"
        " may see."
    )
    async def partition(self, info: Info, name: Name) -> Partition | None:
        """Find one."""
        try:
            return await find_partition(info.context, name)
        except NotFound as error:
            info.context.refused["partition"] = error
            return None


@strawberry.type(description="A partition as a mutation left it.")
class ChangedPartition:
    """What creating or changing a partition answers."""

    partition: Partition = strawberry.field(description="The partition, as it is now.")


@strawberry.type(description="A partition that is no more.")
class DeletedPartition:
    """What deleting a partition answers."""

    name: str = strawberry.field(description="The name that it had.")


ChangeResult = Annotated[
    ChangedPartition | Fault,
    strawberry.union(
        "ChangePartitionResult", description="A partition, or why it was not changed."
    ),
]
DeleteResult = Annotated[
    DeletedPartition | Fault,
    strawberry.union(
        "DeletePartitionResult", description="What was deleted, or why it was not."
    ),
]


async def _change(info: Info, name: str, **changes: Any) -> ChangedPartition:
    held = await info.context.do(
        partitions.change_partition, actor=info.context.actor, name=name, **changes
    )
    return ChangedPartition(partition=Partition(held=held))


@strawberry.type
class PartitionMutations:
    """The part of partitions in the root of mutations."""

    @mutation(description="Create an empty partition.")
    async def create_partition(
        self,
        info: Info,
        name: Name,
        assigning_authority: Annotated[
            str,
            strawberry.argument(
                description="Identifier system of a PatientID that names no issuer."
            ),
        ] = "",
    ) -> ChangeResult:
        """Create one."""
        held = await info.context.do(
            partitions.create_partition,
            actor=info.context.actor,
            name=name,
            assigning_authority=assigning_authority,
        )
        return ChangedPartition(partition=Partition(held=held))

    @mutation(
        description="Give a partition another name: all its addresses and ids change."
    )
    async def rename_partition(
        self,
        info: Info,
        name: Name,
        new_name: Annotated[
            str, strawberry.argument(description="Its new name in addresses.")
        ],
    ) -> ChangeResult:
        """Rename one."""
        return await _change(info, name, new_name=new_name)

    @mutation(
        description="Have images brought into a transfer syntax without loss as they"
        " are stored in a partition, from now on."
    )
    async def store_partition_as(
        self,
        info: Info,
        name: Name,
        transfer_syntax_uid: Annotated[
            str,
            strawberry.argument(description="Its UID; empty: they stay as they come."),
        ],
    ) -> ChangeResult:
        """Say as what it stores."""
        return await _change(info, name, stored_as=transfer_syntax_uid)

    @mutation(
        description="Have nothing in a partition read, stored or deleted from now on."
    )
    async def disable_partition(self, info: Info, name: Name) -> ChangeResult:
        """Disable one."""
        return await _change(info, name, is_disabled=True)

    @mutation(description="Take a partition that was disabled into use again.")
    async def enable_partition(self, info: Info, name: Name) -> ChangeResult:
        """Enable one."""
        return await _change(info, name, is_disabled=False)

    @mutation(description="Delete a partition that holds no study; CONFLICT otherwise.")
    async def delete_partition(self, info: Info, name: Name) -> DeleteResult:
        """Delete one."""
        await info.context.do(
            partitions.delete_partition, actor=info.context.actor, name=name
        )
        return DeletedPartition(name=name)
