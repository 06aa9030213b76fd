"""What is wanted of those who are found: medications, CT scans, their reports."""

from dataclasses import dataclass, field
from typing import Any, Final

from cohorts.language.before import Noun
from cohorts.language.drafts import Draft
from cohorts.language.nouns import noun_at
from cohorts.language.state import State

Json = dict[str, Any]
_BETWEEN: Final = frozenset(
    [
        "stop",
        "prep",
        "and",
        "comma",
        "their",
        "command",
        "mark",
        "open",
        "slot",
        "both",
        "person",
        "mention",
        "machine",
    ]
)
_NOUNS: Final = frozenset(
    [
        "modality",
        "exam",
        "study",
        "events",
        "report",
        "body",
        "first",
        "last",
        "maker",
        "concept",
        "contrast",
        "plain",
        "number",
    ]
)

_UNWANTED: Final = frozenset(["value", "count", "series", "tags", "instances", "age"])


@dataclass
class Wanted:
    """Outputs, where their words end, and what they were read from."""

    outputs: list[Json] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    end: int = 0


def wants_output(state: State, at: int, *, is_first: bool) -> bool:
    """Tell whether something is wanted there: "their medications", "what drugs"."""
    item = state.item(at)
    if item is None or is_first:
        return False
    step = at
    is_told = item.kind in {"command", "count", "their"}
    while state.kind(step) in {"stop", "their", "command"}:
        is_told = is_told or _says(state, step) in {"what", "which"}
        step += 1
    return is_told and state.kind(step) in _NOUNS | {"count"}


def _says(state: State, at: int) -> str:
    item = state.item(at)
    return state.said(item) if item else ""


def outputs_at(state: State, at: int, end: int) -> Wanted | None:
    """Return the outputs that are named from there on; nothing where there are none."""
    wanted = Wanted(end=at)
    step = at
    while step < end:
        kind = state.kind(step)
        if kind == "count":
            wanted.outputs.append({"what": "count"})
            step = wanted.end = step + 1
        elif kind in _NOUNS:
            after = _noun(state, step, wanted)
            if after is None or after > end:
                break
            step = wanted.end = after
        elif kind == "when" and wanted.drafts:
            wanted.drafts[-1].members["when"] = state.items[step].value.when
            step = wanted.end = step + 1
        elif kind == "person" and not wanted.outputs:
            break
        elif kind in _BETWEEN:
            step += 1
        else:
            break
    if not (wanted.outputs or wanted.drafts):
        return None
    state.use(range(at, wanted.end))
    wanted.outputs.extend(written(wanted.drafts))
    return wanted


def _noun(state: State, at: int, wanted: Wanted) -> int | None:
    noun = noun_at(state, at, is_output=True)
    if noun is None:
        return None
    noun = _reports_of(state, noun)
    if not all(map(_may_be_wanted, noun.drafts)):
        return None
    wanted.drafts.extend(noun.drafts)
    return noun.end


def _reports_of(state: State, noun: Noun) -> Noun:
    """Return "reports of chest CTs" as the reports of these."""
    is_bare = len(noun.drafts) == 1 and noun.drafts[0].is_report
    if not is_bare or "modality" in noun.drafts[0].members:
        return noun
    if state.kind(noun.end) != "prep":
        return noun
    images = noun_at(state, noun.end + 1, is_output=True)
    if images is None or any(each.type != "imaging" for each in images.drafts):
        return noun
    for each in images.drafts:
        each.is_report = True
    state.use(range(noun.end, images.end))
    return images


def _may_be_wanted(draft: Draft) -> bool:
    """Tell whether an output can say what was read: its members, no attributes."""
    is_named = "code" in draft.members and draft.type != "observation"
    return not is_named and not set(draft.members) & _UNWANTED


def written(drafts: list[Draft]) -> list[Json]:
    """Return events that were named as what is wanted of them."""
    has_images = any(each.type == "imaging" and not each.is_report for each in drafts)
    found: list[Json] = []
    for each in drafts:
        output = _output(each, has_images=has_images)
        if output not in found:
            found.append(output)
    return found


def _output(draft: Draft, *, has_images: bool) -> Json:
    members = draft.members
    if draft.is_report:
        output: Json = {"what": "report"}
        if draft.type == "imaging" or has_images:
            output["of"] = "imaging"
        for name in ("modality", "body") if not has_images else ():
            if name in members:
                output[name] = members[name]
        return output
    output = {"what": draft.type}
    for name in ("modality", "body", "code", "category", "when", "pick"):
        if name in members:
            output[name] = members[name]
    return output
