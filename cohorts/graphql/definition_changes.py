"""Saving cohorts and concept sets, and opening them to others."""

from typing import Annotated

import strawberry

from cohorts.definitions import saving, sharing
from cohorts.graphql.definitions import CohortDefinition, DefinitionKey, Kind, find
from cohorts.graphql.scalars import Criteria
from cohorts.models import DefinitionKind
from core.graphql.context import Info
from core.graphql.faults import Fault, mutation
from core.partitions import DEFAULT_PARTITION
from fhirlink.graphql.queries import PartitionName

Name = Annotated[
    str, strawberry.argument(description="What it is called: 100 characters at most.")
]
ProjectName = Annotated[
    str | None,
    strawberry.argument(
        description="The name of the project; null: the whole partition."
    ),
]


@strawberry.type(description="A definition as a mutation left it.")
class ChangedDefinition:
    """What saving and sharing answer."""

    definition: CohortDefinition = strawberry.field(description="As it is now.")


@strawberry.type(description="A definition that is no more.")
class RemovedDefinition:
    """What removing answers."""

    id: strawberry.ID = strawberry.field(description="The key that it had.")


ChangeResult = Annotated[
    ChangedDefinition | Fault,
    strawberry.union(
        "ChangeDefinitionResult",
        description="A definition, or why it was not changed.",
    ),
]
RemoveResult = Annotated[
    RemovedDefinition | Fault,
    strawberry.union(
        "RemoveDefinitionResult", description="What was removed, or why it was not."
    ),
]


@strawberry.type
class DefinitionMutations:
    """The part of definitions in the root of mutations."""

    @mutation(
        description="Save a question or a set of concepts for your account. Where yours"
        " of this name is there, it gets a new version; none is overwritten."
    )
    async def save_cohort_definition(
        self,
        info: Info,
        kind: Kind,
        name: Name,
        content: Annotated[
            Criteria,
            strawberry.argument(
                description="The criteria of a cohort, whole; the concept of a set."
            ),
        ],
        description: Annotated[
            str | None,
            strawberry.argument(description="What it is for; null: as it was."),
        ] = None,
        partition: PartitionName = DEFAULT_PARTITION,
    ) -> ChangeResult:
        """Save one."""
        context = info.context
        held = await context.do(
            saving.save_definition,
            actor=context.actor,
            partition=partition,
            kind=DefinitionKind[kind.name],
            name=name,
            content=content,
            description=description,
        )
        return ChangedDefinition(definition=CohortDefinition(held=held))

    @mutation(description="Give a definition of yours another name.")
    async def rename_cohort_definition(
        self, info: Info, key: DefinitionKey, name: Name
    ) -> ChangeResult:
        """Rename one."""
        context = info.context
        await context.do(
            saving.rename_definition, actor=context.actor, key=key, name=name
        )
        return ChangedDefinition(definition=await find(context, key))

    @mutation(
        description="Remove a definition of yours, with its versions. What names it"
        " is refused from then on; runs keep what they have asked."
    )
    async def remove_cohort_definition(
        self, info: Info, key: DefinitionKey
    ) -> RemoveResult:
        """Remove one."""
        context = info.context
        await context.do(saving.remove_definition, actor=context.actor, key=key)
        return RemovedDefinition(id=strawberry.ID(str(key)))

    @mutation(
        description="Let all who read a project, or the whole partition, see a"
        " definition of yours. Needs the right to say who sees the project."
    )
    async def share_cohort_definition(
        self, info: Info, key: DefinitionKey, project: ProjectName = None
    ) -> ChangeResult:
        """Share one."""
        context = info.context
        await context.do(
            sharing.share_definition, actor=context.actor, key=key, project=project
        )
        return ChangedDefinition(definition=await find(context, key))

    @mutation(description="Take back what a definition of yours is shared with.")
    async def unshare_cohort_definition(
        self, info: Info, key: DefinitionKey, project: ProjectName = None
    ) -> ChangeResult:
        """Share it no more."""
        context = info.context
        await context.do(
            sharing.unshare_definition, actor=context.actor, key=key, project=project
        )
        return ChangedDefinition(definition=await find(context, key))
