"""What whoever may only count may not ask: by the day that somebody was born on.

Such a day is a name of few. So is Patient's Birth Date (0010,0030), which is no
attribute to count by either (`cohorts.execution.tags`).
"""

from collections.abc import Iterator
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


def _days(patient: Patient) -> Iterator[tuple[str, str]]:
    born = patient.birth
    if born is not None:
        for day in (born.gt, born.gte, born.lt, born.lte, born.eq):
            if day is not None:
                yield "birth", day
    if patient.age is not None and patient.age.at[:1].isdigit():
        yield "age", patient.age.at
