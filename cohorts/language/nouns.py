"""Events as they are named: three brain MRIs, stage 3 kidney disease."""

from typing import Final

from cohorts.language.before import Before, Noun, take_before
from cohorts.language.drafts import Draft
from cohorts.language.images import (
    add_tag,
    images_at,
    is_pictures,
    is_plural,
    report_at,
)
from cohorts.language.lexicon import CONCEPTS
from cohorts.language.name_words import (
    is_abbreviation,
    is_name,
    is_plausible,
    narrows,
    words_of_name,
)
from cohorts.language.names import chosen, named_at, source_of
from cohorts.language.state import State
from cohorts.language.statuses import give_status

_NAMED: Final = frozenset(
    ["concept", "events", "habit", "code", "admitted", "poly", "set"]
)
_HEADS: Final = frozenset(
    [
        "cancer",
        "carcinoma",
        "tumor",
        "tumour",
        "disease",
        "fracture",
        "diabetes",
        "surgery",
        "infection",
        "biopsy",
        "replacement",
        "transplant",
        "metastasis",
        "pain",
        "failure",
        "injury",
        "hemorrhage",
        "embolism",
        "lymphoma",
        "leukemia",
        "syndrome",
        "disorder",
        "sarcoma",
        "arthritis",
        "stenosis",
    ]
)


def noun_at(
    state: State, at: int, slot: str = "", *, is_output: bool = False
) -> Noun | None:
    """Return the event that is named there, and mark its words as read.

    Parameters
    ----------
    slot
        The type of event that is looked for, as a verb before it said.
    is_output
        Whether "CT and MRI scans" are one.
    """
    before = Before(slot=slot)
    start = at
    while take_before(state, at, before):
        at += 1
    item = state.item(at)
    if item is None:
        found = _unknown(state, at, before)
    elif item.kind in {"modality", "exam", "study", "scanned"} or is_pictures(item):
        found = images_at(state, at, before, is_output=is_output)
    elif item.kind == "report":
        found = report_at(state, at, before, is_output=is_output)
    elif item.kind in _NAMED:
        found = named_at(state, at, before)
    else:
        found = _shared(state, at, before) or _unknown(state, at, before)
    if found is None:
        return None
    for each in found.drafts:
        each.at = state.items[start].start if start < len(state.items) else 0
        _finish(each, before)
        if before.status and not give_status(each, before.status.value):
            state.refuse(before.status)
    state.use(range(start, found.end))
    return found


def _finish(draft: Draft, before: Before) -> None:
    """Give an event what stood before its noun."""
    if before.count:
        draft.members["count"] = dict(before.count)
    if before.pick:
        draft.members["pick"] = before.pick
    if draft.type != "imaging":
        return
    for made in before.made:
        add_tag(draft, made)
    for each in before.tags:
        add_tag(draft, each)


def _shared(state: State, at: int, before: Before) -> Noun | None:
    """Return "lung" of "lung or breast cancer", which share their last word."""
    item = state.item(at)
    if item is None or item.kind not in {"or", "and", "comma"}:
        return None
    if not (before.words or before.stages):
        return None
    images = _shared_images(state, at, before)
    if images is not None:
        return images
    step = at
    while (after := state.item(step)) is not None and after.kind in {
        *("or", "and", "comma", "body", "word", "stage"),
    }:
        step += 1
    if after is None or after.kind != "concept":
        return None
    are_bodies = all(e.kind == "body" for e in (*before.words, state.items[step - 1]))
    if any(e.kind == "word" and not narrows(state, e) for e in before.words):
        return None
    head = state.scene.tokens[after.end - 1].low
    narrowing = words_of_name(state, before.words)
    words = source_of(state, narrowing) if narrowing else " ".join(before.stages)
    phrase = f"{words} {head}"
    own = [e for e in state.scene.lexicon.named(phrase) if e.kind in CONCEPTS]
    if not own and head not in _HEADS and not are_bodies:
        return None
    text = own[0].name if own else phrase
    kind = own[0].kind if own else chosen(after, before.slot).kind
    if not own:
        last = state.items[at - 1]
        state.confirm(text, kind, (*before.words, last)[0], last)
    return Noun([Draft(kind, {"code": {"text": text}})], at)


def _shared_images(state: State, at: int, before: Before) -> Noun | None:
    """Return "chest" of "chest and abdominal CT", which share their modality."""
    if any(each.kind != "body" for each in before.words):
        return None
    step = at
    while (after := state.item(step)) is not None and after.kind in {
        *("or", "and", "comma", "body"),
    }:
        step += 1
    if after is None or after.kind != "modality":
        return None
    draft = Draft("imaging", {"modality": str(after.value).split()})
    draft.members["body"] = {"text": before.body}
    draft.is_plural = is_plural(state, after)
    return Noun([draft], at)


def _unknown(state: State, at: int, before: Before) -> Noun | None:
    """Return what nobody knows as it is written, where a name is looked for."""
    if not before.slot or all(each.kind == "body" for each in before.words):
        return None
    kind = {"start": "medication", "any": "condition"}.get(before.slot, before.slot)
    words = words_of_name(state, before.words)
    if not is_name(state, words):
        return None
    text = source_of(state, words)
    if before.stages:
        text = f"{text} {before.stages[0]}"
    state.confirm(text, kind, words[0], state.items[at - 1])
    if is_abbreviation(state, words):
        for each in words:
            state.refuse(each)
    if before.slot == "any":
        is_other = state.choose(
            f"kind@{words[0].start}", f"“{text}” is a diagnosis", "it is a procedure"
        )
        kind = "procedure" if is_other else kind
        if not is_plausible(state, words):
            for each in words:
                state.refuse(each)  # taken as a diagnosis, but hardly one
    return Noun([Draft(kind, {"code": {"text": text}})], at, words)
