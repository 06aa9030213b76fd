"""What was read, held against the criteria that came of it: nothing is lost silently.

Readers mark phrases as read. This module looks at the criteria alone: what a phrase
says has to be found there (its number, its window, a denial), else it is unused.
"""

from collections.abc import Callable
from typing import Any, Final

from cohorts.language.facts import Facts, facts_of
from cohorts.language.scene import Item
from cohorts.language.state import State
from cohorts.language.text import category_of
from cohorts.language.time_window import day_of_age

Json = Any
_ONLY: Final = frozenset(["only", "just"])
_MODAL: Final = frozenset(["will", "should", "might", "would", "must"])


def unaccounted(state: State, criteria: Json) -> list[Item]:
    """Return what was read and says something that the criteria do not."""
    facts = facts_of(criteria)
    found = [
        item
        for item in state.read()
        if (is_there := _CHECKS.get(item.kind)) and not is_there(state, facts, item)
    ]
    return [
        *found,
        *_too_many(state, facts),
        *_exclusive(state),
        *_topics(state, facts),
        *_not_yet(state),
    ]


def _too_many(state: State, facts: Facts) -> list[Item]:
    """Return denials and relations of which there are more than in the criteria."""
    kinds: dict[str, list[Item]] = {"not": [], "rel": []}
    for item in state.read():
        if item.kind in kinds and not _is_told_else(state, item):
            kinds[item.kind].append(item)
    held = {
        "not": facts.denials,
        "rel": facts.keys.get("near", 0) + facts.keys.get("during", 0),
    }
    return [e for kind, all_ in kinds.items() for e in all_[held[kind] :]]


def _is_told_else(state: State, item: Item) -> bool:
    """Tell whether it is looked for by what it says: 30 days; did not survive."""
    if item.kind == "rel":
        return bool(_distances(item))
    at = state.items.index(item) + 1
    while state.kind(at) == "stop":
        at += 1
    return state.kind(at) == "alive"


def _exclusive(state: State) -> list[Item]:
    """Return "only" where it is said of something: criteria cannot say so.

    "Show only CT studies" says no more than "show CT studies".
    """
    found, is_said = [], False
    for item in state.items:
        said = state.said(item)
        if is_said and item.kind == "stop" and said in _ONLY:
            found.append(item)
        is_said = is_said or item.kind not in {"stop", "command", "count", "their"}
    return found


def _not_yet(state: State) -> list[Item]:
    """Return "will" and "should" of people: that it happened is all that is asked."""
    pairs = zip(state.items, state.items[1:], strict=False)
    return [
        item
        for before, item in pairs
        if item.kind == "stop"
        and state.said(item) in _MODAL
        and before.kind in {"open", "person", "age_group"}
    ]


def _topics(state: State, facts: Facts) -> list[Item]:
    """Return what a reason is about, "for a trial of metformin", and nothing asks."""
    topics = [each for each in state.items if each.kind == "topic"]
    return [each for each in topics if not _images(state, facts, each)]


def _distances(item: Item) -> set[str]:
    return {item.value.first, item.value.last} - {"", "P0D"}


def _relation(state: State, facts: Facts, item: Item) -> bool:
    return all(each.casefold() in facts.strings for each in _distances(item))


def _bounds(facts: Facts, bounds: dict[str, float]) -> bool:
    """Tell whether bounds are there, and leave anything between them."""
    low = max((v for k, v in bounds.items() if k[0] == "g"), default=None)
    high = min((v for k, v in bounds.items() if k[0] == "l"), default=None)
    if low is not None and high is not None and low > high:
        return False
    return all((name, float(value)) in facts.bounds for name, value in bounds.items())


def _compare(state: State, facts: Facts, item: Item) -> bool:
    unit = item.value.unit
    return _bounds(facts, item.value.bounds) and (not unit or facts.says(unit))


def _number(state: State, facts: Facts, item: Item) -> bool:
    number, unit = item.value
    is_article = state.said(item) in {"one", "a"}
    return is_article or (
        float(number) in facts.numbers and (not unit or facts.says(unit))
    )


def _age(state: State, facts: Facts, item: Item) -> bool:
    return _bounds(facts, item.value.bounds)


def _when(state: State, facts: Facts, item: Item) -> bool:
    """Tell whether the window is there, or the birth or the year that it was made."""
    when = item.value.when
    if when in facts.windows or facts.has("birth"):
        return True
    day = day_of_age(when, state.said(item))
    if day and facts.ages_at == {day}:
        return True
    return item.value.rolling == "year" and bool(facts.windows)


def _named(state: State, facts: Facts, item: Item) -> bool:
    """Tell whether a name is there: as it is called, or as it is written."""
    names = [each.name for each in item.entries] or [str(item.value)]
    said = state.said(item)
    words = [said, " ".join(e.key for e in state.tokens(item))]
    if "fever" in names and facts.says("body temperature"):
        return True
    return any(map(facts.says, (*names, *words)))


def _images(state: State, facts: Facts, item: Item) -> bool:
    return any(
        all(map(facts.says, (each.more or each.name).split()))
        for each in item.entries
        if each.kind in {"modality", "exam"}
    ) or _named(state, facts, item)


def _person(state: State, facts: Facts, item: Item) -> bool:
    return not item.value or facts.says(str(item.value))


def _value(state: State, facts: Facts, item: Item) -> bool:
    value = item.value[1] if item.kind == "code" else item.value
    return facts.says(category_of(str(value)))


def _is_dead(state: State, facts: Facts, item: Item) -> bool:
    return facts.has("deceased") or facts.says("death")


def _member(*keys: str) -> "_Check":
    def is_there(state: State, facts: Facts, item: Item) -> bool:
        return facts.has(*keys)

    return is_there


def _word(*words: str) -> "_Check":
    def is_there(state: State, facts: Facts, item: Item) -> bool:
        return any(map(facts.says, words))

    return is_there


_Check = Callable[[State, Facts, Item], bool]
_CHECKS: Final[dict[str, _Check]] = {
    "compare": _compare,
    "number": _number,
    "age": _age,
    "when": _when,
    "rel": _relation,
    **dict.fromkeys(("concept", "body", "maker", "place"), _named),
    **dict.fromkeys(("modality", "exam"), _images),
    "person": _person,
    **dict.fromkeys(("quoted", "tag", "tagno", "code"), _value),
    "age_group": _member("age"),
    **dict.fromkeys(("cohort", "set"), _value),
    "attime": _member("age"),
    **dict.fromkeys(("first", "last"), _member("pick")),
    **dict.fromkeys(("several", "twice", "thrice", "times"), _member("count", "n")),
    **dict.fromkeys(("neither", "nor"), lambda s, facts, i: facts.denials > 0),
    **dict.fromkeys(("contrast", "plain"), _word("contrastbolusagent", "contrast")),
    **dict.fromkeys(("smoke", "unsmoke", "neversmoke", "exsmoke"), _word("smok")),
    "dead": _is_dead,
    "alive": _member("deceased"),
    "born": _member("birth"),
    "mention": _member("phrase", "all", "any", "none", "contains"),
    "stopped": _member("status"),
    "below": _member("descendants"),
    "count": _word("count"),
    "instances": _member("instances", "series", "event"),
    "site": _member("site"),
    "same": _member("same"),
    "status": _value,
    "project": _member("project"),
    "notboth": _member("not"),
    "weighing": _word("body weight"),
}
