"""The part of the worklist in the root of queries."""

from functools import partial
from typing import Annotated

import strawberry

from core.errors import NotFound
from core.graphql.connections import (
    DEFAULT_PAGE,
    After,
    Connection,
    First,
    Uncounted,
    checked_page,
    connect,
    connect_uncounted,
)
from core.graphql.context import Info
from core.partitions import DEFAULT_PARTITION
from fhirlink.graphql.queries import PartitionName
from imaging.graphql.scalars import UI
from worklist import listing
from worklist.candidates import list_candidates
from worklist.counting import count_by_state
from worklist.graphql.choices import WorkitemOrder
from worklist.graphql.filters import WorkitemFilter, query_of
from worklist.graphql.values import AccountName, account_name
from worklist.graphql.workitems import Workitem, find_workitem, workitem_of
from worklist.graphql.worklists import (
    WorkitemCounts,
    Worklist,
    counts_of,
    find_worklist,
)
from worklist.search import count_workitems, search

WorkitemUid = Annotated[UI, strawberry.argument(description="The UID of the workitem.")]
Filter = Annotated[
    WorkitemFilter | None,
    strawberry.argument(name="filter", description="Which of them."),
]
Label = Annotated[str, strawberry.argument(description="The label of the worklist.")]


@strawberry.type
class WorklistQueries:
    """Worklists and workitems."""

    @strawberry.field(
        description="The worklists that you may see, by label: those of your grants,"
        " and those on which there is something that you may see."
    )
    async def worklists(
        self,
        info: Info,
        partition: PartitionName = DEFAULT_PARTITION,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[Worklist]:
        """List worklists."""
        context, limit = info.context, checked_page(first)
        held = await context.ask(
            listing.page_of_worklists,
            actor=context.actor,
            partition=partition,
            limit=limit + 1,
            after=after,
        )
        return connect(
            [(each.label, Worklist(held=each)) for each in held[:limit]],
            has_more=len(held) > limit,
            after=after,
            count=partial(
                context.ask,
                listing.count_worklists,
                actor=context.actor,
                partition=partition,
            ),
        )

    @strawberry.field(
        description="The worklist of a label; null where there is none that you may"
        " see."
    )
    async def worklist(
        self, info: Info, label: Label, partition: PartitionName = DEFAULT_PARTITION
    ) -> Worklist | None:
        """Find one."""
        try:
            return await find_worklist(info.context, partition, label)
        except NotFound as error:
            info.context.refused["worklist"] = error
            return None

    @strawberry.field(
        description="The workitems of a partition that match and that you may see, the"
        " most urgent first if no other order is asked for."
    )
    async def workitems(
        self,
        info: Info,
        where: Filter = None,
        order_by: Annotated[
            WorkitemOrder, strawberry.argument(description="In which order.")
        ] = WorkitemOrder.URGENCY,
        partition: PartitionName = DEFAULT_PARTITION,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[Workitem]:
        """Search."""
        context = info.context
        query = query_of(where, context.actor, order=order_by, first=first, after=after)
        found = await context.ask(
            search, actor=context.actor, partition=partition, query=query
        )
        rows = found.rows[:first]
        return connect(
            [
                (str(row.place_in(query.order)), workitem_of(row, partition))
                for row in rows
            ],
            has_more=found.after is not None or len(rows) < len(found.rows),
            after=after,
            count=partial(
                context.ask,
                count_workitems,
                actor=context.actor,
                partition=partition,
                query=query,
            ),
        )

    @strawberry.field(
        description="How many workitems of a partition match that you may see, of each"
        " state: what totalCount costs, this does not."
    )
    async def workitem_counts(
        self,
        info: Info,
        where: Filter = None,
        partition: PartitionName = DEFAULT_PARTITION,
    ) -> WorkitemCounts:
        """Count."""
        context = info.context
        numbers = await context.ask(
            count_by_state,
            actor=context.actor,
            partition=partition,
            query=query_of(where, context.actor),
        )
        return counts_of(numbers)

    @strawberry.field(
        description="The workitem of a UID; null where there is none that you may see."
    )
    async def workitem(
        self,
        info: Info,
        uid: WorkitemUid,
        partition: PartitionName = DEFAULT_PARTITION,
    ) -> Workitem | None:
        """Find one."""
        try:
            return await find_workitem(info.context, partition, uid)
        except NotFound as error:
            info.context.refused["workitem"] = error
            return None

    @strawberry.field(
        description="The accounts that a workitem may be handed over to, by name: those"
        " that may see it and work at it. For who may hand it over."
    )
    async def workitem_performers(
        self,
        info: Info,
        uid: WorkitemUid,
        text: Annotated[
            str,
            strawberry.argument(
                description="Words, each of which is the beginning of a word of the"
                " account's name, or of its person's, without regard to case and"
                " accents."
            ),
        ] = "",
        partition: PartitionName = DEFAULT_PARTITION,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Uncounted[AccountName]:
        """List them."""
        context, limit = info.context, checked_page(first)
        found = await context.ask(
            list_candidates,
            actor=context.actor,
            partition=partition,
            uid=uid,
            words=text,
            after=after,
            limit=limit + 1,
        )
        return connect_uncounted(
            [(each.username, account_name(each)) for each in found[:limit]],
            has_more=len(found) > limit,
            after=after,
        )
