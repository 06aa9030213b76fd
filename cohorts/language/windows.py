"""Windows of time that stand alone: in 2021, since March, in the last two years."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from cohorts.language.moments import (
    Days,
    days_at,
    month_days,
    seasons_of,
    span_at,
    year_at,
)
from cohorts.language.numbers import low, number_at, said
from cohorts.language.text import Token
from cohorts.language.words_table import MONTHS, SEASONS, SPANS

_INTO: Final = frozenset(
    [
        "in",
        "over",
        "during",
        "within",
        "for",
        "throughout",
        "of",
        "at",
        "on",
        "from",
        "across",
        "through",
        "inside",
    ]
)
_PAST: Final = frozenset(["last", "past", "previous", "preceding", "prior", "recent"])
_MORE: Final = (
    *(
        ("more", "than"),
        ("over",),
        ("at", "least"),
        ("longer", "than"),
        ("earlier", "than"),
    ),
    *(("older", "than"), ("greater", "than")),
)
_LESS: Final = (("less", "than"), ("within",), ("no", "more", "than"), ("at", "most"))
_BEFORE: Final = (("prior", "to"), ("before",), ("earlier", "than"), ("preceding",))
_UNTIL: Final = (
    *(("in", "or", "before"), ("on", "or", "before")),
    *(("up", "until"), ("up", "to"), ("until",), ("till",), ("through",), ("by",)),
    *(("not", "later", "than"), ("no", "later", "than"), ("to", "the", "end", "of")),
)
_SINCE: Final = (
    *(("in", "or", "after"), ("on", "or", "after"), ("in", "or", "since")),
    *(("starting", "from"), ("starting", "in"), ("starting",), ("beginning", "in")),
    *(("as", "of"), ("as", "from"), ("ever", "since"), ("since",), ("from",)),
    *(("not", "before"), ("no", "earlier", "than"), ("not", "earlier", "than")),
)
_AFTER: Final = (("later", "than"), ("after",), ("past",), ("following",))
_ONWARDS: Final = (
    *(("onwards",), ("onward",), ("or", "later"), ("and", "later")),
    *(("or", "after"), ("and", "after"), ("and", "onwards"), ("or", "newer")),
)
_EARLIER: Final = (("or", "earlier"), ("and", "earlier"), ("or", "before"))


class Window(NamedTuple):
    """A window, and where it ends; or what has to be asked instead.

    Attributes
    ----------
    rolling
        The unit of "last year": it may mean that of the calendar, too.
    is_of_next
        Whether it is said of what comes next: "recent scans".
    """

    when: dict[str, Any]
    end: int
    slot: str = ""
    options: tuple[str, ...] = ()
    rolling: str = ""
    is_of_next: bool = False


def window_at(tokens: Sequence[Token], at: int, today: date) -> Window | None:
    """Return the window that is written there."""
    for read in (_rolling, _ago, _since_number, _between, _bounded, _inside):
        found = read(tokens, at, today)
        if found is not None:
            return found
    return None


def between(first: date | None, last: date | None) -> dict[str, Any]:
    """Return the window from a day to another."""
    return {
        "from": first.isoformat() if first else None,
        "to": last.isoformat() if last else None,
    }


def _one_of(tokens: Sequence[Token], at: int, phrases: Sequence[Sequence[str]]) -> int:
    """Return how many words of the first phrase that stands there; 0 for none."""
    return next((len(each) for each in phrases if said(tokens, at, each)), 0)


def _rolling(tokens: Sequence[Token], at: int, today: date) -> Window | None:
    start = at
    at += low(tokens, at) in _INTO or low(tokens, at) == "since"
    at += low(tokens, at) in {"the", "these", "those", "our"}
    at += said(tokens, at, ("most", "recent")) and span_at(tokens, at + 2) is not None
    word = low(tokens, at)
    if word not in _PAST:
        # "since two years" is the last two years.
        span = span_at(tokens, at) if low(tokens, start) == "since" else None
        if span and span.is_counted and low(tokens, span.end) not in {"ago", "after"}:
            return Window({"last": span.text}, span.end)
        return None
    after = low(tokens, at + 1)
    end = at + 2
    if word == "last" and _is_part_of_year(tokens, end):
        return None
    if word == "last" and after in SEASONS:
        slot = f"last {after}"
        options = seasons_of(after, today.year - 1)
        return Window({}, end, slot, options)
    if word in {"last", "previous"} and after in MONTHS:
        return _last_named(after, end, today)
    if word == "last" and after in {"month", "week", "quarter", "day"}:
        return Window({}, end, f"last {after}", _last_options(after, today))
    if after in SPANS and not after.endswith("s"):
        letter, many = SPANS[after]
        return Window({"last": f"P{many}{letter}"}, end, rolling=after)
    at += 1
    at += low(tokens, at) in {"few", "couple"} and 0
    span = span_at(tokens, at)
    return Window({"last": span.text}, span.end) if span else None


def _is_part_of_year(tokens: Sequence[Token], end: int) -> bool:
    """Tell whether it goes on as in "the last month of 2024"."""
    return low(tokens, end) in {"of", "in"} and year_at(tokens, end + 1) is not None


def _last_options(unit: str, today: date) -> tuple[str, ...]:
    before = (
        today.replace(day=1) - timedelta(days=1) if today > date(1, 2, 1) else today
    )
    calendar = {
        "month": f"{before.year}-{before.month:02}",
        "quarter": "the quarter of the calendar before",
        "week": "the week of the calendar before",
        "day": "yesterday",
    }[unit]
    letter, many = SPANS[unit]
    return f"P{many}{letter}", calendar


def _last_named(month: str, end: int, today: date) -> Window:
    number = MONTHS[month]
    year = today.year if number < today.month else today.year - 1
    options = tuple(f"{each}-{number:02}" for each in (year, year - 1))
    return Window({}, end, f"last {month}", options)


def _ago(tokens: Sequence[Token], at: int, today: date) -> Window | None:
    """Return "more than five years ago", "between 2 and 5 years ago"."""
    ends = _two_spans_ago(tokens, at)
    if ends is not None:
        return ends
    more = _one_of(tokens, at, _MORE)
    less = _one_of(tokens, at, _LESS)
    since = _one_of(tokens, at, _SINCE)
    before = _one_of(tokens, at, _BEFORE)
    span = span_at(tokens, at + max(more, less, since, before))
    if span is None or low(tokens, span.end) not in {"ago", "back"}:
        return None
    end = span.end + 1
    if more or before:
        return Window({"from": None, "to": f"-{span.text}"}, end)
    if less or since:
        end += said(tokens, end, ("or", "less"))
        return Window({"last": span.text}, end)
    words = " ".join(each.low for each in tokens[at:end])
    options = (f"in the last {words[:-4]}", f"more than {words}")
    return Window({}, end, words, options)


def _two_spans_ago(tokens: Sequence[Token], at: int) -> Window | None:
    opened = low(tokens, at) in {"between", "from"}
    first = number_at(tokens, at + opened)
    if first is None:
        return None
    early = span_at(tokens, at + opened)
    end = early.end if early else first[1]
    if low(tokens, end) not in {"and", "to", "-"}:
        return None
    span = span_at(tokens, end + 1)
    if span is None or low(tokens, span.end) != "ago":
        return None
    near = early.text if early else f"P{int(first[0])}{span.text[-1]}"
    return Window({"from": f"-{span.text}", "to": f"-{near}"}, span.end + 1)


def _since_number(tokens: Sequence[Token], at: int, today: date) -> Window | None:
    """Ask back what "since 50" or "diagnosed before 50" means."""
    word = low(tokens, at)
    if word not in {"since", "before", "after", "until"}:
        return None
    number = number_at(tokens, at + 1)
    if number is None or tokens[at + 1].kind != "num":
        return None
    after = low(tokens, number[1])
    if after in {*SPANS, *MONTHS, "st", "nd", "rd", "th", "of", "."}:
        return None
    if word != "since" and after not in {
        "",
        ",",
        "?",
        "and",
        "or",
        "with",
        "who",
        "but",
    }:
        return None
    value = number[0]
    if not isinstance(value, int) or value >= 1900:
        return None
    century = 2000 if value <= today.year % 100 else 1900
    side = {"since": "after", "until": "before"}.get(word, word)
    options = (f"{side} age {value}", f"{word} {century + value}")
    return Window({}, number[1], f"{word} {value}", options)


def _ask(days: Days, end: int) -> Window:
    return Window({}, end, days.slot, days.options)


def _between(tokens: Sequence[Token], at: int, today: date) -> Window | None:
    """Return "between January 2020 and 3 May 2021", "from 2018 to 2020"."""
    opened = low(tokens, at) in {"between", "from", "during", "in", "over"}
    at += opened
    at += low(tokens, at) in {"the", "years"} and low(tokens, at + 1) != "year"
    at += low(tokens, at) == "years"
    first = days_at(tokens, at, today)
    if first is None:
        first = _month_without_year(tokens, at, today) or _day_alone(tokens, at, today)
    joins = {"to", "-", "until", "till", "through", "and", "or"}
    if first is None or low(tokens, first.end) not in joins:
        return None
    last = days_at(tokens, first.end + 1, today)
    if last is None:
        return None
    word = low(tokens, first.end)
    opener = low(tokens, at - 1) if opened else ""
    if word in {"and", "or"} and opener not in {"between", "years", "the"}:
        return _neighbours(first, last)
    for each in (first, last):
        if each.slot:
            return _ask(each, last.end)
    return Window(between(first.first, last.last), last.end)


def _neighbours(first: Days, last: Days) -> Window | None:
    """Return "in 2022 or 2023" as one window, as nothing lies between them."""
    if first.last is None or last.first is None:
        return None
    if last.first - first.last != timedelta(days=1):
        return None
    return Window(between(first.first, last.last), last.end)


def _month_without_year(tokens: Sequence[Token], at: int, today: date) -> Days | None:
    """Return the first month of "March to May 2021"."""
    month = MONTHS.get(low(tokens, at))
    if month is None:
        return None
    last = days_at(tokens, at + 2, today)
    if last is None or last.first is None or last.first.month < month:
        return None
    return Days(*month_days(last.first.year, month), at + 1)


def _day_alone(tokens: Sequence[Token], at: int, today: date) -> Days | None:
    """Return the first day of "1 to 31 March 2021"."""
    number = number_at(tokens, at)
    if number is None or not isinstance(number[0], int) or not 1 <= number[0] <= 31:
        return None
    last = days_at(tokens, number[1] + 1, today)
    if last is None or last.first is None or last.first != last.last:
        return None
    if number[0] > last.first.day:
        return None
    day = last.first.replace(day=number[0])
    return Days(day, day, number[1])


def _bounded(tokens: Sequence[Token], at: int, today: date) -> Window | None:
    """Return what has one end: since, after, before, until."""
    is_onward = low(tokens, at) == "from"
    for phrases in (_SINCE, _BEFORE, _UNTIL, _AFTER):
        length = _one_of(tokens, at, phrases)
        days = days_at(tokens, at + length, today) if length else None
        if days is None:
            continue
        if days.slot:
            return _ask(days, days.end)
        if phrases is _SINCE:
            later = _one_of(tokens, days.end, _ONWARDS) or _says_on(tokens, days.end)
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
    if phrases is _BEFORE:
        first = days.first or date.min
        return between(None, first - step if first > date.min else first)
    if phrases is _UNTIL:
        return between(None, days.last)
    last = days.last or date.max
    return between(last + step if last < date.max else last, None)


def _inside(tokens: Sequence[Token], at: int, today: date) -> Window | None:
    """Return "in 2021", "on 3 May 2021", or a date alone."""
    start = at
    at += low(tokens, at) in _INTO or low(tokens, at) == "dated"
    days = days_at(tokens, at, today)
    if days is None:
        return _nameless(tokens, start, at, today)
    if days.slot:
        return _ask(days, days.end)
    later = _one_of(tokens, days.end, _ONWARDS[2:])
    if later:
        return Window(between(days.first, None), days.end + later)
    earlier = _one_of(tokens, days.end, _EARLIER)
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
