"""What joins and denies: with, who, taking, and, or, but, no, neither."""

from copy import deepcopy
from typing import Final

from cohorts.language import reports
from cohorts.language.drafts import Group, Person
from cohorts.language.makers import read_unknown_maker
from cohorts.language.outputs import outputs_at
from cohorts.language.reader import EXCEPTING, JOINTS, SEARCHES, Reader
from cohorts.language.scene import Item

_MEDICAL: Final = ("on", "taking", "take", "receiving", "receive", "prescribed")


def read_open(reader: Reader, at: int, item: Item) -> int:
    """Begin a group: with, who, that, whose."""
    words = reader.state.said(item).split()
    _tell_of_exception(reader, at)
    if words[0] == "with" and reader.skips_to("maker", at):
        return reports.read_maker(reader, at)
    maker = read_unknown_maker(reader, at)
    if maker is not None:
        return maker
    if not _is_excepted_too(reader, at):
        reader.part()
    reader.slot = "any" if set(words) & SEARCHES else ""
    return reader.used(at, at + 1)


def _is_excepted_too(reader: Reader, at: int) -> bool:
    """Tell whether it goes on: excluding those with diabetes and those on aspirin."""
    denier = reader.denier
    if denier is None or not reader.denial or reader.says(at - 1) != "those":
        return False
    is_joined = reader.state.kind(at - 2) in {"and", "or", "comma"}
    return is_joined and reader.state.said(denier).split()[0] in EXCEPTING


def _tell_of_exception(reader: Reader, at: int) -> None:
    """Tell that "except smokers with a nodule" may leave out others, too."""
    denier = reader.denier
    is_of_people = reader.state.kind(at - 1) in {"person", "habit", "age_group"}
    if denier is None or not (reader.denial and is_of_people and reader.has_atoms()):
        return
    if reader.state.said(denier).split()[0] in EXCEPTING:
        reader.state.refuse(denier)


def read_slot(reader: Reader, at: int, item: Item) -> int:
    """Begin a group of a kind of events: taking, diagnosed with."""
    if item.value == "medication" and reader.skips_to("maker", at):
        return reports.read_maker(reader, at)
    maker = read_unknown_maker(reader, at)
    if maker is not None:
        return maker
    if not _is_excepted_too(reader, at):
        reader.part()
    reader.slot = str(item.value)
    return reader.used(at, at + 1)


def read_stopped(reader: Reader, at: int, item: Item) -> int:
    """Begin a group of medications that were stopped; of other things it says none."""
    step = at + 1
    while reader.state.kind(step) in {"stop", "their"}:
        step += 1
    name = reader.state.item(step)
    is_drug = name is not None and any(
        each.kind == "medication" for each in name.entries
    )
    if not is_drug and "tak" not in reader.state.said(item):
        return at + 1
    reader.part()
    reader.slot, reader.status = "medication", "stopped"
    return reader.used(at, at + 1)


def read_joint(reader: Reader, at: int, item: Item) -> int:
    """Take what joins: and, or, nor, but, a comma."""
    if reader.says(at) == ":" and reader.elements:
        found = outputs_at(reader.state, at + 1, reader.end)
        if found is not None and found.end == reader.end:
            reader.outputs.extend(found.outputs)
            reader.output_drafts.extend(found.drafts)
            return reader.used(at, found.end)
    kind = "and" if item.kind == "nor" else item.kind
    if reader.denial == "neither" and item.kind != "nor":
        if not _nor_follows(reader, at) and reader.has_atoms():
            reader.part()
    elif reader.denial == "not" and _ends_denial(reader, at, item):
        reader.part()
    if kind == "or" and reader.denial and _stays_denied(reader, at + 1):
        kind = "and"
    if kind == "but" and not reader.has_atoms() and not reader.elements:
        reader.state.refuse(item)  # everybody but …
    if kind == "but":
        reader.part()
    elif reader.elements:
        reader.elements.append(kind)
    reader.is_fresh = True
    return reader.used(at, at + 1)


