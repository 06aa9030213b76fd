"""What is asked of a change feed in the graph: a page of it, or all as it comes."""

from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated, Final, NamedTuple, TypeVar

import strawberry

from core.access import Actor
from core.changefeed import LAST, Filter, Op
from core.errors import Forbidden, Invalid, Unauthenticated
from core.feed_listener import listener
from core.graphql.connections import Connection, checked_page, connect
from core.graphql.context import Context
from core.partitions import find_partition
from imaging.feed import Metadata
from imaging.following import EntryT, Following, Peek
from imaging.graphql.scalars import UI

ChangeT = TypeVar("ChangeT")

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


class FeedPage(NamedTuple):
    """What the fields that read a feed are given."""

    where: ChangeFeedFilter | None
    with_metadata: bool
    first: int
    after: str | None


async def page_of_feed(
    context: Context,
    asked: FeedPage,
    *,
    read: Callable[..., Sequence[EntryT]],
    count: Callable[..., int],
    shown: Callable[[Context, EntryT], ChangeT],
) -> Connection[ChangeT]:
    """Return a page of a feed, oldest first, as the graph has it.

    Parameters
    ----------
    read, count
        The domain functions of the feed.
    shown
        Makes the change that an entry tells of.
    """
    actor, limit = context.actor, checked_page(asked.first)
    chosen = await context.ask(chosen_by, actor, asked.where)
    found = await context.ask(
        read,
        actor=actor,
        where=chosen,
        after=number_of(asked.after),
        limit=limit + 1,
        metadata=metadata_of(wanted=asked.with_metadata),
    )

    async def total() -> int:
        return await context.ask(count, actor=actor, where=chosen)

    return connect(
        [(str(each.entry.seq), shown(context, each)) for each in found[:limit]],
        has_more=len(found) > limit,
        after=asked.after,
        count=total,
    )


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
