"""The change feed in the graph: read, and followed."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import datetime
from enum import Enum
from typing import Annotated, Final

import orjson
import strawberry

from core.access import Actor
from core.changefeed import LAST, Filter, Op
from core.errors import Forbidden, Invalid, Unauthenticated
from core.feed_listener import listener
from core.graphql.connections import (
    DEFAULT_PAGE,
    After,
    Connection,
    First,
    checked_page,
    connect,
)
from core.graphql.context import Context, Info
from core.graphql.scalars import BigInt, Json
from core.partitions import find_partition
from imaging.feed import (
    AnyEntry,
    InstanceEntry,
    Metadata,
    count_entries,
    peek_feed,
    read_feed,
)
from imaging.following import EntryT, Following, Peek
from imaging.graphql.scalars import UI
from imaging.graphql.searching import base_url
from imaging.metadata import render

AT_ONCE: Final = 50  # entries that are read together
SILENCE_S: Final = 15.0  # then it is looked whether there is still somebody


@strawberry.enum(description="What was done to an instance, or something else.")
class ChangeAction(Enum):
    """Operations of the feed."""

    CREATE = strawberry.enum_value(
        "create", description="It was stored, made or granted."
    )
    UPDATE = strawberry.enum_value(
        "update", description="Another was stored over it, or it was changed."
    )
    DELETE = strawberry.enum_value("delete", description="It was deleted, or revoked.")


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


@strawberry.input(description="Which entries; all that is given counts.")
class ChangeFeedFilter:
    """As the filters of ``/changefeed``."""

    study_instance_uid: UI | None = strawberry.field(
        description="Of this study.", default=None
    )
    action: ChangeAction | None = strawberry.field(
        description="Of this action.", default=None
    )
    partitions: list[str] | None = strawberry.field(
        description="In one of the partitions of these names.", default=None
    )
    from_: datetime | None = strawberry.field(
        name="from", description="Not before this moment.", default=None
    )
    until: datetime | None = strawberry.field(
        description="Before this moment.", default=None
    )


Where = Annotated[
    ChangeFeedFilter | None,
    strawberry.argument(name="filter", description="Which entries."),
]
WithMetadata = Annotated[
    bool,
    strawberry.argument(
        description="Whether dicomJson is wanted: each look at it is a line of the"
        " audit log."
    ),
]


_OPS: Final[dict[ChangeAction, Op]] = {
    ChangeAction.CREATE: "create",
    ChangeAction.UPDATE: "update",
    ChangeAction.DELETE: "delete",
}


def chosen_by(actor: Actor, given: ChangeFeedFilter | None) -> Filter:
    """Return a filter with its partitions found.

    Raises
    ------
    Invalid, NotFound
        A moment has no time zone, or the actor sees no such partition.
    """
    if given is None:
        return Filter()
    for moment in (given.from_, given.until):
        if moment is not None and moment.tzinfo is None:
            message = "A moment must be an ISO 8601 date and time with its time zone."
            raise Invalid(message, path="filter")
    names = given.partitions
    keys = [find_partition(actor=actor, name=name).pk for name in names or ()]
    uid = given.study_instance_uid
    return Filter(
        op=None if given.action is None else _OPS[given.action],
        key_prefix=() if uid is None else (uid,),
        partition_ids=None if names is None else tuple(keys),
        from_at=given.from_,
        until_at=given.until,
    )


def number_of(cursor: str | None) -> int:
    """Return the number that a cursor is; 0 for none.

    Raises
    ------
    Invalid
        It is none.
    """
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdecimal()) or int(cursor[:20]) > LAST:
        message = "after must be the cursor of an entry."
        raise Invalid(message, path="after")
    return int(cursor)


def metadata_of(*, wanted: bool) -> Metadata:
    """Return which metadata entries come with."""
    return Metadata.OF_ITS_MOMENT if wanted else Metadata.NONE


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
        context, limit = info.context, checked_page(first)
        actor = context.actor
        chosen = await context.ask(chosen_by, actor, where)
        found = await context.ask(
            read_feed,
            actor=actor,
            where=chosen,
            after=number_of(after),
            offset=0,
            limit=limit + 1,
            metadata=metadata_of(wanted=metadata),
        )

        async def count() -> int:
            return await context.ask(count_entries, actor=actor, where=chosen)

        entries = [instance_entry(context, each) for each in found[:limit]]
        return connect(
            [(str(each.found.entry.seq), each) for each in entries],
            has_more=len(found) > limit,
            after=after,
            count=count,
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


async def followed(
    context: Context,
    peek: Peek[EntryT],
    *,
    where: ChangeFeedFilter | None,
    after: str | None,
    with_metadata: bool,
) -> AsyncGenerator[EntryT, None]:
    """Yield the entries after a cursor, then each as it comes.

    Raises
    ------
    Unauthenticated, Forbidden
        The reader may not read any more: the connection is to be closed.
    """
    listening = listener()
    following = Following(
        actor=context.actor,
        find_actor=context.find_actor,
        where=await context.ask(chosen_by, context.actor, where),
        after=number_of(after),
        limit=AT_ONCE,
        metadata=metadata_of(wanted=with_metadata),
        listener=listening,
        peek=peek,
    )
    while not listening.is_ending:
        try:
            entries = await following.next(SILENCE_S)
        except (Unauthenticated, Forbidden) as error:
            context.ended_by = error
            raise
        for each in entries:
            yield each


def instance_entry(context: Context, found: InstanceEntry) -> ChangeFeedEntry:
    """Return an entry about an instance as the graph has it."""
    return ChangeFeedEntry(found=found, base=base_url(context))
