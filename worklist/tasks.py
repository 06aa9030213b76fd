"""What workers do for the worklist; thin wrappers."""

from core.tasks import TURN_S, durable_task
from worklist import delete
from worklist.making import overdue, settled, waiting


@durable_task()
def delete_old_workitems() -> None:
    """Delete the workitems that ended long enough ago."""
    if delete.delete_old_workitems(time_limit_s=TURN_S) >= delete.BATCH:
        delete_old_workitems.send()  # there may be more


@durable_task()
def make_workitems() -> None:
    """Have rules look at the studies and resources that have come."""
    if waiting.make_waiting(time_limit_s=TURN_S):
        make_workitems.send()  # there may be more


@durable_task()
def make_settled() -> None:
    """Have rules look at what they have waited for to be quiet."""
    if settled.make_settled(time_limit_s=TURN_S):
        make_settled.send()  # there may be more


@durable_task()
def escalate_overdue() -> None:
    """Take the steps of rules of which workitems are overdue."""
    if overdue.escalate(time_limit_s=TURN_S):
        escalate_overdue.send()  # there may be more
