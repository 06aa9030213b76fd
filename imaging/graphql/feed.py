"""The change feed in the graph: read, and followed."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime
from enum import Enum
from functools import partial

import orjson
import strawberry

from core.graphql.connections import DEFAULT_PAGE, After, Connection, First
from core.graphql.context import Context, Info
from core.graphql.scalars import BigInt, Json
from imaging.feed import AnyEntry, InstanceEntry, count_entries, peek_feed, read_feed
from imaging.graphql.feed_reading import (
    ChangeAction,
    FeedPage,
    Where,
    WithMetadata,
    followed,
    page_of_feed,
)
from imaging.graphql.scalars import UI
from imaging.graphql.searching import base_url
from imaging.metadata import render


@strawberry.enum(description="What became since of what an entry tells of.")
class ChangeState(Enum):
    """States of `imaging.feed`."""

    CURRENT = strawberry.enum_value("current", description="It is held as it was.")
    REPLACED = strawberry.enum_value(
        "replaced", description="Another version has taken its place."
    )
    DELETED = strawberry.enum_value("deleted", description="It is not held any more.")


@strawberry.interface(description="One change of anything, as the feed keeps it.")
class Change:
    """What entries of all kinds have."""

    found: strawberry.Private[AnyEntry]

    @strawberry.field(description="Its number: they have an order and no gaps.")
    def sequence(self) -> BigInt:
        """Return the number."""
        return BigInt(self.found.entry.seq)

    @strawberry.field(description="Read on, or follow, after it.")
    def cursor(self) -> str:
        """Return the number as text."""
        return str(self.found.entry.seq)

    @strawberry.field(description="When it happened; never before the entry before.")
    def timestamp(self) -> datetime:
        """Return the moment."""
        return self.found.entry.at

    @strawberry.field(description="What was done.")
    def action(self) -> ChangeAction:
        """Return the action."""
        return ChangeAction(self.found.entry.op)

    @strawberry.field(description="Name of the data partition.")
    def partition_name(self) -> str:
        """Return the name."""
        return self.found.partition_name


@strawberry.type(description="One change of an instance, as the feed keeps it forever.")
class ChangeFeedEntry(Change):
    """An entry about an instance."""

    found: strawberry.Private[InstanceEntry]
    base: strawberry.Private[str]

    @strawberry.field(description="What became of it since, when this was read.")
    def state(self) -> ChangeState:
        """Return the state."""
        return ChangeState(self.found.state.value)

    @strawberry.field(description="The UID of the study.")
    def study_instance_uid(self) -> UI:
        """Return the UID."""
        return UI(self.found.entry.key[0])

    @strawberry.field(description="The UID of the series.")
    def series_instance_uid(self) -> UI:
        """Return the UID."""
        return UI(self.found.entry.key[1])

    @strawberry.field(description="The UID of the instance.")
    def sop_instance_uid(self) -> UI:
        """Return the UID."""
        return UI(self.found.entry.key[2])

    @strawberry.field(
        description="What the instance said at that moment, as a DICOM JSON object."
        " Null unless metadata was asked for, or where it is not held any more."
    )
    def dicom_json(self) -> Json | None:
        """Return the metadata unparsed."""
        if self.found.metadata is None:
            return None
        study, series, instance = self.found.entry.key
        url = (
            f"{self.base}/{self.found.partition_name}/studies/{study}"
            f"/series/{series}/instances/{instance}"
        )
        return Json(orjson.Fragment(render(self.found.metadata, instance_url=url)))


@strawberry.type
class FeedQueries:
    """The part of the feed in the root of queries."""

    @strawberry.field(
        description="The changes of instances that you may see, oldest first."
    )
    async def change_feed(
        self,
        info: Info,
        where: Where = None,
        metadata: WithMetadata = False,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[ChangeFeedEntry]:
        """Read entries."""
        return await page_of_feed(
            info.context,
            FeedPage(where, metadata, first, after),
            read=partial(read_feed, offset=0),
            count=count_entries,
            shown=instance_entry,
        )


@strawberry.type
class FeedSubscriptions:
    """The part of the feed in the root of subscriptions."""

    @strawberry.subscription(
        description="The changes of instances that you may see: those that there are"
        " after a cursor, then each as it comes. A client that comes again goes on"
        " after the last one that it got, and neither loses nor repeats any."
    )
    async def change_feed(
        self,
        info: Info,
        where: Where = None,
        metadata: WithMetadata = False,
        after: After = None,
    ) -> AsyncIterator[ChangeFeedEntry]:
        """Follow the feed."""
        context = info.context
        entries = followed(
            context, peek_feed, where=where, after=after, with_metadata=metadata
        )
        async with aclosing(entries):
            async for each in entries:
                yield instance_entry(context, each)


def instance_entry(context: Context, found: InstanceEntry) -> ChangeFeedEntry:
    """Return an entry about an instance as the graph has it."""
    return ChangeFeedEntry(found=found, base=base_url(context))
