"""Names that no table has, known by their form: zorbectomy, zorbinib, a Zorb score."""

from collections.abc import Sequence
from typing import Final

from cohorts.language.forms_table import (
    DRUGS,
    MEASURES,
    NO_DRUGS,
    PROCEDURE_HEADS,
    PROCEDURES,
)
from cohorts.language.lexicon import Entry
from cohorts.language.name_words import may_name
from cohorts.language.scene import Item, Scene
from cohorts.language.words_table import MEDICAL_ENDINGS

BY_FORM: Final = "form"
"""What `Entry.more` says of a name that is known by its form alone."""

_LEAST: Final = 6  # letters of a word whose ending tells
_DRUG_BEGINNINGS: Final = ("cef", "ceph")
_SAME_MEASURES: Final = frozenset(
    ["level", "levels", "count", "counts", "concentration", "titre", "titer"]
)
_SURE_MEASURES: Final = frozenset(
    ["titre", "titres", "titer", "titers", "score", "scores", "index", "ratio", "scale"]
)
_SUCH: Final = frozenset(["word", "body", "concept", "maker"])
_ASIDE: Final = frozenset(["of", "is", "was", "were", "are", "at", "be", "been", "a"])
_SEEN: Final = frozenset(["open", "and", "or", "comma", "not", "stop", "but", "slot"])


def by_form(scene: Scene, items: Sequence[Item]) -> list[Item]:
    """Return phrases, in which names that are known by their form are names."""
    found: list[Item] = []
    at = 0
    while at < len(items):
        item = _measure(scene, items, at) or _named(scene, items, at) or items[at]
        found.append(item)
        at += 1
        while at < len(items) and item.start <= items[at].start < item.end:
            at += 1
    return found


def type_of(word: str) -> str:
    """Return the type of event that a word is by its form; empty for none."""
    word = word.removesuffix("'s")
    if word in PROCEDURE_HEADS or word.removesuffix("s") in PROCEDURE_HEADS:
        return "procedure"
    if len(word) < _LEAST or word in NO_DRUGS:
        return ""
    if word.endswith(PROCEDURES):
        return "procedure"
    is_drug = word.endswith(DRUGS) or word.startswith(_DRUG_BEGINNINGS)
    return "medication" if is_drug else ""


def _item(scene: Scene, kind: str, start: int, end: int) -> Item:
    tokens = scene.tokens[start:end]
    text = scene.text[tokens[0].start : tokens[-1].end].casefold()
    text = " ".join(text.split())
    if kind == "procedure" and len(tokens) == 1:
        text = tokens[0].key
    entry = Entry(kind, text, BY_FORM, is_own=False)
    return Item("concept", start, end, text, (entry,))


def _word(scene: Scene, item: Item) -> str:
    return scene.tokens[item.end - 1].low


def _named(scene: Scene, items: Sequence[Item], at: int) -> Item | None:
    """Return a drug that is called so, or a procedure with the words that narrow it."""
    first = items[at]
    if first.kind == "word" and type_of(_word(scene, first)) == "medication":
        return _item(scene, "medication", first.start, first.end)
    if first.kind not in _SUCH or not _may(scene, first):
        return None
    end = at
    while end < len(items) and items[end].kind in _SUCH and _may(scene, items[end]):
        end += 1
    for last in range(end - 1, at - 1, -1):
        is_unknown = items[last].kind == "word"
        if is_unknown and type_of(_word(scene, items[last])) == "procedure":
            after = items[last + 1] if last + 1 < len(items) else None
            is_more = after is not None and _word(scene, after) in PROCEDURE_HEADS
            stop = after if after is not None and is_more else items[last]
            return _item(scene, "procedure", first.start, stop.end)
    return None


def _may(scene: Scene, item: Item) -> bool:
    """Tell whether a phrase may stand in the name of a procedure."""
    if item.kind == "concept":
        return any(e.kind in {"condition", "device"} for e in item.entries)
    return all(may_name(e.low) for e in scene.tokens[item.start : item.end])


def _measure(scene: Scene, items: Sequence[Item], at: int) -> Item | None:
    """Return a measurement: Zorb score, zorbin level over 5, NIHSS above 15."""
    first = items[at]
    if first.kind not in _SUCH or any(e.kind == "events" for e in first.entries):
        return None
    end = at
    while end < len(items) and _is_of_measure(scene, items[end], is_later=end > at):
        if _word(scene, items[end]) in MEASURES:
            return _with_head(scene, items, at, end)
        end += 1
    return _headless(scene, items, at, end)


def _is_of_measure(scene: Scene, item: Item, *, is_later: bool) -> bool:
    """Tell whether a phrase may stand in the name of a measurement."""
    word = _word(scene, item)
    if item.kind == "number":
        return is_later and not item.value[1] and item.end == item.start + 1
    if item.kind == "stop" or item.kind == "count":
        return is_later and word in MEASURES
    if item.kind == "word" and word in MEASURES:
        return is_later
    return item.kind in _SUCH and (item.kind != "word" or _may(scene, item))


def _with_head(scene: Scene, items: Sequence[Item], at: int, last: int) -> Item | None:
    run = items[at : last + 1]
    has_value = _has_value(scene, items, last + 1)
    if not has_value and _word(scene, items[last]) not in _SURE_MEASURES:
        return None
    if len(run) == 2 and any(e.kind == "observation" for e in run[0].entries):
        is_same = run[1].kind == "stop" or _word(scene, run[1]) in _SAME_MEASURES
        if is_same:
            return None  # our tables have it
    return _item(scene, "observation", run[0].start, run[-1].end)


def _headless(scene: Scene, items: Sequence[Item], at: int, end: int) -> Item | None:
    """Return an abbreviation with a value: NIHSS above 15, MELD of 20 or more."""
    while end > at and items[end - 1].kind == "number":
        end -= 1  # the value itself
    run = items[at:end]
    if not run or any(each.kind != "word" for each in run):
        return None
    before = items[at - 1].kind if at else "open"
    if before not in _SEEN or not _has_value(scene, items, end):
        return None
    last = scene.tokens[run[-1].end - 1]
    is_short = any(e.isupper() or e.isdigit() for e in last.text[1:])
    if not is_short or last.low.endswith(MEDICAL_ENDINGS):
        return None
    return _item(scene, "observation", run[0].start, run[-1].end)


def _has_value(scene: Scene, items: Sequence[Item], at: int) -> bool:
    """Tell whether a number follows that is compared."""
    while at < len(items) and items[at].kind in {"stop", "prep"}:
        if _word(scene, items[at]) not in _ASIDE:
            return False
        at += 1
    return at < len(items) and items[at].kind in {"compare", "number"}
