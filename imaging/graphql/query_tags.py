"""Extended query tags in the graph: which there are, how far they are, and changes."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from functools import partial
from typing import Annotated, Final
from uuid import UUID

import strawberry
from strawberry.dataloader import DataLoader

from core import operations
from core.access import Actor
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
from core.graphql.operations import Operation
from core.models import Operation as HeldOperation
from imaging.graphql.scalars import UI
from imaging.models import QueryTag as HeldTag
from imaging.models import TagLevel, TagStatus
from imaging.query_tags.definition import define
from imaging.query_tags.errors import TagFault, count_faults, list_faults
from imaging.query_tags.managing import (
    add_tags,
    delete_tag,
    enable_tag,
    get_tag,
    list_tags,
)
from imaging.query_tags.tag import name_of

MAXIMUM_FAULTS: Final = 200

Path = Annotated[
    str,
    strawberry.argument(
        description="A keyword or eight hexadecimal digits; inside of sequences several"
        " of these, with dots between."
    ),
]


@strawberry.enum(description="Of what a query tag is an attribute.")
class QueryTagLevel(Enum):
    """Levels of `imaging.models.TagLevel`."""

    STUDY = strawberry.enum_value(TagLevel.STUDY.value, description="Of studies.")
    SERIES = strawberry.enum_value(TagLevel.SERIES.value, description="Of series.")
    INSTANCE = strawberry.enum_value(
        TagLevel.INSTANCE.value, description="Of instances."
    )


@strawberry.enum(description="How far a query tag is.")
class QueryTagStatus(Enum):
    """States of `imaging.models.TagStatus`."""

    ADDING = strawberry.enum_value(
        TagStatus.ADDING.value, description="What is held is being indexed by it."
    )
    READY = strawberry.enum_value(
        TagStatus.READY.value, description="Searches may use it, if it is enabled."
    )
    DELETING = strawberry.enum_value(
        TagStatus.DELETING.value, description="Its values are being removed."
    )


@strawberry.type(description="An instance that could not be indexed by a query tag.")
class QueryTagError:
    """What was not indexed, and why."""

    partition_name: str = strawberry.field(description="Its data partition.")
    study_instance_uid: UI = strawberry.field(description="Its study.")
    series_instance_uid: UI = strawberry.field(description="Its series.")
    sop_instance_uid: UI = strawberry.field(description="The instance.")
    message: str = strawberry.field(
        description="Which rule its value breaks; never the value."
    )
    created_at: datetime = strawberry.field(description="When that was met.")


@strawberry.type(
    description="An attribute that can be searched for because somebody has asked for"
    " it, in all partitions."
)
class QueryTag:
    """An extended query tag."""

    held: strawberry.Private[HeldTag]
    faults: strawberry.Private[int]

    @strawberry.field(description="Its hexadecimal digits, with dots in sequences.")
    def path(self) -> str:
        """Return the path."""
        return self.held.path

    @strawberry.field(description="Its keywords, or digits where it has none.")
    def keyword(self) -> str:
        """Return the name."""
        return name_of(self.held.path)

    @strawberry.field(description="Its value representation.")
    def vr(self) -> str:
        """Return the value representation."""
        return self.held.vr

    @strawberry.field(description="The creator of a private one; empty of others.")
    def private_creator(self) -> str:
        """Return the creator."""
        return self.held.private_creator

    @strawberry.field(description="Of what it is an attribute.")
    def level(self) -> QueryTagLevel:
        """Return the level."""
        return QueryTagLevel(self.held.level)

    @strawberry.field(description="How far it is.")
    def status(self) -> QueryTagStatus:
        """Return the status."""
        return QueryTagStatus(self.held.status)

    @strawberry.field(
        description="Whether searches may use it; the first error disables it."
    )
    def is_enabled(self) -> bool:
        """Return whether it is enabled."""
        return self.held.is_enabled

    @strawberry.field(
        description="How many instances that you see could not be indexed by it."
    )
    def number_of_errors(self) -> int:
        """Return the number."""
        return self.faults

    @strawberry.field(description="The first 200 of these.")
    async def errors(self, info: Info) -> list[QueryTagError]:
        """List them."""
        if not self.faults:
            return []
        found = await info.context.ask(
            list_faults,
            actor=info.context.actor,
            path=self.held.path,
            limit=MAXIMUM_FAULTS,
        )
        return [_error(each) for each in found]

    @strawberry.field(
        description="What indexes, or removes, it; null where you may not see that."
    )
    async def operation(self, info: Info) -> Operation | None:
        """Find the operation, with all that are asked for together."""
        if self.held.operation_id is None:
            return None
        loader: DataLoader[UUID, Operation | None] = info.context.once(
            QueryTag, lambda: DataLoader(partial(_operations, info.context))
        )
        return await loader.load(self.held.operation_id)


def _error(fault: TagFault) -> QueryTagError:
    return QueryTagError(
        partition_name=fault.partition,
        study_instance_uid=UI(fault.study_instance_uid),
        series_instance_uid=UI(fault.series_instance_uid),
        sop_instance_uid=UI(fault.sop_instance_uid),
        message=fault.message,
        created_at=fault.created_at,
    )


async def _operations(context: Context, keys: list[UUID]) -> list[Operation | None]:
    held = await context.ask(_held_operations, context.actor, keys)
    found = {each.pk: Operation(held=each) for each in held}
    return [found.get(key) for key in keys]


def _held_operations(actor: Actor, keys: Sequence[UUID]) -> list[HeldOperation]:
    return list(operations.list_operations(actor=actor).filter(pk__in=keys))


def _told(actor: Actor, path: str | None) -> list[QueryTag]:
    """Return a tag, or all."""
    held = list_tags(actor=actor) if path is None else [get_tag(actor=actor, path=path)]
    faults = count_faults(actor=actor, tags=[tag.pk for tag in held])
    return [QueryTag(held=tag, faults=faults.get(tag.pk, 0)) for tag in held]


@strawberry.type
class QueryTagQueries:
    """The part of query tags in the root of queries."""

    @strawberry.field(
        description="The extended query tags, in the order in which they were added."
    )
    async def query_tags(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[QueryTag]:
        """List query tags."""
        found = await info.context.ask(_told, info.context.actor, None)
        cursors = [(tag.held.path, tag) for tag in found]
        return connect_all(cursors, first=first, after=after)

    @strawberry.field(
        description="The query tag of an attribute; null where there is none."
    )
    async def query_tag(self, info: Info, path: Path) -> QueryTag | None:
        """Find one."""
        try:
            (found,) = await info.context.ask(_told, info.context.actor, path)
        except NotFound as error:
            info.context.refused["queryTag"] = error
            return None
        return found


@strawberry.input(description="An attribute that is to be searchable.")
class QueryTagInput:
    """A query tag to be added."""

    path: str = strawberry.field(
        description="A keyword or eight hexadecimal digits; inside of sequences several"
        " of these, with dots between."
    )
    level: QueryTagLevel = strawberry.field(description="Of what it is an attribute.")
    vr: str = strawberry.field(
        description="Its value representation; needed for private ones.", default=""
    )
    private_creator: str = strawberry.field(
        description="The creator of a private one, in whatever block it stands.",
        default="",
    )


@strawberry.type(description="Work that was started.")
class QueryTagWork:
    """What adding and deleting answer."""

    operation: Operation = strawberry.field(
        description="What indexes, or removes, the tags: its end is theirs."
    )


@strawberry.type(description="A query tag as a mutation left it.")
class ChangedQueryTag:
    """What changing answers."""

    query_tag: QueryTag = strawberry.field(description="The tag, as it is now.")


WorkResult = Annotated[
    QueryTagWork | Fault,
    strawberry.union(
        "QueryTagWorkResult", description="What was started, or why it was not."
    ),
]
ChangeResult = Annotated[
    ChangedQueryTag | Fault,
    strawberry.union(
        "ChangeQueryTagResult", description="A query tag, or why it was not changed."
    ),
]


@strawberry.type
class QueryTagMutations:
    """The part of query tags in the root of mutations."""

    @mutation(
        description="Have attributes be searchable, in all partitions: all of them, or"
        " none. What is stored from now on is indexed at once, what is held by the"
        " operation."
    )
    async def add_query_tags(
        self,
        info: Info,
        tags: Annotated[
            list[QueryTagInput], strawberry.argument(description="The attributes.")
        ],
    ) -> WorkResult:
        """Add tags."""
        definitions = [
            define(
                tag.path,
                level=str(tag.level.value),
                vr=tag.vr,
                private_creator=tag.private_creator,
            )
            for tag in tags
        ]
        held = await info.context.do(
            add_tags, actor=info.context.actor, definitions=definitions
        )
        return QueryTagWork(operation=Operation(held=held))

    @mutation(
        description="Have an attribute be searchable no longer; the operation removes"
        " its values."
    )
    async def delete_query_tag(self, info: Info, path: Path) -> WorkResult:
        """Delete a tag."""
        held = await info.context.do(delete_tag, actor=info.context.actor, path=path)
        return QueryTagWork(operation=Operation(held=held))

    @mutation(description="Say whether searches may use a query tag.")
    async def set_query_tag_status(
        self,
        info: Info,
        path: Path,
        is_enabled: Annotated[
            bool, strawberry.argument(description="Whether they may.")
        ],
    ) -> ChangeResult:
        """Enable or disable a tag."""
        await info.context.do(
            enable_tag, actor=info.context.actor, path=path, is_enabled=is_enabled
        )
        (found,) = await info.context.ask(_told, info.context.actor, path)
        return ChangedQueryTag(query_tag=found)
