"""What is wanted, where that is said before whom it is wanted of."""

from typing import Final

from cohorts.language.outputs import Wanted, outputs_at
from cohorts.language.state import State

_ASIDE: Final = frozenset(
    ["stop", "command", "mark", "comma", "prep", "count", "when", "both"]
)
_IMAGES: Final = frozenset(["modality", "exam", "study", "scanned"])
_SUCH: Final = ("ics", "ives", "smokers")
_OPENING: Final = frozenset(["stop", "command", "word", "prep", "their"])
_OF_PEOPLE: Final = frozenset(["concept", "stage", "habit"])


def wanted_before(state: State, head: int) -> Wanted | None:
    """Return what is wanted, where that is said before whom it is wanted of."""
    kinds = {each.kind for each in state.items[:head]}
    if kinds & {"compare", "tag", "tagno", "rel", "not", "neither", "dead", "age"}:
        return None
    if not kinds & {*_IMAGES, "events", "report", "concept"}:
        return None
    first = next(
        (at for at, each in enumerate(state.items) if each.kind not in _OPENING), 0
    )
    wanted = outputs_at(state, first, head)
    if wanted is None:
        return None
    if _is_said_of(state, head):
        return None
    begin = _begin_of_people(state, wanted.end, head)
    rest = {each.kind for each in state.items[wanted.end : begin]}
    if rest - {*_ASIDE, "open", "slot", "their", "and"}:
        return None
    state.use(at for at in range(begin) if state.kind(at) != "word")
    wanted.outputs = [each for each in wanted.outputs if each["what"] == "count"]
    wanted.end = begin
    return wanted


def _begin_of_people(state: State, at: int, head: int) -> int:
    """Return where people begin: "stroke patients", after "of" or "for"."""
    begin = head
    if is_of_such(state, head):
        return head
    while begin > at and state.kind(begin - 1) in _OF_PEOPLE:
        begin -= 1
    step = begin - 1
    while step >= at and state.kind(step) in {"stop", "prep"}:
        if state.said(state.items[step]).split()[0] in {"of", "for"}:
            return begin
        step -= 1
    return head


def is_of_such(state: State, at: int) -> bool:
    """Tell whether people are called by what they have: labs of diabetics."""
    item = state.items[at]
    is_such = item.kind == "habit" or (
        item.kind == "concept" and state.said(item).endswith(_SUCH)
    )
    step = at - 1
    while step > 0 and state.kind(step) == "stop":
        step -= 1
    return (
        is_such
        and step > 0
        and state.kind(step) == "prep"
        and state.said(state.items[step]) in {"of", "for"}
    )


def _is_said_of(state: State, head: int) -> bool:
    """Tell whether people are named as those with it: mammograms in women."""
    step = head - 1
    while step > 0 and state.kind(step) == "stop":
        step -= 1
    return state.said(state.items[step]) in {"in", "among", "amongst"}
