"""How long something lasted: criteria cannot ask it, and it is no age and no window."""

from collections.abc import Sequence
from typing import Final

from cohorts.language.moments import span_at
from cohorts.language.numbers import BY_FIRST, low, number_at, said
from cohorts.language.scene import Item, Scene
from cohorts.language.text import Token
from cohorts.language.words_table import SPANS

_LASTING: Final = frozenset(
    [
        "lasting",
        "lasted",
        "lasts",
        "last",
        "persisting",
        "persisted",
        "persistent",
        "spanning",
        "spanned",
        "lived",
        "sustained",
    ]
)
_ABOUT: Final = frozenset(
    [
        "about",
        "around",
        "nearly",
        "almost",
        "roughly",
        "approximately",
        "only",
        "just",
        "some",
        "well",
        "a",
        "total",
        "of",
        "full",
        "minimum",
        "maximum",
        "the",
    ]
)
_LENGTHS: Final = (("longer", "than"), ("shorter", "than"), ("no", "longer", "than"))
_MANY: Final = frozenset(["many", "several", "some", "multiple", "numerous"])
_UNITS: Final = frozenset(
    [
        "hour",
        "hours",
        "hrs",
        "minute",
        "minutes",
        "mins",
        "second",
        "seconds",
        "cycle",
        "cycles",
        "session",
        "sessions",
        "course",
        "courses",
        "night",
        "nights",
        "shift",
        "shifts",
    ]
)
_SIDES: Final = frozenset(
    [
        "after",
        "before",
        "prior",
        "following",
        "of",
        "from",
        "later",
        "back",
        "since",
        "earlier",
        "preceding",
        "ago",
        "old",
        "post",
        "apart",
    ]
)
_WINDOWS: Final = frozenset(["last", "past", "previous", "preceding", "next", "first"])
_OR_MORE: Final = frozenset(["more", "longer", "less", "shorter", "over"])


def duration_at(scene: Scene, at: int) -> Item | None:
    """Return how long something lasted: for over 5 years, longer than 3 days."""
    tokens = scene.tokens
    step, is_told = at, False
    if low(tokens, step) in _LASTING and at:
        step, is_told = step + 1, low(tokens, step) != "last"
    if low(tokens, step) == "for":
        step, is_told = step + 1, True
    is_of_age = low(tokens, at - 1) in {"age", "ages", "aged"}
    if low(tokens, step) == "of" and low(tokens, step + 1) in BY_FIRST:
        step, is_told = step + 1, not is_of_age
    if low(tokens, step) in _WINDOWS or said(tokens, step, ("the", "last")):
        return None
    is_told = is_told or any(said(tokens, step, each) for each in _LENGTHS)
    start = step
    step = _past_bound(tokens, step)
    end = _length(tokens, step)
    if end is None:
        return None
    is_year = low(tokens, end - 1) in {"year", "years", "yr", "yrs", "y"}
    if not is_told and (is_year or step == start):
        return None
    end = _or_more(tokens, end)
    if low(tokens, end) in _SIDES:
        return None
    return Item("lasting", at, end)


def _past_bound(tokens: Sequence[Token], at: int) -> int:
    """Return where what compares ends: at least, about, a total of."""
    while True:
        bounds = BY_FIRST.get(low(tokens, at), ())
        length = next((len(e) for e, _ in bounds if said(tokens, at, e)), 0)
        is_article = low(tokens, at) == "a" and low(tokens, at + 1) in SPANS
        if not length and low(tokens, at) in _ABOUT and not is_article:
            length = 1
        if not length:
            return at
        at += length


def _length(tokens: Sequence[Token], at: int) -> int | None:
    """Return where a span ends, or so many hours or cycles."""
    if low(tokens, at) in SPANS and len(low(tokens, at)) > 2:
        return at + 1 if low(tokens, at).endswith("s") else None  # for years
    if low(tokens, at) in _MANY and low(tokens, at + 1) in SPANS:
        return at + 2
    span = span_at(tokens, at)
    if span is not None:
        return span.end
    number = number_at(tokens, at)
    if number is None:
        return None
    is_range = low(tokens, number[1]) in {"to", "-", "or"}
    if is_range and (other := number_at(tokens, number[1] + 1)) is not None:
        number = other
    if low(tokens, number[1]) in SPANS:
        return number[1] + 1
    return number[1] + 1 if low(tokens, number[1]) in _UNITS else None


def _or_more(tokens: Sequence[Token], at: int) -> int:
    is_more = low(tokens, at) in {"or", "and"} and low(tokens, at + 1) in _OR_MORE
    at += 2 if is_more else 0
    return at + (low(tokens, at) in {"long", "duration", "straight"})
