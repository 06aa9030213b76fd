"""What questions are read with, and the phrases that they become."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from cohorts.language.lexicon import Entry, Lexicon
from cohorts.language.text import Token


class Asked(NamedTuple):
    """What has to be asked back, and what it may be answered with."""

    slot: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A phrase: tokens from `start` to `end`, and what it is."""

    kind: str
    start: int
    end: int
    value: Any = None
    entries: tuple[Entry, ...] = ()


class Scene(NamedTuple):
    """All that phrases are read with."""

    text: str
    tokens: Sequence[Token]
    lexicon: Lexicon
    today: date


def made_by(maker: Item) -> dict[str, str]:
    """Return the condition that a maker or a model of scanners puts on images."""
    return {"tag": maker.entries[0].more or "Manufacturer", "contains": maker.value}
