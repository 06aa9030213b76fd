"""Words that say that something was while another ran, or around its end."""

from collections.abc import Sequence
from typing import Final

from cohorts.language.numbers import low, one_of
from cohorts.language.text import Token


def _split(*phrases: str) -> tuple[tuple[str, ...], ...]:
    found = (tuple(each.split()) for each in phrases)
    return tuple(sorted(found, key=lambda words: -len(words)))


ENDING: Final = _split(
    *("the end of", "end of", "the completion of", "completion of", "completing"),
    *("finishing", "ending", "stopping", "discontinuing", "the discontinuation of"),
    *("discontinuation of", "cessation of", "the cessation of", "conclusion of"),
    *("the conclusion of", "termination of", "the termination of", "stopping with"),
    *("they stopped", "they finished", "they completed", "having completed"),
    *("having finished", "they discontinued", "withdrawal of", "they had finished"),
    *("they had completed", "concluding", "the last day of", "coming off"),
)
"""What makes it the end of the event that comes."""

COURSE: Final = _split(
    *("treatment with", "therapy with", "a course of", "the course of", "their"),
    *("their course of", "taking", "the", "their treatment with", "all", "a", "any"),
    *("the treatment with", "use of", "the use of"),
)

DISCHARGED: Final = frozenset(["discharge", "discharged"])

_WHO: Final = frozenset(
    [
        "they",
        "they're",
        "he's",
        "she's",
        "he",
        "she",
        "the",
        "patient",
        "patients",
        "were",
        "was",
        "are",
        "is",
        "being",
        "been",
        "still",
        "also",
        "actively",
        "currently",
        "already",
        "who",
        "had",
        "has",
        "have",
        "concurrently",
        "simultaneously",
    ]
)
_TAKING: Final = _split(
    *("taking", "on", "receiving", "using", "under", "treated with", "getting"),
    *("being treated with", "prescribed", "given", "on treatment with", "taken"),
    *(
        "on therapy with",
        "under treatment with",
        "under therapy with",
        "medicated with",
    ),
    *("undergoing treatment with", "in treatment with", "being given", "administered"),
    *("took", "received", "used", "got", "were given", "on therapy of", "still on"),
)
_HAVING: Final = _split("in", "undergoing", "having", "suffering from")
_STATES: Final = frozenset(
    [
        "pregnant",
        "hospitalized",
        "hospitalised",
        "admitted",
        "intubated",
        "inpatient",
        "inpatients",
        "ventilated",
    ]
)
_COURSES: Final = _split(
    *("treatment with", "therapy with", "the treatment with", "their treatment with"),
    *("the course of", "a course of", "ongoing treatment with", "use of", "the use of"),
    *("a treatment with", "their use of", "therapy on", "treatment on"),
    *("concurrent treatment with", "active treatment with", "concurrent use of"),
)
_COURSE_OF: Final = _split("the course of treatment with", "the course of therapy with")
_DENIED: Final = frozenset(["not", "no", "never", "without"])


def while_words(tokens: Sequence[Token], at: int) -> tuple[int, str] | None:
    """Return where "while they were taking" ends, and the type of what comes then."""
    word = low(tokens, at)
    if word in {"in", "within"} and one_of(tokens, at + 1, _COURSE_OF):
        length = one_of(tokens, at + 1, _COURSE_OF)
        return at + 1 + length + one_of(tokens, at + 1 + length, COURSE), "medication"
    if word in {"during", "throughout", "under", "amid"}:
        length = one_of(tokens, at + 1, _COURSES)
        if length:
            return at + 1 + length, "medication"
        return (at + 1, "any") if word in {"during", "throughout"} else None
    if word not in {"while", "whilst", "when"}:
        return None
    step = at + 1
    while low(tokens, step) in _WHO:
        step += 1
    if low(tokens, step) in _DENIED:
        return None
    for phrases, slot in ((_TAKING, "medication"), (_HAVING, "any")):
        length = one_of(tokens, step, phrases)
        if length and (word != "when" or phrases is _TAKING):
            return step + length, slot
    is_state = low(tokens, step) in _STATES and word != "when"
    return (step, "any") if is_state else None
