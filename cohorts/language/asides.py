"""What is said around a question: greetings, and what it is asked for."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from cohorts.language.numbers import low, one_of
from cohorts.language.scene import Item, Scene

_GREETINGS: Final = frozenset(["hi", "hello", "hey", "dear", "greetings"])
_TIMES_OF_DAY: Final = frozenset(["morning", "afternoon", "evening", "day"])
_MOST_GREETING: Final = 6  # words
_MOST_BEFORE: Final = 3  # phrases between "for" and "study"
_ENDS: Final = frozenset([",", ";", ":", ".", "!", "-"])
_PURPOSES: Final = frozenset(
    [
        "study",
        "trial",
        "paper",
        "thesis",
        "audit",
        "project",
        "grant",
        "review",
        "phd",
        "dissertation",
        "research",
        "analysis",
        "publication",
        "manuscript",
        "abstract",
        "poster",
        "lecture",
        "teaching",
        "conference",
        "registry",
        "survey",
        "course",
        "presentation",
        "meeting",
        "application",
        "purposes",
        "purpose",
        "article",
        "proposal",
        "seminar",
        "talk",
        "journal",
        "planning",
        "statistics",
        "improvement",
        "master",
        "masters",
        "doctorate",
        "msc",
        "mdt",
        "rounds",
        "board",
        "tumorboard",
        "feasibility",
    ]
)
_REASONS: Final = tuple(
    tuple(each.split())
    for each in [
        "for",
        "as part of",
        "in preparation for",
        "in order to",
        "to",
        "we are",
        "we're",
        "i am",
        "i'm",
        "my",
        "our",
        "in the context of",
        "in connection with",
        "as preparation for",
        "on behalf of",
        "within",
        "i work on",
        "we work on",
        "i have",
        "we have",
        "i plan",
        "we plan",
        "this is for",
        "it is for",
    ]
)
_REQUESTS: Final = tuple(
    tuple(each.split())
    for each in [
        "i'd like",
        "i would like",
        "i need",
        "i want",
        "we need",
        "we want",
        "we'd like",
        "we would like",
        "please",
        "could you",
        "can you",
        "would you",
        "find",
        "show",
        "list",
        "give",
        "how many",
        "who",
        "which",
        "what",
        "looking for",
        "pull",
        "is there",
        "are there",
        "do we",
        "need",
        "want",
        "get me",
        "could we",
        "can i",
        "may i",
        "could i",
        "i am looking",
        "i'm looking",
        "we are looking",
        "we're looking",
        "identify",
    ]
)
_SAYING: Final = frozenset(
    [
        "age",
        "age_group",
        "compare",
        "when",
        "rel",
        "not",
        "neither",
        "nor",
        "tag",
        "tagno",
        "code",
        "number",
        "dead",
        "alive",
        "born",
        "lasting",
        "status",
        "same",
        "first",
        "last",
        "attime",
        "several",
        "smoke",
        "quoted",
        "cohort",
        "set",
    ]
)
_TOPICS: Final = frozenset(["concept", "modality", "exam", "body", "maker"])
_HARMLESS: Final = frozenset(
    ["stop", "word", "study", "project", "their", "prep", "and", "mark", "count"]
)


def without_asides(scene: Scene, items: Sequence[Item]) -> list[Item]:
    """Return phrases without greetings and reasons.

    What a reason is about, such as "for a study on stroke", comes last as a topic: it
    is told to be unused unless it is asked for as well.
    """
    start = _past_greeting(scene, items)
    end = _past_reason(scene, items, start)
    topics = [
        replace(each, kind="topic") for each in items[start:end] if each.kind in _TOPICS
    ]
    last = _purpose_behind(scene, items, end)
    rest = [_of_reason(scene, items, at, start) for at in range(end, last)]
    return [*rest, *topics] if rest else list(items)


def _of_reason(scene: Scene, items: Sequence[Item], at: int, start: int) -> Item:
    """Return "study" of "for a study of women" as nothing: no images are meant."""
    item = items[at]
    is_first = at - start <= _MOST_BEFORE and item.kind == "study"
    is_reason = is_first and one_of(scene.tokens, items[start].start, _REASONS)
    is_purpose = low(scene.tokens, item.start) in _PURPOSES
    return replace(item, kind="stop") if is_reason and is_purpose else item


def _past_greeting(scene: Scene, items: Sequence[Item]) -> int:
    tokens = scene.tokens
    is_good = low(tokens, 0) == "good" and low(tokens, 1) in _TIMES_OF_DAY
    if not (items and (low(tokens, 0) in _GREETINGS or is_good)):
        return 0
    for at, item in enumerate(items):
        is_end = low(tokens, item.start) in _ENDS
        if is_end or (at and one_of(tokens, item.start, _REQUESTS)):
            return at + is_end
        is_person = item.kind == "person" and not item.value
        is_plain = item.kind in _HARMLESS or item.kind == "command" or is_person
        if at > _MOST_GREETING or not is_plain:
            return 1
    return 0


def _past_reason(scene: Scene, items: Sequence[Item], start: int) -> int:
    """Return where a reason that stands first ends; where it begins, for none."""
    tokens = scene.tokens
    if start >= len(items) or not one_of(tokens, items[start].start, _REASONS):
        return start
    is_purpose = False
    for at in range(start, len(items)):
        item = items[at]
        if is_purpose and low(tokens, item.start) in _ENDS:
            return at + 1
        is_request = at > start and one_of(tokens, item.start, _REQUESTS)
        if is_purpose and is_request:
            return at
        if item.kind in _SAYING or item.kind == "person":
            return start
        words = tokens[item.start : item.end]
        is_purpose = is_purpose or any(each.low in _PURPOSES for each in words)
    return start


def _purpose_behind(scene: Scene, items: Sequence[Item], start: int) -> int:
    """Return where a reason that stands last begins: for my thesis."""
    end = len(items)
    while end > start and items[end - 1].kind in {"mark", "comma"}:
        end -= 1
    word = low(scene.tokens, items[end - 1].end - 1) if end > start else ""
    if word not in _PURPOSES:
        return len(items)
    at = end - 1
    while at > start and items[at].kind in _HARMLESS:
        is_reason = low(scene.tokens, items[at].start) in {"for", "as"}
        if is_reason and items[at].kind in {"prep", "stop"}:
            return at
        at -= 1
    return len(items)
