"""What has a name or a code: severe asthma, penicillin allergy, C50 and below."""

from typing import Final

from cohorts.language.before import Before, Noun
from cohorts.language.code_names import codes_at
from cohorts.language.drafts import Draft
from cohorts.language.forms import BY_FORM
from cohorts.language.images import is_plural
from cohorts.language.lexicon import CONCEPTS, Entry
from cohorts.language.name_words import narrows, words_of_name
from cohorts.language.scene import Item
from cohorts.language.state import State

_PREFERRED: Final = (
    *("condition", "procedure", "medication", "observation", "device", "encounter"),
    *("immunization", "allergy", "specimen"),
)


_ALLERGIC: Final = ("allergy", "immunization")


_STAGED: Final = frozenset({"chronic kidney disease"})
"""What a number from 1 to 5 alone is the stage of."""

_DOSES: Final = frozenset(["", "mg", "g", "mL", "ug/mL", "mg/mL"])
_VACCINES: Final = ("vaccin", "shot", "jab")
_IN_NAMES: Final = frozenset({"disease", "illness", "device"})


def named_at(state: State, at: int, before: Before) -> Noun:
    """Return what has a name, a code, or is all of a kind."""
    item = state.items[at]
    match item.kind:
        case "code":
            return codes_at(state, at, before)
        case "set" if item.value:
            return _saved_set(state, at, before)
        case "habit":
            entry = item.entries[0]
            draft = Draft("observation", {"code": {"text": entry.name}})
            draft.members["value"] = {"text": entry.more}
            return Noun([draft], at + 1)
        case "poly":
            return _several_meanings(state, at, before)
        case "admitted":
            return Noun([Draft("encounter", {"code": {"text": "inpatient"}})], at + 1)
        case "events":
            return _all_events(state, at, before)
        case _:
            return _concept(state, at, before)


def _several_meanings(state: State, at: int, before: Before) -> Noun:
    """Return what an abbreviation means, where the verb before it decides; or ask."""
    item = state.items[at]
    name, meanings = item.value
    pairs = [each.split(" ", 1) for each in meanings]
    fitting = [pair for pair in pairs if pair[0] == before.slot]
    for each in before.words:
        state.refuse(each)
    if len(fitting) == 1:
        kind, text = fitting[0]
        state.assume(f"{name} is {text}")
        return Noun([Draft(kind, {"code": {"text": text}})], at + 1)
    state.ask(item, f"code:{name}", [text for _, text in pairs])
    return Noun([Draft("condition", {"code": {"text": name.lower()}})], at + 1)


def _saved_set(state: State, at: int, before: Before) -> Noun:
    """Return what is in a set of concepts; a verb tells of what kind it is."""
    item = state.items[at]
    for each in before.words:
        state.refuse(each)
    kind = before.slot if before.slot in CONCEPTS else "condition"
    kind = "medication" if before.slot == "start" else kind
    if before.slot not in {*CONCEPTS, "start"} and state.choose(
        f"kind@{item.start}", f"{item.value} is of diagnoses", "it is of medications"
    ):
        kind = "medication"
    return Noun([Draft(kind, {"code": {"set": item.value}})], at + 1)


def _all_events(state: State, at: int, before: Before) -> Noun:
    """Return all events of a kind: any allergies; or of a name before it."""
    item = state.items[at]
    entry = next(each for each in item.entries if each.kind == "events")
    words = words_of_name(state, before.words)
    if words and entry.name not in {"observation", "document"}:
        last = item if state.said(item) in _IN_NAMES else words[-1]
        text = source_of(state, words)
        if last is item:
            text = state.source(words[0].start, item.end)
        draft = Draft(entry.name, {"code": {"text": text}})
        state.confirm(text, entry.name, words[0], last)
        return Noun([draft], at + 1)
    draft = Draft(entry.name, is_plural=is_plural(state, item))
    if entry.more:
        draft.members["category"] = entry.more
    for each in before.words:
        state.refuse(each)
    return Noun([draft], at + 1)


def source_of(state: State, items: list[Item]) -> str:
    """Return words as they are written."""
    return state.source(items[0].start, items[-1].end)


def chosen(item: Item, slot: str) -> Entry:
    """Return what a name means here: what the verb before it wants, if it can."""
    concepts = [each for each in item.entries if each.kind in CONCEPTS]
    wanted = [each for each in concepts if each.kind == slot]
    if slot == "start":
        wanted = [e for e in concepts if e.kind in {"medication", "procedure"}]
    own = [each for each in concepts if each.is_own] or concepts
    ranked = sorted(own, key=lambda each: _PREFERRED.index(each.kind))
    return (wanted or ranked)[0]


