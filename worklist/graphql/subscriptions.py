"""Workitems and worklists as they change: views of the change feed."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated, Final

import strawberry

from core import changefeed, database
from core.changefeed import EVERYTHING
from core.errors import Forbidden, Unauthenticated
from core.feed_listener import listener
from core.graphql.context import Context, Info
from core.partitions import DEFAULT_PARTITION
from fhirlink.graphql.queries import PartitionName
from imaging.feed import Metadata
from imaging.following import Following
from imaging.graphql.feed_reading import AT_ONCE, SILENCE_S, number_of
from worklist.feed import Watched, WorkitemEntry, record_followed
from worklist.graphql.changes import WorkitemChange
from worklist.graphql.filters import WorkitemFilter, query_of
from worklist.graphql.queries import WorkitemUid

After = Annotated[
    str | None,
    strawberry.argument(
        description="The cursor of the last change that you have got; null: only what"
        " happens from now on."
    ),
]
_OF_ALL: Final = "The label of the worklist; null: all of the partition."


@strawberry.type(description="One change of a workitem of a list that is followed.")
class WorklistChange(WorkitemChange):
    """An entry about a workitem, and whether it is on the list."""

    found: strawberry.Private[WorkitemEntry]

    @strawberry.field(
        description="Whether the workitem is on the list, and what the filter asks for,"
        " as it is now; if not, it is to be taken off."
    )
    def is_on_list(self) -> bool:
        """Return whether it is."""
        return self.found.is_on_list


@strawberry.type
class WorklistSubscriptions:
    """The part of the worklist in the root of subscriptions."""

    @strawberry.subscription(
        description="What happens to a workitem, whoever does it. Ends where you may"
        " not follow any more; of what you may not see any more nothing is told."
    )
    async def workitem(
        self,
        info: Info,
        uid: WorkitemUid,
        partition: PartitionName = DEFAULT_PARTITION,
        after: After = None,
    ) -> AsyncIterator[WorkitemChange]:
        """Follow one."""
        entries = _followed(info.context, Watched(partition, uid=uid), after)
        async with aclosing(entries):
            async for each in entries:
                yield WorkitemChange(found=each)

    @strawberry.subscription(
        description="What happens to workitems of a list, whoever does it: to all that"
        " are on it, and to those that may have left it. A client that comes again goes"
        " on after the last one that it got, and neither loses nor repeats any."
    )
    async def worklist(
        self,
        info: Info,
        label: Annotated[str | None, strawberry.argument(description=_OF_ALL)] = None,
        where: Annotated[
            WorkitemFilter | None,
            strawberry.argument(
                name="filter", description="What isOnList tells of: which of them."
            ),
        ] = None,
        partition: PartitionName = DEFAULT_PARTITION,
        after: After = None,
    ) -> AsyncIterator[WorklistChange]:
        """Follow a list."""
        query = query_of(where, info.context.actor)
        watched = Watched(partition, label=label, query=query)
        entries = _followed(info.context, watched, after)
        async with aclosing(entries):
            async for each in entries:
                yield WorklistChange(found=each)


async def _followed(
    context: Context, watched: Watched, after: str | None
) -> AsyncGenerator[WorkitemEntry, None]:
    """Yield the entries after a cursor, or from now on, each as it comes.

    Raises
    ------
    Forbidden, NotFound
        The actor may see no patient anywhere, or nothing of the partition.
    Unauthenticated, Forbidden
        It may not follow any more: the connection is to be closed.
    """
    begins = await context.ask(changefeed.head) if after is None else number_of(after)
    # Told at once, with its reason, as no later entry would.
    await context.ask(watched, actor=context.actor, after=begins, limit=0)
    listening = listener()
    following = Following(
        actor=context.actor,
        find_actor=context.find_actor,
        where=EVERYTHING,
        after=begins,
        limit=AT_ONCE,
        metadata=Metadata.NONE,
        listener=listening,
        peek=watched,
    )
    is_recorded = False
    while not listening.is_ending:
        try:
            entries = await following.next(SILENCE_S)
        except (Unauthenticated, Forbidden) as error:
            context.ended_by = error
            raise
        if entries and not is_recorded:  # what is looked up of each, is told there
            # In a thread, as it looks patients up.
            await database.run(record_followed, actor=context.actor, entries=entries)
            is_recorded = True
        for each in entries:
            yield each
