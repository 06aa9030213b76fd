"""Options that were chosen where a question asked back, put into the question."""

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final, Protocol

from cohorts.language.scene import Item
from cohorts.language.time_window import Window

MOST: Final = 12
"""Questions back that are answered in one reading."""

NAME: Final = "name:"
"""What the slot of words begins with that were not understood, or that nobody uses."""


class Asked(Protocol):
    """Something that is asked back, with its offsets in the question."""

    @property
    def slot(self) -> str:
        """Return what is not clear."""

    @property
    def start(self) -> int:
        """Return where it begins."""

    @property
    def end(self) -> int:
        """Return where it ends."""


def with_names(question: str, chosen: Mapping[str, str]) -> str:
    """Return the question with names in the place of words, as ``name:broken wrist``.

    Once, and not inside what was put there.
    """
    given = {
        slot.removeprefix(NAME).casefold(): " ".join(option.split())
        for slot, option in chosen.items()
        if slot.startswith(NAME) and slot != NAME and option.strip()
    }
    names = dict(islice(given.items(), MOST))
    if not names:
        return question
    longest_first = sorted(map(re.escape, names), key=len, reverse=True)
    words = re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)", re.IGNORECASE)
    return words.sub(lambda found: names.get(found[0].casefold(), found[0]), question)


def is_span(option: str) -> bool:
    """Tell whether an option is a span of time: what is recent is no older."""
    return option.startswith("P") and option[-1:] in {"D", "W", "M", "Y"}


def replaced(question: str, asked: Sequence[Asked], chosen: Mapping[str, str]) -> str:
    """Return the question with the words that say what was chosen."""
    for each in sorted(asked, key=lambda one: -one.start):
        option = " ".join(chosen.get(each.slot, "").split())
        if not option or is_span(option):
            continue
        words = option.replace("'", "").replace('"', "")
        if each.slot.startswith("creator:"):
            words = f"{question[each.start : each.end]} of '{words}'"
        question = f"{question[: each.start]}{words}{question[each.end :]}"
    return question


def with_spans(items: Sequence[Item], chosen: Mapping[str, str]) -> list[Item]:
    """Return phrases in which vague times are windows: "recent", "last month"."""
    return [_with_span(each, chosen) for each in items]


def _with_span(item: Item, chosen: Mapping[str, str]) -> Item:
    if item.kind != "ask" or not is_span(chosen.get(item.value.slot, "")):
        return item
    option = chosen[item.value.slot]
    is_of_next = not item.value.slot.startswith("last ")
    window = Window({"last": option}, item.end, is_of_next=is_of_next)
    return Item("when", item.start, item.end, window)
