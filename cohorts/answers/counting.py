"""How many answer a question, and what each criterion leaves: counts, nothing kept."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from cohorts.answers.audited import record_question
from cohorts.answers.small_cells import Cell, cell
from cohorts.criteria import parse_criteria
from cohorts.execution import asking
from cohorts.execution.running import superseding
from core.access import Actor


class Step(NamedTuple):
    """What a criterion leaves.

    Attributes
    ----------
    path
        Where it stands in the criteria; of the first step, which is everybody, where.
    criterion
        It as JSON; None of everybody.
    number
        Patients for whom it holds, and all before it.
    """

    path: str
    criterion: Mapping[str, Any] | None
    number: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of a question, as they are; to be told with `told_to`.

    Attributes
    ----------
    possible
        How many are there only because a partial date could match.
    """

    partition_id: int
    total: int
    possible: int
    attrition: Sequence[Step]

    def told_to(self, actor: Actor) -> Callable[[int], Cell]:
        """Return what tells a count to an actor."""
        return partial(cell, actor, self.partition_id)


def count_cohort(
    *,
    actor: Actor,
    partition: str,
    criteria: object,
    now: date | None = None,
    page: str = "",
) -> Counts:
    """Count who answers a question; audited.

    Parameters
    ----------
    page
        What the actor calls the page that counts: there a newer count ends an older
        one, which nobody waits for any more. Empty: each is for itself.

    Raises
    ------
    Forbidden, NotFound, Invalid
        As `cohorts.answers.running.run_cohort`.
    """
    query = parse_criteria(criteria)
    with superseding(f"{actor.account_id} {page}") if page else nullcontext():
        asked = asking.prepare(
            actor=actor, partition=partition, criteria=query, now=now
        )
        counts = counts_of(asked)
    record_question(actor, asked, counts.total)
    return counts


def estimate_cohort(
    *, actor: Actor, partition: str, criteria: object, now: date | None = None
) -> int | None:
    """Return about how many answer a question, without counting; audited.

    To two digits, as PostgreSQL expects; None for whoever may count only, whose counts
    are told as they are protected, or not at all.

    Raises
    ------
    Forbidden, NotFound, Invalid
        As `cohorts.answers.running.run_cohort`.
    """
    query = parse_criteria(criteria)
    asked = asking.prepare(actor=actor, partition=partition, criteria=query, now=now)
    about = asking.estimate(asked)
    record_question(actor, asked, about)
    digits = max(0, len(str(about)) - 2)
    return round(about, -digits) if asked.may_list else None


def counts_of(asked: asking.Asked) -> Counts:
    """Return the counts of a question."""
    counted = asking.count(asked)
    steps = [Step(e.path, e.criterion, e.count) for e in counted.attrition]
    return Counts(asked.partition_id, counted.total, counted.could, steps)
