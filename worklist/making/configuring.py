"""Rules as people have them: changed, listed, tried, run over what is there."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core import audit, changefeed
from core.access import Actor, Verb, require, require_whole_partition
from core.errors import Invalid, NotFound
from fhirlink.concerned import patients_of
from fhirlink.document import packed
from imaging.fold import storable
from imaging.part10 import JsonModel
from worklist.making import make
from worklist.making.ended import is_over
from worklist.making.make import Round, filled_by, plan_for
from worklist.making.quiet import hold_back, restless_until
from worklist.making.subjects import Found, Wanted, check_source, find, name_of
from worklist.making.usual import STUDY
from worklist.making.who import require_people
from worklist.models import MadeWorkitem, WorkitemRule
from worklist.rules import Finding

FIELDS: Final = (
    "source", "conditions", "template", "key_path", "priority", "worklist_label",
    "station", "performer", "start", "due", "quiet", "longest_wait", "steps",
    "is_enabled",
)  # fmt: skip
"""What somebody says of a rule."""

LONGEST_NAME: Final = 64
MOST_TRIED: Final = 50


class Tried(NamedTuple):
    """What a rule would make of a subject.

    Attributes
    ----------
    subject
        StudyInstanceUID, or type and id of a resource.
    model
        The workitem as it would be created.
    findings
        Why it would not.
    is_made
        Whether the rule has made it already.
    is_over
        Whether it has ended, so that no workitem is made of it.
    not_before
        When it is quiet if nothing more of it comes; None: it is.
    """

    subject: str
    model: JsonModel
    findings: tuple[Finding, ...]
    is_made: bool
    is_over: bool = False
    not_before: datetime | None = None


def list_rules(*, actor: Actor) -> QuerySet[WorkitemRule]:
    """Return the rules of the partitions whose data the actor manages.

    Raises
    ------
    Forbidden
        Its roles do not allow that anywhere.
    """
    require(actor, Verb.MANAGE)
    rules = WorkitemRule.objects.select_related("partition").order_by("id")
    keys = actor.reach(Verb.MANAGE).partition_keys
    return rules if keys is None else rules.filter(partition_id__in=keys)


def find_rule(*, actor: Actor, partition: str, name: str) -> WorkitemRule:
    """Return a rule.

    Raises
    ------
    NotFound
        None has this name there, or the actor does not manage the partition.
    """
    rules = list_rules(actor=actor)
    rule = rules.filter(partition__name=partition, name=name).first()
    if rule is None:
        message = f"There is no rule {name[:64]!r} in partition {partition[:64]!r}."
        raise NotFound(message)
    return rule


def configure_rule(
    *, actor: Actor, rule: WorkitemRule, values: Mapping[str, Any]
) -> WorkitemRule:
    """Add a rule, or say what one makes; audited.

    A rule that is enabled looks at what comes from then on. What is there already it
    looks at when it changes, or by `run_rule`.

    Parameters
    ----------
    rule
        A new one has name and partition, which stay.
    values
        Of `FIELDS`, what is to be otherwise.

    Raises
    ------
    Forbidden, NotFound
        The actor does not manage all of the partition.
    Invalid
        It cannot be so; `path` is the field, and where in it.
    """
    require(actor, Verb.MANAGE)
    require_whole_partition(actor, Verb.MANAGE, rule.partition_id)
    with transaction.atomic():  # the admin has one around it
        held = WorkitemRule.objects.select_for_update().filter(pk=rule.pk).first()
        for name in FIELDS:
            if name in values:
                setattr(rule, name, values[name])
        check_rule(rule)
        if held is not None:
            rule.version = held.version + 1
        if rule.is_enabled and not (held and held.is_enabled):
            rule.after_seq = changefeed.head()
        rule.problem, rule.problem_at, rule.number_of_problems = "", None, 0
        rule.changed_by, rule.changed_at = actor.name, timezone.now()
        rule.save()
        changed = ", ".join(sorted(values))
        _record(actor, rule, audit.Action.CONFIGURE, f"{changed} (v{rule.version})")
    return rule


def try_rule(*, actor: Actor, rule: WorkitemRule, limit: int) -> list[Tried]:
    """Return what a rule would make of the newest that meet its conditions; audited.

    Nothing is written. The rule need not be enabled, nor saved.

    Raises
    ------
    Forbidden, NotFound
        The actor does not manage all of the partition, or may not see its patients.
    Invalid
        The rule cannot be so.
    """
    for verb in (Verb.MANAGE, Verb.VIEW_PHI):
        require(actor, verb)
        require_whole_partition(actor, verb, rule.partition_id)
    check_rule(rule)
    found = find(rule, Wanted(min(limit, MOST_TRIED), newest=True))
    plan = plan_for(rule)
    filled = filled_by(rule, plan, rule.partition, found)
    made = MadeWorkitem.objects.filter(rule_id=rule.pk)
    done = set(
        made.filter(key__in=[f.key for f in filled]).values_list("key", flat=True)
    )
    _record_seen(actor, rule, found)
    restless = restless_until(rule, plan.wait, [name_of(each) for each in found])
    return [
        Tried(
            each.subject.address,
            one.creation.dataset,
            one.creation.findings,
            one.key in done,
            is_over(rule, each.subject.item),
            restless.get(name_of(each)),
        )
        for each, one in zip(found, filled, strict=True)
    ]


def run_rule(
    *, actor: Actor, rule: WorkitemRule, tell: Callable[[int, Round], object]
) -> Round:
    """Have a rule look at all that is there; it makes nothing twice. Audited.

    Can be ended and begun again. What is not quiet, if the rule waits for that, an
    enabled rule looks at later.

    Parameters
    ----------
    tell
        Is told how many were looked at, and what came of them, again and again.

    Raises
    ------
    Forbidden, NotFound
        The actor does not manage all of the partition.
    Invalid
        The rule cannot be so.
    """
    require(actor, Verb.MANAGE)
    require_whole_partition(actor, Verb.MANAGE, rule.partition_id)
    check_rule(rule)
    _record(actor, rule, audit.Action.OPERATE, "run over all that is there")
    number, after, done = 0, 0, Round()
    wait = plan_for(rule).wait
    while found := find(rule, Wanted(make.BATCH, after=after)):
        after = found[-1].key
        number += len(found)
        restless = restless_until(rule, wait, [name_of(each) for each in found])
        hold_back(rule, list(restless))
        quiet = [each for each in found if name_of(each) not in restless]
        done = done.plus(make.make_of(rule, quiet)).plus(Round(waiting=len(restless)))
        tell(number, done)
    return done


def check_rule(rule: WorkitemRule) -> None:
    """Refuse a rule that could not be applied.

    Raises
    ------
    Invalid
        `path` is the field, and where in it.
    """
    name = rule.name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        message = f"A rule has a name of at most {LONGEST_NAME} characters."
        raise Invalid(message, path="name")
    rule.name = name
    for field in FIELDS:
        value = getattr(rule, field)
        if isinstance(value, str):
            value = value.strip()
            setattr(rule, field, value)
        if not _is_storable(value):
            message = "It holds characters that no text has."
            raise Invalid(message, path=field)
    check_source(rule.source, rule.conditions)
    plan_for(rule)
    require_people(rule)


def _record_seen(actor: Actor, rule: WorkitemRule, found: Sequence[Found]) -> None:
    """Record whose data a dry run has shown."""
    event = audit.Event(
        actor,
        audit.Action.SEARCH,
        partition_id=rule.partition_id,
        detail=f"dry run of worklist rule {rule.name} ({len(found)} subjects)",
        query=rule.conditions,
    )
    subjects = [each.subject for each in found]
    if rule.source == STUDY:
        studies = [each.address for each in subjects]
        audit.record_answer(event, patients=(), studies=studies)
        return
    told = [
        (rule.source, each.address.partition("/")[2], packed(each.item))
        for each in subjects
    ]
    audit.record_answer(event, patients=patients_of(rule.partition_id, told))


def _is_storable(value: Any) -> bool:
    """Return whether PostgreSQL can hold a text, or all texts of JSON."""
    if isinstance(value, str):
        return storable(value) == value.strip()
    if isinstance(value, Mapping):
        return all(_is_storable(each) for pair in value.items() for each in pair)
    return not isinstance(value, list) or all(map(_is_storable, value))


def _record(
    actor: Actor, rule: WorkitemRule, action: audit.Action, detail: str
) -> None:
    event = audit.Event(
        actor,
        action,
        partition_id=rule.partition_id,
        detail=f"worklist rule {rule.name}: {detail}",
    )
    audit.record(event)
