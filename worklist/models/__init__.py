"""The tables of the worklist."""

from worklist.models.named_study import NamedStudy, Opens
from worklist.models.rule import (
    MadeWorkitem,
    RestlessSubject,
    WaitingSubject,
    WorkitemRule,
)
from worklist.models.subscription import Subscriber, Subscription
from worklist.models.value import WorkitemValue
from worklist.models.version import Happened, WorkitemVersion
from worklist.models.workitem import Workitem
from worklist.models.worklist import Worklist

__all__ = [
    "Happened",
    "MadeWorkitem",
    "NamedStudy",
    "Opens",
    "RestlessSubject",
    "Subscriber",
    "Subscription",
    "WaitingSubject",
    "Workitem",
    "WorkitemRule",
    "WorkitemValue",
    "WorkitemVersion",
    "Worklist",
]
