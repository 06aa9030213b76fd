"""Who is who, where the linker is not sure: what persons look at, and decide."""

from datetime import datetime
from typing import Annotated

import strawberry

from core.graphql.connections import (
    DEFAULT_PAGE,
    After,
    First,
    Uncounted,
    checked_page,
    connect_uncounted,
    no_such_cursor,
)
from core.graphql.context import Info
from core.graphql.faults import Fault, mutation
from core.graphql.scalars import BigInt, Json
from fhirlink.graphql.queries import PartitionName
from fhirlink.linkage import resolve, suggestions
from fhirlink.linkage.identifiers import Identifier
from fhirlink.linkage.keys import identifier_of, patient_of
from fhirlink.models import LinkConflict, LinkDecision
from imaging.graphql.by_uid import find_study
from imaging.graphql.nodes import Study
from imaging.graphql.scalars import UI

Reason = Annotated[str, strawberry.argument(description="Why, for the audit log.")]


@strawberry.type(
    description="A study of which somebody should say whose it is: images and record do"
    " not agree, or lead to several patients."
)
class PatientConflict:
    """`fhirlink.models.LinkConflict`."""

    held: strawberry.Private[LinkConflict]
    partition_name: strawberry.Private[str]

    @strawberry.field(description="What resolvePatientConflict calls it.")
    def conflict_id(self) -> BigInt:
        """Return the key."""
        return BigInt(self.held.pk)

    @strawberry.field(
        description="contradiction, several, ambiguous, two-patients or unlinked."
    )
    def kind(self) -> str:
        """Return the kind."""
        return self.held.kind

    @strawberry.field(description="What is wrong, for people.")
    def meaning(self) -> str:
        """Return the words of the kind."""
        return str(LinkConflict.Kind(self.held.kind).label)

    @strawberry.field(description="The UID of the study.")
    def study_instance_uid(self) -> UI:
        """Return the UID."""
        return UI(self.held.study_instance_uid)

    @strawberry.field(description="The study; null where it is not held any more.")
    async def study(self, info: Info) -> Study | None:
        """Return the study."""
        uid = self.held.study_instance_uid
        return await find_study(info.context, self.partition_name, uid)

    @strawberry.field(
        description="What contradicts what, and the ids of patients that it may be."
    )
    def detail(self) -> Json:
        """Return the detail."""
        return Json(self.held.detail)

    @strawberry.field(description="When it was found.")
    def found_at(self) -> datetime:
        """Return the moment."""
        return self.held.found_at

    @strawberry.field(description="When somebody has resolved it, if at all.")
    def resolved_at(self) -> datetime | None:
        """Return the moment."""
        return self.held.resolved_at

    @strawberry.field(description="How it was resolved.")
    def resolution(self) -> str:
        """Return the words."""
        return self.held.resolution


@strawberry.type(
    description="What a person has said of who is who: that two are one, or that one is"
    " none of those that it is joined with."
)
class PatientDecision:
    """`fhirlink.models.LinkDecision`."""

    held: strawberry.Private[LinkDecision]

    @strawberry.field(description="What undoPatientDecision calls it.")
    def decision_id(self) -> BigInt:
        """Return the key."""
        return BigInt(self.held.pk)

    @strawberry.field(description="merge or split.")
    def action(self) -> str:
        """Return the action."""
        return self.held.action

    @strawberry.field(description="Whom it is about: system|value, or Patient/id.")
    def about(self) -> list[str]:
        """Return one or two names."""
        return [_named(each) for each in (self.held.first, self.held.second) if each]

    @strawberry.field(description="Who has said so.")
    def actor(self) -> str:
        """Return the name of the account."""
        return self.held.actor

    @strawberry.field(description="Why.")
    def reason(self) -> str:
        """Return the reason."""
        return self.held.reason

    @strawberry.field(description="When it was said.")
    def decided_at(self) -> datetime:
        """Return the moment."""
        return self.held.decided_at

    @strawberry.field(description="When it was undone; null: it holds.")
    def undone_at(self) -> datetime | None:
        """Return the moment."""
        return self.held.undone_at


def _named(term: str) -> str:
    identifier = identifier_of(term)
    if identifier is not None:
        return "|".join(identifier)
    return f"Patient/{patient_of(term)}" if patient_of(term) else "a long identifier"


@strawberry.input(description="Somebody: by an identifier, or by a Patient's id.")
class Somebody:
    """A side of a merge."""

    system: str = strawberry.field(description="Who calls it so.", default="")
    value: str = strawberry.field(description="What it is called.", default="")
    patient: str = strawberry.field(
        description="The id of a Patient of the record, instead.", default=""
    )


