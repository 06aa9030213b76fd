"""Looking at what waits for rules, and for workitems to be kept in step.

Who looks has locked what waits, so that any number may work at once: the follower notes
it (`worklist.making.follower`), and it waits no more when all that follows is written.
"""

import time
from typing import Final, NamedTuple

from django.db import transaction

from core.database import raw_connection
from core.models import Partition
from worklist.making.ended import end_again, end_made, note_ended
from worklist.making.follower import OF_ENDED, OF_TASK, OF_WORKITEM
from worklist.making.in_step import follow_task, tell_task
from worklist.making.make import BATCH, make_named, tell_problems
from worklist.making.quiet import hold_back
from worklist.making.usual import STUDY
from worklist.models import WorkitemRule

_IN_STEP: Final = (OF_TASK, OF_WORKITEM, OF_ENDED)


class Waiting(NamedTuple):
    """A subject that rules are to look at."""

    id: int
    subject: str
    seq: int


def make_waiting(*, time_limit_s: float) -> bool:
    """Have rules look at what waits, the oldest first.

    Returns
    -------
    bool
        Whether there is more.
    """
    until = time.monotonic() + time_limit_s
    while time.monotonic() < until:
        with transaction.atomic(durable=True):
            if not _make_some():
                return False
    return True


def _make_some() -> bool:
    """Look at the oldest that wait of one partition and source."""
    first = raw_connection().execute(_FIRST).fetchone()
    if first is None:
        return False
    partition_id, source = first
    if source in _IN_STEP:
        _keep_in_step(partition_id, source)
    else:
        _apply_rules(partition_id, source)
    return True


def _take(partition_id: int, source: str, limit: int) -> list[Waiting]:
    """Return what waits, locked; when the transaction ends it waits no more."""
    values = (partition_id, source, limit)
    rows = raw_connection().execute(_TAKE, values).fetchall()
    raw_connection().execute(_DONE, ([key for key, *_ in rows],))
    return [Waiting(*row) for row in rows]


def _keep_in_step(partition_id: int, source: str) -> None:
    """Do what a workitem has to be told of what it was made of, or that of it."""
    for each in _take(partition_id, source, 1):
        if source == OF_TASK:
            follow_task(partition_id, each.subject, each.seq)
        elif source == OF_ENDED:
            for rule, problem in end_made(int(each.subject)):
                tell_problems(rule, [problem])
        else:
            tell_task(partition_id, each.subject)
            end_again(partition_id, each.subject)


def _apply_rules(partition_id: int, source: str) -> None:
    """Make what rules make of the subjects that wait."""
    waiting = _take(partition_id, source, BATCH)
    if source != STUDY:
        note_ended(partition_id, source, {each.subject: each.seq for each in waiting})
    partition = Partition.objects.get(pk=partition_id)
    rules = WorkitemRule.objects.filter(
        partition=partition, source=source, is_enabled=True
    )
    at_once: list[tuple[WorkitemRule, list[str]]] = []
    for rule in rules:
        new = [each.subject for each in waiting if each.seq > rule.after_seq]
        if rule.quiet:
            hold_back(rule, new)
        else:
            at_once.append((rule, new))
    make_named(partition, at_once)


_FIRST: Final = (
    "SELECT partition_id, source FROM worklist_waitingsubject"
    " ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
)
_TAKE: Final = (
    "SELECT id, subject, seq FROM worklist_waitingsubject"
    " WHERE partition_id = %s AND source = %s ORDER BY id LIMIT %s"
    " FOR UPDATE SKIP LOCKED"
)
_DONE: Final = "DELETE FROM worklist_waitingsubject WHERE id = ANY(%s::bigint[])"
