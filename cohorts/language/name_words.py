"""Which words may stand in a name that nobody knows: "severe asthma", not "off"."""

from typing import Final

from cohorts.language.repair import GRAMMAR
from cohorts.language.scene import Item
from cohorts.language.state import State
from cohorts.language.words_table import (
    COMMON,
    DECADES,
    MEDICAL_ENDINGS,
    MONTHS,
    NARROWING,
    NUMBERS,
    PARTICIPLES,
    SAYING,
    SEASONS,
    SPANS,
    STOP,
    TENS,
)

_ADJECTIVES: Final = (
    *("al", "ic", "ive", "ous", "ary", "oid", "ar", "ian", "ile", "able", "ible"),
    *("ent", "ant", "ine", "ute", "ory", "type", "cell", "onset", "grade"),
)
_ABBREVIATION: Final = 6  # letters at most
_ENDINGS: Final = ("ly", "ing", "ed")
_LEAST: Final = 2
_LEAST_ENDING: Final = 5


def may_name(word: str) -> bool:
    """Tell whether a word, in small letters, may be a part of a name."""
    if word in NARROWING or word in PARTICIPLES:
        return True
    if len(word) < _LEAST or word in SAYING or _is_grammar(word):
        return False
    return not (len(word) >= _LEAST_ENDING and word.endswith(_ENDINGS))


def _is_grammar(word: str) -> bool:
    small = (COMMON, STOP, GRAMMAR, MONTHS, SPANS, SEASONS, NUMBERS, TENS, DECADES)
    return any(word in table for table in small)


def words_of_name(state: State, items: list[Item]) -> list[Item]:
    """Return the words that may be a name; the others are told to be unused.

    Those that stand first and are no part of names are left out; one that stands among
    others stays, as the name is what is written.
    """
    wrong = [each for each in items if each.kind == "word" and not _may(state, each)]
    for each in wrong:
        state.refuse(each)
    first = next((at for at, each in enumerate(items) if each not in wrong), len(items))
    return items[first:]


def is_plausible(state: State, items: list[Item]) -> bool:
    """Tell whether words look like a name of medicine, or like somebody's.

    Pompe disease, fasciitis; not "childhood", and not an abbreviation that is in no
    table: that may be anything.
    """
    tokens = [each for item in items for each in state.tokens(item)]
    if tokens[-1].low.removesuffix("s").endswith(MEDICAL_ENDINGS):
        return True
    if is_abbreviation(state, items):
        return False
    return any(each.text[:1].isupper() and each.start for each in tokens)


def is_abbreviation(state: State, items: list[Item]) -> bool:
    """Tell whether one short word in capitals stands there: HCQ."""
    tokens = [each for item in items for each in state.tokens(item)]
    is_short = len(tokens) == 1 and len(tokens[0].text) <= _ABBREVIATION
    return is_short and sum(map(str.isupper, tokens[0].text)) > 1


def narrows(state: State, item: Item) -> bool:
    """Tell whether a word is an adjective: viral or bacterial pneumonia."""
    word = state.said(item)
    is_known = word in NARROWING or word in PARTICIPLES
    return is_known or (len(word) >= _LEAST_ENDING and word.endswith(_ADJECTIVES))


def is_name(state: State, items: list[Item]) -> bool:
    """Tell whether words are more than what narrows a name: not "controlled" alone."""
    return any(
        each.low not in NARROWING and each.low not in PARTICIPLES
        for item in items
        for each in state.tokens(item)
    )


def _may(state: State, item: Item) -> bool:
    return all(may_name(each.low) for each in state.tokens(item))