DecisionResult = Annotated[
    PatientDecision | Fault,
    strawberry.union(
        "PatientDecisionResult", description="What was said, or why it was not."
    ),
]
ConflictResult = Annotated[
    PatientConflict | Fault,
    strawberry.union(
        "PatientConflictResult", description="The conflict, or why it stays open."
    ),
]


@strawberry.type
class MatchingQueries:
    """Who is who, in the root of queries."""

    @strawberry.field(
        description="Studies of which somebody should say whose they are, for who may"
        " manage data and see who patients are."
    )
    async def patient_conflicts(
        self,
        info: Info,
        partition: PartitionName = "default",
        open_: Annotated[
            bool,
            strawberry.argument(
                name="open", description="Those that are open, or those resolved."
            ),
        ] = True,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Uncounted[PatientConflict]:
        """List conflicts."""
        limit = checked_page(first)
        held = await info.context.ask(
            resolve.list_conflicts,
            actor=info.context.actor,
            partition=partition,
            is_open=open_,
            after=_place(after),
            limit=min(limit + 1, resolve.MOST),
        )
        nodes = [
            (str(each.pk), PatientConflict(held=each, partition_name=partition))
            for each in held[:limit]
        ]
        has_more = len(held) > limit or len(held) == resolve.MOST
        return connect_uncounted(nodes, has_more=has_more, after=after)

    @strawberry.field(
        description="What persons have said of who is who, the newest first; 200 at"
        " most."
    )
    async def patient_decisions(
        self, info: Info, partition: PartitionName = "default"
    ) -> list[PatientDecision]:
        """List decisions."""
        held = await info.context.ask(
            resolve.list_decisions, actor=info.context.actor, partition=partition
        )
        return [PatientDecision(held=each) for each in held]

    @strawberry.field(
        description="Ids of patients who may be one: the same name, birth date and sex"
        " under different identifiers. Nothing follows from it by itself."
    )
    async def patient_suggestions(
        self, info: Info, partition: PartitionName = "default"
    ) -> list[list[str]]:
        """List who may be one."""
        found = await info.context.ask(
            suggestions.suggest_merges,
            actor=info.context.actor,
            partition=partition,
        )
        return [list(each.patients) for each in found]


@strawberry.type
class MatchingMutations:
    """Who is who, in the root of mutations."""

    @mutation(
        description="Say that a conflict is none, and why; it comes back when its cause"
        " is another."
    )
    async def resolve_patient_conflict(
        self,
        info: Info,
        conflict_id: Annotated[
            BigInt, strawberry.argument(description="Its conflictId.")
        ],
        reason: Reason,
        partition: PartitionName = "default",
    ) -> ConflictResult:
        """Resolve one."""
        held = await info.context.do(
            resolve.resolve_conflict,
            actor=info.context.actor,
            partition=partition,
            key=conflict_id,
            resolution=reason,
        )
        return PatientConflict(held=held, partition_name=partition)

    @mutation(description="Say that two are one patient.")
    async def merge_patients(
        self,
        info: Info,
        one: Annotated[Somebody, strawberry.argument(description="Who is another.")],
        other: Annotated[
            Somebody,
            strawberry.argument(
                description="Who it is; where the record knows both, this one stands."
            ),
        ],
        reason: Reason,
        partition: PartitionName = "default",
    ) -> DecisionResult:
        """Merge two."""
        held = await info.context.do(
            resolve.merge_patients,
            actor=info.context.actor,
            partition=partition,
            first=one.patient or Identifier(one.system, one.value),
            second=other.patient or Identifier(other.system, other.value),
            reason=reason,
        )
        return PatientDecision(held=held)

    @mutation(
        description="Say that an identifier of images is none of those that it is"
        " joined with: its studies are of a patient of their own."
    )
    async def split_patient(
        self,
        info: Info,
        one: Annotated[Somebody, strawberry.argument(description="By an identifier.")],
        reason: Reason,
        partition: PartitionName = "default",
    ) -> DecisionResult:
        """Split one."""
        held = await info.context.do(
            resolve.split_patient,
            actor=info.context.actor,
            partition=partition,
            identifier=Identifier(one.system, one.value),
            reason=reason,
        )
        return PatientDecision(held=held)

    @mutation(description="Take back what was said of who is who.")
    async def undo_patient_decision(
        self,
        info: Info,
        decision_id: Annotated[
            BigInt, strawberry.argument(description="Its decisionId.")
        ],
        reason: Reason,
        partition: PartitionName = "default",
    ) -> DecisionResult:
        """Undo one."""
        held = await info.context.do(
            resolve.undo_decision,
            actor=info.context.actor,
            partition=partition,
            key=decision_id,
            reason=reason,
        )
        return PatientDecision(held=held)


def _place(after: str | None) -> int:
    if after is None:
        return 0
    if not (after.isascii() and after.isdecimal() and len(after) < 19):
        raise no_such_cursor()
    return int(after)
