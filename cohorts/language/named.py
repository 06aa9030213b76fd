"""Events and what is wanted of them, where they are named."""

from typing import Final

from cohorts.language import aged, report_terms, reports
from cohorts.language.before import Noun
from cohorts.language.drafts import Group
from cohorts.language.makers import read_unknown_maker
from cohorts.language.nouns import noun_at
from cohorts.language.outputs import outputs_at, wants_output
from cohorts.language.reader import JOINTS, Reader
from cohorts.language.scene import Item
from cohorts.language.statuses import give_status, leads_to_noun

_NAIVE: Final = frozenset(["naive", "naïve"])  # who never had it: opioid naive
_PEOPLE: Final = ("ics", "ives", "ers", "ians")
_CIRCUMSTANCES: Final = frozenset(["by", "in", "at", "from", "into", "within", "to"])
_NOT_WANTED: Final = frozenset({"command", "count", "their", "stop"})


def read_noun(reader: Reader, at: int, item: Item) -> int:
    """Read an event that is named, or what is wanted of those who are found."""
    if wants_output(reader.state, at, is_first=not reader.elements):
        return read_outputs(reader, at, item)
    if item.kind in {"code", "set"} and item.value and _is_nameless(reader):
        return _code(reader, at)
    end = report_terms.read_in_report(reader, at, item)
    if end is not None:
        return end
    if item.kind == "report" and _is_of_images(reader, at):
        for each in reader.last:
            each.is_report = True
        return reader.used(at, at + 1)
    noun = noun_at(reader.state, at, reader.slot if reader.is_fresh else "")
    if noun is None or noun.end > reader.end:
        return at + 1
    _tell_of_denied(reader, item, noun)
    reader.add_noun(noun)
    if reader.says(noun.end) in _NAIVE and not isinstance(reader.elements[-1], str):
        reader.elements[-1] = Group("not", [reader.elements[-1]])
        return reader.used(noun.end, noun.end + 1)
    return noun.end


def _tell_of_denied(reader: Reader, item: Item, noun: Noun) -> None:
    """Tell of a denial that would say nothing, or not of these images."""
    if reader.denial and item.kind == "report" and reader.is_image():
        reader.state.refuse(item)  # that none of these has a report cannot be asked
    for word in noun.unknown if reader.denial else ():
        reader.state.refuse(word)  # nobody has it: the denial would say nothing


def _is_of_images(reader: Reader, at: int) -> bool:
    """Tell whether "whose report" is that of the images before."""
    step = at - 1
    while reader.state.kind(step) == "stop" or reader.says(step) == "their":
        step -= 1
    return reader.is_image() and reader.state.kind(step) == "open"


def _is_nameless(reader: Reader) -> bool:
    """Tell whether events of a kind were named that a code may belong to."""
    last = reader.last[-1] if reader.last else None
    return (
        last is not None
        and last.type != "imaging"
        and ("code" not in last.members and reader.state.kind(last.at) != "code")
    )


def _code(reader: Reader, at: int) -> int:
    last = reader.last[-1]
    noun = noun_at(reader.state, at, last.type)
    if noun is None:
        return at + 1
    last.members.update(noun.drafts[0].members)
    return noun.end


def read_outputs(reader: Reader, at: int, item: Item) -> int:
    """Read what is wanted: list their medications."""
    if item.kind in {"command", "count"} and not reader.elements:
        return reader.used(at, at + 1)
    found = outputs_at(reader.state, at, reader.end)
    if found is None:
        return read_noun(reader, at, item) if item.kind not in _NOT_WANTED else at + 1
    while reader.elements and reader.elements[-1] in JOINTS:
        reader.elements.pop()
    reader.outputs.extend(found.outputs)
    reader.output_drafts.extend(found.drafts)
    return found.end


def read_their(reader: Reader, at: int, item: Item) -> int:
    """Read "their medications"; else go on."""
    if wants_output(reader.state, at, is_first=False):
        return read_outputs(reader, at, item)
    return reader.used(at, at + 1)


def read_skip(reader: Reader, at: int, item: Item) -> int:
    """Go on; but "what medications" is wanted."""
    is_asked = reader.says(at) in {"what", "which"} and bool(reader.elements)
    if is_asked and wants_output(reader.state, at, is_first=False):
        return read_outputs(reader, at, item)
    return reader.used(at, at + 1)


