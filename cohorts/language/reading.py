"""From phrases to criteria: each phrase is read by what it is."""

from collections.abc import Callable
from typing import Final

from cohorts.language import (
    aged,
    amounts,
    around,
    brackets,
    joints,
    named,
    people,
    reports,
)
from cohorts.language.attributes import read_attribute
from cohorts.language.drafts import Node
from cohorts.language.reader import Reader
from cohorts.language.scene import Item
from cohorts.language.state import State
from cohorts.language.together import read_same
from cohorts.language.trees import tree


def read_criteria(state: State, at: int, end: int) -> tuple[Reader, Node | None]:
    """Return what was read from an item to another, and the criteria of it, if any."""
    reader = Reader(state, end)
    while at < end:
        item = state.items[at]
        read = _READERS.get(item.kind, named.read_noun)
        at = max(read(reader, at, item), at + 1)
    if reader.window is not None:
        state.refuse(reader.window)
    reader.end_denial()
    around.spread(reader)
    return reader, tree(reader.elements, state.choose)


def _ask(reader: Reader, at: int, item: Item) -> int:
    reader.state.ask(item, *item.value)
    return reader.used(at, at + 1)


def _refuse(reader: Reader, at: int, item: Item) -> int:
    reader.state.refuse(item)
    return reader.used(at, at + 1)


def _mention(reader: Reader, at: int, item: Item) -> int:
    return reports.read_text(reader, at, is_denied=False, start=at)


def _each(read: "_Read", *kinds: str) -> "dict[str, _Read]":
    return dict.fromkeys(kinds, read)


_Read = Callable[[Reader, int, Item], int]
_READERS: Final[dict[str, _Read]] = {
    "open": joints.read_open,
    "mark": brackets.read_mark,
    "notboth": brackets.read_notboth,
    "stopped": joints.read_stopped,
    "slot": joints.read_slot,
    **_each(joints.read_joint, "and", "or", "comma", "but", "nor"),
    "not": joints.read_not,
    "neither": joints.read_neither,
    "either": joints.read_either,
    "off": joints.read_off,
    **_each(named.read_skip, "stop", "machine", "topic"),
    "both": amounts.read_both,
    **_each(named.read_outputs, "command", "count"),
    "their": named.read_their,
    **_each(people.read_person, "person", "age_group"),
    **_each(people.read_dead, "dead", "alive"),
    "born": people.read_born,
    **_each(people.read_place, "site", "project"),
    "place": people.read_known_place,
    "cohort": people.read_cohort,
    **_each(people.read_smoke, "smoke", "unsmoke", "neversmoke", "exsmoke"),
    "age": aged.read_aged,
    "attime": aged.read_at_time,
    "weighing": amounts.read_weighing,
    **_each(amounts.read_list, "anyof", "allof"),
    "compare": amounts.read_compare,
    "number": amounts.read_number,
    **_each(amounts.read_times, "once", "twice", "thrice", "times"),
    "when": around.read_when,
    "rel": around.read_rel,
    "ask": _ask,
    **_each(_refuse, "lasting", "unsaid"),
    "status": named.read_status,
    "same": read_same,
    **_each(read_attribute, "tag", "tagno", "private"),
    "mention": _mention,
    **_each(named.read_contrast, "contrast", "plain"),
    "below": named.read_below,
    "start": named.read_start,
    **_each(named.read_of_modality, "ofmodality", "ofbody"),
    "prep": named.read_prep,
    "maker": named.read_maker,
}
