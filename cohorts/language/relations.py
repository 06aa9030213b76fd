"""Windows around another event: within 30 days after, before, in the year after."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from cohorts.language.alongside import COURSE, DISCHARGED, ENDING, while_words
from cohorts.language.moments import Span, span_at
from cohorts.language.numbers import low, number_at, said
from cohorts.language.text import Token

_AFTER: Final = (
    *(("after",), ("following",), ("post",), ("since",), ("subsequent", "to")),
    *(("of",), ("from",), ("past",), ("upon",)),
)
_AFTER_ALONE: Final = (
    *(("after",), ("following",), ("post",), ("since",), ("subsequent", "to")),
    *(("once",), ("any", "time", "after"), ("later", "than"), ("upon",)),
)
_BEFORE: Final = (
    *(("prior", "to"), ("before",), ("preceding",), ("ahead", "of"), ("until",)),
    *(("leading", "up", "to"), ("earlier", "than"), ("pre",), ("up", "to"), ("till",)),
)
_MOST: Final = (
    *(("within",), ("no", "more", "than"), ("not", "more", "than"), ("at", "most")),
    *(("less", "than"), ("up", "to"), ("no", "later", "than"), ("in", "less", "than")),
    *(("fewer", "than"), ("under",), ("not", "later", "than"), ("inside",)),
    *(("within", "a", "maximum", "of"), ("in",), ("during",), ("over",)),
)
_LEAST: Final = (
    *(("at", "least"), ("more", "than"), ("over",), ("no", "less", "than")),
    *(("longer", "than"), ("not", "less", "than"), ("no", "earlier", "than")),
)
_AFTERWARDS: Final = (
    *(("afterwards",), ("afterward",), ("thereafter",), ("subsequently",)),
    *(("after", "that"), ("since", "then"), ("later", "on"), ("later",), ("then",)),
    *(("subsequent",), ("after", "this"), ("following", "this"), ("after", "it")),
    *(("after", "which"), ("and", "then"), ("following", "that"), ("afterwards", "a")),
)
_BEFOREHAND: Final = (
    ("beforehand",),
    ("before", "that"),
    ("before", "this"),
    ("earlier",),
)
_ENDS: Final = frozenset(["", ",", ".", "?", ";", ")"])
_EACH_OTHER: Final = (("each", "other"), ("one", "another"))
_SAME_DAY: Final = (
    *(("on", "the", "same", "day"), ("the", "same", "day"), ("same", "day")),
    *(("on", "the", "day"), ("on", "that", "day")),
)


class Relation(NamedTuple):
    """How an event lies to another, and where the words of it end.

    Attributes
    ----------
    first, last
        Durations around the start of the other event, empty where open.
    kind
        ``near`` when the other event comes next in the text; ``back`` when it was
        named before; ``then`` when the next one in the text lies so to what was named
        before; ``during``.
    is_both
        Before and after: two events.
    is_within
        "Within so long of": it may mean both sides.
    ask
        What has to be asked, as it may be exact or not.
    is_end
        Whether it is around the end of the other event.
    slot
        The type of the other event, as the words say it; any without.
    """

    first: str
    last: str
    end: int
    kind: str = "near"
    is_both: bool = False
    is_within: bool = False
    ask: str = ""
    is_end: bool = False
    slot: str = "any"


def relation_at(tokens: Sequence[Token], at: int) -> Relation | None:
    """Return the relation that is written there."""
    for read in (_both, _same_day, _followed, _spaced, _plain):
        found = read(tokens, at)
        if found is not None:
            return _around_end(tokens, found)
    return _while(tokens, at)


def _around_end(tokens: Sequence[Token], found: Relation) -> Relation:
    """Return "after the end of", "within 30 days after completing"."""
    if found.kind != "near" or found.is_both:
        return found
    length = _length(tokens, found.end, ENDING)
    step = found.end
    while low(tokens, step) in {"the", "their", "hospital", "a", "being"}:
        step += 1
    if not length and low(tokens, step) not in DISCHARGED:
        return found
    end = found.end + length
    end += _length(tokens, end, COURSE) if length else 0
    return found._replace(end=end, is_end=True)


def _length(tokens: Sequence[Token], at: int, phrases: Sequence[Sequence[str]]) -> int:
    return max((len(each) for each in phrases if said(tokens, at, each)), default=0)


def _both(tokens: Sequence[Token], at: int) -> Relation | None:
    at += low(tokens, at) == "both"
    span = None
    if low(tokens, at) == "within":
        span = span_at(tokens, at + 1)
        at = span.end if span else at
    for words in (("before", "and", "after"), ("after", "and", "before")):
        if said(tokens, at, words):
            if span:
                return Relation(f"-{span.text}", span.text, at + 3)
            return Relation("", "", at + 3, is_both=True)
    if span and said(tokens, at, ("before", "or", "after")):
        return Relation(f"-{span.text}", span.text, at + 3)
    if span and said(tokens, at, ("either", "side", "of")):
        return Relation(f"-{span.text}", span.text, at + 3)
    return None


def _same_day(tokens: Sequence[Token], at: int) -> Relation | None:
    length = _length(tokens, at, _SAME_DAY)
    if not length:
        return None
    end = at + length
    if low(tokens, end) in {"as", "of"}:
        return Relation("P0D", "P0D", end + 1)
    return Relation("P0D", "P0D", end, kind="back")


def _followed(tokens: Sequence[Token], at: int) -> Relation | None:
    if said(tokens, at, ("preceded", "by")):
        return Relation("", "P0D", at + 2, kind="then")
    if low(tokens, at) != "followed":
        return None
    at += 1
    span = None
    length = _length(tokens, at, _MOST)
    if length:
        span = span_at(tokens, at + length)
        at = span.end if span else at
    if span is None:
        later = span_at(tokens, at)
        if later and low(tokens, later.end) == "later":
            at, span = later.end + 1, later
    if low(tokens, at) != "by":
        return None
    return Relation("P0D", span.text if span else "", at + 1, kind="then")


def _spaced(tokens: Sequence[Token], at: int) -> Relation | None:
    """Return what has a distance: within 30 days after, 3 to 6 months before."""
    two = _two_spans(tokens, at)
    if two is not None:
        near, far, end = two
        side = _side(tokens, end, is_within=False)
        return _placed(side, near.text, far.text) if side else None
    least = _length(tokens, at, _LEAST)
    most = _length(tokens, at, _MOST)
    is_within = low(tokens, at) in {"within", "inside"}
    start = at + max(least, most)
    start += low(tokens, start) == "the"
    is_first = low(tokens, start) in {"first", "initial", "next", "following"}
    span = span_at(tokens, start + is_first) or (
        span_at(tokens, start - 1) if low(tokens, start - 1) == "the" else None
    )
    if span is None:
        return None
    side = _side(tokens, span.end, is_within=bool(most))
    if most and side and _length(tokens, side.end, _EACH_OTHER):
        return Relation(f"-{span.text}", span.text, side.end + 2, kind="back")
    if side is None:
        is_alone = bool(most) and is_within
        return Relation("P0D", span.text, span.end, kind="back") if is_alone else None
    if least and not (most and low(tokens, at) == "over" and is_first):
        return _placed(side, span.text, "")
    if not most:
        words = " ".join(each.low for each in tokens[at : side.end])
        return _placed(side, "P0D", span.text)._replace(ask=words)
    found = _placed(side, "P0D", span.text)
    is_of = low(tokens, side.end - 1) in {"of", "from"}
    return found._replace(is_within=is_within and is_of)


def _two_spans(tokens: Sequence[Token], at: int) -> tuple[Span, Span, int] | None:
    at += low(tokens, at) in {"between", "from", "within", "in"}
    first = number_at(tokens, at)
    if first is None:
        return None
    early = span_at(tokens, at)
    end = early.end if early else first[1]
    if low(tokens, end) not in {"and", "to", "-"}:
        return None
    late = span_at(tokens, end + 1)
    if late is None:
        return None
    near = early or Span(f"P{int(first[0])}{late.text[-1]}", end)
    return near, late, late.end


class _Side(NamedTuple):
    is_after: bool
    end: int
    is_back: bool = False


def _side(tokens: Sequence[Token], at: int, *, is_within: bool) -> _Side | None:
    back = _length(tokens, at, _AFTERWARDS)
    if back:
        return _Side(is_after=True, end=at + back, is_back=True)
    earlier = _length(tokens, at, _BEFOREHAND)
    if earlier:
        return _Side(is_after=False, end=at + earlier, is_back=True)
    ends = low(tokens, at + 1) in _ENDS
    if ends and low(tokens, at) in {"after", "before"}:
        return _Side(is_after=low(tokens, at) == "after", end=at + 1, is_back=True)
    before = _length(tokens, at, _BEFORE)
    if before:
        return _Side(is_after=False, end=at + before)
    after = _length(tokens, at, _AFTER if is_within else _AFTER_ALONE)
    return _Side(is_after=True, end=at + after) if after else None


def _placed(side: _Side, near: str, far: str) -> Relation:
    """Return the relation from a distance to another, on one side."""
    kind = "back" if side.is_back else "near"
    if side.is_after:
        return Relation(near, far, side.end, kind)
    first = f"-{far}" if far else ""
    last = "P0D" if near == "P0D" else f"-{near}"
    return Relation(first, last, side.end, kind)


def _plain(tokens: Sequence[Token], at: int) -> Relation | None:
    """Return what has no distance: before, after, during, afterwards."""
    back = _length(tokens, at, _AFTERWARDS)
    after = _length(tokens, at, _AFTER_ALONE)
    if back and back >= after:
        return Relation("P0D", "", at + back, kind="back")
    earlier = _length(tokens, at, _BEFOREHAND)
    before = _length(tokens, at, _BEFORE)
    if earlier and earlier >= before:
        return Relation("", "P0D", at + earlier, kind="back")
    if after:
        return Relation("P0D", "", at + after)
    if before and not said(tokens, at, ("up", "to")):
        return Relation("", "P0D", at + before)
    return None


def _while(tokens: Sequence[Token], at: int) -> Relation | None:
    """Return "during", "while they were taking", "under treatment with"."""
    found = while_words(tokens, at)
    if found is None:
        return None
    end, slot = found
    return Relation("", "", end, kind="during", slot=slot)