def _stays_denied(reader: Reader, at: int) -> bool:
    """Tell whether what comes after "or" is denied, too: no A or B."""
    return reader.state.kind(at) not in {"open", "slot", "not", "dead", "alive"}


def _nor_follows(reader: Reader, at: int) -> bool:
    for step in range(at, reader.end):
        kind = reader.state.kind(step)
        if kind == "nor":
            return True
        if kind in {"open", "but", "slot"}:
            return False
    return False


def _ends_denial(reader: Reader, at: int, item: Item) -> bool:
    """Tell whether what comes after a comma or an "and" is not denied any more."""
    if item.kind == "or":
        return False
    after = reader.state.kind(at + 1)
    if after in {"compare", "age", "either", "not", "person", "dead", "alive"}:
        return True
    has_comma = item.kind == "comma" or reader.state.kind(at - 1) == "comma"
    if has_comma and _is_listed(reader):
        return True
    return item.kind == "and" and reader.says(at + 1) in {"a", "an"}


def _is_listed(reader: Reader) -> bool:
    """Tell whether the denial is one of a list: stroke, no diabetes, and gout."""
    items = reader.state.items
    at = items.index(reader.denier) if reader.denier in items else 0
    return at > 1 and items[at - 1].kind == "comma" and bool(reader.elements)


def read_not(reader: Reader, at: int, item: Item) -> int:
    """Deny what comes next: no, without, never."""
    words = reader.state.said(item).split()
    step = at + 1
    while reader.state.kind(step) in {"stop", "both", "either"}:
        step += 1
    after = reader.state.kind(step)
    if reader.last and (after == "mention" or _denies_text(reader, step)):
        return reports.read_text(reader, step, is_denied=True, start=at)
    if after in {"dead", "alive"}:
        reader.add(Person({"deceased": after == "alive"}))
        return reader.used(at, step + 1)
    if after == "when" and _another_time(reader, step):
        return reader.used(at, step + 1)
    if reader.has_atoms():
        reader.part()
    reader.end_denial()
    reader.denial, reader.denying, reader.denier = "not", item, item
    reader.slot = "medication" if words[-1] in _MEDICAL else "any"
    if words[-1] in {"not", "never"}:
        reader.slot = ""  # a verb follows, or what people are: no name
    reader.is_fresh = True
    return reader.used(at, at + 1)


def _another_time(reader: Reader, at: int) -> bool:
    """Read "in 2020 but not in 2021": the same events, denied at another time."""
    last = reader.before if not reader.last else reader.last
    if len(last) != 1 or "when" not in last[0].members or last[0].name:
        return False
    same = deepcopy(last[0])
    same.members["when"] = dict(reader.state.items[at].value.when)
    while reader.elements and reader.elements[-1] in JOINTS:
        reader.elements.pop()
    reader.elements.extend(["open", Group("not", [same])])
    return True


def _denies_text(reader: Reader, at: int) -> bool:
    last = reader.last[-1]
    return last.is_report and reader.state.kind(at) == "quoted"


def read_off(reader: Reader, at: int, item: Item) -> int:
    """Deny a drug: off warfarin."""
    name = reader.state.item(at + 1)
    is_drug = name is not None and any(e.kind == "medication" for e in name.entries)
    if not is_drug:
        return at + 1
    end = read_not(reader, at, item)
    reader.slot = "medication"
    return end


def read_either(reader: Reader, at: int, item: Item) -> int:
    """Begin "either A or B", which is one, whatever is joined to it."""
    reader.elements.append("either")
    return reader.used(at, at + 1)


def read_neither(reader: Reader, at: int, item: Item) -> int:
    """Deny all up to the last nor."""
    if reader.state.kind(at - 1) == "mention":
        return reports.read_text(reader, at + 1, is_denied=True, start=at)
    reader.part()
    reader.denial, reader.denying = "neither", item
    reader.slot = reader.slot or "any"
    return reader.used(at, at + 1)
