"""Windows of time, and events that lie around others."""

from dataclasses import replace
from typing import Any, Final

from cohorts.language.before import Noun
from cohorts.language.drafts import Draft, Group, Person, drafts_in, joined
from cohorts.language.nouns import noun_at
from cohorts.language.reader import JOINTS, Reader
from cohorts.language.relations import Relation
from cohorts.language.scene import Item
from cohorts.language.time_window import day_of_age

Json = dict[str, Any]
_DID: Final = frozenset(["get", "undergo", "take", "receive", "have", "had", "got"])


def read_when(reader: Reader, at: int, item: Item) -> int:
    """Read a window: of the nearest event left of it, else of the next one."""
    if reader.state.wants and reader.says(at - 1) in _DID:
        return at + 1  # what they got in 2022: said of what is wanted
    if reader.says(at) == "now":
        return reader.used(at, at + 1)  # older than 50 now: as if it was not said
    when = dict(item.value.when)
    if _is_aged_then(reader, at, item):
        return reader.used(at, at + 1)
    if item.value.rolling == "year":
        _rolling_year(reader, when, item)
    if " both " in f" {reader.state.said(item)} {reader.says(at - 1)} ":
        reader.state.refuse(item)  # in both years: of each, not from one to the other
    death = reader.death or reader.died_of
    if death is not None:
        death.members["deceased"] = {"when": when}
        return reader.used(at, at + 1)
    return _window_of_events(reader, at, item, when)


def _window_of_events(reader: Reader, at: int, item: Item, when: Json) -> int:
    """Read a window of events: of those before it, else of the next."""
    if not reader.last or item.value.is_of_next:
        if reader.output_drafts and not reader.elements:
            return at + 1
        reader.window = replace(item, value=item.value._replace(when=when))
        return reader.used(at, at + 1)
    if any("when" in each.members or each.anchor for each in reader.last):
        return at + 1
    if _is_of_each(reader, at):
        for each in _undated(reader):
            each.members["when"] = dict(when)
        return reader.used(at, at + 1)
    for each in _window_drafts(reader, item):
        each.members["when"] = when
    return reader.used(at, at + 1)


def _is_aged_then(reader: Reader, at: int, item: Item) -> bool:
    """Read "over 65 on 1 January 2020": the day that they had the age."""
    step = at - 1
    while reader.state.kind(step) == "stop":
        step -= 1
    before = reader.state.item(step)
    day = day_of_age(item.value.when, reader.state.said(item))
    if reader.age is None or before is None or before.start != reader.age[1] or not day:
        return False
    if reader.state.choose(
        f"aged@{item.start}",
        f"“{reader.state.said(item)}” is when they had that age",
        "it is when something happened",
    ):
        return False
    reader.age[0].members["age"]["at"] = day
    return True


def _is_of_each(reader: Reader, at: int) -> bool:
    """Tell whether "both" or "each" stands before the window: both in 2020."""
    return reader.says(at - 1) in {"both", "each", "all", "both of them", "all of them"}


def _undated(reader: Reader) -> list[Draft]:
    known = reader.known()
    return [e for e in known if "when" not in e.members and e.anchor is None]


def spread(reader: Reader) -> None:
    """Say a window that stood first, "in 2020, …", of all that has none."""
    first = reader.first_window
    if first is None or "when" not in first[1].members:
        return
    item, draft = first
    others = _undated(reader)
    if not others or reader.state.choose(
        f"first@{item.start}",
        f"“{reader.state.said(item)}” is said of all that follows",
        f"it is said of {_name_of(draft)} alone",
    ):
        return
    for each in others:
        each.members["when"] = dict(draft.members["when"])


def _window_drafts(reader: Reader, item: Item) -> list[Draft]:
    """Return the events that a window belongs to: the nearest, left of it."""
    if reader.denial == "neither":
        return [
            each
            for each in reader.known()
            if each.type == reader.last[-1].type and "when" not in each.members
        ]
    others = [
        each
        for each in reader.before
        if each not in reader.last and "when" not in each.members and not each.anchor
    ]
    if not others:
        return reader.last
    near, far = _name_of(reader.last[-1]), _name_of(others[-1])
    is_other = reader.state.choose(
        f"window@{item.start}",
        f"“{reader.state.said(item)}” is said of {near}",
        f"it is said of {far}, too",
    )
    return [*reader.last, *others] if is_other else reader.last


def _rolling_year(reader: Reader, when: Json, item: Item) -> None:
    year = reader.state.scene.today.year - 1
    if reader.state.choose(
        f"year@{item.start}",
        f"“{reader.state.said(item)}” is the twelve months until now",
        f"it is the year {year}",
    ):
        when.clear()
        when.update({"from": f"{year}-01-01", "to": f"{year}-12-31"})


def read_rel(reader: Reader, at: int, item: Item) -> int:
    """Read a relation: after surgery, within 30 days."""
    relation: Relation = item.value
    if relation.ask:
        options = (f"within {relation.ask}", f"at least {relation.ask}")
        reader.state.ask(item, relation.ask, options)
    if relation.kind == "then":
        return _then(reader, at, relation, reader.last)
    if relation.kind == "back":
        return _back(reader, at, item, relation)
    noun = anchor_at(reader, at + 1, item, relation.slot)
    if noun is None or len(noun.drafts) != 1:
        return at + 1
    _around(reader, relation, noun.drafts[0], item)
    return reader.used(at, max(noun.end, at + 1))


