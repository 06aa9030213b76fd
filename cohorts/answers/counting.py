"""How many answer a question, and what each criterion leaves: counts, nothing kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from cohorts.answers.audited import record_question
from cohorts.answers.small_cells import Cell, cell
from cohorts.criteria import parse_criteria
from cohorts.execution import asking
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
    project: str | None = None,
) -> Counts:
    """Count who answers a question; audited.

    Raises
    ------
    Forbidden, NotFound, Invalid
        As `cohorts.answers.running.run_cohort`.
    """
    query = parse_criteria(criteria)
    asked = asking.prepare(
        actor=actor, partition=partition, criteria=query, now=now, project=project
    )
    counts = counts_of(asked)
    record_question(actor, asked, counts.total)
    return counts


def counts_of(asked: asking.Asked) -> Counts:
    """Return the counts of a question."""
    counted = asking.count(asked)
    steps = [Step(e.path, e.criterion, e.count) for e in counted.attrition]
    return Counts(asked.partition_id, counted.total, counted.could, steps)
