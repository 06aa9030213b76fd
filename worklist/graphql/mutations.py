"""What is done with workitems: as over UPS-RS, but by accounts and without locks.

What an account claims here is its own: the portal keeps the Transaction UID.
"""

from collections.abc import Callable
from typing import Annotated, Any

import strawberry
from django.utils import timezone

from core.errors import Forbidden, NotFound
from core.graphql.context import Context, Info
from core.graphql.faults import Fault, mutation
from core.partitions import DEFAULT_PARTITION
from fhirlink.graphql.queries import PartitionName
from imaging.graphql.scalars import UI
from worklist.cancel import cancel_workitem, request_cancel
from worklist.change_state import change_state
from worklist.complete import complete_workitem
from worklist.create import create_workitem
from worklist.graphql.inputs import (
    WorkitemCancelInput,
    WorkitemInput,
    WorkitemPerformedInput,
    WorkitemUpdateInput,
)
from worklist.graphql.queries import WorkitemUid
from worklist.graphql.workitems import Workitem, workitem_of
from worklist.hand_over import hand_over_workitem
from worklist.release import release_workitem
from worklist.rows import find_workitems
from worklist.rules import Outcome, State, Status
from worklist.update import update_workitem

Reason = Annotated[
    str, strawberry.argument(description="Why; it stands in the canceled workitem.")
]
Why = Annotated[
    WorkitemCancelInput | None,
    strawberry.argument(description="Why, and whom to ask about it."),
]


@strawberry.type(description="A workitem as a mutation left it.")
class ChangedWorkitem:
    """What changing a workitem answers."""

    uid: UI = strawberry.field(
        description="The UID of the workitem: after it was released or handed over, of"
        " the one in its place."
    )
    workitem: Workitem | None = strawberry.field(
        description="The workitem as it is now; null: you may not see it."
    )
    warning: str | None = strawberry.field(
        description="What is to be known: that it was so already, say.", default=None
    )


WorkitemResult = Annotated[
    ChangedWorkitem | Fault,
    strawberry.union(
        "ChangeWorkitemResult", description="A workitem, or why it is as it was."
    ),
]


async def _changed(
    context: Context, partition: str, uid: str, outcome: Outcome | None = None
) -> ChangedWorkitem:
    """Return a workitem as it is now: nothing that was looked up before counts."""
    try:
        found = await context.ask(
            find_workitems, actor=context.actor, partition=partition, uids=[uid]
        )
    except (Forbidden, NotFound):  # who may put work on a list may not see it
        found = {}
    row = found.get(uid)
    is_told = outcome is not None and outcome.status is not Status.SUCCESS
    return ChangedWorkitem(
        uid=UI(uid),
        workitem=None if row is None else workitem_of(row, partition),
        warning=outcome.status.words if is_told and outcome else None,
    )


async def _to_state(
    info: Info, partition: str, uid: str, change: Callable[..., Outcome], **how: Any
) -> ChangedWorkitem:
    context = info.context
    outcome = await context.do(
        change, actor=context.actor, partition=partition, uid=uid, **how
    )
    return await _changed(context, partition, uid, outcome)


async def _replaced(
    info: Info, partition: str, uid: str, change: Callable[..., str], **how: Any
) -> ChangedWorkitem:
    context = info.context
    new = await context.do(
        change, actor=context.actor, partition=partition, uid=uid, **how
    )
    return await _changed(context, partition, new)


