"""What stands in a question, phrase by phrase: the longest that is known, first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from pydicom.datadict import keyword_dict

from cohorts.language import ambiguous_table, function_table
from cohorts.language.ages import age_at
from cohorts.language.lexicon import CONCEPTS, Entry, Lexicon
from cohorts.language.moments import span_at
from cohorts.language.numbers import comparison_at, low, number_at, said, unit_at
from cohorts.language.relations import relation_at
from cohorts.language.text import Token
from cohorts.language.windows import window_at
from cohorts.language.words_table import COMMANDS, STOP

_ROMAN: Final = ("i", "ii", "iii", "iv", "v")
_ARABIC: Final = {each: str(at) for at, each in enumerate(_ROMAN, start=1)}
_STAGES: Final = frozenset(
    ["stage", "grade", "type", "class", "stages", "grades", "types"]
)
_READINGS: Final = frozenset(
    ["reading", "measurement", "value", "level", "result", "test", "number", "count"]
)
_AT: Final = frozenset(words[0] for words in function_table.AT_TIME)
_LEAST_KEYWORD: Final = 3  # letters; shorter ones are words of other things


class Asked(NamedTuple):
    """What has to be asked back, and what it may be answered with."""

    slot: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A phrase: tokens from `start` to `end`, and what it is."""

    kind: str
    start: int
    end: int
    value: Any = None
    entries: tuple[Entry, ...] = ()


def made_by(maker: Item) -> dict[str, str]:
    """Return the condition that a maker or a model of scanners puts on images."""
    return {"tag": maker.entries[0].more or "Manufacturer", "contains": maker.value}


class Scene(NamedTuple):
    """All that phrases are read with."""

    text: str
    tokens: Sequence[Token]
    lexicon: Lexicon
    today: date


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
    if token.kind == "quoted":
        return Item("quoted", at, at + 1, token.text)
    for read in (_tag, _age, _measured, _window, _relation, _code, _stage, _keyword):
        found = read(scene, at)
        if found is not None:
            return found
    phrase, compared = _phrase(scene, at), _compared(scene, at)
    if compared and (phrase is None or compared.end > phrase.end):
        return compared
    return phrase or _number(scene, at) or _vague(scene, at) or _rest(scene, at)


def _tag(scene: Scene, at: int) -> Item | None:
    token = scene.tokens[at]
    if token.kind != "tag":
        return None
    digits = "".join(each for each in token.text if each.isalnum())
    number = "".join("x" if each in "xX" else each.upper() for each in digits)
    return Item("tagno", at, at + 1, number)


def _age(scene: Scene, at: int) -> Item | None:
    found = age_at(scene.tokens, at, scene.text)
    if found is None:
        return None
    return Item("age", at, found.end, found)


def _measured(scene: Scene, at: int) -> Item | None:
    """Return what asks back: high glucose, low blood pressure readings."""
    word = scene.tokens[at].low
    if word not in ambiguous_table.OF_VALUES:
        return None
    for length, entry in scene.lexicon.at(scene.tokens, at):
        if length > 1 and entry.kind == "condition":
            after = at + length
            is_read = after < len(scene.tokens) and scene.tokens[after].key in _READINGS
            if not is_read:
                return None
    name, end = _observation(scene, at + 1)
    if not name:
        return None
    while end < len(scene.tokens) and scene.tokens[end].key in _READINGS:
        end += 1
    return Item("ask", at, end, Asked("value", thresholds(word, name)))


def thresholds(word: str, name: str) -> tuple[str, ...]:
    """Return what a measurement that is high or low may be."""
    side = "low" if word in {"low", "decreased", "reduced", "poor"} else "high"
    for line in ambiguous_table.THRESHOLDS.strip().splitlines():
        key, *options = (each.strip() for each in line.split("|"))
        if key == f"{side} {name}":
            return tuple(options)
    return (f"{name} {'above' if side == 'high' else 'below'} a number",)


def _observation(scene: Scene, at: int) -> tuple[str, int]:
    for length, entry in scene.lexicon.at(scene.tokens, at):
        if entry.kind == "observation":
            return entry.name, at + length
    return "", at


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


