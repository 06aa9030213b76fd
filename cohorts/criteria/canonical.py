"""One form for all criteria that mean the same, so that they can be compared."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from cohorts.criteria.durations import format_duration, parse_duration
from cohorts.criteria.model import dumped
from cohorts.criteria.values import Part

Json = Any
_DURATIONS: Final = frozenset({"last", "from", "to"})
_WORDS: Final = frozenset({"text", "phrase", "contains", "all", "any", "none"})
# Lists in which the order says nothing, once names are bound before they are used.
_SETS: Final = frozenset(
    {"modality", "status", "codes", "anyOf", "tags", "in", "none", "any", "not"}
)


def canonical(criteria: Part | Mapping[str, Any]) -> Json:
    """Return criteria, or a part of them, in one form.

    Durations and words are written one way; groups inside a group of the same kind, and
    groups of one, are gone; lists without an order are sorted. Names stay, and so does
    the order inside ``all``, in which they are bound.
    """
    plain = dumped(criteria) if isinstance(criteria, Part) else criteria
    return _canonical("", plain)


def _canonical(name: str, value: Json) -> Json:
    if isinstance(value, str):
        return _text(name, value)
    if isinstance(value, list | tuple):
        is_set = name in _SETS or all(isinstance(each, str) for each in value)
        members = [_canonical(name if is_set else "", each) for each in value]
        return sorted(members, key=_key) if is_set else members
    if not isinstance(value, Mapping):
        return value
    found = {key: _canonical(key, each) for key, each in value.items()}
    _default(found)
    for kind in ("all", "any"):
        if set(found) == {kind} and isinstance(found[kind], list):
            return _flat(kind, found[kind])
    return found


def _default(found: dict[str, Json]) -> None:
    """Write what goes without saying one way: said where it is whole, else left out."""
    if "v" in found:
        found.setdefault("find", "patients")
        found.setdefault("output", [{"what": "patient"}])
    if isinstance(found.get("patient"), dict) and "age" in found["patient"]:
        found["patient"]["age"].setdefault("at", "now")
    if found.get("type") and isinstance(found.get("age"), dict):
        found["age"].pop("at", None)
    if found.get("descendants") is False:
        found.pop("descendants")
    for name in ("all", "any", "none", "not"):
        if found.get(name) == []:
            found.pop(name)


def _flat(kind: str, members: list[Json]) -> Json:
    flat: list[Json] = []
    for each in members:
        is_same = isinstance(each, dict) and set(each) == {kind}
        flat.extend(each[kind] if is_same else [each])
    if len(flat) == 1 and isinstance(flat[0], dict):
        return flat[0]
    return {kind: sorted(flat, key=_key) if kind == "any" else flat}


def _text(name: str, value: str) -> str:
    if name in _DURATIONS and value.lstrip("+-").startswith("P"):
        return format_duration(parse_duration(value))
    return " ".join(value.casefold().split()) if name in _WORDS else value


def _key(value: Json) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
