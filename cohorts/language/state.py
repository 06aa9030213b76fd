"""What is known while a question is read."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from cohorts.language.scene import Item, Scene
from cohorts.language.text import Token

MOST_CHOICES: Final = 12


class Ask(NamedTuple):
    """Something that has to be asked back."""

    slot: str
    options: tuple[str, ...]
    start: int
    end: int


class Assumption(NamedTuple):
    """Something that was assumed, and what it could have been.

    Attributes
    ----------
    key
        What it is switched by; empty where there is nothing else to be had.
    """

    key: str
    text: str
    other: str


class Concept(NamedTuple):
    """A name that nobody knows here: to be confirmed."""

    text: str
    type: str
    start: int
    end: int


class State:
    """A question while it is read: which of its phrases are understood, and how.

    Parameters
    ----------
    switched
        The keys of assumptions that are to be taken the other way.
    """

    def __init__(
        self,
        scene: Scene,
        items: list[Item],
        switched: Mapping[str, bool],
    ) -> None:
        self.scene = scene
        self.items = items
        self.switched = switched
        self.asks: list[Ask] = []
        self.assumptions: list[Assumption] = []
        self.concepts: list[Concept] = []
        self.wants = False  # what is wanted was said before whom it is wanted of
        self._used: set[int] = set()
        self._refused: set[int] = set()

    def item(self, at: int) -> Item | None:
        """Return an item; nothing beyond the end."""
        return self.items[at] if 0 <= at < len(self.items) else None

    def kind(self, at: int) -> str:
        """Return the kind of an item; empty beyond the end."""
        item = self.item(at)
        return item.kind if item else ""

    def said(self, item: Item) -> str:
        """Return the words of an item in small letters."""
        return " ".join(e.low for e in self.scene.tokens[item.start : item.end])

    def source(self, start: int, end: int) -> str:
        """Return what is written from a token to another, in small letters."""
        tokens = self.scene.tokens[start:end]
        if not tokens:
            return ""
        text = self.scene.text[tokens[0].start : tokens[-1].end]
        renamed = [each for each in tokens if each.low != each.text.casefold()]
        for each in renamed:
            text = text.replace(each.text, each.low, 1)
        return " ".join(text.casefold().replace("'s ", "'s ").split())

    def use(self, positions: Iterable[int]) -> None:
        """Mark items as understood."""
        self._used.update(positions)

    def refuse(self, item: Item) -> None:
        """Mark an item as not understood, whatever is read around it."""
        self._refused.add(item.start)

    def read(self) -> list[Item]:
        """Return the items that were understood."""
        return [
            item
            for at, item in enumerate(self.items)
            if at in self._used and item.start not in self._refused
        ]

    def tokens(self, item: Item) -> Sequence[Token]:
        """Return the words of an item."""
        return self.scene.tokens[item.start : item.end]

    def unused(self) -> list[Item]:
        """Return the items that say something and were not understood."""
        return [
            item
            for at, item in enumerate(self.items)
            if item.start in self._refused
            or (at not in self._used and not _says_nothing(item))
        ]

    def ask(self, item: Item, slot: str, options: Iterable[str]) -> None:
        """Ask back what an item means."""
        found = Ask(slot, tuple(options), item.start, item.end)
        if all(each.slot != slot for each in self.asks):
            self.asks.append(found)

    def choose(self, key: str, text: str, other: str) -> bool:
        """Return whether an assumption is switched to what else it could be."""
        is_other = self.switched.get(key, False)
        if all(each.key != key for each in self.assumptions):
            self.assumptions.append(Assumption(key, text, other))
        return is_other

    def assume(self, text: str) -> None:
        """Tell of an assumption that cannot be switched."""
        self.assumptions.append(Assumption("", text, ""))

    def confirm(self, text: str, type_: str, first: Item, last: Item) -> None:
        """Tell of a name that is taken as it is written, from an item to another."""
        found = Concept(text, type_, first.start, last.end)
        if found not in self.concepts:
            self.concepts.append(found)


def _says_nothing(item: Item) -> bool:
    return item.kind in _SAY_NOTHING or (item.kind == "person" and not item.value)


_SAY_NOTHING: Final = frozenset(
    [
        "stop",
        "mark",
        "comma",
        "and",
        "or",
        "but",
        "open",
        "prep",
        "command",
        "their",
        "both",
        "either",
        "topic",
    ]
)

Json = dict[str, Any]
