"""Which words may stand in a name that nobody knows: "severe asthma", not "off"."""

from typing import Final

from cohorts.language.items import Item
from cohorts.language.repair import GRAMMAR
from cohorts.language.state import State
from cohorts.language.words_table import (
    COMMON,
    DECADES,
    MONTHS,
    NARROWING,
    NUMBERS,
    SEASONS,
    SPANS,
    STOP,
    TENS,
)

# Words that say how something is, was or went; no name has them.
_SAYING: Final = frozenset(
    """off out half twice thrice double triple apart away ago later earlier sooner longer
    bigger better worse higher lower more less fewer most least other another different
    rise fall drop gain increase decrease decline change trend newly never ever always
    rarely often sometimes usually mostly mainly nearly almost maybe perhaps probably
    possibly likely unlikely potential possible probable suspicion suspect suspected
    whether despite though although unless because until except besides instead versus vs
    not no nor without within due daily weekly monthly yearly annually hourly per
    responder responders nonresponder dose doses dosage mg times time visit visits
    year month week day hour minute decade quarter ever again back else
    compared average mean median maximum minimum peak nadir baseline delta ratio
    age ages aged old young same similar next previous previously prior past since
    before after during between among around near close against toward upon
    somebody nobody nothing something anything everything somewhere
    lbs kgs unit units""".split()
)

# Participles that are parts of names: a ruptured aneurysm.
_PARTICIPLES: Final = frozenset(
    """ruptured herniated displaced impacted dilated uncontrolled controlled complicated
    advanced localized localised unresectable resected disseminated fixed inherited
    acquired unexplained perforated strangulated incarcerated infected inflamed torn
    pulled prolapsed frozen enlarged swollen broken fractured dislocated sprained
    clotted blocked narrowed calcified metastasized differentiated undifferentiated
    mixed limited extended delayed combined sustained unprovoked provoked induced related
    associated mediated resistant bleeding vomiting scarring wasting wheezing whooping
    squinting drooping shingles sleeping tingling itching blistering scalded septated
    conditioned isolated undescended attenuated pegylated conjugated liposomal esterified
    vested weakened""".split()
)
_ENDINGS: Final = ("ly", "ing", "ed")
_LEAST: Final = 2
_LEAST_ENDING: Final = 5


def may_name(word: str) -> bool:
    """Tell whether a word, in small letters, may be a part of a name."""
    if word in NARROWING or word in _PARTICIPLES:
        return True
    if len(word) < _LEAST or word in _SAYING or _is_grammar(word):
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


def _may(state: State, item: Item) -> bool:
    return all(may_name(each.low) for each in state.tokens(item))
