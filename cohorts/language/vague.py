"""What has to be asked back: MS, recent, high glucose."""

from typing import Final

from cohorts.language import ambiguous_table
from cohorts.language.numbers import number_at, said
from cohorts.language.scene import Asked, Item, Scene

_READINGS: Final = frozenset(
    ["reading", "measurement", "value", "level", "result", "test", "number", "count"]
)

_OF_NUMBERS: Final = frozenset(["about"])  # vague before a number alone


def measured_at(scene: Scene, at: int) -> Item | None:
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


def several_at(scene: Scene, at: int) -> Item | None:
    """Return what asks back which of its meanings an abbreviation has."""
    token = scene.tokens[at]
    meanings = ambiguous_table.MEANINGS.get(token.low)
    if meanings is None or token.kind != "word":
        return None
    if token.low in ambiguous_table.ONLY_CAPITALS and not token.text.isupper():
        return None
    return Item("poly", at, at + 1, (token.low.upper(), meanings))


def vague_at(scene: Scene, at: int) -> Item | None:
    """Return what asks back how much is meant: recent, large."""
    best: Item | None = None
    first, key = scene.tokens[at].low, scene.tokens[at].key
    table = ambiguous_table.VAGUE_BY_FIRST
    for words, options in table.get(first, table.get(key, [])):
        if not (said(scene.tokens, at, words) or _in_plural(scene, at, words)):
            continue
        if first in _OF_NUMBERS and number_at(scene.tokens, at + 1) is None:
            continue
        if best is None or best.end < at + len(words):
            name = " ".join(words)
            slot = ambiguous_table.SAME.get(name, name)
            best = Item("ask", at, at + len(words), Asked(slot, tuple(options)))
    return best


def _in_plural(scene: Scene, at: int, words: list[str]) -> bool:
    """Tell whether one word stands there in the plural: seniors."""
    return [scene.tokens[at].key] == words and scene.tokens[at].kind == "word"
