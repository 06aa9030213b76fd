"""ISO 8601 durations of whole years, months, weeks and days, and days so far away.

Months are those of the calendar and clip to the month's end: a month after 31 January
is the last day of February.
"""

import calendar
import re
from datetime import date, timedelta
from typing import Final, NamedTuple

MOST: Final = 4_000_000  # days; what lies beyond the calendar is its first or last day
_ISO: Final = re.compile(
    r"([+-]?)P(?=\d)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,7})D)?"
)
_MONTHS: Final = 12
_WEEK: Final = 7


class Duration(NamedTuple):
    """Months, then days; `sign` is -1 before and 1 after."""

    months: int
    days: int
    sign: int = 1


def parse_duration(text: str) -> Duration:
    """Return what a duration says.

    Raises
    ------
    ValueError
        It is none, or has hours.
    """
    found = _ISO.fullmatch(text)
    if found is None:
        message = "is a duration of ISO 8601 in whole days: P30D, P2W, P18M, -P1Y"
        raise ValueError(message)
    sign, *numbers = found.groups()
    years, months, weeks, days = (int(each or 0) for each in numbers)
    return Duration(
        years * _MONTHS + months, weeks * _WEEK + days, -1 if sign == "-" else 1
    )


def format_duration(duration: Duration) -> str:
    """Return the one form of a duration: P1Y6M, P30D, -P2Y; P0D for none."""
    years, months = divmod(duration.months, _MONTHS)
    parts = ((years, "Y"), (months, "M"), (duration.days, "D"))
    text = "".join(f"{number}{letter}" for number, letter in parts if number)
    sign = "-" if duration.sign < 0 and text else ""
    return f"{sign}P{text or '0D'}"


def day_after(day: date, duration: Duration) -> date:
    """Return the day so far from another; the calendar's first or last at most."""
    total = day.year * _MONTHS + day.month - 1 + duration.sign * duration.months
    year, month = divmod(total, _MONTHS)
    if year < date.min.year:
        return date.min
    if year > date.max.year:
        return date.max
    last = calendar.monthrange(year, month + 1)[1]
    moved = date(year, month + 1, min(day.day, last))
    days = min(duration.days, MOST)
    try:
        return moved + timedelta(days=duration.sign * days)
    except OverflowError:
        return date.min if duration.sign < 0 else date.max
