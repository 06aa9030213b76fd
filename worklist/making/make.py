"""Making workitems of subjects: a batch of them in one transaction.

What was made is remembered by its key, and the workitem's UID is made of that
(`worklist.making.keys`): whatever is done twice, or cut off, there is one workitem.
"""

import gc
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.utils import timezone
from psycopg import DataError
from psycopg.errors import QueryCanceled

from core.database import as_rows, raw_connection
from core.errors import PortalError
from core.models import Partition
from worklist.create import create_checked
from worklist.making import escalation
from worklist.making.ended import is_over
from worklist.making.follower import ACTOR
from worklist.making.keys import key_of
from worklist.making.plan import Filled, Plan, Said, plan_of, told
from worklist.making.subjects import Found, Wanted, find, followed, with_patients
from worklist.making.usual import STUDY
from worklist.making.who import people_of
from worklist.models import WorkitemRule
from worklist.opening import Origin

logger = logging.getLogger(__name__)

BATCH: Final = 500
_REFUSED: Final = (PortalError, QueryCanceled, DataError)
"""What a rule or a subject is to blame for, and not the state of the database."""


class Wish(NamedTuple):
    """A workitem that a rule makes, and of what."""

    rule: WorkitemRule
    plan: Plan
    subject: str
    filled: Filled


class Round(NamedTuple):
    """What came of some subjects.

    Attributes
    ----------
    made
        Workitems that are new.
    problems
        Those that should have been made, and were not.
    waiting
        Subjects that are not quiet yet.
    """

    made: int = 0
    problems: int = 0
    waiting: int = 0

    def plus(self, other: "Round") -> "Round":
        """Return what came of both together."""
        return Round(*map(sum, zip(self, other, strict=True)))


def make_of(rule: WorkitemRule, found: Sequence[Found]) -> Round:
    """Make what a rule makes of subjects, in a transaction of its own."""
    with _uncollected(), transaction.atomic(durable=True):
        wishes, problems = _wishes(rule, rule.partition, found)
        made = _write(rule.partition, wishes)
        tell_problems(rule, problems)
    return Round(made, len(problems))


def make_named(
    partition: Partition, named: Iterable[tuple[WorkitemRule, Sequence[str]]]
) -> None:
    """Make what rules make of subjects: the end of the caller's transaction.

    Parameters
    ----------
    named
        Rules of the partition, each with StudyInstanceUIDs or ids of resources.
    """
    with _uncollected():
        wishes: list[Wish] = []
        for rule, names in named:
            wishes += _careful(rule, partition, names)
        _write(partition, wishes)


def plan_for(rule: WorkitemRule) -> Plan:
    """Return a rule as it is applied.

    Raises
    ------
    Invalid
        It says something that has no meaning.
    """
    names = set(Said._fields) - {"people"}
    said = {name: getattr(rule, name) for name in names}
    return plan_of(Said(**said, people=people_of(rule)))


def filled_by(
    rule: WorkitemRule, plan: Plan, partition: Partition, found: Sequence[Found]
) -> list[Filled]:
    """Return what a rule makes of subjects; nothing is written."""
    if rule.source != STUDY:
        found = with_patients(partition, found)
    return followed(
        partition.pk,
        lambda related: [plan.fill(each.subject, related) for each in found],
    )


