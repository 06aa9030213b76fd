"""FHIR's dates and times as intervals: pure.

``2021-03`` is all of March: a value without a time of day or day covers what it leaves
open (FHIR R4 3.1.1.4.6). Days without a zone are days in UTC.
"""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

_FORM: Final = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:T(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<rest>\d+))?)?"
    r"(?P<zone>Z|[+-]\d\d:\d\d)?)?)?)?",
    re.ASCII,
)
_IN_SECONDS: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)", re.ASCII
)
_SECOND: Final = timedelta(seconds=1)
BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
END: Final = datetime.max.replace(tzinfo=UTC)
"""What stands for open ends where moments are compared."""

_LAST_YEAR: Final = 9999


class Interval(NamedTuple):
    """From a moment on until before another one, both in UTC; None: open.

    Attributes
    ----------
    first, end
        The first moment in it, and the first one after it.
    """

    first: datetime | None
    end: datetime | None


def interval_of(text: str) -> Interval:
    """Return the interval that a date, dateTime or instant stands for.

    Raises
    ------
    ValueError
        It is none.
    """
    if _IN_SECONDS.fullmatch(text):  # as nearly all are; by far the quicker way
        with suppress(ValueError, OverflowError):
            first = datetime.fromisoformat(text).astimezone(UTC)
            return Interval(first, first + _SECOND)
    found = _FORM.fullmatch(text)
    if found is None:
        message = f"{text[:40]!r} is no date of FHIR, as 2021, 2021-03 or 2021-03-31."
        raise ValueError(message)
    given = found.groupdict()
    first = datetime(
        int(given["year"]),
        int(given["month"] or 1),
        int(given["day"] or 1),
        int(given["hour"] or 0),
        int(given["minute"] or 0),
        min(int(given["second"] or 0), 59),  # a leap second is the last one
        tzinfo=UTC,
    )
    return _within_time(first, _step(first, given), given)


def _step(first: datetime, given: dict[str, str | None]) -> datetime | timedelta:
    """Return the end of the interval, or its length."""
    if given["rest"]:
        return timedelta(microseconds=10 ** max(0, 6 - len(given["rest"])))
    if given["second"]:
        return timedelta(seconds=1)
    if given["hour"]:
        return timedelta(minutes=1)
    if given["day"]:
        return timedelta(days=1)
    if given["month"]:
        year, month = divmod(first.year * 12 + first.month, 12)
        return datetime(min(year, _LAST_YEAR), month + 1, 1, tzinfo=UTC)
    return datetime(min(first.year + 1, _LAST_YEAR), 1, 1, tzinfo=UTC)


def _within_time(
    first: datetime, step: datetime | timedelta, given: dict[str, str | None]
) -> Interval:
    try:
        first = first.replace(microsecond=int(((given["rest"] or "") + "0" * 6)[:6]))
        first -= _offset(given["zone"] or "Z")
        return Interval(first, first + step if isinstance(step, timedelta) else step)
    except OverflowError:
        message = "The date lies outside of what can be compared."
        raise ValueError(message) from None


def _offset(zone: str) -> timedelta:
    if zone == "Z":
        return timedelta()
    minutes = int(zone[1:3]) * 60 + int(zone[4:])
    return timedelta(minutes=-minutes if zone[0] == "-" else minutes)
