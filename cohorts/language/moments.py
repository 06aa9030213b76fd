"""Spans of time and days as they are written."""

import calendar
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from cohorts.language.numbers import Number, low, number_at, said
from cohorts.language.text import Token
from cohorts.language.words_table import MONTHS, ORDINALS, SEASONS, SPANS

_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2100
_HOURS: Final = 24
_HALVES: Final = {"first": 1, "second": 7, "last": 7}


class Span(NamedTuple):
    """A duration of ISO 8601, and where it ends."""

    text: str
    end: int
    is_counted: bool = True  # a number stood there: not "the year"


class Days(NamedTuple):
    """Days from one to another, and where they end; or what has to be asked."""

    first: date | None
    last: date | None
    end: int
    slot: str = ""
    options: tuple[str, ...] = ()


def span_at(tokens: Sequence[Token], at: int) -> Span | None:
    """Return a duration: two years, a month, half a year, 18 months, the week."""
    start = at
    if low(tokens, at) in {"a", "an", "the", "one"} and low(tokens, at + 1) in SPANS:
        at += 1
        letter, many = SPANS[low(tokens, at)]
        is_counted = tokens[start].low == "one"
        found = Span(f"P{many}{letter}", at + 1, is_counted)
        return _and_a_half(tokens, found, many)
    if low(tokens, at) in SPANS and said(tokens, at + 1, ("and", "a", "half")):
        return _and_a_half(tokens, Span("P1Y", at + 1), 1)
    at += low(tokens, at) == "a" and low(tokens, at + 1) in {"half", "couple"}
    if low(tokens, at) == "half":
        at += 1
        at += low(tokens, at) in {"a", "an"}
        return Span("P6M", at + 1) if low(tokens, at) in {"year", "yr"} else None
    if low(tokens, at) == "couple":
        at += 1 + (low(tokens, at + 1) == "of")
        return _counted(tokens, 2, at)
    number = number_at(tokens, at)
    if number is None:
        return None
    if isinstance(number[0], float):
        return _broken(tokens, number[0], number[1])
    if low(tokens, number[1]) == "1" and _slashes(tokens, number[1] + 1):
        return _broken(tokens, number[0] + 0.5, number[1] + 3)
    if said(tokens, number[1], ("and", "a", "half")):
        return _broken(tokens, number[0] + 0.5, number[1] + 3)
    counted = _counted(tokens, number[0], number[1])
    return _and_a_half(tokens, counted, number[0]) if counted else None


def _slashes(tokens: Sequence[Token], at: int) -> bool:
    return low(tokens, at) == "/" and low(tokens, at + 1) == "2"


def _broken(tokens: Sequence[Token], number: float, at: int) -> Span | None:
    """Return 2.5 years in months, 1.5 weeks in days; None where days do not suffice."""
    unit = SPANS.get(low(tokens, at))
    if unit is None:
        return None
    letter, many = unit
    smaller, times = {"Y": ("M", 12), "W": ("D", 7)}.get(letter, (letter, 1))
    whole = number * many * times
    return Span(f"P{int(whole)}{smaller}", at + 1) if whole == int(whole) else None


def _and_a_half(tokens: Sequence[Token], found: Span, number: int) -> Span:
    """Return "a year and a half" as 18 months."""
    if not (found.text.endswith("Y") and said(tokens, found.end, ("and", "a", "half"))):
        return found
    return Span(f"P{12 * number + 6}M", found.end + 3)


def _counted(tokens: Sequence[Token], number: int, at: int) -> Span | None:
    word = low(tokens, at)
    if word in {"hour", "hours", "hrs", "h"}:
        return Span(f"P{number // _HOURS}D", at + 1) if number % _HOURS == 0 else None
    if word in {"calendar", "full", "whole", "consecutive"}:
        return _counted(tokens, number, at + 1)
    if word not in SPANS:
        return None
    letter, many = SPANS[word]
    return Span(f"P{number * many}{letter}", at + 1)


def days_at(tokens: Sequence[Token], at: int, today: date) -> Days | None:
    """Return the days that a date, a month, a quarter or a year has."""
    at += (low(tokens, at) == "the" and low(tokens, at + 1) != "year") or 0
    for read in (_numeric, _part_of_year, _end_of, _season, _day_and_month, _now):
        found = read(tokens, at, today)
        if found is not None:
            return found
    return None


