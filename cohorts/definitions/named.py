"""Where criteria name what was saved, in their JSON: pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

Json = Any
KINDS: Final = ("cohort", "set")
_NAMED: Final = frozenset({"as", "during"})


class Named(NamedTuple):
    """A name in criteria, and of what.

    Attributes
    ----------
    kind
        ``cohort`` or ``set``: the one member of the object that stands there.
    """

    kind: str
    name: str


def named(value: Json) -> Named | None:
    """Return what an object of criteria names; None of any other."""
    if isinstance(value, Mapping) and len(value) == 1:
        ((kind, name),) = value.items()
        if kind in KINDS and isinstance(name, str):
            return Named(kind, name)
    return None


def names_in(value: Json) -> Iterator[Named]:
    """Yield all that criteria name, in their order."""
    if (found := named(value)) is not None:
        yield found
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from names_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from names_in(each)


def replaced(value: Json, by: Callable[[Named], Json]) -> Json:
    """Return criteria with what stands for each name instead of it."""
    if (found := named(value)) is not None:
        return by(found)
    if isinstance(value, Mapping):
        return {key: replaced(each, by) for key, each in value.items()}
    if isinstance(value, list):
        return [replaced(each, by) for each in value]
    return value


def event_names(value: Json) -> Iterator[str]:
    """Yield the names that criteria give to events."""
    if isinstance(value, Mapping):
        if isinstance(value.get("as"), str) and "type" in value:
            yield value["as"]
        for each in value.values():
            yield from event_names(each)
    elif isinstance(value, list):
        for each in value:
            yield from event_names(each)


def renamed(value: Json, names: Mapping[str, str]) -> Json:
    """Return criteria whose events are called otherwise, wherever they are named."""
    if isinstance(value, Mapping):
        return {key: _renamed(key, each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [renamed(each, names) for each in value]
    return value


def _renamed(key: str, value: Json, names: Mapping[str, str]) -> Json:
    if not isinstance(value, str):
        return renamed(value, names)
    if key in _NAMED:
        return names.get(value, value)
    if key == "near":
        name, dot, end = value.partition(".")
        return names.get(name, name) + dot + end
    if key == "at" and value.startswith("@"):
        return "@" + names.get(value[1:], value[1:])
    return value
