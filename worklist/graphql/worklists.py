"""Worklists in the graph, and how much is on them."""

from functools import partial
from typing import Final

import strawberry
from strawberry.dataloader import DataLoader

from core.graphql.connections import DEFAULT_PAGE, After, Connection, First
from core.graphql.context import Context, Info
from core.graphql.grants import Grant, granted_on, page_of_grants
from core.graphql.nodes import Node, found_by, number_of
from core.graphql.partitions import Partition, find_partition
from core.models import ScopeKind
from imaging import granting
from imaging.granting import Place
from worklist import listing
from worklist.counting import MOST, Numbers, count_on_worklists
from worklist.listing import Listed
from worklist.rules import State

MAXIMUM_BATCH: Final = 200


@strawberry.type(
    description="How many workitems there are that you may see. No number is above"
    f" {MOST}: that means so many or more."
)
class WorkitemCounts:
    """Numbers of workitems."""

    scheduled: int = strawberry.field(description="What nobody has claimed.")
    in_progress: int = strawberry.field(description="What somebody has claimed.")
    completed: int = strawberry.field(description="What was done.")
    canceled: int = strawberry.field(description="What will not be done.")
    overdue: int = strawberry.field(
        description="What is open, and was expected to be done by now."
    )


@strawberry.type(
    description="A worklist: the workitems of a partition that have one label (DICOM"
    " 0074,1202)."
)
class Worklist(Node):
    """A worklist that the actor sees."""

    held: strawberry.Private[Listed]

    @strawberry.field(description="Its label.")
    def label(self) -> str:
        """Return the label."""
        return self.held.label

    @strawberry.field(description="The data partition that it lies in.")
    async def partition(self, info: Info) -> Partition:
        """Return the partition."""
        return await find_partition(info.context, self.held.partition)

    @strawberry.field(description="How much is on it.")
    async def counts(self, info: Info) -> WorkitemCounts:
        """Count, with all others that are counted together."""
        context, key = info.context, self.held.partition_id
        loader: DataLoader[int, Numbers] = context.once(
            ("worklist counts", key),
            lambda: DataLoader(partial(_counts, context, key), MAXIMUM_BATCH),
        )
        found = await loader.load(self.held.id)
        return counts_of(found)

    @strawberry.field(
        description="The grants on it, ended ones too; for those who may see accounts."
    )
    async def grants(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Grant]:
        """List grants."""
        place = Place(self.held.partition, worklist=self.held.label)
        held = await info.context.ask(
            granting.list_grants_on, actor=info.context.actor, place=place
        )
        return page_of_grants(held, first=first, after=after)

    def name_of_node(self) -> str:
        """Return partition and label."""
        return f"{self.held.partition}/{self.held.label}"


def counts_of(numbers: Numbers) -> WorkitemCounts:
    """Return numbers of workitems as the graph has them."""
    by_state = numbers.by_state
    return WorkitemCounts(
        scheduled=by_state[State.SCHEDULED],
        in_progress=by_state[State.IN_PROGRESS],
        completed=by_state[State.COMPLETED],
        canceled=by_state[State.CANCELED],
        overdue=numbers.overdue,
    )


async def find_worklist(context: Context, partition: str, label: str) -> Worklist:
    """Return a worklist by its label.

    Raises
    ------
    Forbidden, NotFound
        The actor may see no patient anywhere; or there is none that it may see.
    """
    held = await context.ask(
        listing.find_worklist, actor=context.actor, partition=partition, label=label
    )
    return Worklist(held=held)


async def _counts(
    context: Context, partition_id: int, keys: list[int]
) -> list[Numbers]:
    found = await context.ask(
        count_on_worklists,
        actor=context.actor,
        partition_id=partition_id,
        keys=keys,
    )
    return [found[key] for key in keys]


async def _find(context: Context, path: str) -> Node:
    partition, _, label = path.partition("/")
    return await find_worklist(context, partition, label)


async def _find_granted(context: Context, key: str) -> Node:
    partition, label = await context.ask(listing.label_of, number_of(key))
    return await find_worklist(context, partition, label)


found_by("Worklist", _find)
granted_on(ScopeKind.WORKLIST, _find_granted)