def tell_problems(rule: WorkitemRule, problems: Sequence[str]) -> None:
    """Have the rule say what it could not make; these texts hold no values."""
    if problems:
        now = timezone.now()
        values = (problems[-1][:1000], now, len(problems), rule.pk)
        raw_connection().execute(_TELL, values)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the collector of garbage from a batch, of which it takes a third.

    Data sets are trees: they go by themselves when nobody has them any more.
    """
    is_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_enabled:
            gc.enable()


def _careful(
    rule: WorkitemRule, partition: Partition, names: Sequence[str]
) -> list[Wish]:
    """Return what a rule makes; one that cannot be applied says why, and makes none."""
    try:
        with transaction.atomic():
            found = find(rule, Wanted(len(names), names)) if names else []
            wishes, problems = _wishes(rule, partition, found)
    except _REFUSED as error:
        logger.warning("worklist rule %s: %s", rule.pk, error)
        tell_problems(rule, [_words_of(error)])
        return []
    tell_problems(rule, problems)
    return wishes


def _words_of(error: Exception) -> str:
    if isinstance(error, PortalError):
        return error.message
    return f"The database refuses it ({type(error).__name__})."


def _wishes(
    rule: WorkitemRule, partition: Partition, found: Sequence[Found]
) -> tuple[list[Wish], list[str]]:
    """Return what a rule makes that it has not made, and what is wrong with others."""
    plan = plan_for(rule)
    if plan.key_path is None:
        found = _not_made(rule, plan, found)
    found = [each for each in found if not is_over(rule, each.subject.item)]
    wishes, problems = [], []
    for each, filled in zip(
        found, filled_by(rule, plan, partition, found), strict=True
    ):
        if filled.creation.findings:
            problems.append(told(filled.creation.findings))
        else:
            wishes.append(Wish(rule, plan, each.subject.address, filled))
    return wishes, problems


def _not_made(rule: WorkitemRule, plan: Plan, found: Sequence[Found]) -> list[Found]:
    """Return the subjects of which a rule has made nothing: the others cost little."""
    keys = {key_of(plan.uuid, each.subject.address): each for each in found}
    rows = raw_connection().execute(_MADE, (rule.pk, list(keys)))
    done = {key for (key,) in rows}
    return [each for key, each in keys.items() if key not in done]


def _write(partition: Partition, wishes: Sequence[Wish]) -> int:
    """Make workitems: the last statements of the transaction.

    Where one stands in the way, the others are made one by one.
    """
    try:
        with transaction.atomic():
            return _write_all(partition, wishes)
    except _REFUSED as error:
        if len(wishes) == 1:
            tell_problems(wishes[0].rule, [_words_of(error)])
            return 0
    return sum(_write(partition, [each]) for each in wishes)


def _write_all(partition: Partition, wishes: Sequence[Wish]) -> int:
    """Remember what is made, and make it."""
    by_key = {(each.rule.pk, each.filled.key): each for each in wishes}
    rows = [_made_row(each) for each in by_key.values()]
    if not rows:
        return 0
    answer = raw_connection().execute(_REMEMBER, (as_rows(rows),)).fetchall()
    new = [by_key[rule_id, key] for rule_id, key in answer]
    made = create_checked(
        actor=ACTOR,
        partition_id=partition.pk,
        creations=[each.filled.creation for each in new],
        origins=[_origin(each) for each in new],
    )
    return len(made)


def _origin(wish: Wish) -> Origin:
    """Return what a workitem opens: never more than the patient's whose it is."""
    return Origin(by_rule=True, subject=wish.subject if wish.plan.is_dicom else "")


def _made_row(wish: Wish) -> dict[str, Any]:
    filled = wish.filled
    return {
        "rule_id": wish.rule.pk,
        "key": filled.key,
        "partition_id": wish.rule.partition_id,
        "subject": wish.subject,
        "sop_instance_uid": filled.creation.uid,
        "version": wish.rule.version,
        "next_at": escalation.next_at(wish.plan.steps, 0, filled.due),
    }


_MADE: Final = (
    "SELECT key FROM worklist_madeworkitem WHERE rule_id = %s AND key = ANY(%s::uuid[])"
)
# What another worker has remembered meanwhile is not made here.
_REMEMBER: Final = """
INSERT INTO worklist_madeworkitem (rule_id, key, partition_id, subject,
  sop_instance_uid, version, next_at)
SELECT * FROM json_to_recordset(%s::json) AS new (rule_id bigint, key uuid,
  partition_id bigint, subject text, sop_instance_uid text, version int,
  next_at timestamptz)
ORDER BY rule_id, key
ON CONFLICT (rule_id, key) DO NOTHING
RETURNING rule_id, key
"""
_TELL: Final = (
    "UPDATE worklist_workitemrule SET problem = %s, problem_at = %s,"
    " number_of_problems = number_of_problems + %s WHERE id = %s"
)