def _code(scene: Scene, at: int) -> Item | None:
    for words, system in function_table.SYSTEMS:
        if said(scene.tokens, at, words):
            end = at + len(words)
            while low(scene.tokens, end) in {
                "code",
                "codes",
                "of",
                ":",
                "is",
                "number",
            }:
                end += 1
            if end < len(scene.tokens) and _is_code(scene.tokens[end]):
                value = (system, scene.tokens[end].text)
                return Item("code", at, end + 1, value)
    token = scene.tokens[at]
    if token.kind == "code":
        known = next(scene.lexicon.at(scene.tokens, at), None)
        return None if known else Item("code", at, at + 1, ("icd", token.text))
    if token.kind == "loinc":
        return Item("code", at, at + 1, ("loinc", token.text))
    return None


def _is_code(token: Token) -> bool:
    return token.kind in {"code", "loinc", "num", "quoted"} or (
        token.kind == "word" and any(each.isdigit() for each in token.text)
    )


def _stage(scene: Scene, at: int) -> Item | None:
    """Return "stage 3 or 4", "grade II", "type 1 or type 2"."""
    word = low(scene.tokens, at)
    if word not in _STAGES or _is_named(scene, at):
        return None
    word = word.removesuffix("s") if word != "class" else word
    found: list[str] = []
    end = at + 1
    while True:
        step = end
        step += bool(found) and low(scene.tokens, step) in {"or", "and", ",", "to", "-"}
        step += bool(found) and low(scene.tokens, step) == "or"
        step += bool(found) and low(scene.tokens, step).removesuffix("s") == word
        value = _step(scene.tokens, step)
        value = _ARABIC.get(value, value) if word == "stage" else value
        if not value or (found and step == end):
            break
        found.append(f"{word} {value}")
        end = step + 1
    return Item("stage", at, end, tuple(found)) if found else None


def _is_named(scene: Scene, at: int) -> bool:
    """Tell whether the stage is a part of a name: type 1 diabetes."""
    length = max(
        (
            length
            for length, entry in scene.lexicon.at(scene.tokens, at)
            if entry.kind in CONCEPTS
        ),
        default=0,
    )
    return length > 1


def _step(tokens: Sequence[Token], at: int) -> str:
    if at >= len(tokens):
        return ""
    word = tokens[at].low
    is_number = tokens[at].kind == "num" and word.isdigit() and len(word) == 1
    is_letter = len(word) == 2 and word[0].isdigit() and word[1] in "abc"
    return word if is_number or word in _ROMAN or is_letter else ""


def _keyword(scene: Scene, at: int) -> Item | None:
    """Return an attribute that is called by its keyword of DICOM."""
    text = scene.tokens[at].text
    is_camel = len(text) > _LEAST_KEYWORD and any(e.isupper() for e in text[1:])
    if text in keyword_dict and (is_camel or text in {"KVP", "Rows", "Columns"}):
        return Item("tag", at, at + 1, text)
    return None


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
    several = _several(scene, at)
    if several is not None and best <= 1 and longest <= 1:
        return several
    vague = _vague(scene, at)
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


def _several(scene: Scene, at: int) -> Item | None:
    """Return what asks back which of its meanings an abbreviation has."""
    token = scene.tokens[at]
    meanings = ambiguous_table.MEANINGS.get(token.low)
    if meanings is None or token.kind != "word":
        return None
    if token.low in ambiguous_table.ONLY_CAPITALS and not token.text.isupper():
        return None
    return Item("poly", at, at + 1, (token.low.upper(), meanings))


def _vague(scene: Scene, at: int) -> Item | None:
    best: Item | None = None
    first = scene.tokens[at].low
    for words, options in ambiguous_table.VAGUE_BY_FIRST.get(first, ()):
        if not said(scene.tokens, at, words):
            continue
        if best is None or best.end < at + len(words):
            name = " ".join(words)
            slot = ambiguous_table.SAME.get(name, name)
            best = Item("ask", at, at + len(words), Asked(slot, tuple(options)))
    return best


def _compared(scene: Scene, at: int) -> Item | None:
    found = comparison_at(scene.tokens, at, scene.text)
    return Item("compare", at, found.end, found) if found else None


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
    if token.low in STOP:
        return Item("stop", at, at + 1, token.low)
    return Item("word", at, at + 1, token.low)
