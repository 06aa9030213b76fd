"""Windows of time that stand alone: in 2021, since March, in the last two years."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from cohorts.language.moments import Days, days_at, seasons_of
from cohorts.language.numbers import low, one_of
from cohorts.language.ranges import range_at
from cohorts.language.rolling import ago_at, rolling_at, since_number_at
from cohorts.language.text import Token
from cohorts.language.time_window import BEFORE, INTO, SINCE, Window, between
from cohorts.language.words_table import MONTHS, SEASONS

_UNTIL: Final = (
    *(("in", "or", "before"), ("on", "or", "before")),
    *(("up", "until"), ("up", "to"), ("until",), ("till",), ("through",), ("by",)),
    *(("not", "later", "than"), ("no", "later", "than"), ("to", "the", "end", "of")),
)
_AFTER: Final = (("later", "than"), ("after",), ("past",), ("following",))
_ONWARDS: Final = (
    *(("onwards",), ("onward",), ("or", "later"), ("and", "later")),
    *(("or", "after"), ("and", "after"), ("and", "onwards"), ("or", "newer")),
)
_EARLIER: Final = (("or", "earlier"), ("and", "earlier"), ("or", "before"))


def window_at(tokens: Sequence[Token], at: int, today: date) -> Window | None:
    """Return the window that is written there."""
    for read in _READERS:
        found = read(tokens, at, today)
        if found is not None:
            return found
    return None


def _ask(days: Days, end: int) -> Window:
    return Window({}, end, days.slot, days.options)


def _bounded(tokens: Sequence[Token], at: int, today: date) -> Window | None:
    """Return what has one end: since, after, before, until."""
    is_onward = low(tokens, at) == "from"
    for phrases in (SINCE, BEFORE, _UNTIL, _AFTER):
        length = one_of(tokens, at, phrases)
        days = days_at(tokens, at + length, today) if length else None
        if days is None:
            continue
        if days.slot:
            return _ask(days, days.end)
        if phrases is SINCE:
            later = one_of(tokens, days.end, _ONWARDS) or _says_on(tokens, days.end)
            if is_onward and not later:
                return Window(between(days.first, days.last), days.end)
            return Window(between(days.first, None), days.end + later)
        return Window(_open(phrases, days), days.end)
    return None


def _says_on(tokens: Sequence[Token], at: int) -> int:
    """Tell whether "from 2020 on" ends there: not "from 2020 on a scanner"."""
    ends = {"", ",", ".", "?", "and", "or", "but", "with", "who"}
    return int(low(tokens, at) == "on" and low(tokens, at + 1) in ends)


def _open(phrases: Sequence[Sequence[str]], days: Days) -> dict[str, Any]:
    step = timedelta(days=1)
    if phrases is BEFORE:
        first = days.first or date.min
        return between(None, first - step if first > date.min else first)
    if phrases is _UNTIL:
        return between(None, days.last)
    last = days.last or date.max
    return between(last + step if last < date.max else last, None)


def _inside(tokens: Sequence[Token], at: int, today: date) -> Window | None:
    """Return "in 2021", "on 3 May 2021", or a date alone."""
    start = at
    if low(tokens, at) == "over" and low(tokens, at + 1).isdigit():
        return None  # over 2000 ms
    at += low(tokens, at) in INTO or low(tokens, at) == "dated"
    days = days_at(tokens, at, today)
    if days is None:
        return _nameless(tokens, start, at, today)
    if days.slot:
        return _ask(days, days.end)
    later = one_of(tokens, days.end, _ONWARDS[2:])
    if later:
        return Window(between(days.first, None), days.end + later)
    earlier = one_of(tokens, days.end, _EARLIER)
    if earlier:
        return Window(between(None, days.last), days.end + earlier)
    return Window(between(days.first, days.last), days.end)


def _nameless(
    tokens: Sequence[Token], start: int, at: int, today: date
) -> Window | None:
    """Ask back which year's month, or which season, is meant."""
    word = low(tokens, at)
    at_season = at + (word == "the")
    if at > start and low(tokens, at_season) in SEASONS:
        season = low(tokens, at_season)
        return Window({}, at_season + 1, season, seasons_of(season, today.year - 1))
    if at > start and word in MONTHS and not low(tokens, at + 1).isdigit():
        options = tuple(
            f"{year}-{MONTHS[word]:02}" for year in (today.year, today.year - 1)
        )
        return Window({}, at + 1, word, options)
    return None


_READERS: Final = (
    *(rolling_at, ago_at, since_number_at),
    *(range_at, _bounded, _inside),
)
