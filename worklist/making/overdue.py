"""Taking the steps of rules where workitems are overdue, each step once.

A step is an ordinary update of the workitem (`worklist.update`), in one transaction
with the memory that it was taken. Steps are for what nobody has begun: who has claimed
a workitem has its lock, and decides; what is given up waits for its steps again.
"""

import datetime as dt
import time
from typing import Final, NamedTuple

from django.db import transaction
from django.utils import timezone

from core.database import raw_connection
from core.errors import PortalError
from worklist.data_set import text, unpacked
from worklist.making.escalation import Escalation, next_at, parse_steps
from worklist.making.follower import ACTOR
from worklist.making.make import tell_problems
from worklist.making.plan import DUE
from worklist.making.timing import read_moment
from worklist.making.who import people_of
from worklist.models import MadeWorkitem, Workitem, WorkitemRule
from worklist.replacing import newest_in_place
from worklist.rules import State
from worklist.update import update_workitem

LATER: Final = dt.timedelta(minutes=10)
"""Until what somebody has claimed is looked at again: it may be given up."""


class Overdue(NamedTuple):
    """A workitem of which a step is to be taken.

    Attributes
    ----------
    number
        Of the step, from 0.
    """

    id: int
    rule_id: int
    partition_id: int
    uid: str
    number: int


def escalate(*, time_limit_s: float) -> bool:
    """Take the steps that are due, the oldest first; any number may work at once.

    Returns
    -------
    bool
        Whether there may be more.
    """
    until = time.monotonic() + time_limit_s
    while time.monotonic() < until:
        with transaction.atomic(durable=True):
            row = raw_connection().execute(_TAKE, (timezone.now(),)).fetchone()
            if row is None:
                return False
            _escalate(Overdue(*row))
    return True


def _escalate(overdue: Overdue) -> None:
    """Take a step of a workitem, or say when that is to be looked at again."""
    rule = WorkitemRule.objects.get(pk=overdue.rule_id)
    try:
        steps = parse_steps(rule.steps, people_of(rule))
        with transaction.atomic():
            _step(overdue, steps)
    except PortalError as error:
        _remember(overdue, overdue.number, None)
        tell_problems(rule, [f"Step {overdue.number + 1}: {error.message}"])


def _step(overdue: Overdue, steps: tuple[Escalation, ...]) -> None:
    uid = newest_in_place(overdue.partition_id, overdue.uid)
    if uid != overdue.uid:  # somebody has given it up
        MadeWorkitem.objects.filter(pk=overdue.id).update(sop_instance_uid=uid)
    held = (
        Workitem.objects.select_related("partition")
        .filter(partition_id=overdue.partition_id, sop_instance_uid=uid)
        .first()
    )
    if held is not None and held.state == State.IN_PROGRESS:
        _remember(overdue, overdue.number, timezone.now() + LATER)
        return
    if held is None or held.state != State.SCHEDULED:
        _remember(overdue, overdue.number, None)
        return
    # Somebody may have put it off, or set no term any more.
    due = read_moment(text(unpacked(bytes(held.content)), DUE))
    at = next_at(steps, overdue.number, due)
    if at is None or at > timezone.now():
        _remember(overdue, overdue.number, at)
        return
    number = overdue.number + 1
    _remember(overdue, number, next_at(steps, number, due))
    update_workitem(
        actor=ACTOR,
        partition=held.partition.name,
        uid=uid,
        model=steps[overdue.number].changes,
    )


def _remember(overdue: Overdue, taken: int, at: dt.datetime | None) -> None:
    raw_connection().execute(_REMEMBER, (taken, at, overdue.id))


_TAKE: Final = (
    "SELECT id, rule_id, partition_id, sop_instance_uid, steps_taken"
    " FROM worklist_madeworkitem WHERE next_at <= %s ORDER BY next_at, id LIMIT 1"
    " FOR UPDATE SKIP LOCKED"
)
_REMEMBER: Final = (
    "UPDATE worklist_madeworkitem SET steps_taken = %s, next_at = %s WHERE id = %s"
)
