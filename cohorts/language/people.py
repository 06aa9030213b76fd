"""What is said of people: gender, age, birth, death, places, smoking."""

from datetime import date, timedelta
from typing import Any, Final

from cohorts.language.drafts import Draft, Group, Person, Saved, joined
from cohorts.language.reader import Reader
from cohorts.language.scene import Item

Json = dict[str, Any]
_HAVING: Final = frozenset(
    ["with", "no", "with no", "without", "having", "who have", "who had", "that have"]
)
_NARROWING: Final = frozenset(["concept", "habit", "word"])
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
    elif _are_called_so(reader, at):
        # "A PET in lymphoma patients after surgery": the PET was after it.
        reader.last, reader.before = reader.before, reader.last
    reader.slot = reader.slot or ""
    return reader.used(at, at + 1)


def _are_called_so(reader: Reader, at: int) -> bool:
    """Tell whether people are called by what they have, of whom something was named."""
    if reader.state.kind(at - 1) != "concept" or not reader.before:
        return False
    step = at - 1
    while step > 0 and reader.state.kind(step) in {"concept", "stage", "stop", "word"}:
        step -= 1
    return reader.says(step) in {"in", "among", "amongst"}


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