def _around(reader: Reader, relation: Relation, anchor: Draft, item: Item) -> None:
    """Let what was read last lie around an event."""
    if relation.is_within and reader.state.choose(
        f"within@{item.start}",
        f"“{reader.state.said(item)}” is after it",
        "it may be before it, too",
    ):
        relation = relation._replace(first=f"-{relation.last}")
    is_known = anchor in reader.known()
    if reader.death is not None:
        reader.death.members.pop("deceased", None)
        reader.death.anchor = anchor
        reader.death.first, reader.death.last = relation.first, relation.last
        reader.death.is_end = relation.is_end
        targets: list[Draft] = []
    else:
        targets = reader.last
    if targets:
        copies = reader.relate(relation, [anchor], targets)
        _wrap(reader, targets, [] if is_known else [anchor], copies)
    elif reader.death is not None and not is_known:
        _wrap_person(reader, reader.death, anchor)
    elif reader.death is None:
        reader.relation = (relation, [anchor])
        reader.elements.append(anchor)
    reader.before, reader.last = targets or reader.before, [anchor]
    reader.death = None


def _wrap_person(reader: Reader, person: Person, anchor: Draft) -> None:
    reader.elements = [
        Group("all", [anchor, person]) if each is person else each
        for each in reader.elements
    ]


def _wrap(
    reader: Reader, targets: list[Draft], anchors: list[Draft], copies: list[Draft]
) -> None:
    """Put an event before what lies around it."""
    if not (anchors or copies):
        return
    ids = {id(each) for each in targets}
    for at, each in enumerate(reader.elements):
        if not isinstance(each, str) and any(
            id(e) in ids for e in list(drafts_in(each))
        ):
            reader.elements[at] = joined("all", [*anchors, each, *copies])
            return


def _then(reader: Reader, at: int, relation: Relation, anchors: list[Draft]) -> int:
    if len(anchors) != 1:
        return at + 1
    if relation.first == "":
        reader.relation = (relation, anchors)
    else:
        reader.relation = (relation, anchors)
    if reader.elements and reader.elements[-1] not in JOINTS:
        reader.elements.append("and")
    reader.slot = "any"
    return reader.used(at, at + 1)


def _back(reader: Reader, at: int, item: Item, relation: Relation) -> int:
    """Read "afterwards", "within 2 months" beside what was named before."""
    word = reader.says(at).split()[0]
    last = reader.last[-1] if reader.last else None
    if last is not None and last.anchor is not None and relation.last:
        for each in reader.last:
            each.first, each.last = relation.first, relation.last
        return reader.used(at, at + 1)
    follows_noun = reader.state.kind(at - 1) not in {*JOINTS, "stop", "slot"}
    is_forward = word in {"then", "subsequent", "and"} or not follows_noun
    if is_forward and last is not None:
        return _then(reader, at, relation, reader.last)
    anchors = [each for each in reader.before if each not in reader.last]
    if last is None or len(anchors) != 1:
        return at + 1
    if word in {"within", "in"} and "count" in anchors[0].members:
        reader.state.refuse(item)  # two of them, close to each other
        return reader.used(at, at + 1)
    reader.relate(relation, anchors, reader.last)
    return reader.used(at, at + 1)


def anchor_at(reader: Reader, at: int, item: Item, slot: str = "any") -> Noun | None:
    """Return the event that another lies around: a new one, or one before."""
    step = at
    while reader.state.kind(step) in {"stop", "their"}:
        step += 1
    if reader.says(at) in {"it", "this", "that"} and step > at:
        before = [each for each in reader.known() if each not in reader.last]
        before = before or reader.last
        if not _is_noun(reader, step) and before:
            return Noun(before[-1:], reader.used(at, at + 1))
    words = reader.says(at - 1)
    is_diagnosis = _is_bare(reader, step, "condition")
    if "diagnos" in words and not is_diagnosis:
        known = reader.known_of("condition")
        if known is not None and not _is_noun(reader, step):
            return Noun([known], at)
    if is_diagnosis:
        known = reader.known_of("condition")
        if known is not None:
            return Noun([known], reader.used(step, step + 1))
    noun = noun_at(reader.state, at, slot)
    if noun is None or noun.end > reader.end:
        return None
    reader.is_fresh = False
    same = [
        each
        for each in reader.known()
        if len(noun.drafts) == 1
        and each.type == noun.drafts[0].type
        and each.members.get("code") == noun.drafts[0].members.get("code")
        and each.type != "imaging"
        and each not in reader.last
    ]
    return Noun(same[-1:], noun.end) if same else noun


def _is_noun(reader: Reader, at: int) -> bool:
    return reader.state.kind(at) in {
        *("concept", "word", "modality", "exam", "study", "body", "events"),
        *("habit", "code", "stage", "poly", "slot", "first", "last", "report"),
    }


def _is_bare(reader: Reader, at: int, kind: str) -> bool:
    item = reader.state.item(at)
    return item is not None and item.kind == "events" and item.value == kind


def _name_of(draft: Draft) -> str:
    code = draft.members.get("code", {})
    words = [*draft.members.get("modality", ()), code.get("text", "")]
    return " ".join(each for each in words if each) or draft.type
