"""Events of one encounter or one study: a drug in the same visit as a diagnosis."""

from typing import Final

from cohorts.language.numbers import low, said
from cohorts.language.reader import Reader
from cohorts.language.scene import Item, Scene

_INTO: Final = frozenset(
    ["in", "during", "at", "within", "on", "from", "of", "throughout"]
)
_THE: Final = frozenset(["the", "that", "this", "one", "a"])
_NAMES: Final = {
    **dict.fromkeys(
        (
            *(
                "hospital stay",
                "inpatient stay",
                "inpatient admission",
                "hospital visit",
            ),
            *("hospital admission", "clinic visit", "outpatient visit", "encounter"),
            *("emergency visit", "visit", "admission", "hospitalization", "stay"),
            *("hospitalisation", "appointment", "consultation", "inpatient visit"),
            *("hospital encounter", "hospital episode", "episode of care"),
        ),
        "encounter",
    ),
    **dict.fromkeys(
        (
            *("imaging study", "imaging session", "scan session", "scanning session"),
            *("study", "examination", "exam"),
        ),
        "study",
    ),
}
_PHRASES: Final = sorted(
    ((tuple(name.split()), kind) for name, kind in _NAMES.items()),
    key=lambda pair: -len(pair[0]),
)


def same_at(scene: Scene, at: int) -> Item | None:
    """Return "in the same encounter", "during the same hospital stay"."""
    tokens = scene.tokens
    start = at
    at += low(tokens, at) in _INTO
    at += low(tokens, at) in _THE
    if low(tokens, at) != "same":
        return None
    for words, kind in _PHRASES:
        if said(tokens, at + 1, words):
            return Item("same", start, at + 1 + len(words), kind)
    return None


def read_same(reader: Reader, at: int, item: Item) -> int:
    """Read that what was named last is of one encounter with what is named beside."""
    follows = reader.says(at + 1) in {"as", "with"}
    if follows and len(reader.last) == 1:
        reader.same = (item, reader.last[0])
        return reader.used(at, at + 2)
    others = [each for each in reader.before if each not in reader.last]
    if len(others) == 1 and len(reader.last) == 1:
        reader.last[0].be_with(others[0], item.value)
    return reader.used(at, at + 1)
