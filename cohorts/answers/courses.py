"""The course of a patient of a run: what happened to it, in days from an index event.

Of who may not see its name, as rows without names are; and aligned there are no days of
a calendar at all.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from cohorts.answers.audited import record
from cohorts.answers.deidentified import Shown
from cohorts.answers.parts import Parts
from cohorts.answers.places import key as key_of_patient
from cohorts.answers.reading import Reading, require_rows
from cohorts.answers.reasons import reasons_of
from cohorts.answers.rows import Reason
from cohorts.criteria.check import leaves
from cohorts.criteria.model import OfEvent
from cohorts.execution.statement import Sql, fill, sql
from core.errors import NotFound
from fhirlink.events.days import ALWAYS
from fhirlink.happened import ORDER, Happened, events_of

MOST: Final = 5_000  # events
_GONE: Final = "There is no such patient in this cohort, or not any more."


class Moment(NamedTuple):
    """An event, in days from day 0; None where it has no such day.

    Attributes
    ----------
    event
        It; without days where the course is aligned.
    is_running
        Whether it still runs.
    """

    event: Happened
    start_first: int | None
    start_last: int | None
    end_first: int | None
    end_last: int | None
    is_running: bool


class Course(NamedTuple):
    """What happened to a patient, in order; what has no date comes last.

    Attributes
    ----------
    leaf
        The leaf of the criteria whose first event day 0 is; None: no event with a date
        has matched, and day 0 is that of the first event.
    has_more
        Whether there are more events than `MOST`.
    """

    leaf: int | None
    moments: Sequence[Moment]
    has_more: bool


def course_of_patient(
    reading: Reading,
    *,
    cursor: str,
    leaf: int | None = None,
    is_aligned: bool = True,
) -> Course:
    """Return the course of a patient of a run; audited.

    Parameters
    ----------
    cursor
        That of its row.
    leaf
        The leaf of the criteria whose first event is day 0; if None, the first that has
        a name (``as``), else the first that any event has satisfied.

    Raises
    ------
    Forbidden
        The reader may see counts alone.
    NotFound
        The patient is not in the run, or not any more.
    Invalid
        The cursor is none.
    """
    require_rows(reading)
    patient = key_of_patient(reading.place(cursor)[0])
    ids = _ids(reading, patient)
    reasons = reasons_of(reading, [patient]).get(patient, ())
    chosen, zero = _day_zero(reading, reasons, leaf)
    held = events_of(ids[:MOST])
    record(reading, [patient], f"time line of {len(held)} events")
    real = [held[each] for each in ids[:MOST] if each in held]
    zero = zero or next((each.start_first for each in real if each.start_first), None)
    shown = Shown(reading, [patient]).course(patient, real)
    moments = [
        _moment(one, other, zero, is_aligned=is_aligned)
        for one, other in zip(real, shown, strict=True)
    ]
    return Course(chosen, moments, len(ids) > MOST)


def _ids(reading: Reading, patient: int) -> list[int]:
    visible = reading.asked.visible
    rest = fill(
        _EVENTS,
        person=visible.person("c.patient"),
        event=visible.event("e"),
        patient=sql("%s", patient),
        order=Sql(ORDER),
        most=MOST + 1,
    )
    rows = reading.rows(Parts(reading.run.pk, patient, 1), rest)
    if not rows:
        raise NotFound(_GONE)
    return [event for (event,) in rows if event is not None]


def _day_zero(
    reading: Reading, reasons: Sequence[Reason], asked: int | None
) -> tuple[int | None, date | None]:
    """Return the leaf of the index event, and its day; none where there is none."""
    days: dict[int, date] = {}
    for each in reasons:
        day = each.event.start_first
        if day is not None and day < days.get(each.leaf, ALWAYS):
            days[each.leaf] = day
    leaf = _named(reading, days) if asked is None else asked
    return (leaf, days[leaf]) if leaf in days else (None, None)


def _named(reading: Reading, days: Mapping[int, date]) -> int:
    named = [
        at
        for at, leaf in enumerate(leaves(reading.query.where))
        if isinstance(leaf, OfEvent) and leaf.event.as_ is not None and at in days
    ]
    return min(named or days, default=-1)


def _moment(
    real: Happened, shown: Happened, zero: date | None, *, is_aligned: bool
) -> Moment:
    def after(day: date | None) -> int | None:
        if zero is None or day is None or day == ALWAYS:
            return None
        return (day - zero).days

    if is_aligned:
        shown = shown._replace(
            start_first=None,
            start_last=None,
            second=None,
            run_first=None,
            end_first=None,
            end_last=None,
        )
    return Moment(
        shown,
        after(real.start_first),
        after(real.start_last),
        after(real.end_first),
        after(real.end_last),
        real.end_last == ALWAYS,
    )


_EVENTS: Final = (
    "SELECT e.id FROM cohort_patient c LEFT JOIN fhirlink_event e"
    " ON e.patient = c.patient AND e.is_counted AND {event}"
    " WHERE c.patient = {patient} AND {person} ORDER BY {order} LIMIT {most}"
)
