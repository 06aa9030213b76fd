"""Deleting studies, series and instances."""

from typing import Annotated, Final

import strawberry

from core.errors import Invalid
from core.graphql.context import Info
from core.graphql.faults import Fault, mutation
from core.partitions import DEFAULT_PARTITION
from imaging.delete import delete_instances
from imaging.graphql.scalars import UI

MAXIMUM_REASON: Final = 1_000  # characters

Partition = Annotated[
    str, strawberry.argument(description="Name of its data partition.")
]
Reason = Annotated[
    str, strawberry.argument(description="Why; it stands in the audit log.")
]
StudyUid = Annotated[UI, strawberry.argument(description="The UID of the study.")]
SeriesUid = Annotated[UI, strawberry.argument(description="The UID of the series.")]
InstanceUid = Annotated[UI, strawberry.argument(description="The UID of the instance.")]


@strawberry.type(description="What was deleted.")
class Deleted:
    """The outcome of a delete."""

    number_of_instances: int = strawberry.field(
        description="How many instances were deleted."
    )


DeleteResult = Annotated[
    Deleted | Fault,
    strawberry.union(
        "DeleteResult", description="What was deleted, or why it was not."
    ),
]


def checked_reason(reason: str) -> str:
    """Return a reason that the audit log takes.

    Raises
    ------
    Invalid
        It is too long.
    """
    if len(reason) > MAXIMUM_REASON:
        message = f"reason has at most {MAXIMUM_REASON} characters."
        raise Invalid(message, path="reason")
    return reason


async def _delete(info: Info, partition: str, reason: str, *uids: str) -> Deleted:
    study, series, instance = (*uids, None, None)[:3]
    number = await info.context.do(
        delete_instances,
        actor=info.context.actor,
        partition=partition,
        study_instance_uid=study or "",
        series_instance_uid=series,
        sop_instance_uid=instance,
        reason=checked_reason(reason),
    )
    return Deleted(number_of_instances=number)


@strawberry.type
class DeleteMutations:
    """The part of deletes in the root of mutations."""

    @mutation(description="Delete a study with all that is in it.")
    async def delete_study(
        self,
        info: Info,
        study_instance_uid: StudyUid,
        reason: Reason = "",
        partition: Partition = DEFAULT_PARTITION,
    ) -> DeleteResult:
        """Delete a study."""
        return await _delete(info, partition, reason, study_instance_uid)

    @mutation(description="Delete a series with all that is in it.")
    async def delete_series(
        self,
        info: Info,
        study_instance_uid: StudyUid,
        series_instance_uid: SeriesUid,
        reason: Reason = "",
        partition: Partition = DEFAULT_PARTITION,
    ) -> DeleteResult:
        """Delete a series."""
        uids = (study_instance_uid, series_instance_uid)
        return await _delete(info, partition, reason, *uids)

    @mutation(description="Delete an instance.")
    async def delete_instance(
        self,
        info: Info,
        study_instance_uid: StudyUid,
        series_instance_uid: SeriesUid,
        sop_instance_uid: InstanceUid,
        reason: Reason = "",
        partition: Partition = DEFAULT_PARTITION,
    ) -> DeleteResult:
        """Delete an instance."""
        uids = (study_instance_uid, series_instance_uid, sop_instance_uid)
        return await _delete(info, partition, reason, *uids)