def _concept(state: State, at: int, before: Before) -> Noun:
    item = state.items[at]
    entry = chosen(item, "observation" if _is_measured(state, at + 1) else before.slot)
    if entry.more == BY_FORM:
        state.confirm(entry.name, entry.kind, item, item)
    kind = before.slot if before.slot in _ALLERGIC else entry.kind
    is_vaccine = any(word in state.said(item) for word in _VACCINES)
    is_had = before.slot in {"condition", "any"}
    if is_had and kind == "immunization" and not is_vaccine:
        kind = "condition"  # diagnosed with measles, which the vaccine is named after
    text = entry.name
    if before.words:
        text = _with_words(state, item, entry, before)
    end, kind, stages = _after_concept(state, at + 1, kind, before)
    text, end = _of_organ(state, at, end, text)
    texts = [f"{text} {each}" for each in stages] or [text]
    texts = [_own_name(state, each) for each in texts]
    if kind in {"allergy", "immunization"}:
        texts = [each.removesuffix(" vaccine") for each in texts]
    end = _strength(state, end, kind, texts)
    drafts = [Draft(kind, {"code": {"text": each}}) for each in texts]
    for each in drafts:
        each.is_plural = is_plural(state, item)
    return Noun(drafts, end)


def _is_measured(state: State, at: int) -> bool:
    """Tell whether a value follows, of which there are doses of no drug."""
    item = state.item(at)
    return item is not None and item.kind == "compare" and item.value.unit not in _DOSES


def _own_name(state: State, text: str) -> str:
    """Return what our lexicon calls it, as for "type 2" beside "diabetes"."""
    entries = [e for e in state.scene.lexicon.named(text) if e.kind in CONCEPTS]
    return entries[0].name if entries else text


def _with_words(state: State, item: Item, entry: Entry, before: Before) -> str:
    """Return a name with the words before it, which narrow it: severe asthma."""
    words = words_of_name(state, before.words)
    if not words:
        return entry.name
    last = words[-1]
    if state.items[state.items.index(last) + 1].start != item.start:
        for each in words:
            state.refuse(each)
        return entry.name
    whole = state.source(words[0].start, item.end)
    own = state.scene.lexicon.named(whole)
    if own:
        return own[0].name
    text = f"{source_of(state, words)} {entry.name}"
    state.confirm(text, entry.kind, words[0], item)
    for each in words:
        if each.kind == "word" and not narrows(state, each):
            state.refuse(each)  # it may be no part of the name
    return text


def _after_concept(
    state: State, at: int, kind: str, before: Before
) -> tuple[int, str, tuple[str, ...]]:
    """Read a stage, or the noun of a kind, after a name: penicillin allergy."""
    stages = before.stages
    while (item := state.item(at)) is not None:
        if item.kind == "stage":
            stages = item.value
        elif _is_stage(state, at, item, before):
            stages = (f"stage {item.value[0]}",)
        elif item.kind == "events" and item.value in {"allergy", "immunization"}:
            kind = str(item.value)
        elif item.kind == "events" and item.value in CONCEPTS:
            entry = next(e for e in item.entries if e.kind == "events")
            if entry.name != kind and entry.name != "observation":
                kind = entry.name
        elif not (item.kind == "stop" and state.said(item) in _READ) and not (
            kind == "medication" and state.said(item) in _USES
        ):
            break
        at += 1
    return at, kind, stages


def _is_stage(state: State, at: int, item: Item, before: Before) -> bool:
    """Tell whether a number alone is the stage of a name: CKD 4."""
    if item.kind != "number" or item.value[1] or before.stages:
        return False
    name = state.items[at - 1]
    return item.value[0] in range(1, 6) and any(e.name in _STAGED for e in name.entries)


_USES: Final = frozenset(["therapy", "treatment", "use", "usage"])
_READ: Final = frozenset(
    [
        "reading",
        "readings",
        "level",
        "levels",
        "value",
        "values",
        "result",
        "results",
        "measurement",
        "measurements",
        "test",
        "tests",
        "number",
        "numbers",
        "case",
        "cases",
    ]
)


def _of_organ(state: State, at: int, end: int, text: str) -> tuple[str, int]:
    """Return "fracture of the ankle" as one name."""
    item = state.item(end)
    if item is None or item.kind != "prep" or state.said(item) != "of":
        return text, end
    step = end + 1
    while (item := state.item(step)) is not None and item.kind == "stop":
        step += 1
    if item is None or item.kind != "body":
        return text, end
    for phrase in (f"{item.value} {text}", f"{text} of {item.value}"):
        own = state.scene.lexicon.named(phrase)
        if own:
            return own[0].name, step + 1
    source = state.source(state.items[at].start, item.end)
    state.confirm(source, "condition", state.items[at], item)
    return source, step + 1


def _strength(state: State, at: int, kind: str, texts: list[str]) -> int:
    """Read how strong a drug is: lisinopril 10 mg."""
    item = state.item(at)
    if kind != "medication" or item is None or item.kind != "number":
        return at
    if item.value[1] not in _DOSES - {""}:
        return at
    texts[:] = [f"{each} {state.source(item.start, item.end)}" for each in texts]
    return at + 1