@strawberry.type
class WorkitemMutations:
    """The part of workitems in the root of mutations."""

    @mutation(description="Put work on a worklist.")
    async def create_workitem(
        self,
        info: Info,
        workitem: Annotated[
            WorkitemInput, strawberry.argument(description="What is to be done.")
        ],
        partition: PartitionName = DEFAULT_PARTITION,
    ) -> WorkitemResult:
        """Create one."""
        context = info.context
        uid = await context.do(
            create_workitem,
            actor=context.actor,
            partition=partition,
            model=workitem.model(timezone.now()),
            uid=workitem.uid or "",
        )
        return await _changed(context, partition, uid)

    @mutation(
        description="Change what a workitem says: of a scheduled one, or one that you"
        " have claimed."
    )
    async def update_workitem(
        self,
        info: Info,
        uid: WorkitemUid,
        changes: Annotated[
            WorkitemUpdateInput,
            strawberry.argument(description="What it is to say."),
        ],
        partition: PartitionName = DEFAULT_PARTITION,
    ) -> WorkitemResult:
        """Update one."""
        context = info.context
        await context.do(
            update_workitem,
            actor=context.actor,
            partition=partition,
            uid=uid,
            model=changes.described(),
            transaction_uid=None,
        )
        return await _changed(context, partition, uid)

    @mutation(
        description="Claim a workitem: it is yours to do, and in progress. Of any"
        " number who claim it at once, one has it."
    )
    async def claim_workitem(
        self,
        info: Info,
        uid: WorkitemUid,
        partition: PartitionName = DEFAULT_PARTITION,
    ) -> WorkitemResult:
        """Claim one."""
        return await _to_state(
            info,
            partition,
            uid,
            change_state,
            state=State.IN_PROGRESS,
            transaction_uid=None,
        )

    @mutation(
        description="Give up a workitem that you have claimed. It is canceled, and"
        " another one takes its place on the list (DICOM has no way back); that one is"
        " answered, also where you ask again. Who may manage data may do it for others."
    )
    async def release_workitem(
        self,
        info: Info,
        uid: WorkitemUid,
        reason: Reason = "",
        partition: PartitionName = DEFAULT_PARTITION,
    ) -> WorkitemResult:
        """Release one."""
        return await _replaced(info, partition, uid, release_workitem, reason=reason)

    @mutation(
        description="Have somebody else do a workitem that is scheduled, or that you"
        " have claimed. The latter is canceled, and another one that is scheduled for"
        " them takes its place; that one is answered."
    )
    async def hand_over_workitem(
        self,
        info: Info,
        uid: WorkitemUid,
        to: Annotated[
            str,
            strawberry.argument(
                description="The name of an account that may see it and work at it."
            ),
        ],
        reason: Reason = "",
        partition: PartitionName = DEFAULT_PARTITION,
    ) -> WorkitemResult:
        """Hand one over."""
        return await _replaced(
            info, partition, uid, hand_over_workitem, to=to, reason=reason
        )

    @mutation(
        description="Complete a workitem that you have claimed. What DICOM asks of a"
        " completed one is filled in where it is known; what is not, the Fault names."
    )
    async def complete_workitem(
        self,
        info: Info,
        uid: WorkitemUid,
        performed: Annotated[
            WorkitemPerformedInput | None,
            strawberry.argument(description="What was performed."),
        ] = None,
        partition: PartitionName = DEFAULT_PARTITION,
    ) -> WorkitemResult:
        """Complete one."""
        said = None if performed is None else performed.model()
        return await _to_state(info, partition, uid, complete_workitem, performed=said)

    @mutation(description="Cancel a workitem that you have claimed.")
    async def cancel_workitem(
        self,
        info: Info,
        uid: WorkitemUid,
        why: Why = None,
        partition: PartitionName = DEFAULT_PARTITION,
    ) -> WorkitemResult:
        """Cancel one."""
        model = None if why is None else why.model()
        return await _to_state(info, partition, uid, cancel_workitem, model=model)

    @mutation(
        description="Ask for a workitem to be canceled. A scheduled one is, at once; of"
        " one in progress its performer is told, who decides. CONFLICT where nobody"
        " could be told."
    )
    async def request_workitem_cancel(
        self,
        info: Info,
        uid: WorkitemUid,
        why: Why = None,
        partition: PartitionName = DEFAULT_PARTITION,
    ) -> WorkitemResult:
        """Ask for one."""
        model = None if why is None else why.model()
        return await _to_state(info, partition, uid, request_cancel, model=model)
