"""FHIR's dates as days, as they are written: pure.

``2021-03`` is all days of March: a partial date is an interval. A time of day with a
zone stays on the day that it names, it is not turned into UTC: what happened on the
evening of the 3rd in Tokyo happened on the 3rd.
"""

import re
from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

_FORM: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_TIME: Final = re.compile(r"T(\d\d):(\d\d)(?::(\d\d))?")
_LENGTH: Final = 10  # of YYYY-MM-DD
_DECEMBER: Final = 12

ALWAYS: Final = date(9999, 12, 31)
"""The end of what still runs."""


class Days(NamedTuple):
    """The first and the last day that something can have been on."""

    first: date
    last: date


FOREVER: Final = Days(ALWAYS, ALWAYS)


def days_of(text: object) -> Days | None:
    """Return the days of a date, dateTime or instant; None where it is none."""
    return _days(text[:_LENGTH]) if isinstance(text, str) else None


@lru_cache(maxsize=65536)
def _days(text: str) -> Days | None:
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
        if day:
            return Days(first, first)
        last_month = month or _DECEMBER
        _, last_day = monthrange(first.year, last_month)
        return Days(first, date(first.year, last_month, last_day))
    except ValueError:
        return None


def dicom_days(text: str) -> Days | None:
    """Return the day of a DA value (DICOM PS3.5 6.2); None where it is none."""
    if len(text) != len("YYYYMMDD"):
        return None
    return _days(f"{text[:4]}-{text[4:6]}-{text[6:]}")


def second_of(text: object) -> int | None:
    """Return the second of the day that a dateTime names, in the zone it is written in.

    None where it names no time.
    """
    if not isinstance(text, str) or (found := _TIME.match(text, _LENGTH)) is None:
        return None
    hour, minute, second = (int(part or 0) for part in found.groups())
    return hour * 3600 + minute * 60 + second


def dicom_second(text: str) -> int | None:
    """Return the second of the day of a TM value; None where there is none."""
    digits = text[:6]
    if len(digits) < len("HH") or not digits.isascii() or not digits.isdigit():
        return None
    hour, minute, second = (int(digits[at : at + 2] or 0) for at in (0, 2, 4))
    return hour * 3600 + minute * 60 + second


def later(days: Days, added: timedelta) -> Days:
    """Return days that lie so much later; at the end of time where there are none."""
    try:
        return Days(days.first + added, days.last + added)
    except OverflowError:
        return FOREVER
