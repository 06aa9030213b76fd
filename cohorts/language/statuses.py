"""Statuses that are said in words: a cancelled order for, entered in error."""

from collections.abc import Sequence
from typing import Final

from cohorts.language.drafts import Draft
from cohorts.language.forms import BY_FORM
from cohorts.language.numbers import low, said
from cohorts.language.scene import Item, Scene
from cohorts.language.status_table import STATUSES

_TYPES: Final[dict[str, frozenset[str]]] = {}
_PHRASES: Final[list[tuple[tuple[str, ...], str]]] = []
_BEFORE: Final = ("", "marked as ", "marked ", "flagged as ", "status ", "status of ")
for _line in STATUSES.strip().splitlines():
    _code, _types, *_said = (each.strip() for each in _line.split("|"))
    _TYPES[_code] = frozenset(_types.split())
    for _before in (*_BEFORE, "status is ", "status was ", "with status "):
        for _phrase in _said:
            _PHRASES.append((tuple(f"{_before}{_phrase}".split()), _code))
_PHRASES.sort(key=lambda pair: -len(pair[0]))
_WORDS: Final = frozenset(["word", "stop", "prep", "not", "open"])
_ORDERS: Final = frozenset(
    [
        "order",
        "orders",
        "script",
        "scripts",
        "course",
        "courses",
        "infusion",
        "infusions",
        "injection",
        "injections",
        "refill",
        "refills",
    ]
)
_NOUNS: Final = frozenset(
    [
        "concept",
        "events",
        "modality",
        "exam",
        "study",
        "report",
        "slot",
        "word",
        "body",
        "start",
        "first",
        "last",
        "code",
        "stage",
        "contrast",
        "maker",
        "habit",
        "set",
    ]
)
_OF_MEDICATION: Final = frozenset(["medication", "start"])


def with_statuses(scene: Scene, items: Sequence[Item]) -> list[Item]:
    """Return phrases in which statuses, and orders of drugs, are what they say."""
    found: list[Item] = []
    at = 0
    while at < len(items):
        item = _status(scene, items, at) or _order(scene, items, at) or items[at]
        found.append(item)
        at += 1
        while at < len(items) and item.start <= items[at].start < item.end:
            at += 1
    return found


def _status(scene: Scene, items: Sequence[Item], at: int) -> Item | None:
    start = items[at].start
    for words, code in _PHRASES:
        if not said(scene.tokens, start, words):
            continue
        end = start + len(words)
        inside = [each for each in items[at:] if each.start < end]
        kinds = {each.kind for each in inside} - _WORDS
        kinds -= {"slot"} if code == "on-hold" else set()
        if inside[-1].end > end or kinds:
            return None
        if code in {"completed", "not-done"} and not _is_told(items, at, len(inside)):
            return None
        return Item("status", start, end, code)
    if low(scene.tokens, start) in {"stopped", "discontinued"}:
        return _stopped(items, at)
    return _active(scene, items, at)


def _is_told(items: Sequence[Item], at: int, length: int) -> bool:
    """Tell whether it is no verb of people: that was completed, not "who completed"."""
    before = items[at - 1].kind if at else ""
    after = items[at + length].kind if at + length < len(items) else ""
    return before == "stop" or after in {"slot", "events"}


def _stopped(items: Sequence[Item], at: int) -> Item | None:
    """Return "stopped" of "a stopped prescription of", which is no verb."""
    after = items[at + 1] if at + 1 < len(items) else None
    is_noun = after is not None and after.kind in {"slot", "events"}
    if after is None or not is_noun or after.value not in _OF_MEDICATION:
        return None
    return Item("status", items[at].start, items[at].start + 1, "stopped")


def _active(scene: Scene, items: Sequence[Item], at: int) -> Item | None:
    """Return "active" of "an active prescription of"."""
    start = items[at].start
    if low(scene.tokens, start) != "active" or items[at].kind != "stop":
        return None
    if low(scene.tokens, start + 1) not in {"prescription", "prescriptions", "order"}:
        return None
    return Item("status", start, start + 1, "active")


def _order(scene: Scene, items: Sequence[Item], at: int) -> Item | None:
    """Return "order for" where a drug follows."""
    item = items[at]
    if item.kind != "word" or low(scene.tokens, item.start) not in _ORDERS:
        return None
    if low(scene.tokens, item.end) not in {"for", "of"}:
        return None
    step = at + 2
    while step < len(items) and items[step].kind == "stop":
        step += 1
    after = items[step] if step < len(items) else None
    if after is None:
        return None
    is_drug = any(each.kind == "medication" for each in after.entries)
    is_by_form = any(each.more == BY_FORM for each in after.entries)
    if is_drug or (after.kind == "word" and not is_by_form):
        return Item("slot", item.start, item.end + 1, "medication")
    return None


def leads_to_noun(items: Sequence[Item], at: int) -> bool:
    """Tell whether an event is named after a status."""
    return at + 1 < len(items) and items[at + 1].kind in _NOUNS


def give_status(draft: Draft, code: str) -> bool:
    """Give an event a status; false where events of its type have no such status."""
    kind = "report" if draft.is_report and draft.type != "imaging" else draft.type
    types = _TYPES.get(code, frozenset(["medication"]))
    if draft.is_report and draft.type == "imaging":
        return False
    if kind not in types and "*" not in types:
        return False
    draft.members["status"] = [code]
    return True
