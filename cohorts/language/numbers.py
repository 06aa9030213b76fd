"""Numbers as they are written, and comparisons with them."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from cohorts.language.text import Token
from cohorts.language.unit_table import UNITS
from cohorts.language.words_table import NUMBERS, TENS

Number = int | float
Bounds = dict[str, Number]

_WORDS: Final = {
    "gt": (
        *("more than", "greater than", "higher than", "larger than", "bigger than"),
        *("older than", "longer than", "taller than", "heavier than", "thicker than"),
        *("older then", "more then", "greater then", "higher then", "in excess of"),
        *("over", "above", "exceeding", "exceeds", "exceed", "beyond", "upwards of"),
        *(">",),
    ),
    "lt": (
        *("less than", "fewer than", "lower than", "smaller than", "younger than"),
        *("shorter than", "lighter than", "thinner than", "younger then", "less then"),
        *("lower then", "fewer then", "under", "below", "beneath", "<"),
    ),
    "gte": (
        *("greater than or equal to", "more than or equal to", "equal to or more than"),
        *(
            "equal to or greater than",
            "larger than or equal to",
            "equal or greater than",
        ),
        *("higher than or equal to", "at or above", "older than or equal to"),
        *("at least", "at a minimum", "no less than", "not less than", "no fewer than"),
        *("a minimum of", "minimum of", "minimum", "not under", "not below"),
        *("no younger than", "not younger than", "not lower than", "no lower than"),
        *("no fewer then", "not fewer than", ">=", "≥", "> ="),
    ),
    "lte": (
        *("less than or equal to", "lower than or equal to", "equal to or less than"),
        *("smaller than or equal to", "equal to or lower than", "at or below"),
        *("younger than or equal to", "fewer than or equal to"),
        *("at most", "no more than", "not more than", "a maximum of", "maximum of"),
        *("up to", "not over", "not above", "no older than", "not older than"),
        *("no higher than", "not higher than", "not greater than", "no greater than"),
        *("not exceeding", "no longer than", "no larger than", "not larger than"),
        *("maximum", "<=", "≤", "< ="),
    ),
    "eq": (
        *("exactly", "precisely", "equal to", "equals", "equalling", "equaling"),
        *("is equal to", "is exactly", "of exactly", "just", "only", "=", "=="),
    ),
}
OPERATORS: Final = sorted(
    ((tuple(each.split()), name) for name, all_ in _WORDS.items() for each in all_),
    key=lambda pair: -len(pair[0]),
)
BY_FIRST: Final[dict[str, list[tuple[tuple[str, ...], str]]]] = {}
for _words, _name in OPERATORS:
    BY_FIRST.setdefault(_words[0], []).append((_words, _name))
_SUFFIXES: Final = {
    **dict.fromkeys(("more", "higher", "greater", "above", "over", "older"), "gte"),
    **dict.fromkeys(("up", "upwards", "longer", "larger"), "gte"),
    **dict.fromkeys(("less", "fewer", "lower", "below", "younger", "under"), "lte"),
    **dict.fromkeys(("smaller", "shorter"), "lte"),
}
_UNITS: Final = sorted(
    (
        (each.strip().casefold(), line.split("|")[0].strip())
        for line in UNITS.strip().splitlines()
        for each in line.split("|")
    ),
    key=lambda pair: -len(pair[0]),
)
_UNITS_BY_FIRST: Final[dict[str, list[tuple[str, str]]]] = {}
for _pair in _UNITS:
    _UNITS_BY_FIRST.setdefault(_pair[0][0], []).append(_pair)
_LONGEST_UNIT: Final = len(_UNITS[0][0])
TIMES: Final = {"once": 1, "twice": 2, "thrice": 3}
# What follows "in" where it is no preposition.
_AFTER_INCHES: Final = frozenset(("", "and", "or", "but", ",", "?", ".", "with", "who"))
_LARGE: Final = {"dozen": 12, "hundred": 100, "thousand": 1_000}
_FILLERS: Final = frozenset(["of", "is", "was", "were", "are", "be", "being"])


class Comparison(NamedTuple):
    """Bounds of a number, where they end, and the unit that is written there."""

    bounds: Bounds
    end: int
    unit: str = ""
    is_written: bool = True  # an operator stood there, not a number alone


def low(tokens: Sequence[Token], at: int) -> str:
    """Return the word at a place in small letters; nothing beyond the end."""
    return tokens[at].low if 0 <= at < len(tokens) else ""


def said(tokens: Sequence[Token], at: int, words: Sequence[str]) -> bool:
    """Tell whether these words stand there, none of them quoted."""
    if words and low(tokens, at) != words[0]:
        return False  # most phrases that are looked for end here
    return all(
        low(tokens, at + step) == word and tokens[at + step].kind != "quoted"
        for step, word in enumerate(words)
    )


def one_of(tokens: Sequence[Token], at: int, phrases: Sequence[Sequence[str]]) -> int:
    """Return how many words the first phrase has that stands there; 0 for none."""
    return next((len(each) for each in phrases if said(tokens, at, each)), 0)


def number_at(tokens: Sequence[Token], at: int) -> tuple[Number, int] | None:
    """Return a number and where it ends, in digits or in words up to 99."""
    if at >= len(tokens):
        return None
    token = tokens[at]
    if token.kind == "num":
        text = token.text.replace(",", "")
        return (float(text) if "." in text else int(text[:18])), at + 1
    if token.kind == "loinc" or token.kind != "word":
        return None
    if token.low in NUMBERS:
        return NUMBERS[token.low], at + 1
    if token.low in TENS:
        below = NUMBERS.get(low(tokens, at + 1), 0)
        is_more = 0 < below < 10
        return TENS[token.low] + (below if is_more else 0), at + 1 + is_more
    if token.low in TIMES:
        return TIMES[token.low], at + 1
    return (_LARGE[token.low], at + 1) if token.low in _LARGE else None


def unit_at(tokens: Sequence[Token], at: int, text: str) -> tuple[str, int]:
    """Return the unit that is written there in UCUM, and where it ends."""
    if at >= len(tokens) or tokens[at].kind == "quoted":
        return "", at
    if tokens[at].low != tokens[at].text.casefold():
        return "", at  # "72M" is a man
    start = tokens[at].start
    rest = text[start : start + _LONGEST_UNIT + 1].casefold()
    for written, unit in _UNITS_BY_FIRST.get(rest[:1], ()):
        after = rest[len(written) : len(written) + 1]
        if rest.startswith(written) and not (after.isalnum() and written[-1].isalnum()):
            end = at
            while end < len(tokens) and tokens[end].start < start + len(written):
                end += 1
            return unit, end
    if low(tokens, at) == "in" and low(tokens, at + 1) in _AFTER_INCHES:
        return "[in_i]", at + 1
    return "", at


def comparison_at(tokens: Sequence[Token], at: int, text: str) -> Comparison | None:
    """Return what is said of a number there: over 5, between 3 and 4 mm, 50-70, 2+."""
    found = (
        _between(tokens, at, text)
        or _operated(tokens, at, text)
        or _suffixed(tokens, at, text)
    )
    if found is None:
        return None
    return _and_another(tokens, found, text)


def _operated(tokens: Sequence[Token], at: int, text: str) -> Comparison | None:
    start = at
    while low(tokens, at) in _FILLERS and at - start < 3:
        at += 1
    for words, name in BY_FIRST.get(low(tokens, at), ()):
        if not said(tokens, at, words):
            continue
        after = at + len(words)
        while low(tokens, after) in {"of", "a", "the"}:
            after += 1
        number = number_at(tokens, after)
        if number is not None:
            unit, end = unit_at(tokens, number[1], text)
            return Comparison({name: number[0]}, end, unit)
    return None


def _between(tokens: Sequence[Token], at: int, text: str) -> Comparison | None:
    start = at
    while low(tokens, at) in _FILLERS and at - start < 3:
        at += 1
    opened = said(tokens, at, ("between",)) or said(tokens, at, ("from",))
    if not opened and said(tokens, at, ("in", "the", "range")):
        at += 3
        at += low(tokens, at) in {"of", "from"}
    first = number_at(tokens, at + opened)
    if first is None:
        return None
    unit, end = unit_at(tokens, first[1], text)
    joins = {"and", "to", "-"} if opened else {"to", "-", "or"}
    if low(tokens, end) not in joins:
        return None
    second = number_at(tokens, end + 1)
    if low(tokens, end) == "or" and (second is None or second[0] - first[0] != 1):
        return None
    if low(tokens, end) == "or" and second and unit_at(tokens, second[1], text)[0]:
        return None  # 1 or 2 mm: nothing in between
    if second is None or _is_date(second[0], first[0], tokens[at].low):
        return None
    other, end = unit_at(tokens, second[1], text)
    ends = sorted((first[0], second[0]))
    return Comparison({"gte": ends[0], "lte": ends[1]}, end, other or unit)


def _is_date(one: Number, other: Number, opened: str) -> bool:
    years = all(isinstance(e, int) and 1900 <= e <= 2100 for e in (one, other))
    return years and opened in {"between", "from"}


def _suffixed(tokens: Sequence[Token], at: int, text: str) -> Comparison | None:
    number = number_at(tokens, at)
    if number is None:
        return None
    unit, end = unit_at(tokens, number[1], text)
    end += low(tokens, end) == "times"
    if low(tokens, end) == "+":
        return Comparison({"gte": number[0]}, end + 1, unit)
    joined = low(tokens, end) in {"or", "and"}
    name = _SUFFIXES.get(low(tokens, end + 1), "")
    if joined and name and number_at(tokens, end + 2) is None:
        return Comparison({name: number[0]}, end + 2, unit)
    return None


def _and_another(tokens: Sequence[Token], found: Comparison, text: str) -> Comparison:
    """Return bounds on both sides: over 5 and under 10."""
    if len(found.bounds) > 1 or low(tokens, found.end) not in {"and", "but"}:
        return found
    other = _operated(tokens, found.end + 1, text)
    if other is None:
        return found
    sides = {name[0] for name in (*found.bounds, *other.bounds)}
    if sides != {"g", "l"}:
        return found
    bounds = {**found.bounds, **other.bounds}
    return Comparison(bounds, other.end, other.unit or found.unit)
