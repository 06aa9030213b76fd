"""Words of workitems that are chosen from."""

from enum import Enum

import strawberry

from worklist import orders, rules
from worklist.models import Happened


@strawberry.enum(description="The state of a workitem (DICOM 0074,1000).")
class WorkitemState(Enum):
    """States of `worklist.rules`."""

    SCHEDULED = strawberry.enum_value(
        rules.State.SCHEDULED.value, description="It is to be done, by whom ever."
    )
    IN_PROGRESS = strawberry.enum_value(
        rules.State.IN_PROGRESS.value, description="Somebody has claimed it."
    )
    COMPLETED = strawberry.enum_value(
        rules.State.COMPLETED.value, description="It was done."
    )
    CANCELED = strawberry.enum_value(
        rules.State.CANCELED.value, description="It will not be done."
    )


@strawberry.enum(description="How urgent a workitem is (DICOM 0074,1200).")
class WorkitemPriority(Enum):
    """As the standard enumerates them."""

    HIGH = strawberry.enum_value("HIGH", description="Before all others.")
    MEDIUM = strawberry.enum_value("MEDIUM", description="As usual.")
    LOW = strawberry.enum_value("LOW", description="After all others.")


@strawberry.enum(
    description="Whether what a workitem works on is there (DICOM 0040,4041)."
)
class InputReadiness(Enum):
    """As the standard enumerates them."""

    READY = strawberry.enum_value("READY", description="All is there.")
    INCOMPLETE = strawberry.enum_value("INCOMPLETE", description="More will come.")
    UNAVAILABLE = strawberry.enum_value("UNAVAILABLE", description="Nothing yet.")


@strawberry.enum(description="What a list of workitems is ordered by.")
class WorkitemOrder(Enum):
    """Orders of `worklist.orders`."""

    URGENCY = strawberry.enum_value(
        orders.Order.URGENCY.value,
        description="By priority, then by start; what has ended comes last.",
    )
    START = strawberry.enum_value(
        orders.Order.START.value,
        description="By start, the earliest first. Quick where the filter names open"
        " states.",
    )
    DUE = strawberry.enum_value(
        orders.Order.DUE.value,
        description="By when it is expected to be done; where nobody said, last. Quick"
        " where the filter names open states.",
    )
    CHANGED = strawberry.enum_value(
        orders.Order.CHANGED.value, description="What was changed last comes first."
    )


@strawberry.enum(description="What happened to a workitem.")
class WorkitemHappening(Enum):
    """Kinds of `worklist.models.Happened`."""

    CREATED = strawberry.enum_value(
        Happened.CREATED.value, description="It was created."
    )
    STATE = strawberry.enum_value(
        Happened.STATE.value, description="It came to another state."
    )
    READINESS = strawberry.enum_value(
        Happened.READINESS.value, description="What it works on is there, or is not."
    )
    PROGRESS = strawberry.enum_value(
        Happened.PROGRESS.value, description="How far it is, was told."
    )
    ASSIGNED = strawberry.enum_value(
        Happened.ASSIGNED.value, description="It is for somebody, or somewhere, else."
    )
    CANCEL_REQUESTED = strawberry.enum_value(
        Happened.CANCEL_REQUESTED.value,
        description="Somebody asks its performer to cancel it.",
    )
    CHANGED = strawberry.enum_value(
        Happened.CHANGED.value, description="Something else that it says was changed."
    )


@strawberry.enum(description="What may be done with a workitem.")
class WorkitemAction(Enum):
    """The mutations that a state, a lock and roles allow."""

    UPDATE = strawberry.enum_value("update", description="updateWorkitem")
    CLAIM = strawberry.enum_value("claim", description="claimWorkitem")
    RELEASE = strawberry.enum_value("release", description="releaseWorkitem")
    HAND_OVER = strawberry.enum_value("hand over", description="handOverWorkitem")
    COMPLETE = strawberry.enum_value("complete", description="completeWorkitem")
    CANCEL = strawberry.enum_value("cancel", description="cancelWorkitem")
    REQUEST_CANCEL = strawberry.enum_value(
        "request cancel", description="requestWorkitemCancel"
    )
