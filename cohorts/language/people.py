"""What is said of people: gender, age, birth, death, places, smoking."""

from datetime import date, timedelta
from typing import Any, Final

from cohorts.language.around import anchor_at
from cohorts.language.drafts import Draft, Group, Person, Saved, joined, merged
from cohorts.language.reader import Reader
from cohorts.language.scene import Item

Json = dict[str, Any]
_HAPPENED: Final = frozenset(
    ["suffered", "underwent", "developed", "diagnosed", "had", "got", "received"]
)
_HAVING: Final = frozenset(
    ["with", "no", "with no", "without", "having", "who have", "who had", "that have"]
)
_THEN: Final = ("in ", "between the age", "from age", "between age")
_NARROWING: Final = frozenset(["concept", "habit", "word"])
_FIRST: Final = frozenset(["first", "initial"])
_LAST: Final = frozenset(["last", "recent"])
_AT: Final = frozenset(["at", "when", "upon", "at the time of", "at time of"])


def read_person(reader: Reader, at: int, item: Item) -> int:
    """Read women, men, children; "with children" says nothing of who is asked of."""
    entry = item.entries[0]
    step = at - 1
    while reader.state.kind(step) in {"stop", "number", "compare"}:
        step -= 1
    if entry.kind == "age" and reader.says(step) in _HAVING:
        return at + 1
    if entry.kind == "age":
        reader.add(Person(_group_of_age(entry.more), is_noun=True))
    elif entry.name:
        _add_gender(reader, at, Person({"gender": entry.name}, is_noun=True))
    reader.slot = reader.slot or ""
    return reader.used(at, at + 1)


def _add_gender(reader: Reader, at: int, person: Person) -> None:
    """Take women: those that are left out with what narrows them: pregnant women."""
    last = reader.elements[-1] if reader.elements else None
    is_narrowed = reader.state.kind(at - 1) in _NARROWING and reader.denial
    if not (is_narrowed and isinstance(last, Group) and last.kind == "not"):
        reader.add(person)
    elif reader.excepts():
        reader.elements[-1] = Group("not", [joined("all", [person, *last.members])])
    else:
        reader.elements.append(person)  # women who are not pregnant
        reader.denial = ""


def read_dead(reader: Reader, at: int, item: Item) -> int:
    """Read that people died, or are alive."""
    if item.kind == "dead" and reader.age is not None and _is_then(reader, at - 1):
        reader.age[0].members["age"]["at"] = "death"
        reader.age = None
        return reader.used(at, at + 1)
    reader.part_before_verb()
    person = Person({"deceased": item.kind == "dead"})
    reader.add(person)
    reader.death, reader.last = person if item.kind == "dead" else None, []
    return reader.used(at, at + 1)


def _is_then(reader: Reader, at: int) -> bool:
    """Tell whether "at", "when they" or "at the time of" stands there."""
    while reader.state.kind(at) in {"stop", "their"} and reader.says(at) not in _AT:
        at -= 1
    return reader.state.kind(at) == "attime" or reader.says(at) in _AT


def read_born(reader: Reader, at: int, item: Item) -> int:
    """Read when people were born."""
    step = at + 1
    window = reader.state.item(step)
    if window is None or window.kind != "when":
        return at + 1
    when, word = window.value.when, reader.says(step).split()[0]
    if "last" in when:
        return at + 1
    birth = {}
    if when["from"]:
        birth["gte"] = when["from"]
    if when["to"]:
        birth["lte"] = when["to"]
    birth = _as_written(birth, word)
    reader.add(Person({"birth": birth}))
    return reader.used(at, step + 1)


def read_place(reader: Reader, at: int, item: Item) -> int:
    """Read a site or a project."""
    step = at + 1
    while reader.state.kind(step) in {"stop", "prep", "mark"}:
        step += 1
    name = reader.state.item(step)
    if name is None or name.kind not in {"quoted", "word", "place"}:
        return at + 1
    text = reader.state.said(name) if name.kind == "word" else name.value
    reader.add(Person({item.kind: " ".join(str(text).casefold().split())}))
    return reader.used(at, step + 1)


def read_cohort(reader: Reader, at: int, item: Item) -> int:
    """Read that people are in a cohort that was saved."""
    if not item.value:
        return at + 1
    reader.add(Saved(" ".join(item.value.split())))
    return reader.used(at, at + 1)


def read_known_place(reader: Reader, at: int, item: Item) -> int:
    """Read the name of a site that the installation has."""
    reader.add(Person({"site": item.value}))
    return reader.used(at, at + 1)


def read_smoke(reader: Reader, at: int, item: Item) -> int:
    """Read that people smoke, or never did."""
    if not reader.denial:
        reader.part_before_verb()
    value = {
        "smoke": "smoker",
        "unsmoke": "smoker",
        "neversmoke": "never smoker",
        "exsmoke": "former smoker",
    }[item.kind]
    draft = Draft("observation", {"code": {"text": "tobacco smoking status"}})
    draft.members["value"] = {"text": value}
    is_never = item.kind == "unsmoke" and not reader.denial
    reader.add(Group("not", [draft]) if is_never else draft)
    reader.last = [draft]
    return reader.used(at, at + 1)


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
    is_then = found.is_at_event or _is_of_event(reader, at, item)
    if is_then and reader.last:
        age_then(reader, reader.last, found.bounds, item)
        return reader.used(at, at + 1)
    if found.is_at_event:
        reader.state.refuse(item)  # at which event?
    add_age(reader, found.bounds, item)
    return reader.used(at, at + 1)


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


def _follows_death(reader: Reader, at: int) -> bool:
    while reader.state.kind(at) in {"stop", "prep"}:
        at -= 1
    return reader.state.kind(at) == "dead"


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


def _all(reader: Reader) -> list[Draft]:
    return [*reader.before, *reader.last]


def _as_written(birth: Json, word: str) -> Json:
    """Return days of birth with the bound that was written: before, after."""
    step = timedelta(days=1)
    if set(birth) == {"lte"} and word in {"before", "prior", "earlier"}:
        return {"lt": (date.fromisoformat(birth["lte"]) + step).isoformat()}
    if set(birth) == {"gte"} and word in {"after", "later"}:
        return {"gt": (date.fromisoformat(birth["gte"]) - step).isoformat()}
    return birth


def _group_of_age(more: str) -> Json:
    first, last, *gender = more.split()
    age: Json = {}
    if last not in {"0", "17"}:
        age = {"gte": int(first), "lte": int(last)}
    elif last == "17":
        age = {"lt": 18}
    else:
        age = {"gte": int(first)} if first != "0" else {"lt": 1}
    found: Json = {"age": {**age, "at": "now"}}
    if gender:
        found["gender"] = gender[0]
    return found
