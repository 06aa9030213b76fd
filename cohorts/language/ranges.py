"""Windows from a day to another: between January 2020 and 3 May 2021, 2018 to 2020."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from cohorts.language.moments import Days, day_of, days_at, month_days, ordinal_at
from cohorts.language.numbers import low, one_of
from cohorts.language.text import Token
from cohorts.language.time_window import Window, between
from cohorts.language.words_table import MONTHS

_OPENERS: Final = frozenset(["between", "from", "during", "in", "over"])
_JOINTS: Final = (
    *(("up", "to"), ("up", "until"), ("all", "the", "way", "to"), ("through", "to")),
    *(("to",), ("-",), ("until",), ("till",), ("til",), ("through",), ("and",)),
    *(("or",), (",",)),
)


def range_at(tokens: Sequence[Token], at: int, today: date) -> Window | None:
    """Return the window from a day to another that is written there."""
    opened = low(tokens, at) in _OPENERS
    opener = low(tokens, at) if opened else ""
    at += opened
    at += low(tokens, at) == "the" and low(tokens, at + 1) != "year"
    if low(tokens, at) == "years":
        opener, at = "years", at + 1
    first = days_at(tokens, at, today) or _without_year(tokens, at, today)
    if first is None:
        return None
    length = one_of(tokens, first.end, _JOINTS)
    joint = low(tokens, first.end)
    # "Jan-Mar 2022" has lost its hyphen.
    is_joined = bool(length) or (joint in MONTHS and low(tokens, at) in MONTHS)
    last = days_at(tokens, first.end + length, today) if is_joined else None
    if last is None:
        return None
    if joint in {"and", "or", ","} and opener not in {"between", "years"}:
        return _neighbours(tokens, first, last, today)
    for each in (first, last):
        if each.slot:
            return Window({}, last.end, each.slot, each.options)
    return Window(between(first.first, last.last), last.end)


def _neighbours(
    tokens: Sequence[Token], first: Days, last: Days, today: date
) -> Window | None:
    """Return "in 2021, 2022 or 2023" as one window, as nothing lies between them."""
    begin = first.first
    while True:
        if first.last is None or last.first is None:
            return None
        if last.first - first.last != timedelta(days=1):
            return None
        length = one_of(tokens, last.end, ((",", "or"), (",",), ("or",), ("and",)))
        more = days_at(tokens, last.end + length, today) if length else None
        if more is None:
            return Window(between(begin, last.last), last.end)
        first, last = last, more


def _without_year(tokens: Sequence[Token], at: int, today: date) -> Days | None:
    """Return the first day of a range whose year is told at its end.

    March to May 2021, 1 March to 30 June 2021, 1 to 31 March 2021.
    """
    for read in (_day_and_month, _month_and_day, _month, _day):
        found = read(tokens, at)
        if found is None:
            continue
        day, month, end = found
        length = one_of(tokens, end, _JOINTS)
        last = days_at(tokens, end + length, today)
        if last is None or last.first is None or last.last is None:
            continue
        if low(tokens, end) in {",", "or"} and (day or last.first.day != 1):
            continue
        if not length and (day or low(tokens, end) not in MONTHS):
            continue
        return _dated(day, month, last.first, end)
    return None


def _dated(day: int, month: int, last: date, end: int) -> Days | None:
    """Return the day or the month with the year of what comes after it.

    November to February 2021 begins the year before.
    """
    year, month = last.year - (month > last.month), month or last.month
    if not day:
        first, until = month_days(year, month)
    else:
        exact = day_of(year, month, day)
        if exact is None:
            return None
        first = until = exact
    return Days(first, until, end) if first <= last else None


_Found = tuple[int, int, int]


def _day_and_month(tokens: Sequence[Token], at: int) -> _Found | None:
    day, end = ordinal_at(tokens, at)
    end += day is not None and low(tokens, end) == "of"
    month = MONTHS.get(low(tokens, end))
    return (day, month, end + 1) if day and month else None


def _month_and_day(tokens: Sequence[Token], at: int) -> _Found | None:
    month = MONTHS.get(low(tokens, at))
    day, end = ordinal_at(tokens, at + 1)
    return (day, month, end) if day and month else None


def _month(tokens: Sequence[Token], at: int) -> _Found | None:
    month = MONTHS.get(low(tokens, at))
    return (0, month, at + 1) if month else None


def _day(tokens: Sequence[Token], at: int) -> _Found | None:
    day, end = ordinal_at(tokens, at)
    return (day, 0, end) if day and tokens[at].kind == "num" else None
