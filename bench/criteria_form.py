"""Criteria in a form in which what means the same is the same; how alike two are."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from cohorts.criteria import canonical
from cohorts.language.lexicon import own_lexicon

Json = Any
_DAYS: Final = {"lt": ("lte", -1), "gt": ("gte", 1)}


def one_form(criteria: Json) -> Json:
    """Return criteria in a form in which what means the same is the same.

    Beyond `cohorts.criteria.canonical`: names by their order, those that nothing uses
    left out, all members of ``all`` sorted, one patient in an ``all``, the negation of
    any taken apart, a count of at least one left out, bounds of days with their day,
    who was younger at the first one as who had one when younger.
    """
    plain = _sorted(_simple(canonical(criteria)))
    return _sorted(_renamed(plain))


def _simple(value: Json) -> Json:
    if isinstance(value, list):
        return [_simple(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {key: _simple(each) for key, each in value.items()}
    if found.get("count") == {"gte": 1}:
        found.pop("count")
    if found.get("descendants") is False:
        found.pop("descendants")
    if isinstance(found.get("text"), str) and "code" not in found:
        found["text"] = _concept(found["text"])
    if "birth" in found:
        found["birth"] = _days(found["birth"])
    if set(found) == {"event"} and _is_youngest(found["event"]):
        found = _at_first(dict(found["event"]))
    denied = found.get("not")
    if isinstance(denied, dict) and set(denied) == {"any"}:
        found = {"all": [{"not": each} for each in denied["any"]]}
    if set(found) == {"all"} and isinstance(found["all"][0], dict):
        return _all(found["all"])
    return found


def _is_youngest(event: Json) -> bool:
    """Tell whether the first one at less than an age is asked: that is the first."""
    bounds = set(event.get("age", ()))
    is_first = event.get("pick") == "first" and not {"value", "count"} & set(event)
    return is_first and bool(bounds) and bounds <= {"lt", "lte"}


def _at_first(event: Json) -> Json:
    age = event.pop("age")
    event.setdefault("as", f"first {_key(event)}")
    return {
        "all": [
            {"event": event},
            {"patient": {"age": {**age, "at": f"@{event['as']}"}}},
        ]
    }


def _concept(text: str) -> str:
    """Return what our lexicon calls a concept: "lupus" has the same codes."""
    found = [each for each in own_lexicon().named(text) if each.is_own]
    return found[0].name if found else text


def _days(bounds: Json) -> Json:
    found = {}
    for name, day in bounds.items():
        other, step = _DAYS.get(name, (name, 0))
        moved = date.fromisoformat(day) + timedelta(days=step)
        found[other] = moved.isoformat()
    return found


def _all(members: list[Json]) -> Json:
    person: dict[str, Any] = {}
    rest: list[Json] = []
    flat = [e for m in members for e in (m["all"] if set(m) == {"all"} else [m])]
    for each in flat:
        told = each.get("patient")
        if told is not None and not set(told) & set(person):
            person.update(told)
        else:
            rest.append(each)
    found = [{"patient": person}, *rest] if person else rest
    return found[0] if len(found) == 1 else {"all": found}


def _sorted(value: Json) -> Json:
    if isinstance(value, list):
        return sorted((_sorted(e) for e in value), key=_key)
    if isinstance(value, dict):
        return {key: _sorted(each) for key, each in value.items()}
    return value


def _key(value: Json) -> str:
    """Return what sorts the same whatever names there are."""
    text = json.dumps(value, sort_keys=True)
    return (
        text
        if not isinstance(value, dict)
        else json.dumps(_nameless(value), sort_keys=True) + text
    )


def _nameless(value: Json) -> Json:
    if isinstance(value, list):
        return [_nameless(each) for each in value]
    if isinstance(value, dict):
        return {
            key: "" if key in {"as", "near", "during"} else _nameless(each)
            for key, each in value.items()
        }
    return value


def _renamed(plain: Json) -> Json:
    used = set(_used(plain))
    names = {
        name: f"n{at}"
        for at, name in enumerate(
            dict.fromkeys(name for name in _bound(plain) if name in used)
        )
    }
    return _replaced(plain, names)


def _bound(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("as"), str) and "type" in value:
            yield value["as"]
        for each in value.values():
            yield from _bound(each)
    elif isinstance(value, list):
        for each in value:
            yield from _bound(each)


def _used(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            if key in {"near", "during"} and isinstance(each, str):
                yield each.removesuffix(".end")
            elif key == "at" and isinstance(each, str) and each.startswith("@"):
                yield each[1:]
            yield from _used(each)
    elif isinstance(value, list):
        for each in value:
            yield from _used(each)


def _replaced(value: Json, names: dict[str, str]) -> Json:
    if isinstance(value, list):
        return [_replaced(each, names) for each in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for key, each in value.items():
        if key == "as" and "type" in value:
            if each in names:
                found[key] = names[each]
        elif key in {"near", "during"} and isinstance(each, str):
            name, dot, end = each.partition(".")
            found[key] = names.get(name, name) + dot + end
        elif key == "at" and isinstance(each, str) and each.startswith("@"):
            found[key] = "@" + names.get(each[1:], each[1:])
        else:
            found[key] = _replaced(each, names)
    return found


def atoms_of(criteria: Json) -> Counter[str]:
    """Return what the leaves and outputs say, one line for each member."""
    return Counter(_atoms(one_form(criteria), ""))


def _atoms(value: Json, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            if key in {"v", "as", "all"}:
                yield from _atoms(each, path) if key == "all" else ()
            elif key in {"when", "code", "body", "value", "age", "text", "count"}:
                yield f"{path}/{key}={json.dumps(each, sort_keys=True)}"
            else:
                yield from _atoms(each, f"{path}/{key}")
    elif isinstance(value, list):
        for each in value:
            yield from _atoms(each, path)
    else:
        yield f"{path}={value}"


def f1(found: Json, expected: Json) -> float:
    """Return the harmonic mean of precision and recall over atoms."""
    one, other = atoms_of(found), atoms_of(expected)
    shared = sum((one & other).values())
    total = sum(one.values()) + sum(other.values())
    return 2 * shared / total if total else 1.0