def read_start(reader: Reader, at: int, item: Item) -> int:
    """Read "metformin started before 2015": the first of it."""
    is_after = reader.state.kind(at + 1) in {"when", "rel"}
    if reader.last and is_after and reader.state.kind(at - 1) not in JOINTS:
        for each in reader.last:
            each.members["pick"] = "first"
        return reader.used(at, at + 1)
    return read_noun(reader, at, item)


def read_status(reader: Reader, at: int, item: Item) -> int:
    """Read a status of what comes, or of what was named last: that was cancelled."""
    if leads_to_noun(reader.state.items, at) or not reader.last:
        return read_noun(reader, at, item)
    for each in reader.last:
        if not give_status(each, item.value):
            reader.state.refuse(item)
    return reader.used(at, at + 1)


def read_maker(reader: Reader, at: int, item: Item) -> int:
    """Read the maker of what was named, or of what comes."""
    if reader.is_image() and reader.state.kind(at - 1) == "or":
        return at + 1  # by either: criteria ask both of one study
    if reader.is_image() and reader.state.kind(at + 1) == "machine":
        return reports.read_maker(reader, at - 1)
    return read_noun(reader, at, item)


def read_prep(reader: Reader, at: int, item: Item) -> int:
    """Read "in the chest", "on a Siemens scanner"; else go on."""
    if aged.is_aged_at(reader, at, item):
        return aged.read_at_time(reader, at, item)
    if reader.skips_to("maker", at):
        return reports.read_maker(reader, at)
    maker = read_unknown_maker(reader, at)
    if maker is not None:
        return maker
    if reader.is_image() and reader.skips_to("body", at):
        return reports.read_body(reader, at)
    if reader.denial and reader.has_atoms() and _are_people(reader, at, item):
        reader.part()
    if reader.state.said(item) in _CIRCUMSTANCES:
        reader.slot, reader.is_fresh = "", False  # who did it, where: no diagnosis
    if reader.death is not None and reader.state.said(item) in {"of", "from"}:
        reader.died_of = reader.death
    is_for = reader.state.said(item) == "for"
    reader.slot = (
        "any"
        if is_for and reader.slot in {"medication", "procedure"}
        else (reader.slot)
    )
    if is_for and reader.last:
        reader.part()
    return reader.used(at, at + 1)


def _are_people(reader: Reader, at: int, item: Item) -> bool:
    """Tell whether people are named there: no HbA1c among diabetics."""
    step = at + 1
    while reader.state.kind(step) in {"stop", "their"}:
        step += 1
    word = reader.says(step)
    if reader.state.kind(step) in {"person", "age_group", "habit"}:
        return True
    is_plural = reader.state.kind(step) == "concept" and word.endswith(_PEOPLE)
    return is_plural or reader.state.said(item) in {"among", "amongst"}


def read_contrast(reader: Reader, at: int, item: Item) -> int:
    """Read that images were made with contrast, or without."""
    if not reader.is_image():
        return read_noun(reader, at, item)
    if reader.state.kind(at - 1) == "and" and reader.state.kind(at - 2) == "open":
        reader.state.refuse(item)  # with and without: of two series
    for each in reader.last:
        exists = item.kind == "contrast"
        reports.add_tag(each, {"tag": "ContrastBolusAgent", "exists": exists})
    return reader.used(at, at + 1)


def read_below(reader: Reader, at: int, item: Item) -> int:
    """Read that codes are meant with all below them."""
    codes = [
        code
        for each in reader.last
        for code in each.members.get("code", {}).get("codes", ())
    ]
    for each in codes:
        each["descendants"] = True
    return reader.used(at, at + 1) if codes else at + 1


def read_of_modality(reader: Reader, at: int, item: Item) -> int:
    """Read "studies with modality CT", "with body part chest"."""
    name = reader.state.item(at + 1)
    kind = "modality" if item.kind == "ofmodality" else "body"
    if name is None or name.kind != kind or not reader.is_image():
        return at + 1
    for each in reader.last:
        value = str(name.value)
        if kind == "body":
            each.members.setdefault("body", {"text": value})
        else:
            each.members.setdefault("modality", value.split())
    return reader.used(at, at + 2)
