"""Windows of time as conditions on the days of an event.

Both ends belong to a window. A partial date is an interval and matches when it could
lie in the window; `is_sure` asks for those that must. What has no date is in none.
"""

from collections.abc import Callable
from datetime import date
from typing import Final

from cohorts.criteria.durations import Duration, day_after, parse_duration
from cohorts.criteria.values import Between, Last
from cohorts.execution.statement import Sql, all_of, sql
from fhirlink.events.days import days_of
from fhirlink.events.shapes import Kind

_LONGEST_MONTHS: Final = 4000 * 12
_LONGEST_DAYS: Final = 4000 * 366
# What has no length has ended when it began.
_MOMENTS: Final = ", ".join(
    str(int(kind))
    for kind in (
        *(Kind.PROCEDURE, Kind.OBSERVATION, Kind.REPORT, Kind.DOCUMENT, Kind.IMAGING),
        *(Kind.IMMUNIZATION, Kind.SPECIMEN, Kind.ORDER),
    )
)
_RUNNING: Final = "'{active,recurrence,relapse}'::text[]"


def first_day(text: str) -> date:
    """Return the first day of a date that may be partial."""
    days = days_of(text)
    return days.first if days else date.min


def last_day(text: str) -> date:
    """Return the last day of a date that may be partial."""
    days = days_of(text)
    return days.last if days else date.max


def ends_of(when: Between | Last, now: date) -> tuple[date | None, date | None]:
    """Return the first and the last day of a window that is known; None where open."""
    if isinstance(when, Last):
        span = parse_duration(when.last)
        return day_after(now, span._replace(sign=-1)), now
    return _end(when.from_, now, first_day), _end(when.to, now, last_day)


def _end(text: str | None, now: date, day: Callable[[str], date]) -> date | None:
    if text is None:
        return None
    if text.lstrip("+-").startswith("P"):
        return day_after(now, parse_duration(text))
    return day(text)


def within(
    first: str, last: str, start: Sql | None, end: Sql | None, *, is_sure: bool
) -> Sql:
    """Return that the days from `first` to `last` could, or must, lie in a window.

    Parameters
    ----------
    first, last
        Columns of the first and the last day that something can have been on.
    start, end
        Of the window; None where it is open.
    """
    low, high = (first, last) if is_sure else (last, first)
    conditions = []
    if start is not None:
        conditions.append(Sql(f"{low} >= {start.text}", start.values))
    if end is not None:
        conditions.append(Sql(f"{high} <= {end.text}", end.values))
    if not conditions:
        conditions.append(sql(f"{first} IS NOT NULL"))
    return all_of(conditions)


def of_day(day: date | None) -> Sql | None:
    """Return a day as SQL."""
    return None if day is None else sql("%s::date", day)


def moved(column: str, text: str | None) -> Sql | None:
    """Return a day of a column, so much later or earlier; None where that is open."""
    if text is None:
        return None
    return sql(f"({column} + %s::interval)::date", _interval(parse_duration(text)))


def _interval(duration: Duration) -> str:
    """Return a duration as PostgreSQL reads it, not beyond its calendar."""
    sign = "-" if duration.sign < 0 else ""
    months, days = duration.months, duration.days
    if months > _LONGEST_MONTHS or days > _LONGEST_DAYS:
        months, days = _LONGEST_MONTHS, 0
    return f"{sign}{months} months {sign}{days} days"


def start_of(alias: str) -> tuple[str, str]:
    """Return the first and the last day that an event can have begun on."""
    return f"{alias}.start_first", f"{alias}.start_last"


def end_of(alias: str) -> tuple[str, str]:
    """Return the first and the last day that an event can have ended on."""
    return _end_of(alias, "first"), _end_of(alias, "last")


def _end_of(alias: str, which: str) -> str:
    return (
        f"coalesce({alias}.end_{which}, CASE WHEN {alias}.kind IN ({_MOMENTS})"
        f" THEN {alias}.start_{which} END)"
    )


def run_of(alias: str, *, is_sure: bool) -> tuple[str, str]:
    """Return the first and the last day on which an event can, or must, have run.

    Of what has begun and has no known end: an active condition still runs, all else is
    known to have run on its first day only.
    """
    begun, over = ("last", "first") if is_sure else ("first", "last")
    start = f"coalesce({alias}.run_first, {alias}.start_{begun})"
    day = f"greatest({alias}.run_first, {alias}.start_{over})"
    return start, (
        f"coalesce({alias}.end_{over}, CASE WHEN {alias}.kind = {int(Kind.CONDITION)}"
        f" AND string_to_array({alias}.status, ' ') && {_RUNNING}"
        f" THEN DATE '9999-12-31' ELSE {day} END)"
    )
