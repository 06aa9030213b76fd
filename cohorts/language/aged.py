"""Ages as they are said of people: now, at an event, at the first of some, at death."""

from typing import Any, Final

from cohorts.language.around import anchor_at
from cohorts.language.drafts import Draft, Group, Person, joined, merged
from cohorts.language.reader import Reader
from cohorts.language.scene import Item

Json = dict[str, Any]
_HAPPENED: Final = frozenset(
    ["suffered", "underwent", "developed", "diagnosed", "had", "got", "received"]
)
_THEN: Final = ("in ", "between the age", "from age", "between age")
_FIRST: Final = frozenset(["first", "initial"])
_LAST: Final = frozenset(["last", "recent"])


def read_aged(reader: Reader, at: int, item: Item) -> int:
    """Read an age: now, or at the event that was named."""
    found = item.value
    is_of_death = found.is_at_event or _follows_death(reader, at - 1)
    if reader.death is not None and is_of_death:
        # Whoever has an age at death is dead.
        if reader.death.members.get("deceased") is True:
            reader.death.members.pop("deceased")
        reader.death.members["age"] = {**found.bounds, "at": "death"}
        return reader.used(at, at + 1)
    is_then = (
        found.is_at_event
        or _is_of_event(reader, at, item)
        or _is_of_first(reader, at, item)
    )
    if is_then and reader.last:
        age_then(reader, reader.last, found.bounds, item)
        return reader.used(at, at + 1)
    if found.is_at_event:
        reader.state.refuse(item)  # at which event?
    add_age(reader, found.bounds, item)
    return reader.used(at, at + 1)


def _is_of_event(reader: Reader, at: int, item: Item) -> bool:
    """Tell whether "in their forties" follows what people suffered or underwent."""
    if not reader.last or not reader.says(at).startswith(_THEN):
        return False
    step, verb = at, ""
    while step > 0 and reader.state.kind(step) not in {"person", "age_group"}:
        step -= 1
        verb = verb or next(iter(_HAPPENED & set(reader.says(step).split())), "")
    return bool(verb) and not reader.state.choose(
        f"age@{item.start}",
        f"“{reader.state.said(item)}” is the age when it happened",
        "it is that of now",
    )


def _is_of_first(reader: Reader, at: int, item: Item) -> bool:
    """Tell whether "under the age of 50" follows a first heart attack."""
    last = reader.last[-1] if reader.last else None
    is_picked = last is not None and "pick" in last.members and not last.anchor
    return (
        is_picked
        and reader.state.kind(at - 1) in {"concept", "modality", "exam", "study"}
        and not reader.state.choose(
            f"age@{item.start}",
            f"“{reader.state.said(item)}” is the age when it happened",
            "it is that of now",
        )
    )


def _follows_death(reader: Reader, at: int) -> bool:
    while reader.state.kind(at) in {"stop", "prep"}:
        at -= 1
    return reader.state.kind(at) == "dead"


def age_then(reader: Reader, drafts: list[Draft], bounds: Json, item: Item) -> None:
    """Ask an age at events; at the first of all, not at the first at that age."""
    is_picked = any(each.members.get("pick") in {"first", "last"} for each in drafts)
    if not is_picked:
        for each in drafts:
            each.members["age"] = dict(bounds)
        return
    at = next((n for n, e in enumerate(reader.elements) if e is drafts[0]), None)
    if len(drafts) > 1 or at is None:
        reader.state.refuse(item)  # of several, or denied: no name can be given
        return
    person = Person({"age": {**bounds, "at": ""}}, aged_at=drafts[0])
    reader.elements[at] = Group("all", [drafts[0], person])


def read_at_time(reader: Reader, at: int, item: Item) -> int:
    """Read "at the time of a stroke": the age before it is that at the event."""
    if reader.state.kind(at + 1) == "dead" and reader.age is not None:
        reader.used(at, at + 1)
        return at + 1
    noun = anchor_at(reader, at + 1, item)
    if reader.age is None or noun is None:
        return at + 1
    person, _ = reader.age
    reader.age = None
    bounds = {k: v for k, v in person.members["age"].items() if k != "at"}
    reader.elements = [each for each in reader.elements if each is not person]
    drafts = noun.drafts
    words = set(reader.says(at).split())
    pick = "first" if _FIRST & words else "last" if _LAST & words else ""
    for each in drafts if pick else ():
        each.members["pick"] = pick
    if not any(each in reader.last or each in _all(reader) for each in drafts):
        reader.add_noun(noun)
    age_then(reader, drafts, bounds, item)
    return reader.used(at, max(noun.end, at + 1))


def is_aged_at(reader: Reader, at: int, item: Item) -> bool:
    """Tell whether "at" of "over 75 at hip fracture" stands there."""
    before = reader.state.item(at - 1)
    is_at = reader.state.said(item) in {"at", "upon"}
    if reader.age is None or before is None or not is_at:
        return False
    if before.start != reader.age[1]:
        return False
    step = at + 1
    while reader.state.kind(step) in {"stop", "their"}:
        step += 1
    return reader.state.kind(step) in {"concept", "modality", "exam", "first", "last"}


def _all(reader: Reader) -> list[Draft]:
    return [*reader.before, *reader.last]


def add_age(reader: Reader, bounds: Json, item: Item) -> None:
    """Ask an age of now, until it is said of an event."""
    _drop_wider(reader, bounds)
    person = Person({"age": {**bounds, "at": "now"}})
    last = reader.elements[-1] if reader.elements else None
    if reader.denial and isinstance(last, Group) and _are_left_out(last):
        # Of women over 70 none, not of all women.
        members = merged([*last.members, person])
        reader.elements[-1] = Group("not", [joined("all", members)])
        reader.age = None
        if not reader.excepts() and reader.denier is not None:
            reader.state.refuse(reader.denier)  # nobody, or none of them?
        return
    reader.part_before_verb() if reader.denial else None
    reader.elements.append(
        Group("not", [person]) if reader.denial and not reader.has_atoms() else person
    )
    reader.age = (person, item.start)


def _are_left_out(group: Group) -> bool:
    """Tell whether people are denied who were named, and nothing else yet."""
    inner = group.members[0] if group.kind == "not" else None
    return isinstance(inner, Person) and inner.is_noun


def _drop_wider(reader: Reader, bounds: Json) -> None:
    """Leave out "kids" of "kids under 5", who are younger than 18 anyway."""
    last = reader.elements[-1] if reader.elements else None
    if not isinstance(last, Person) or "age" not in last.members:
        return
    most = last.members["age"].get("lt", 0)
    limit = bounds.get("lt", bounds.get("lte", bounds.get("eq")))
    if set(last.members["age"]) == {"lt", "at"} and limit is not None and limit < most:
        last.members.pop("age")
        if not last.members:
            reader.elements.pop()
