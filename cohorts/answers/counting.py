"""How many answer a question, and what each criterion leaves: counts, nothing kept."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from cohorts.answers.audited import record_asked, record_question
from cohorts.answers.disclosure import exact, protected_counts
from cohorts.answers.question_log import Looks, note_answer, note_question
from cohorts.answers.small_cells import Cell, Step
from cohorts.criteria import parse_criteria
from cohorts.execution import asking
from cohorts.execution.running import superseding
from core.access import Actor

_DIGITS: Final = 2  # of an estimate


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
    *,
    actor: Actor,
    partition: str,
    criteria: object,
    now: date | None = None,
    page: str = "",
    project: str | None = None,
) -> Counts:
    """Count who answers a question; audited.

    Parameters
    ----------
    page
        What the actor calls the page that counts: there a newer count ends an older
        one, which nobody waits for any more. Empty: each is for itself.
    project
        The project that is asked within.

    Raises
    ------
    Forbidden, NotFound, Invalid, TooMany
        As `cohorts.answers.running.answer_cohort`.
    """
    query = parse_criteria(criteria)
    with superseding(f"{actor.account_id} {page}") if page else nullcontext():
        asked = asking.prepare(
            actor=actor, partition=partition, criteria=query, now=now, project=project
        )
        note = note_question(actor, asked)
        counts = counts_of(asked)
    note_answer(note, counts.total)
    record_question(actor, asked, counts.total)
    return replace(counts, looks=note and note.looks)


def estimate_cohort(
    *,
    actor: Actor,
    partition: str,
    criteria: object,
    now: date | None = None,
    project: str | None = None,
) -> int | None:
    """Return about how many answer a question, without counting; audited.

    To two digits, as PostgreSQL expects; None for whoever may count only, whose counts
    are told as they are protected, or not at all.

    Raises
    ------
    Forbidden, NotFound, Invalid
        As `cohorts.answers.running.answer_cohort`.
    """
    query = parse_criteria(criteria)
    asked = asking.prepare(
        actor=actor, partition=partition, criteria=query, now=now, project=project
    )
    if asked.is_protected:
        record_asked(actor, asked, "estimated, told nothing")
        return None
    about = asking.estimate(asked)
    record_asked(actor, asked, f"about {about} patients estimated")
    return round(about, -max(0, len(str(about)) - _DIGITS))


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
