"""Scanners that no table knows: acquired on an Echoform machine."""

from typing import Final

from cohorts.language.images import add_tag
from cohorts.language.name_words import may_name
from cohorts.language.reader import Reader

_ON: Final = frozenset(["on", "with", "by", "from", "using", "in", "via"])
_WORDS: Final = frozenset(["word", "code", "number"])
_OF_PEOPLE: Final = frozenset(
    ["open", "and", "or", "comma", "but", "person", "age_group", "not", "slot"]
)


def read_unknown_maker(reader: Reader, at: int) -> int | None:
    """Read "on an Echoform machine" after an image; None where none is named.

    One word before "machine" is its maker. Other names may be those of models, and are
    told: after an image, "on" is followed by no drug.
    """
    state = reader.state
    words = reader.says(at).split()
    if not reader.is_image() or not words or words[-1] not in _ON:
        return None
    before = at - 1
    while state.kind(before) == "stop" or reader.says(before) == "taken":
        before -= 1
    if state.kind(before) in _OF_PEOPLE:
        return None
    start, is_before = at + 1, False
    while state.kind(start) in {"stop", "machine"}:
        is_before = is_before or state.kind(start) == "machine"
        start += 1
    end = start
    while state.kind(end) in _WORDS and end < reader.end:
        end += 1
    is_machine = state.kind(end) == "machine" or _is_device(reader, end)
    if start == end or not (is_machine or is_before or _is_name(reader, start)):
        return None
    names = state.items[start:end]
    if is_machine and len(names) == 1 and may_name(state.said(names[0])):
        name = state.said(names[0])
        is_model = state.choose(
            f"maker@{names[0].start}", f"“{name}” is the maker", "it is the model"
        )
        tag = "ManufacturerModelName" if is_model else "Manufacturer"
        for each in reader.last:
            add_tag(each, {"tag": tag, "contains": name})
        return reader.used(at, end + 1)
    for name_item in names:
        state.refuse(name_item)
    return reader.used(at, end + is_machine)


def _is_device(reader: Reader, at: int) -> bool:
    item = reader.state.item(at)
    return item is not None and item.kind == "events" and item.value == "device"


def _is_name(reader: Reader, at: int) -> bool:
    item = reader.state.items[at]
    token = reader.state.scene.tokens[item.start]
    return item.kind == "word" and token.text[:1].isupper()
