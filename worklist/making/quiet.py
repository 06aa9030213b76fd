"""Waiting until a subject is quiet: a rule may look when nothing more of it comes.

A study tells of itself with each instance. What a rule waits for has a row with the
moment at which it is due, which is put off only when it comes: so an instance costs
nothing more, and nobody looks at what is not due. When something came last, the study
or the resource itself says; also what the follower has not read yet counts.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from django.utils import timezone

from core.database import as_rows, raw_connection
from core.errors import Invalid
from worklist.making.subjects import changed_at
from worklist.making.timing import Wait, parse_wait
from worklist.models import WorkitemRule


class Restless(NamedTuple):
    """A subject that a rule waits for, and whose moment has come."""

    id: int
    subject: str
    first_at: dt.datetime
    noted_at: dt.datetime


def hold_back(rule: WorkitemRule, names: Sequence[str]) -> None:
    """Have a rule look at subjects once they are quiet.

    Parameters
    ----------
    names
        StudyInstanceUIDs, or ids of resources, that have changed.
    """
    now, wait = timezone.now(), wait_of(rule)
    due_at = wait.due_at(now, now) if wait else now
    rows = as_rows({"subject": name} for name in sorted(set(names)))
    raw_connection().execute(_HOLD_BACK, (rule.pk, now, now, due_at, rows))


def restless_until(
    rule: WorkitemRule, wait: Wait | None, names: Sequence[str]
) -> Mapping[str, dt.datetime]:
    """Return when subjects are quiet that are not, if nothing more of them comes."""
    if wait is None:
        return {}
    now = timezone.now()
    quiet_at = {name: at + wait.quiet for name, at in changed_at(rule, names).items()}
    return {name: at for name, at in quiet_at.items() if at > now}


def take(limit: int) -> tuple[WorkitemRule, Sequence[str]] | None:
    """Return a rule, and of what it waits for what is quiet; None: nothing is due.

    These wait no more when the caller's transaction ends; what is due and not quiet is
    put off. There may be no name, and more that is due.
    """
    now = timezone.now()
    first = raw_connection().execute(_FIRST, (now,)).fetchone()
    if first is None:
        return None
    (rule_id,) = first
    rows = raw_connection().execute(_DUE, (rule_id, now, limit)).fetchall()
    rule = WorkitemRule.objects.select_related("partition").get(pk=rule_id)
    later = _put_off(rule, [Restless(*row) for row in rows], now)
    done = [(key, name) for key, name, *_ in rows if key not in later]
    raw_connection().execute(_DONE, ([key for key, _ in done],))
    return rule, [name for _, name in done]


def wait_of(rule: WorkitemRule) -> Wait | None:
    """Return how a rule waits; one that says nothing that can be read does not."""
    try:
        return parse_wait(rule.quiet, rule.longest_wait)
    except Invalid:
        return None  # looking at a subject, it says what is wrong


def _put_off(
    rule: WorkitemRule, due: Sequence[Restless], now: dt.datetime
) -> Mapping[int, dt.datetime]:
    """Put off what is not quiet; return until when, by the keys of the rows."""
    wait = wait_of(rule)
    if wait is None:
        return {}
    changed = changed_at(rule, [each.subject for each in due])
    later = {}
    for each in due:
        newest = max(each.noted_at, changed.get(each.subject, each.noted_at))
        at = wait.due_at(each.first_at, newest)
        if at > now:
            later[each.id] = at
    rows = as_rows({"id": key, "due_at": at} for key, at in later.items())
    raw_connection().execute(_PUT_OFF, (rows,))
    return later


_HOLD_BACK: Final = """
INSERT INTO worklist_restlesssubject AS held (rule_id, subject, first_at, noted_at,
  due_at)
SELECT %s, new.subject, %s, %s, %s
FROM json_to_recordset(%s::json) AS new (subject text)
ON CONFLICT (rule_id, subject) DO UPDATE SET noted_at = excluded.noted_at
"""
_FIRST: Final = (
    "SELECT rule_id FROM worklist_restlesssubject WHERE due_at <= %s"
    " ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED"
)
_DUE: Final = (
    "SELECT id, subject, first_at, noted_at FROM worklist_restlesssubject"
    " WHERE rule_id = %s AND due_at <= %s ORDER BY due_at, id LIMIT %s"
    " FOR UPDATE SKIP LOCKED"
)
_DONE: Final = "DELETE FROM worklist_restlesssubject WHERE id = ANY(%s::bigint[])"
_PUT_OFF: Final = (
    "UPDATE worklist_restlesssubject held SET due_at = new.due_at"
    " FROM json_to_recordset(%s::json) AS new (id bigint, due_at timestamptz)"
    " WHERE held.id = new.id"
)
