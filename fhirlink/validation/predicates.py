"""What rules are made of: predicates over an object whose structure is right (pure)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from fhirlink.search.moments import interval_of

Json = Mapping[str, Any]
Predicate = Callable[[Json], bool]

UCUM: Final = "http://unitsofmeasure.org"


def has(o: Json, name: str) -> bool:
    """Return whether an element is there, with a value or only an extension.

    ``value[x]`` stands for all its forms.
    """
    choice = name.removesuffix("[x]")
    if choice == name:
        return name in o or f"_{name}" in o
    plain = (each.removeprefix("_") for each in o)
    return any(e.startswith(choice) and e[len(choice) :][:1].isupper() for e in plain)


def implies(first: str, second: str) -> Predicate:
    """Return: the first element needs the second one."""
    return lambda o: not has(o, first) or has(o, second)


def any_of(*names: str) -> Predicate:
    """Return: at least one of some elements is there."""
    return lambda o: any(has(o, each) for each in names)


def all_of(*names: str) -> Predicate:
    """Return: all elements are there."""
    return lambda o: all(has(o, each) for each in names)


def at_most_one(*names: str) -> Predicate:
    """Return: of some elements one at most is there."""
    return lambda o: sum(has(o, each) for each in names) <= 1


def is_one(*names: str) -> Predicate:
    """Return: of some elements exactly one is there."""
    return lambda o: sum(has(o, each) for each in names) == 1


def in_order(first: str, second: str) -> Predicate:
    """Return: one moment is not after another, as far as their digits tell."""

    def holds(o: Json) -> bool:
        if first not in o or second not in o:
            return True
        start, end = interval_of(o[first]).first, interval_of(o[second]).end
        return start is None or end is None or start < end

    return holds


def amount(quantity: Json | None) -> tuple[str, float] | None:
    """Return unit and value of a quantity that has a value."""
    if quantity is None or "value" not in quantity:
        return None
    return quantity.get("code") or quantity.get("unit") or "", quantity["value"]


def not_before(high: tuple[str, float] | None, low: tuple[str, float] | None) -> bool:
    """Return whether an amount is not less than another one, in the same unit."""
    if high is None or low is None or high[0] != low[0]:
        return True
    return high[1] >= low[1]


def fixed_unit(
    *, code: str = "", is_whole: bool = False, least: float | None = None
) -> Predicate:
    """Return: a value has a code, and that is of UCUM."""

    def holds(o: Json) -> bool:
        if has(o, "value") and not has(o, "code"):
            return False
        if o.get("system", UCUM) != UCUM or (code and o.get("code", code) != code):
            return False
        value = o.get("value")
        if value is None:
            return True
        return (least is None or value > least) and not (is_whole and "." in str(value))

    return holds


def codings(concept: Json | None) -> set[tuple[str, str]]:
    """Return the systems and codes of a concept."""
    given = concept.get("coding", ()) if concept else ()
    return {(e.get("system", ""), e["code"]) for e in given if "code" in e}


def has_code(concept: Json | None, system: str, code: str) -> bool:
    """Return whether a concept has a coding."""
    return (system, code) in codings(concept)


def nothing_said_twice(entries: Iterable[Json]) -> bool:
    """Return whether no entries have the same fullUrl and version."""
    named = [
        (e["fullUrl"], e.get("resource", {}).get("meta", {}).get("versionId"))
        for e in entries
        if "fullUrl" in e
    ]
    return len(named) == len(set(named))
