"""What criteria say, whatever rule has read it: members, numbers, words, windows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

Json = Any
_BOUNDS: Final = frozenset(["gt", "gte", "lt", "lte", "eq"])
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_NOBODY: Final = frozenset(["never smoker", "former smoker"])


@dataclass
class Facts:
    """What criteria say, without how it hangs together.

    Attributes
    ----------
    keys
        How often each member stands there.
    bounds
        Members that compare, with their numbers.
    numbers, strings
        All numbers and all texts, in small letters; numbers inside of texts, too.
    windows
        All ``when``.
    ages_at
        The days at which ages are.
    denials
        How often something is denied.
    """

    keys: dict[str, int] = field(default_factory=dict)
    bounds: set[tuple[str, float]] = field(default_factory=set)
    numbers: set[float] = field(default_factory=set)
    strings: list[str] = field(default_factory=list)
    windows: list[Json] = field(default_factory=list)
    ages_at: set[str] = field(default_factory=set)
    denials: int = 0

    def has(self, *keys: str) -> bool:
        """Tell whether any of some members stands there."""
        return any(key in self.keys for key in keys)

    def says(self, text: str) -> bool:
        """Tell whether some text has these words."""
        wanted = " ".join(text.casefold().split())
        return any(wanted in each for each in self.strings)


def facts_of(criteria: Json) -> Facts:
    """Return what criteria as JSON say."""
    facts = Facts()
    for key, value in _leaves(criteria):
        facts.keys[key] = facts.keys.get(key, 0) + 1
        if key in {"when", "birth"}:
            facts.windows.append(value)
        facts.denials += _denies(key, value)
        if key == "at":
            facts.ages_at.add(str(value))
        if isinstance(value, bool) or value is None:
            continue
        if isinstance(value, int | float):
            facts.numbers.add(float(value))
            if key in {*_BOUNDS, "n"}:
                facts.bounds.add(("gte" if key == "n" else key, float(value)))
        elif isinstance(value, str):
            text = " ".join(value.casefold().split())
            facts.strings.append(text)
            facts.numbers.update(float(each) for each in _NUMBER.findall(text))
    return facts


def _leaves(value: Json, key: str = "") -> Iterator[tuple[str, Json]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield name, each
            if isinstance(each, dict | list):
                yield from _leaves(each, name)
    elif isinstance(value, list):
        for each in value:
            if isinstance(each, dict | list):
                yield from _leaves(each, key)
            else:
                yield key, each


def _denies(key: str, value: Json) -> int:
    if key == "none" and isinstance(value, list):
        return len(value)
    if key == "not":
        return _many(value)
    is_absent = key in {"exists", "deceased"} and value is False
    return int(is_absent or (isinstance(value, str) and value in _NOBODY))


def _many(value: Json) -> int:
    """Return how much is denied: each of "neither A nor B" that became one group."""
    if isinstance(value, dict) and isinstance(value.get("any"), list):
        return len(value["any"])
    return 1
