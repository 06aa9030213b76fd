"""What a value asks of numbers and of moments, which only extended query tags have.

A range of numbers is ``1.5-3``, ``-5--1`` or, open at an end, ``3-`` and ``*-3``: a
number may itself begin with a minus. A moment is a DT value (DICOM PS3.5 6.2) or a
range of these, each to any precision and in any time zone (PS3.4 C.2.2.2.5); what is
left out means the whole of it.
"""

import calendar
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from core.errors import Invalid
from imaging.moments import dt_utc, split_zone
from imaging.numbers import sortable
from imaging.part10.validate import check_date_time
from imaging.query.attributes import Attribute
from imaging.query.terms import FIRST, LAST, Between, Exactly, Within, Zoned

_NUMBER: Final = (
    r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,4})?"
)
_DECIMAL: Final = re.compile(_NUMBER, re.ASCII)
_RANGE: Final = re.compile(rf"({_NUMBER}|\*)\s*-\s*({_NUMBER}|\*|)", re.ASCII)
_OPEN: Final = frozenset({"", "*"})
_LAST_CLOCK: Final = "2359"
_MINUTE: Final = len("YYYYMMDDHHMM")
_LONGEST_MOMENT: Final = len("YYYYMMDDHHMMSS.FFFFFF+ZZXX")


def decimal(attribute: Attribute, value: str) -> Exactly | Between:
    """Return the test for a number, or a range of numbers.

    Raises
    ------
    Invalid
        It is neither, or ends before it begins.
    """
    if _DECIMAL.fullmatch(value):
        return Exactly(_comparable(attribute, value))
    ends = _RANGE.fullmatch(value)
    if not ends or _OPEN.issuperset(ends.groups()):
        message = f"{attribute.keyword} must be a number, or a range such as 1.5-3."
        raise Invalid(message, path=attribute.keyword)
    lower, upper = (
        None if end in _OPEN else _comparable(attribute, end) for end in ends.groups()
    )
    if lower is not None and upper is not None and lower > upper:
        raise _backwards(attribute)
    return Between(lower, upper)


def _comparable(attribute: Attribute, text: str) -> Decimal:
    number = Decimal(text)
    try:
        sortable(number)
    except ValueError as error:
        message = f"{attribute.keyword} cannot be so large or so small."
        raise Invalid(message, path=attribute.keyword) from error
    return number


def moment(attribute: Attribute, value: str) -> Within | Zoned:
    """Return the test for a moment, or a range of moments.

    Raises
    ------
    Invalid
        It is neither, or ends before it begins.
    """
    lower, upper = _ends(attribute, value)
    (first, zone), (last, other) = split_zone(lower), split_zone(upper)
    local = _within(attribute, _shortest(first) or FIRST, last + LAST)
    if not zone and not other:
        return local
    utc = _within(
        attribute,
        _from_minute(dt_utc(first, zone or other)) if first else FIRST,
        dt_utc(_last_minute(last), other or zone) + LAST if last else LAST,
    )
    return Zoned(utc, local)


def _ends(attribute: Attribute, value: str) -> tuple[str, str]:
    """Return both ends, an open one empty; of a single moment the same."""
    if value and _is_moment(value):
        return value, value
    for lower, upper in _halves(value):
        if (lower or upper) and all(map(_is_moment, filter(None, (lower, upper)))):
            return lower, upper
    message = (
        f"{attribute.keyword} must be YYYYMMDDHHMMSS.FFFFFF+ZZXX or the beginning of"
        " it, or a range of these."
    )
    raise Invalid(message, path=attribute.keyword)


def _halves(value: str) -> Iterator[tuple[str, str]]:
    """Yield what each dash in a value may separate: one may belong to an offset."""
    if len(value) > 2 * _LONGEST_MOMENT + 8:
        return
    for place, character in enumerate(value):
        if character == "-":
            yield value[:place].strip(), value[place + 1 :].strip()


def _is_moment(value: str) -> bool:
    return value.isascii() and not check_date_time(value)


def _shortest(local: str) -> str:
    """Return a moment without components at its end that are the least there are."""
    whole, _, fraction = local.partition(".")
    if fraction := fraction.rstrip("0"):
        return f"{whole}.{fraction}"
    whole = whole[:8] + re.sub("(?:00)+$", "", whole[8:])
    return re.sub("(?<=^[0-9]{4})(?:01){1,2}$", "", _without_first_day(whole))


def _without_first_day(date: str) -> str:
    return date[:6] if len(date) == len("YYYYMMDD") and date[6:] == "01" else date


def _from_minute(utc: str) -> str:
    whole, rest = utc[:_MINUTE], utc[_MINUTE:]
    seconds, _, fraction = rest.partition(".")
    if fraction := fraction.rstrip("0"):
        return f"{whole}{seconds}.{fraction}"
    return whole + re.sub("^00$", "", seconds)


def _last_minute(local: str) -> str:
    """Return the last minute of what is given, to the minute at least."""
    year, month, day, time = local[:4], local[4:6], local[6:8], local[8:]
    month = month or "12"
    day = day or f"{calendar.monthrange(int(year), int(month))[1]:02}"
    return year + month + day + time + _LAST_CLOCK[len(time) :]


def _within(attribute: Attribute, lower: str, upper: str) -> Within:
    if lower > upper:
        raise _backwards(attribute)
    return Within(lower, upper)


def _backwards(attribute: Attribute) -> Invalid:
    message = f"{attribute.keyword} is a range that ends before it begins."
    return Invalid(message, path=attribute.keyword)
