"""A whole question: what is wanted, of whom, and the criteria."""

from typing import Any, Final

from cohorts.language.drafts import (
    Draft,
    Group,
    Node,
    Person,
    drafts_in,
    joined,
    merged,
    name_all,
    written,
)
from cohorts.language.outputs import written as outputs_written
from cohorts.language.reader import Reader
from cohorts.language.reading import read_criteria
from cohorts.language.state import State
from cohorts.language.wanted_first import is_of_such, wanted_before

Json = dict[str, Any]
_PEOPLE: Final = frozenset({"person", "age_group"})
_ASKED: Final = frozenset({"code", "value", "text", "count"})
_PATIENT: Final = {"what": "patient"}


def read_question(state: State) -> Json | None:
    """Return the criteria of a question as JSON; nothing where it says none."""
    head = _head(state)
    wanted = wanted_before(state, head) if head else None
    state.wants = wanted is not None
    if wanted is not None:
        reader, node = _criteria(state, wanted.end)
        drafts = wanted.drafts
        if wanted.outputs == [{"what": "count"}] and drafts:
            node = joined("all", [*([node] if node else []), *drafts])
            return _query(state, "studies", node, wanted.outputs, drafts)
        outputs = [*_of(wanted.outputs), *outputs_written(drafts)]
        if node is not None:
            node = _with_choices(state, node, [*drafts, *reader.output_drafts])
        return _query(state, "patients", node, [*outputs, *reader.outputs], drafts)
    reader, node = _criteria(state, 0)
    if node is None:
        return None
    is_counted = any(each.kind == "count" for each in state.items[: head or 0]) or (
        head is None and any(each.kind == "count" for each in state.items)
    )
    counted = [{"what": "count"}] if is_counted else []
    if head is None:
        return _headless(state, reader, node, counted)
    outputs = [*counted, *(e for e in reader.outputs if e not in counted)]
    outputs = outputs or _matching(state, node, head)
    node = _with_choices(state, node, reader.output_drafts)
    return _query(state, "patients", node, outputs, reader.output_drafts)


def _matching(state: State, node: Node, head: int) -> list[Json]:
    """Return what is wanted where events that were named first have conditions."""
    first = next(iter(drafts_in(node)), None)
    before = state.items[head].start
    for first in drafts_in(node):
        is_kind = first.type == "imaging" or "codes" in first.members.get("code", {})
        if not (first.is_plural and is_kind and first.at < before):
            continue
        output = {"what": "report" if first.is_report else first.type, "matching": True}
        if "modality" in first.members and not first.is_report:
            output["modality"] = first.members["modality"]
        return [output]
    return []


def _of(outputs: list[Json]) -> list[Json]:
    return [each for each in outputs if each["what"] == "count"]


def _head(state: State) -> int | None:
    """Return where people are named, of whom the question is."""
    for at, item in enumerate(state.items):
        if item.kind in _PEOPLE or is_of_such(state, at):
            return at
    return None


def _criteria(state: State, start: int) -> tuple[Reader, Node | None]:
    """Return the criteria from an item on; any, where kinds of people are named."""
    places = range(start + 1, len(state.items))
    cuts = [start, *(at for at in places if _is_other_people(state, at))]
    nodes: list[Node | None] = []
    first: Reader | None = None
    for at, end in zip(cuts, [*cuts[1:], len(state.items)], strict=True):
        reader, node = read_criteria(state, at, end)
        if first is None:
            first = reader
        else:
            first.outputs.extend(reader.outputs)
            first.output_drafts.extend(reader.output_drafts)
        nodes.append(node)
    found = [each for each in nodes if each is not None]
    if first is None or not found:
        return first or Reader(state, 0), None
    return first, joined("any", found)


def _is_other_people(state: State, at: int) -> bool:
    """Tell whether other people follow: men with …, or women with …."""
    if state.kind(at) not in _PEOPLE or not state.items[at].value:
        return False
    step = at - 1
    while step > 0 and state.kind(step) == "stop":
        step -= 1
    return state.kind(step) in {"or", "and"} and any(
        each.kind in {"open", "slot", "concept"} for each in state.items[:step]
    )


def _headless(
    state: State, reader: Reader, node: Node, counted: list[Json]
) -> Json | None:
    """Return a question that names no people: of studies, or of what patients had."""
    drafts = [each for each in _members(node) if isinstance(each, Draft)]
    picked = [e for e in drafts if e.type == "imaging" and "pick" in e.members]
    is_aged = any(isinstance(e, Person) and e.aged_at for e in _members(node))
    if picked and not counted and not is_aged:
        return _picked(state, node, picked[0])
    found = _of_images(state, node, counted) or _of_events(state, node, counted)
    if found is not None:
        return found
    outputs = [*counted, *reader.outputs]
    node = _with_choices(state, node, reader.output_drafts)
    return _query(state, "patients", node, outputs, reader.output_drafts)


