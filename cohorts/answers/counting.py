"""How many answer a question, and what each criterion leaves: counts, nothing kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from cohorts.answers.audited import record_question
from cohorts.answers.disclosure import exact, protected_counts
from cohorts.answers.question_log import Looks, note_answer, note_question
from cohorts.answers.small_cells import Cell, Step
from cohorts.criteria import parse_criteria
from cohorts.execution import asking
from core.access import Actor


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of a question, as its asker is told them.

    Attributes
    ----------
    possible
        How many are there only because a partial date could match.
    looks
        How many questions the asker has asked today; None where nobody counts them.
    """

    total: Cell
    possible: Cell
    attrition: Sequence[Step]
    looks: Looks | None = None


def count_cohort(
    *, actor: Actor, partition: str, criteria: object, now: date | None = None
) -> Counts:
    """Count who answers a question; audited.

    Raises
    ------
    Forbidden, NotFound, Invalid, TooMany
        As `cohorts.answers.running.run_cohort`.
    """
    query = parse_criteria(criteria)
    asked = asking.prepare(actor=actor, partition=partition, criteria=query, now=now)
    note = note_question(actor, asked)
    counts = counts_of(asked)
    note_answer(note, counts.total)
    record_question(actor, asked, counts.total)
    return replace(counts, looks=note and note.looks)


def counts_of(asked: asking.Asked) -> Counts:
    """Return the counts of a question."""
    if asked.is_protected:
        tallied = asking.tally(asked)
        return Counts(*protected_counts(asked.partition_id, tallied))
    counted = asking.count(asked)
    steps = [
        Step(each.path, each.criterion, exact(each.count)) for each in counted.attrition
    ]
    return Counts(exact(counted.total), exact(counted.could), steps)
