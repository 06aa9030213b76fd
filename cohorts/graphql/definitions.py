"""Saved cohorts and concept sets in the graph: read here, changed beside."""

from datetime import datetime
from enum import Enum
from functools import partial
from typing import Annotated
from uuid import UUID

import strawberry

from cohorts.answers.meanings import meaning_of
from cohorts.definitions import found, sharing
from cohorts.graphql.scalars import Criteria
from cohorts.models import Definition, DefinitionKind
from core.errors import NotFound
from core.graphql.connections import (
    DEFAULT_PAGE,
    After,
    Connection,
    First,
    checked_page,
    connect,
    no_such_cursor,
)
from core.graphql.context import Context, Info
from core.graphql.scalars import Json
from core.partitions import DEFAULT_PARTITION
from fhirlink.graphql.queries import PartitionName

DefinitionKey = Annotated[
    UUID, strawberry.argument(name="id", description="The key of a definition.")
]


@strawberry.enum(description="What is saved under a name.")
class CohortDefinitionKind(Enum):
    """`cohorts.models.DefinitionKind`."""

    COHORT = strawberry.enum_value(
        DefinitionKind.COHORT, description="A question: who answers it."
    )
    SET = strawberry.enum_value(
        DefinitionKind.SET, description="A set of concepts: codes and words."
    )


Kind = Annotated[
    CohortDefinitionKind, strawberry.argument(description="Of which kind.")
]


@strawberry.type(description="What a definition has said from a moment on.")
class CohortDefinitionVersion:
    """A version, which nobody changes."""

    number: int = strawberry.field(description="From 1.")
    content: Json = strawberry.field(
        description="The criteria of a cohort, whole; the concept of a set."
    )
    saved_by: str = strawberry.field(description="Who has saved it.")
    saved_at: datetime = strawberry.field(description="When.")


@strawberry.type(
    description="A question, or a set of concepts, that was saved: criteria name it as"
    " {cohort: name} or {set: name}. Whoever asks with it finds what they see."
)
class CohortDefinition:
    """A definition that the actor sees."""

    held: strawberry.Private[Definition]

    @strawberry.field(description="Its key, which criteria may name it by as well.")
    def id(self) -> UUID:
        """Return the key."""
        return self.held.pk

    @strawberry.field(description="Whether it is a cohort or a set.")
    def kind(self) -> CohortDefinitionKind:
        """Return the kind."""
        return CohortDefinitionKind[DefinitionKind(self.held.kind).name]

    @strawberry.field(description="Its name, one of its owner's in the partition.")
    def name(self) -> str:
        """Return the name."""
        return self.held.name

    @strawberry.field(description="What it is for; may be empty.")
    def description(self) -> str:
        """Return the description."""
        return self.held.description

    @strawberry.field(
        description="The account whose it is; only that changes it. Empty: it was"
        " removed, and what it had shared is kept."
    )
    def owner(self) -> str:
        """Return the name of the account."""
        return self.held.owner.get_username() if self.held.owner else ""

    @strawberry.field(description="Whether it is yours.")
    def is_own(self, info: Info) -> bool:
        """Return whether the actor owns it."""
        return self.held.owner_id == info.context.actor.account_id

    @strawberry.field(description="When it was changed last.")
    def changed_at(self) -> datetime:
        """Return the moment."""
        return self.held.changed_at

    @strawberry.field(description="The number of the version that counts, the newest.")
    def version(self) -> int:
        """Return the number."""
        return int(getattr(self.held, "version", 0))

    @strawberry.field(
        description="What it says: the criteria of a cohort, the concept of a set."
    )
    async def content(self, info: Info) -> Json:
        """Return the newest version's."""
        context = info.context
        told = await context.ask(
            found.content_of, actor=context.actor, key=self.held.pk
        )
        return Json(told)

    @strawberry.field(description="All that it has said, newest first.")
    async def versions(self, info: Info) -> list[CohortDefinitionVersion]:
        """Return the versions."""
        context = info.context
        held = await context.ask(
            found.versions_of, actor=context.actor, key=self.held.pk
        )
        return [
            CohortDefinitionVersion(
                number=each.number,
                content=Json(each.content),
                saved_by=each.actor,
                saved_at=each.created_at,
            )
            for each in held
        ]

    @strawberry.field(
        description="The names of the projects that yours is shared with; the empty"
        " name is the whole partition. Of others' nothing is told."
    )
    async def shared_with(self, info: Info) -> list[str]:
        """Return the names."""
        context = info.context
        return await context.ask(
            sharing.shared_with, actor=context.actor, key=self.held.pk
        )


@strawberry.type(description="A code that a concept means, as the data have it.")
class ConceptCode:
    """What it is called, and how many have it."""

    system: str = strawberry.field(description="Its system; empty of mere words.")
    code: str = strawberry.field(description="The code; empty of mere words.")
    display: str = strawberry.field(description="What it is called.")
    number_of_patients: int | None = strawberry.field(
        description="How many have it, of those you see; null: you may count only."
    )


@strawberry.type
class DefinitionQueries:
    """What was saved, and what concepts mean."""

    @strawberry.field(
        description="The saved cohorts, or the concept sets, that you see: your own,"
        " and those shared with projects or with the partition. By name."
    )
    async def cohort_definitions(
        self,
        info: Info,
        kind: Kind,
        partition: PartitionName = DEFAULT_PARTITION,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[CohortDefinition]:
        """Return a page of them."""
        context = info.context
        limit = checked_page(first)
        of = DefinitionKind[kind.name]
        held = await context.ask(
            found.page_of_definitions,
            actor=context.actor,
            partition=partition,
            kind=of,
            limit=limit + 1,
            after=_key(after),
        )
        return connect(
            [(str(each.pk), CohortDefinition(held=each)) for each in held[:limit]],
            has_more=len(held) > limit,
            after=after,
            count=partial(
                context.ask,
                found.count_definitions,
                actor=context.actor,
                partition=partition,
                kind=of,
            ),
        )

    @strawberry.field(
        description="A definition; null where there is none, or none that you see."
    )
    async def cohort_definition(
        self, info: Info, key: DefinitionKey
    ) -> CohortDefinition | None:
        """Find one."""
        try:
            return await find(info.context, key)
        except NotFound as error:
            info.context.refused["cohortDefinition"] = error
            return None

    @strawberry.field(
        description="Which codes of the data a concept of criteria means, those that"
        " most have first; at most 1000."
    )
    async def concept_codes(
        self,
        info: Info,
        concept: Annotated[
            Criteria,
            strawberry.argument(description="The concept, as criteria say it."),
        ],
        type_: Annotated[
            str,
            strawberry.argument(
                name="type", description="The type of the events: condition, ..."
            ),
        ],
        partition: PartitionName = DEFAULT_PARTITION,
    ) -> list[ConceptCode]:
        """Find them."""
        context = info.context
        codes = await context.ask(
            meaning_of,
            actor=context.actor,
            partition=partition,
            concept=concept,
            type_=type_,
        )
        return [
            ConceptCode(
                system=each.system,
                code=each.code,
                display=each.display,
                number_of_patients=each.number,
            )
            for each in codes
        ]


async def find(context: Context, key: UUID) -> CohortDefinition:
    """Return a definition; raises as `cohorts.definitions.found.find_definition`."""
    held = await context.ask(found.find_definition, actor=context.actor, key=key)
    return CohortDefinition(held=held)


def _key(cursor: str | None) -> UUID | None:
    try:
        return UUID(cursor) if cursor is not None else None
    except ValueError as error:
        raise no_such_cursor() from error
