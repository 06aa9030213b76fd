"""Granting, listing grants and explaining, by what a person calls things."""

from datetime import datetime
from typing import Annotated

import strawberry

from core.access import MEANINGS
from core.accounts.grants import Level, Terms
from core.graphql.connections import DEFAULT_PAGE, After, Connection, First
from core.graphql.context import Info
from core.graphql.faults import mutation
from core.graphql.grants import (
    Grant,
    Granted,
    GrantLevel,
    GrantResult,
    page_of_grants,
)
from core.graphql.scalars import aware
from core.partitions import DEFAULT_PARTITION
from imaging import granting
from imaging.granting import Place, Receiver
from imaging.graphql.project_changes import PatientInput
from imaging.graphql.scalars import UI


@strawberry.input(
    description="Something in a partition: a project, a study, a patient or a worklist;"
    " all of the partition where none of them is named."
)
class PlaceInput:
    """What something is granted on."""

    partition: str = strawberry.field(
        description="Name of the data partition.", default=DEFAULT_PARTITION
    )
    project: str | None = strawberry.field(
        description="The name of a project.", default=None
    )
    study_instance_uid: UI | None = strawberry.field(
        description="The UID of a study.", default=None
    )
    patient: PatientInput | None = strawberry.field(
        description="A patient.", default=None
    )
    worklist: str | None = strawberry.field(
        description="The label of a worklist.", default=None
    )

    def place(self) -> Place:
        """Return it as the domain has it."""
        patient = None if self.patient is None else self.patient.identity()
        return Place(
            self.partition,
            self.project,
            self.study_instance_uid,
            patient,
            self.worklist,
        )


On = Annotated[PlaceInput, strawberry.argument(description="What it is about.")]


@strawberry.type(description="Whether an account may do something with an object.")
class Allowance:
    """A verb, and whether it reaches."""

    verb: str = strawberry.field(description="The verb, as roles hold it.")
    meaning: str = strawberry.field(description="What it means, after 'may'.")
    allowed: bool = strawberry.field(description="Whether the account may.")


@strawberry.type(description="What an account may do with an object, and why.")
class Explanation:
    """An answer to the question who may what."""

    allowed: list[str] = strawberry.field(description="The verbs that are allowed.")
    verbs: list[Allowance] = strawberry.field(
        description="Each verb, and whether it is allowed."
    )
    reasons: list[str] = strawberry.field(
        description="Sentences that say why: about the account, its roles, its grants."
    )


@strawberry.type
class GrantQueries:
    """The part of grants in the root of queries."""

    @strawberry.field(
        description="The grants on something, ended ones too; for its owners and those"
        " who may see accounts."
    )
    async def grants(
        self, info: Info, on: On, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Grant]:
        """List grants."""
        held = await info.context.ask(
            granting.list_grants_on, actor=info.context.actor, place=on.place()
        )
        return page_of_grants(held, first=first, after=after)

    @strawberry.field(
        description="What an account may do with something, and why. Of yourself you"
        " may ask always, of others if you may see accounts."
    )
    async def explain_access(
        self,
        info: Info,
        account: Annotated[
            str, strawberry.argument(description="The name of the account.")
        ],
        on: On,
    ) -> Explanation:
        """Explain."""
        found = await info.context.ask(
            granting.explain_at,
            actor=info.context.actor,
            account=account,
            place=on.place(),
        )
        return Explanation(
            allowed=[verb.value for verb, may in found.allowed.items() if may],
            verbs=[
                Allowance(verb=verb.value, meaning=MEANINGS[verb], allowed=may)
                for verb, may in found.allowed.items()
            ],
            reasons=list(found.reasons),
        )


@strawberry.type
class GrantingMutations:
    """The part of granting in the root of mutations."""

    @mutation(
        description="Open something to an account, or to all accounts of a group."
        " Owners let others see what they see themselves; administrators grant"
        " anything. A grant of the same level gets the new terms."
    )
    async def grant(
        self,
        info: Info,
        on: On,
        level: Annotated[
            GrantLevel, strawberry.argument(description="How far it goes.")
        ],
        account: Annotated[
            str | None, strawberry.argument(description="To the account of this name.")
        ] = None,
        group: Annotated[
            str | None, strawberry.argument(description="To the group of this name.")
        ] = None,
        expires_at: Annotated[
            datetime | None,
            strawberry.argument(description="When it ends; null: when it is revoked."),
        ] = None,
        reason: Annotated[
            str, strawberry.argument(description="Why; it stands in the audit log.")
        ] = "",
    ) -> GrantResult:
        """Grant something."""
        held = await info.context.do(
            granting.grant_on,
            actor=info.context.actor,
            place=on.place(),
            to=Receiver(account, group),
            level=Level[level.name],
            terms=Terms(aware(expires_at, "expiresAt"), reason),
        )
        return Granted(grant=Grant(held=held))
