"""What stands in a question, phrase by phrase: the longest that is known, first."""

import re
from typing import Final

from cohorts.language import function_table
from cohorts.language.ages import age_at
from cohorts.language.coded import code_at, keyword_at, stage_at, tag_at
from cohorts.language.durations import duration_at
from cohorts.language.lexicon import CONCEPTS
from cohorts.language.moments import span_at
from cohorts.language.numbers import comparison_at, low, number_at, said, unit_at
from cohorts.language.relations import relation_at
from cohorts.language.saved import saved_at
from cohorts.language.scene import Asked, Item, Scene
from cohorts.language.together import same_at
from cohorts.language.vague import measured_at, several_at, vague_at
from cohorts.language.windows import window_at
from cohorts.language.words_table import COMMANDS, SPANS, STOP

_TIMES: Final = frozenset(each for each in SPANS if len(each) > 1)
_REPEATED: Final = re.compile(r"x([2-9]|[1-9]\d)")
_AT: Final = frozenset(words[0] for words in function_table.AT_TIME)


def items_of(scene: Scene) -> list[Item]:
    """Return the phrases of a question, one after the other, none left out."""
    found: list[Item] = []
    at = 0
    while at < len(scene.tokens):
        item = _item(scene, at)
        found.append(item)
        at = max(item.end, at + 1)
    return found


def _item(scene: Scene, at: int) -> Item:
    token = scene.tokens[at]
    saved = saved_at(scene, at)
    if saved is not None:
        return saved
    if token.kind == "quoted":
        return Item("quoted", at, at + 1, token.text)
    for read in _READ:
        found = read(scene, at)
        if found is not None:
            return found
    phrase, compared = _phrase(scene, at), _compared(scene, at)
    if compared and (phrase is None or compared.end > phrase.end):
        return compared
    return phrase or _number(scene, at) or vague_at(scene, at) or _rest(scene, at)


def _age(scene: Scene, at: int) -> Item | None:
    found = age_at(scene.tokens, at, scene.text)
    if found is None:
        return None
    return Item("age", at, found.end, found)


def _window(scene: Scene, at: int) -> Item | None:
    found = window_at(scene.tokens, at, scene.today)
    if found is None:
        return None
    if found.slot:
        return Item("ask", at, found.end, Asked(found.slot, found.options))
    return Item("when", at, found.end, found)


def _relation(scene: Scene, at: int) -> Item | None:
    phrases = function_table.AT_TIME if low(scene.tokens, at) in _AT else ()
    length = next((len(each) for each in phrases if said(scene.tokens, at, each)), 0)
    if length:
        return Item("attime", at, at + length)
    found = relation_at(scene.tokens, at)
    if found is None:
        return None
    if low(scene.tokens, at) in {"past", "of", "from", "upon", "later", "then"} and (
        at == 0
    ):
        return None
    return Item("rel", at, found.end, found)


def _phrase(scene: Scene, at: int) -> Item | None:
    """Return what the tables know: the longest, function words before names."""
    tokens = scene.tokens
    longest, kind, value = 0, "", ""
    for length in range(min(function_table.LONGEST, len(tokens) - at), 0, -1):
        words = tuple(each.low for each in tokens[at : at + length])
        found = function_table.PHRASES.get(words)
        if words[-1] in {"no", "not"} and length > 1:
            # "with no more than" is a number, not a denial.
            after = comparison_at(tokens, at + length - 1, scene.text)
            found = None if after else found
        if found is not None and all(
            e.kind != "quoted" for e in tokens[at : at + length]
        ):
            longest, (kind, value) = length, found
            break
    matches = list(scene.lexicon.at(tokens, at))
    best = matches[0][0] if matches else 0
    several = several_at(scene, at)
    if several is not None and best <= 1 and longest <= 1:
        return several
    vague = vague_at(scene, at)
    if vague is not None and vague.end - at >= max(best, longest):
        return vague
    if longest and longest >= best:
        return Item(kind, at, at + longest, value)
    if not best:
        return None
    entries = tuple(entry for length, entry in matches if length == best)
    kinds = {entry.kind for entry in entries}
    name = "concept" if kinds & set(CONCEPTS) else entries[0].kind
    for each in ("modality", "exam", "events"):
        name = each if each in kinds and not kinds & {"condition"} else name
    name = "age_group" if name == "age" else name
    return Item(name, at, at + best, entries[0].name, entries)


def _compared(scene: Scene, at: int) -> Item | None:
    found = comparison_at(scene.tokens, at, scene.text)
    if found is None or (not found.unit and low(scene.tokens, found.end) in _TIMES):
        return None  # "more than 18 months" is no number of anything
    return Item("compare", at, found.end, found)


def _number(scene: Scene, at: int) -> Item | None:
    number = number_at(scene.tokens, at)
    if number is None:
        return None
    if span_at(scene.tokens, at) is not None:
        return Item("number", at, number[1], (number[0], ""))
    unit, end = unit_at(scene.tokens, number[1], scene.text)
    return Item("number", at, end, (number[0], unit))


def _rest(scene: Scene, at: int) -> Item:
    token = scene.tokens[at]
    if token.kind == "sym":
        return Item("comma" if token.low in {",", ";", ":"} else "mark", at, at + 1)
    if token.low in COMMANDS:
        return Item("command", at, at + 1)
    times = _REPEATED.fullmatch(token.low)
    if times:
        return Item("times", at, at + 1, int(times[1]))
    if token.low in STOP:
        return Item("stop", at, at + 1, token.low)
    return Item("word", at, at + 1, token.low)


_READ: Final = (
    *(tag_at, duration_at, same_at, _age, measured_at, _window, _relation),
    *(code_at, stage_at, keyword_at),
)
