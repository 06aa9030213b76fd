"""What stands before a noun: how many, which one, whose, and words that narrow it."""

from dataclasses import dataclass, field
from typing import Any, Final

from cohorts.language.drafts import Draft
from cohorts.language.scene import Item, made_by
from cohorts.language.state import State

_COUNTS: Final = frozenset(("compare", "number", "once", "twice", "thrice", "several"))


@dataclass(slots=True)
class Before:
    """What stands before the noun."""

    count: dict[str, Any] = field(default_factory=dict)
    pick: str = ""
    slot: str = ""
    words: list[Item] = field(default_factory=list)
    body: str = ""
    made: list[dict[str, str]] = field(default_factory=list)
    stages: tuple[str, ...] = ()
    tags: list[dict[str, Any]] = field(default_factory=list)
    items: list[int] = field(default_factory=list)
    status: Item | None = None


@dataclass(slots=True)
class Noun:
    """Events that are named together: any of them is meant.

    Attributes
    ----------
    unknown
        The words that nobody knows as a name.
    """

    drafts: list[Draft]
    end: int
    unknown: list[Item] = field(default_factory=list)


def take_before(state: State, at: int, before: Before) -> bool:
    """Take an item that stands before a noun; false where there is none."""
    item = state.item(at)
    if item is None:
        return False
    if item.kind in _COUNTS:
        return _take_count(state, at, item, before)
    if item.kind in {"slot", "start"}:
        return _take_verb(state, item, before)
    return _take_word(state, at, item, before)


def _take_verb(state: State, item: Item, before: Before) -> bool:
    """Take a verb: starting, a diagnosis of."""
    if item.kind == "start":
        before.pick = "first"
        before.slot = before.slot or "start"
        return True
    if before.words or before.slot not in {"", "any", "start"}:
        return False
    if before.count and not _is_counted(state, item):
        return False
    before.slot = item.value
    return True


def _take_word(state: State, at: int, item: Item, before: Before) -> bool:
    match item.kind:
        case "stop" | "their" | "both" | "either":
            return not before.words
        case "first" | "last":
            before.pick = item.kind
            if before.count:
                state.refuse(item)  # the three latest cannot be asked
        case "stage" | "status":
            return _take_quality(item, before)
        case "maker":
            before.made.append(made_by(item))
        case "contrast" | "plain" if _leads_to_image(state, at):
            exists = item.kind == "contrast"
            before.tags.append({"tag": "ContrastBolusAgent", "exists": exists})
        case "word" if _is_single(state, at, item):
            before.count = {"eq": 1}
        case "body" | "word":
            before.words.append(item)
            before.body = item.value if item.kind == "body" else before.body
        case "ask":
            state.ask(item, *item.value)
        case _:
            return False
    return True


def _take_quality(item: Item, before: Before) -> bool:
    """Take a stage, or the status of what comes: a cancelled order for."""
    if item.kind == "stage":
        before.stages = item.value
    elif before.words:
        return False
    else:
        before.status = item
    return True


def _is_single(state: State, at: int, item: Item) -> bool:
    return state.said(item) == "single" and _leads_to_image(state, at)


def _is_counted(state: State, item: Item) -> bool:
    """Tell whether a phrase is a noun that is counted: diagnoses of, not taking."""
    return state.said(item).split()[-1] in {"of", "for"}


def _leads_to_image(state: State, at: int) -> bool:
    kinds = {e.kind for e in state.items[at + 1 : at + 4]}
    return bool(kinds & {"modality", "exam", "study"})


def _take_count(state: State, at: int, item: Item, before: Before) -> bool:
    if before.words or before.count:
        return False
    if item.kind == "compare":
        before.count = {} if item.value.unit else dict(item.value.bounds)
        return bool(before.count)
    if item.kind == "number":
        return _take_number(state, at, item, before)
    if not _leads_to_noun(state, at):
        return False
    number = {"once": 1, "twice": 2, "thrice": 3}.get(item.kind, 2)
    before.count = {"gte": number}
    if item.kind == "several":
        state.assume(f"“{state.said(item)}” is 2 or more")
    return True


def _take_number(state: State, at: int, item: Item, before: Before) -> bool:
    """Take "two" of two CT scans, "3T" of 3T MRI."""
    number, unit = item.value
    if unit == "T" and _leads_to_image(state, at):
        strength = {"tag": "MagneticFieldStrength", "eq": number, "unit": "T"}
        before.tags.append(strength)
        return True
    if unit or not isinstance(number, int) or not _leads_to_noun(state, at):
        return False
    if number > 1 and before.pick:
        state.refuse(item)
    elif number > 1:
        is_exact = state.choose(
            f"count@{item.start}", f"{number} or more", f"exactly {number}"
        )
        before.count = {"eq" if is_exact else "gte": number}
    elif number == 0 or (number == 1 and not _is_article(state, item)):
        before.count = {"eq": number}
    return True


def _is_article(state: State, item: Item) -> bool:
    return state.scene.tokens[item.start].low == "one"


def _leads_to_noun(state: State, at: int) -> bool:
    for item in state.items[at + 1 : at + 6]:
        if item.kind in {"modality", "exam", "study", "concept", "events", "report"}:
            return True
        if item.kind not in {"word", "body", "stop", "maker", "contrast", "plain"}:
            return False
    return False