def _of_images(state: State, node: Node, counted: list[Json]) -> Json | None:
    """Return a question of studies, or of their reports."""
    if not isinstance(node, Draft) or node.type != "imaging":
        return None
    output: Json = {"what": "report", "matching": True}
    if node.is_report and "report" in node.members:
        return _query(state, "patients", node, counted or [output], [])
    is_list = node.is_plural and "count" not in node.members
    if not (is_list or _is_commanded(state)):
        return None
    output["what"] = "imaging"
    if "modality" in node.members:
        output["modality"] = node.members["modality"]
    return _query(state, "studies", node, counted or [output], [])


def _of_events(state: State, node: Node, counted: list[Json]) -> Json | None:
    """Return a question of all events of a kind: the medications of 2022."""
    if not isinstance(node, Draft) or node.type == "imaging" or counted:
        return None
    if not node.is_plural or _ASKED & set(node.members):
        return None
    return _query(state, "events", node, [{"what": node.type, **node.members}], [])


def _is_commanded(state: State) -> bool:
    return any(each.kind in {"command", "count"} for each in state.items[:3])


def _picked(state: State, node: Node, image: Draft) -> Json | None:
    """Return "first CT before chemotherapy": that one is wanted."""
    pick = image.members.pop("pick")
    output = Draft(
        "imaging",
        {**image.members, "pick": pick},
        anchor=image.anchor,
        first=image.first,
        last=image.last,
        is_during=image.is_during,
        is_end=image.is_end,
    )
    return _query(state, "patients", node, [], [output])


def _query(
    state: State, find: str, node: Node | None, outputs: list[Json], drafts: list[Draft]
) -> Json | None:
    if node is None:
        return None
    node = joined("all", merged(_members(node)))
    late = [each for each in drafts if each.anchor is not None]
    name_all(node, late)
    for each in drafts_in(node):
        _tell_of_pick(state, each)
    for each in late:
        found = outputs_written([each])[0]
        found["when"] = each.window()
        outputs.append(found)
    _name_diagnosis(node, outputs)
    return {
        "v": 1,
        "find": find,
        "where": written(node),
        "output": outputs or [_PATIENT],
    }


def _tell_of_pick(state: State, draft: Draft) -> None:
    """Tell that the last of those above 9 % need not be the last of all."""
    members = draft.members
    if members.get("pick") in {"first", "last"} and {"value", "when"} & set(members):
        state.assume(
            f"the {members['pick']} is that of those to which the rest applies"
        )


def _members(node: Node) -> list[Node]:
    """Return all that have to hold."""
    is_all = isinstance(node, Group) and node.kind == "all"
    return list(node.members) if isinstance(node, Group) and is_all else [node]


def _with_choices(state: State, node: Node, drafts: list[Draft]) -> Node:
    """Return the criteria with what can be assumed otherwise: chips to switch."""
    members = _age_at_event(state, merged(_members(node)))
    held = {each.type for each in drafts_in(node)}
    for draft in drafts:
        if draft.type != "imaging" or draft.anchor is not None or draft.is_report:
            continue
        if "imaging" in held:
            continue
        name = "/".join(draft.members.get("modality", ())) or "images"
        if state.choose(
            f"required@{draft.at}",
            f"patients without {name} are found as well",
            f"only patients with {name}",
        ):
            more = {k: v for k, v in draft.members.items() if k != "pick"}
            members.append(Draft("imaging", more))
    return joined("all", members)


def _age_at_event(state: State, members: list[Node]) -> list[Node]:
    """Ask the age at a diagnosis, not now, where that was switched to."""
    first = members[0]
    events = [
        each
        for each in members
        if isinstance(each, Draft)
        and each.type in {"condition", "procedure"}
        and "age" not in each.members
    ]
    if not isinstance(first, Person) or "age" not in first.members or not events:
        return members
    if first.anchor is not None or first.members["age"]["at"] != "now":
        return members
    name = events[0].members.get("code", {}).get("text", events[0].type)
    if not state.choose("age", "the age is that of now", f"it is that at {name}"):
        return members
    bounds = {k: v for k, v in first.members["age"].items() if k != "at"}
    events[0].members["age"] = bounds
    rest = {k: v for k, v in first.members.items() if k != "age"}
    return [*([Person(rest)] if rest else []), *members[1:]]


def _name_diagnosis(node: Node, outputs: list[Json]) -> None:
    """Name the diagnosis of a time, so that what is listed can be held against it."""
    if all(each["what"] in {"patient", "count"} for each in outputs):
        return
    dated = [
        each
        for each in _members(node)
        if isinstance(each, Draft)
        and each.type == "condition"
        and "when" in each.members
    ]
    if len(dated) == 1 and not dated[0].name:
        dated[0].name = "dx"
