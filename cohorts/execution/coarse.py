"""How exactly whoever sees no names may ask of days.

By the day that somebody was born on not at all: it is a name of few. So is Patient's
Birth Date (0010,0030), which is no attribute to count by either
(`cohorts.execution.tags`). Who sees rows whose days are shifted asks by whole months:
windows moved by a day would tell how far.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from typing import Final

from cohorts.criteria import Query
from cohorts.criteria.check import leaves
from cohorts.criteria.model import OfPatient, Patient
from core.errors import Forbidden

_YEAR: Final = len("2026")


def require_years(query: Query) -> None:
    """Refuse births, and days that an age is told at, that are more exact than a year.

    Raises
    ------
    Forbidden
        They are.
    """
    for leaf in leaves(query.where):
        if isinstance(leaf, OfPatient):
            for member, day in _days(leaf.patient):
                if len(day) > _YEAR:
                    message = (
                        "Your roles let you count by the year of a birth, and by ages"
                        f" now or at an event, not by {day}."
                    )
                    raise Forbidden(message, path=member)


def first_of_month(day: date) -> date:
    """Return the first day of a month."""
    return day.replace(day=1)


def whole_months(
    start: date | None, end: date | None
) -> tuple[date | None, date | None]:
    """Return a window as all of the months that it touches; None where it is open."""
    if end is not None:
        end = end.replace(day=monthrange(end.year, end.month)[1])
    return start and first_of_month(start), end


def _days(patient: Patient) -> Iterator[tuple[str, str]]:
    born = patient.birth
    if born is not None:
        for day in (born.gt, born.gte, born.lt, born.lte, born.eq):
            if day is not None:
                yield "birth", day
    if patient.age is not None and patient.age.at[:1].isdigit():
        yield "age", patient.age.at
