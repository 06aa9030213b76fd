"""The whole change feed in the graph: instances, partitions, projects, grants.

Apps above add their own kinds (`told_by`).
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Any, Final

import strawberry
from strawberry.dataloader import DataLoader

from core.accounts import granted
from core.accounts import grants as of_grants
from core.accounts.grants import AnyGrant
from core.changefeed import Filter
from core.errors import NotFound
from core.graphql.connections import (
    DEFAULT_PAGE,
    After,
    Connection,
    First,
)
from core.graphql.context import Context, Info
from core.graphql.grants import Grant, GrantLevel
from core.graphql.partitions import Partition, visible_partitions
from core.partitions.changes import KIND as PARTITION
from imaging import projects
from imaging.feed import KIND as INSTANCE
from imaging.feed import (
    AnyEntry,
    InstanceEntry,
    count_changes,
    peek_changes,
    read_changes,
)
from imaging.graphql.feed import Change, instance_entry
from imaging.graphql.feed_reading import (
    FeedPage,
    Where,
    WithMetadata,
    followed,
    page_of_feed,
)
from imaging.graphql.projects import Project, find_project


@strawberry.type(description="One change of a data partition.")
class PartitionChange(Change):
    """An entry about a partition."""

    @strawberry.field(description="The partition as it is now; null: it is no more.")
    async def partition(self, info: Info) -> Partition | None:
        """Find it."""
        key = self.found.entry.partition_id
        seen = (await visible_partitions(info.context)).values()
        return next((each for each in seen if each.held.pk == key), None)


@strawberry.type(description="One change of a project, or of what is in it.")
class ProjectChange(Change):
    """An entry about a project."""

    @strawberry.field(description="The project as it is now; null: it is no more.")
    async def project(self, info: Info) -> Project | None:
        """Find it."""
        try:
            return await find_project(info.context, self.found.entry.key[0])
        except NotFound:
            return None


@strawberry.type(description="That something was granted, or a grant revoked.")
class GrantChange(Change):
    """An entry about a grant."""

    @strawberry.field(description="How far the grant goes, or went.")
    def level(self) -> GrantLevel:
        """Return the level."""
        return GrantLevel(self.found.entry.key[3])

    @strawberry.field(description="The grant as it is now; null: it was revoked.")
    async def grant(self, info: Info) -> Grant | None:
        """Find it, with all that are asked for together."""
        context = info.context
        loader: DataLoader[tuple[str, ...], AnyGrant | None] = context.once(
            GrantChange, lambda: DataLoader(partial(_grants, context))
        )
        held = await loader.load(self.found.entry.key)
        return None if held is None else Grant(held=held)


KINDS: Final = (PartitionChange, ProjectChange, GrantChange)
"""The types behind `Change` that no field names."""


async def _grants(
    context: Context, keys: list[tuple[str, ...]]
) -> Sequence[AnyGrant | None]:
    found = await context.ask(granted.grants_of_feed, actor=context.actor, keys=keys)
    return [found.get(key) for key in keys]


def _change(context: Context, found: AnyEntry) -> Change:
    if isinstance(found, InstanceEntry):
        return instance_entry(context, found)
    return _OTHERS[found.entry.kind](found=found)


_OTHERS: Final[dict[str, type[Change]]] = {
    PARTITION: PartitionChange,
    projects.KIND: ProjectChange,
    of_grants.KIND: GrantChange,
}


def told_by(kind: str, change: type[Change]) -> None:
    """Have entries of a kind be told by a type of an app above."""
    _OTHERS[kind] = change


def _told(where: Filter) -> Filter:
    """Return a filter that leaves out the kinds that no type tells of."""
    return replace(where, kinds=(INSTANCE, *_OTHERS))


def _read(*, where: Filter, **asked: Any) -> list[AnyEntry]:
    return read_changes(where=_told(where), **asked)


def _peek(*, where: Filter, **asked: Any) -> list[AnyEntry]:
    return peek_changes(where=_told(where), **asked)


def _count(*, where: Filter, **asked: Any) -> int:
    return count_changes(where=_told(where), **asked)


@strawberry.type
class ChangeQueries:
    """The part of the whole feed in the root of queries."""

    @strawberry.field(
        description="The changes of all kinds that you may see, oldest first: of"
        " instances, partitions, projects, grants and resources of the clinical"
        " record, in one order."
    )
    async def changes(
        self,
        info: Info,
        where: Where = None,
        metadata: WithMetadata = False,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[Change]:
        """Read entries."""
        return await page_of_feed(
            info.context,
            FeedPage(where, metadata, first, after),
            read=_read,
            count=_count,
            shown=_change,
        )


@strawberry.type
class ChangeSubscriptions:
    """The part of the whole feed in the root of subscriptions."""

    @strawberry.subscription(
        description="The changes of all kinds that you may see, as changeFeed follows"
        " those of instances."
    )
    async def changes(
        self,
        info: Info,
        where: Where = None,
        metadata: WithMetadata = False,
        after: After = None,
    ) -> AsyncIterator[Change]:
        """Follow the feed."""
        context = info.context
        entries = followed(
            context, _peek, where=where, after=after, with_metadata=metadata
        )
        async with aclosing(entries):
            async for each in entries:
                yield _change(context, each)