def year_at(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    """Return a year of four digits, and where it ends."""
    if said(tokens, at, ("the", "year")):
        at += 2
    elif low(tokens, at) in {"year", ","}:
        at += 1
    number = number_at(tokens, at)
    if number is None or tokens[at].kind != "num" or len(tokens[at].text) != 4:
        return None
    year: Number = number[0]
    is_year = isinstance(year, int) and _FIRST_YEAR <= year <= _LAST_YEAR
    return (int(year), at + 1) if is_year else None


def month_days(year: int, month: int, months: int = 1) -> tuple[date, date]:
    """Return the first and last day of some months."""
    last = month + months - 1
    return (
        date(year, month, 1),
        date(year, last, calendar.monthrange(year, last)[1]),
    )


def _numeric(tokens: Sequence[Token], at: int, today: date) -> Days | None:
    if at >= len(tokens) or tokens[at].kind != "date":
        return None
    text = tokens[at].text
    separator = next(each for each in text if not each.isdigit())
    parts = [int(each) for each in text.split(separator)]
    if parts[0] > 31:
        return _iso(parts, at + 1)
    one, other, year = parts
    readings = sorted(
        {day for day in (day_of(year, one, other), day_of(year, other, one)) if day}
    )
    if not readings:
        return None
    if len(readings) > 1:
        options = tuple(each.isoformat() for each in readings)
        return Days(None, None, at + 1, "date", options)
    return Days(readings[0], readings[0], at + 1)


def _iso(parts: Sequence[int], end: int) -> Days | None:
    year, month = parts[0], parts[1]
    if len(parts) == 2:
        is_month = 1 <= month <= 12 and year >= 1
        return Days(*month_days(year, month), end) if is_month else None
    day = day_of(year, month, parts[2])
    return Days(day, day, end) if day else None


def day_of(year: int, month: int, day: int) -> date | None:
    """Return a day; None where a calendar has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _part_of_year(tokens: Sequence[Token], at: int, today: date) -> Days | None:
    """Return a quarter or a half of a year: Q1 2022, the third quarter of 2023."""
    word = low(tokens, at)
    if len(word) == 2 and word[0] in "qh" and word[1].isdigit():
        number, end = int(word[1]), at + 1
        size = 3 if word[0] == "q" else 6
    elif (word in ORDINALS or word == "last") and low(tokens, at + 1) in {
        "quarter",
        "half",
        "month",
    }:
        size = {"quarter": 3, "half": 6, "month": 1}[low(tokens, at + 1)]
        number, end = ORDINALS.get(word, 12 // size), at + 2
    else:
        found = year_at(tokens, at)
        after = low(tokens, found[1]) if found else ""
        if found is None or not (len(after) == 2 and after[0] == "q"):
            return None
        number, size, end = int(after[1]) if after[1].isdigit() else 0, 3, found[1] + 1
        return _months_of(found[0], number, size, end)
    end += low(tokens, end) in {"of", "in"}
    year = year_at(tokens, end)
    return _months_of(year[0], number, size, year[1]) if year else None


def _months_of(year: int, number: int, size: int, end: int) -> Days | None:
    if not 1 <= number <= 12 // size:
        return None
    return Days(*month_days(year, (number - 1) * size + 1, size), end)


def _end_of(tokens: Sequence[Token], at: int, today: date) -> Days | None:
    """Return the first or the last day of a year or a month."""
    is_first = low(tokens, at) in {"beginning", "start"}
    if not (is_first or low(tokens, at) == "end"):
        return None
    at += 1 + (low(tokens, at + 1) == "of")
    days = days_at(tokens, at, today)
    if days is None or days.first is None or days.last is None:
        return None
    day = days.first if is_first else days.last
    return Days(day, day, days.end)


def _season(tokens: Sequence[Token], at: int, today: date) -> Days | None:
    word = low(tokens, at)
    if word not in SEASONS:
        return None
    end = at + 1
    end += low(tokens, end) == "of"
    year = year_at(tokens, end)
    if year is None:
        return None
    return Days(None, None, year[1], word, seasons_of(word, year[0]))


def seasons_of(season: str, year: int) -> tuple[str, ...]:
    """Return the months that a season may have, north and south."""
    north = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}[season]
    south = (north + 5) % 12 + 1
    return tuple(_quarter(year, each) for each in (north, south))


def _quarter(year: int, month: int) -> str:
    last = month + 2
    later = year + (last > 12)
    last = (last - 1) % 12 + 1
    end = calendar.monthrange(later, last)[1]
    return f"{year}-{month:02}-01 to {later}-{last:02}-{end}"


def _day_and_month(tokens: Sequence[Token], at: int, today: date) -> Days | None:
    """Return a day, a month or a year: 3 May 2021, May 3rd, 2021, March 2021, 2021."""
    day, at_month = ordinal_at(tokens, at)
    at_month += day is not None and low(tokens, at_month) == "of"
    month = MONTHS.get(low(tokens, at_month))
    if month is None:
        year = year_at(tokens, at)
        if year is None:
            return None
        is_decade = low(tokens, year[1]) == "s" and year[0] % 10 == 0
        last = date(year[0] + 9 * is_decade, 12, 31)
        return Days(date(year[0], 1, 1), last, year[1] + is_decade)
    end = at_month + 1
    if day is None and year_at(tokens, end) is None:
        day, end = ordinal_at(tokens, end)
    end += low(tokens, end) == "of"
    year = year_at(tokens, end)
    if year is None:
        return None
    if day is None:
        return Days(*month_days(year[0], month), year[1])
    exact = day_of(year[0], month, day)
    return Days(exact, exact, year[1]) if exact else None


def ordinal_at(tokens: Sequence[Token], at: int) -> tuple[int | None, int]:
    """Return a day of a month, 3 or 3rd, and where it ends; None for no day."""
    number = number_at(tokens, at)
    if number is None or not 1 <= number[0] <= 31 or isinstance(number[0], float):
        return None, at
    end = number[1]
    end += low(tokens, end) in {"st", "nd", "rd", "th"}
    return int(number[0]), end


def _now(tokens: Sequence[Token], at: int, today: date) -> Days | None:
    """Return today, yesterday, this month, this year."""
    match low(tokens, at), low(tokens, at + 1):
        case (("today" | "now"), _):
            return Days(today, today, at + 1)
        case "yesterday", _:
            day = today - timedelta(days=1) if today > date.min else today
            return Days(day, day, at + 1)
        case (("this" | "current"), "year"):
            return Days(date(today.year, 1, 1), date(today.year, 12, 31), at + 2)
        case (("this" | "current"), "month"):
            return Days(*month_days(today.year, today.month), at + 2)
        case _:
            return None
