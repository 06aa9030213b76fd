"""Windows that end now: in the last two years, more than five years ago, since 50."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from cohorts.language.moments import seasons_of, span_at, year_at
from cohorts.language.numbers import low, number_at, one_of, said
from cohorts.language.text import Token
from cohorts.language.time_window import BEFORE, INTO, SINCE, Window
from cohorts.language.words_table import MONTHS, SEASONS, SPANS

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


def rolling_at(tokens: Sequence[Token], at: int, today: date) -> Window | None:
    """Return "in the last two years", "last year", "since two years"."""
    start = at
    at += low(tokens, at) in INTO or low(tokens, at) == "since"
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
    longer = span_at(tokens, at + 1)
    if after in SPANS and not after.endswith("s") and not longer:
        letter, many = SPANS[after]
        return Window({"last": f"P{many}{letter}"}, end, rolling=after)
    return Window({"last": longer.text}, longer.end) if longer else None


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


def ago_at(tokens: Sequence[Token], at: int, today: date) -> Window | None:
    """Return "more than five years ago", "between 2 and 5 years ago"."""
    ends = _two_spans_ago(tokens, at)
    if ends is not None:
        return ends
    more = one_of(tokens, at, _MORE)
    less = one_of(tokens, at, _LESS)
    since = one_of(tokens, at, SINCE)
    before = one_of(tokens, at, BEFORE)
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


def since_number_at(tokens: Sequence[Token], at: int, today: date) -> Window | None:
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
