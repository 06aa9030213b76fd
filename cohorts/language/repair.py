"""Words that are misspelt: what they were meant to be."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import ratio

from cohorts.language.function_table import AT_TIME, PHRASES
from cohorts.language.lexicon import Lexicon
from cohorts.language.numbers import OPERATORS
from cohorts.language.text import Token, singular
from cohorts.language.words_table import (
    COMMANDS,
    COMMON,
    MONTHS,
    NARROWING,
    NUMBERS,
    RIGHT,
    SEASONS,
    SPANS,
    STOP,
    TENS,
)

SHORTEST: Final = 5  # characters of a word that may be misspelt
_SHORTEST_MIXED: Final = 4  # those of words of grammar whose letters are mixed up
_SMALL: Final = ("women", "children", "patients", "within", "without", "people")
_TRIPLED: Final = re.compile(r"(.)\1{2,}")
_PAST: Final = frozenset(["last", "past", "previous", "next", "a", "one"])
_SCANNERS: Final = frozenset(
    ["scanner", "machine", "system", "device", "equipment", "unit"]
)
LIKELY: Final = 88.0  # of 100
_MOST_WORDS: Final = 60  # that are looked at in one question

_FUNCTION: Final = frozenset(
    word
    for words in (*PHRASES, *AT_TIME, *(words for words, _ in OPERATORS))
    for word in words
)
GRAMMAR: Final = _FUNCTION | frozenset(
    [
        "younger",
        "older",
        "between",
        "without",
        "never",
        "neither",
        "either",
        "diagnosed",
        "diagnosis",
        "prescribed",
        "allergic",
        "vaccinated",
        "underwent",
        "mention",
        "mentions",
        "mentioning",
        "within",
        "before",
        "after",
        "during",
        "since",
        "least",
        "exactly",
        "first",
        "latest",
        "earliest",
        "report",
        "reports",
        "private",
        "thickness",
        "history",
        "treated",
        "taking",
        "started",
        "starting",
        "followed",
        "deceased",
        "months",
        "years",
        "weeks",
        "studies",
        "afterwards",
        "subsequent",
        "documents",
        "medications",
        "higher",
        "greater",
        "excluding",
        "contains",
        "quarter",
        "admitted",
        "hospitalized",
        "multiple",
        "manufacturer",
        "scanner",
        "contrast",
        "female",
        "male",
    ]
)


class Repair(NamedTuple):
    """A word that was read as another one."""

    token: Token
    word: str
    others: tuple[str, ...] = ()


def repaired(
    tokens: Sequence[Token], lexicon: Lexicon, kept: frozenset[int]
) -> tuple[list[Token], list[Repair]]:
    """Return the tokens with misspelt words put right, and which ones they were.

    Parameters
    ----------
    kept
        Offsets of words that stay as they are written.
    """
    found: list[Repair] = []
    result: list[Token] = []
    looked = 0
    for at, token in enumerate(tokens):
        if looked < _MOST_WORDS and _may_be_wrong(token, lexicon):
            looked += 1
            words = () if token.start in kept else _meant(token, lexicon)
            if words and _is_of_scanner(tokens, at):
                words = tuple(each for each in words if _makes(lexicon, each))
            before = tokens[at - 1] if at else None
            words = words or _unit_of_time(token, before)
            if words:
                found.append(Repair(token, words[0], words[1:]))
                result.append(token.renamed(words[0]))
                continue
        result.append(token)
    return result, found


def _is_of_scanner(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether a name stands before "scanner", which is that of its maker."""
    after = tokens[at + 1].key if at + 1 < len(tokens) else ""
    return tokens[at].text[:1].isupper() and after in _SCANNERS


def _makes(lexicon: Lexicon, word: str) -> bool:
    return any(each.kind == "maker" for each in lexicon.named(word))


def _may_be_wrong(token: Token, lexicon: Lexicon) -> bool:
    if token.kind != "word" or len(token.low) < _SHORTEST_MIXED:
        return False
    word, key = token.low, token.key
    if word.endswith(("'re", "'ve", "'ll")):
        return False
    # A name in capitals, such as that of a scanner, is no misspelt word.
    if any(letter.isdigit() for letter in word) or token.text.isupper():
        return False
    is_known = (
        key in lexicon.words
        or word in STOP
        or word in COMMON
        or key in COMMON
        or word in NARROWING
        or word in RIGHT
        or word in GRAMMAR
        or key in GRAMMAR
    )
    return not is_known and not _is_small(word)


def _is_small(word: str) -> bool:
    return any(
        word in table for table in (MONTHS, SPANS, NUMBERS, TENS, SEASONS, COMMANDS)
    )


def _meant(token: Token, lexicon: Lexicon) -> tuple[str, ...]:
    """Return the likeliest words; several where they are as likely."""
    plain = _TRIPLED.sub(r"\1\1", token.key)
    if plain != token.key and plain in lexicon.words:
        return (plain,)
    scores: dict[str, float] = {}
    names = lexicon.words if len(token.key) >= SHORTEST else ()
    small = (*GRAMMAR, *MONTHS, *SPANS)
    if len(token.low) < SHORTEST:
        return _mixed_up(token.low)
    if token.start and token.text[:1].isupper():
        small = ()  # a name: it may be misspelt, but is no word of grammar
    for written, words in ((token.key, names), (token.low, (*small, *_SMALL))):
        for word, score in _near(written, words):
            key = singular(word)
            scores[key] = max(scores.get(key, 0), score)
    best = max(scores.values(), default=0)
    return tuple(sorted(word for word, score in scores.items() if score == best))


def _mixed_up(written: str) -> tuple[str, ...]:
    """Return the unit of time of which two neighbouring letters are swapped: yaer."""
    return tuple(
        word
        for word in (*SPANS, "with", "from", "over")
        if len(word) == len(written)
        and sorted(word) == sorted(written)
        and OSA.distance(word, written) == 1
    )


def _unit_of_time(token: Token, before: Token | None) -> tuple[str, ...]:
    """Return the unit that is meant where one has to stand: 2 yers, the past moth."""
    is_there = before is not None and (before.kind == "num" or before.low in _PAST)
    if not is_there:
        return ()
    return tuple(
        word
        for word in SPANS
        if len(word) >= _SHORTEST_MIXED and OSA.distance(word, token.low) == 1
    )[:1]


def _near(written: str, words: Iterable[str]) -> Iterator[tuple[str, float]]:
    """Yield words that begin like what is written, and how like it they are."""
    like = [
        word
        for word in words
        if word[:1] == written[:1]
        and len(word) >= SHORTEST
        and abs(len(word) - len(written)) <= 2
        and (word not in STOP or word in _SMALL or len(word) > SHORTEST)
    ]
    for word, score, _ in process.extract(written, like, scorer=ratio, limit=8):
        distance = OSA.distance(written, word)
        is_mixed = distance <= 2 and sorted(written) == sorted(word)
        if distance == 1 or is_mixed or (score >= LIKELY and distance <= 2):
            yield word, score - distance
