"""Moving a study to another data partition."""

from typing import Annotated

import strawberry

from core.graphql.context import Info
from core.graphql.faults import Fault, mutation
from core.partitions import DEFAULT_PARTITION
from imaging.graphql.deletes import Partition, Reason, StudyUid, checked_reason
from imaging.move import move_study

Target = Annotated[
    str,
    strawberry.argument(description="Name of the data partition that it is to be in."),
]


@strawberry.type(description="What was moved.")
class Moved:
    """The outcome of a move."""

    number_of_instances: int = strawberry.field(
        description="How many instances were moved."
    )


MoveResult = Annotated[
    Moved | Fault,
    strawberry.union("MoveResult", description="What was moved, or why it was not."),
]


@strawberry.type
class MoveMutations:
    """The part of moves in the root of mutations."""

    @mutation(
        description="Move a study to another data partition, where none of its UID may"
        " be. Grants on it and its places in projects do not come along; projects there"
        " that have its patient show it at once."
    )
    async def move_study(
        self,
        info: Info,
        study_instance_uid: StudyUid,
        to: Target,
        reason: Reason,
        partition: Partition = DEFAULT_PARTITION,
    ) -> MoveResult:
        """Move a study."""
        number = await info.context.do(
            move_study,
            actor=info.context.actor,
            partition=partition,
            study_instance_uid=study_instance_uid,
            to=to,
            reason=checked_reason(reason),
        )
        return Moved(number_of_instances=number)
