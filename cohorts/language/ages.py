"""Ages as they are written: older than 45, aged 50 to 70, in their sixties."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from cohorts.language.numbers import (
    Bounds,
    Comparison,
    comparison_at,
    low,
    number_at,
    said,
)
from cohorts.language.text import Token
from cohorts.language.words_table import DECADES

# Of what goes before "age": how it compares, and whether it is that at an event.
_BEFORE_AGE: Final = {
    "before": ("lt", True),
    "after": ("gt", True),
    "by": ("lte", True),
    "until": ("lte", True),
    "at": ("eq", True),
    "from": ("gte", True),
    "under": ("lt", False),
    "below": ("lt", False),
    "over": ("gt", False),
    "above": ("gt", False),
    "of": ("eq", False),
    "past": ("gt", True),
}
_WHO: Final = frozenset(
    ["they", "he", "she", "patients", "patient", "the", "while", "still"]
)
_WERE: Final = frozenset(["were", "was", "are", "is", "being", "aged", "age"])
_SUFFIXES: Final = {
    **dict.fromkeys(("older", "over", "above", "more", "up"), "gte"),
    **dict.fromkeys(("younger", "under", "below", "less"), "lte"),
}
_YEARS: Final = frozenset(["years", "year", "yrs", "y", "yo"])
_TURNED: Final = frozenset(["turned", "turn", "turning", "reached", "reaching"])
_OF_AGES: Final = frozenset(["older", "younger"])


class Age(NamedTuple):
    """Full years between bounds, where they end, and whether at the event before."""

    bounds: Bounds
    end: int
    is_at_event: bool = False


def age_at(tokens: Sequence[Token], at: int, text: str) -> Age | None:
    """Return the age that is written there."""
    return (
        _turned(tokens, at)
        or _with_the_word(tokens, at, text)
        or _when_they_were(tokens, at, text)
        or _ages_of(tokens, at, text)
        or _aged(tokens, at, text)
        or _decade(tokens, at)
        or _of_gender(tokens, at)
        or _years_old(tokens, at, text)
        or _older(tokens, at, text)
    )


def _turned(tokens: Sequence[Token], at: int) -> Age | None:
    """Return "before they turned 45", "after turning 50"."""
    found = _BEFORE_AGE.get(low(tokens, at))
    if found is None or not found[1]:
        return None
    at += 1
    while low(tokens, at) in _WHO:
        at += 1
    if low(tokens, at) not in _TURNED:
        return None
    at += 1
    at += low(tokens, at) == "age"
    number = number_at(tokens, at)
    if number is None:
        return None
    name = "gte" if found[0] == "gt" else found[0]
    return Age({name: number[0]}, _past_years(tokens, number[1]), is_at_event=True)


def _with_the_word(tokens: Sequence[Token], at: int, text: str) -> Age | None:
    """Return "before the age of 45", "at age 50 or younger", "over age 65"."""
    found = _BEFORE_AGE.get(low(tokens, at))
    if found is None:
        return None
    name, is_at_event = found
    at += 1
    at += low(tokens, at) in {"the", "an", "a"}
    if low(tokens, at) not in {"age", "ages"}:
        return _after_years(tokens, at, name, is_at_event=is_at_event)
    at += 1
    at += low(tokens, at) == "of"
    wide = comparison_at(tokens, at, text)
    if wide is not None and name in {"eq", "from"}:
        return Age(wide.bounds, _past_years(tokens, wide.end), is_at_event)
    number = number_at(tokens, at)
    if number is None:
        return None
    return Age({name: number[0]}, _past_years(tokens, number[1]), is_at_event)


def _after_years(
    tokens: Sequence[Token], at: int, name: str, *, is_at_event: bool
) -> Age | None:
    """Return "after 65 years of age", "at 50 years old"."""
    number = number_at(tokens, at)
    if number is None:
        return None
    end = _past_years(tokens, number[1])
    if end <= number[1] + 1:
        return None
    if low(tokens, end) == "or" and low(tokens, end + 1) in _SUFFIXES:
        name = _SUFFIXES[low(tokens, end + 1)]
        end += 2
    return Age({name: number[0]}, end, is_at_event)


def _when_they_were(tokens: Sequence[Token], at: int, text: str) -> Age | None:
    """Return "when they were between 20 and 30", "while younger than 40"."""
    if low(tokens, at) not in {"when", "while"}:
        return None
    at += 1
    while low(tokens, at) in _WHO:
        at += 1
    while low(tokens, at) in _WERE:
        at += 1
    found = age_at(tokens, at, text) or _compared(tokens, at, text)
    if found is None:
        number = number_at(tokens, at)
        if number is None:
            return None
        found = Age({"eq": number[0]}, _past_years(tokens, number[1]))
    return found._replace(is_at_event=True)


def _ages_of(tokens: Sequence[Token], at: int, text: str) -> Age | None:
    """Return "between the ages of 20 and 25"."""
    opened = low(tokens, at) in {"between", "from"}
    at += opened
    at += low(tokens, at) == "the"
    if low(tokens, at) not in {"ages", "age"}:
        return None
    at += 1
    at += low(tokens, at) in {"of", "from", "between"}
    first = number_at(tokens, at)
    if first is None or low(tokens, first[1]) not in {"and", "to", "-"}:
        return None
    second = number_at(tokens, first[1] + 1)
    if second is None:
        return None
    bounds: Bounds = {"gte": first[0], "lte": second[0]}
    return Age(bounds, _past_years(tokens, second[1]))


def _aged(tokens: Sequence[Token], at: int, text: str) -> Age | None:
    """Return "aged 18+", "age over 50", "aged between 40 and 50"."""
    if low(tokens, at) not in {"aged", "age", "ages"}:
        return None
    at += 1
    at += low(tokens, at) in {"of", "is", "was"}
    compared = _compared(tokens, at, text)
    if compared is not None:
        return compared
    number = number_at(tokens, at)
    if number is None:
        return None
    end = _past_years(tokens, number[1])
    return Age({"eq": number[0]}, end)


def _compared(tokens: Sequence[Token], at: int, text: str) -> Age | None:
    years = _years_old(tokens, at, text)
    if years is not None:
        return years
    found = comparison_at(tokens, at, text)
    if found is None or found.unit:
        return None
    return Age(found.bounds, _past_years(tokens, found.end))


def _decade(tokens: Sequence[Token], at: int) -> Age | None:
    """Return "in their sixties", "in their 60s"."""
    if low(tokens, at) != "in" or low(tokens, at + 1) not in {"their", "his", "her"}:
        return None
    word = low(tokens, at + 2)
    if word in DECADES:
        first, end = DECADES[word], at + 3
    else:
        number = number_at(tokens, at + 2)
        if number is None or low(tokens, at + 3) != "s" or number[0] % 10:
            return None
        first, end = int(number[0]), at + 4
    return Age({"gte": first, "lte": first + 9}, end)


def _of_gender(tokens: Sequence[Token], at: int) -> Age | None:
    """Return "72" of "72M"."""
    number = number_at(tokens, at)
    if number is None or low(tokens, number[1]) not in {"male", "female"}:
        return None
    after = tokens[number[1]]
    is_close = after.start == tokens[at].end and after.text in {"M", "F"}
    return Age({"eq": number[0]}, number[1]) if is_close else None


def _years_old(tokens: Sequence[Token], at: int, text: str) -> Age | None:
    """Return what has years with it: over 65 years old, 50-70 year old, 18 years+."""
    suffixed = _suffixed(tokens, at)
    if suffixed is not None:
        return suffixed
    found = comparison_at(tokens, at, text)
    if found is None:
        number = number_at(tokens, at)
        if number is None:
            return None
        found = Comparison({"eq": number[0]}, number[1])
    end = _past_years(tokens, found.end)
    if found.unit or end == found.end:
        return None
    if end == found.end + 1 and not _is_alone(tokens, end):
        return None
    is_number = set(found.bounds) == {"eq"} and end == found.end + 1
    if is_number and low(tokens, found.end) in {"years", "year"}:
        return None
    return Age(found.bounds, end)


def _suffixed(tokens: Sequence[Token], at: int) -> Age | None:
    """Return "18 years or older", "65 years and over"."""
    number = number_at(tokens, at)
    if number is None or low(tokens, number[1]) not in _YEARS:
        return None
    end = _past_years(tokens, number[1])
    if low(tokens, end) == "+":
        return Age({"gte": number[0]}, end + 1)
    if low(tokens, end) not in {"or", "and"}:
        return None
    name = _SUFFIXES.get(low(tokens, end + 1))
    return Age({name: number[0]}, end + 2) if name else None


def _is_alone(tokens: Sequence[Token], end: int) -> bool:
    """Tell whether "years" is not the beginning of "years ago" or "years after"."""
    return low(tokens, end) not in {
        *("ago", "after", "before", "prior", "following", "of", "from", "later"),
        *("back", "since", "earlier", "preceding"),
    }


def _older(tokens: Sequence[Token], at: int, text: str) -> Age | None:
    """Return what can be said of ages only: older than, no younger than."""
    found = comparison_at(tokens, at, text)
    if found is None or found.unit:
        return None
    words = {each.low for each in tokens[at : found.end]}
    if not words & _OF_AGES or {"year", "years"} & words:
        return None
    return Age(found.bounds, _past_years(tokens, found.end))


def _past_years(tokens: Sequence[Token], at: int) -> int:
    """Return where "years old", "years of age", "yo" ends."""
    if low(tokens, at) in {"yo", "yrs", "yr"} and low(tokens, at + 1) != "old":
        return at + 1
    if said(tokens, at, ("y", "/", "o")):
        return at + 3
    if low(tokens, at) not in {"year", "years", "yr", "yrs", "y"}:
        return at
    at += 1
    if low(tokens, at) in {"old", "olds", "o"}:
        return at + 1
    if said(tokens, at, ("of", "age")):
        return at + 2
    return at
