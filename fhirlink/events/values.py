"""What an observation, or a component of one, has measured: pure.

References
----------
FHIR R4 10.1, Observation.value[x].
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from fhirlink.events.codes import Codes, codes_of
from fhirlink.events.read import clean, text

Json = Any

# Characters of a value in words, and of what names a unit; what is longer is cut.
_LONGEST: Final = 1000
_LONGEST_UNIT: Final = 100


class Unit(NamedTuple):
    """A unit as it is written: its system and code, and how people write it."""

    system: str
    code: str
    words: str


class Value(NamedTuple):
    """A value: an interval of numbers, codes, or words.

    Attributes
    ----------
    low, high
        Both the number, or the bounds of what it can be (``<5``); in `unit`.
    words
        As people read it; a number with the digits that it was written with.
    """

    low: float | None = None
    high: float | None = None
    unit: Unit | None = None
    codes: Codes = ()
    words: str = ""


NOTHING: Final = Value()


def value_of(item: Mapping[str, Json]) -> Value:
    """Return the value of an observation or of a component; what has none, has none."""
    for name, read in _READERS.items():
        if name in item:
            return read(item[name])
    return NOTHING


def amount(item: Json) -> Value:
    """Return the value of a Quantity."""
    number = _number(item)
    if number is None:
        return NOTHING
    comparator = text(item, "comparator")[:2]
    return Value(
        -math.inf if comparator.startswith("<") else number,
        math.inf if comparator.startswith(">") else number,
        _unit(item),
        words=f"{comparator}{item['value']}",
    )


def _number(item: Json) -> float | None:
    found = item.get("value") if isinstance(item, dict) else None
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    try:
        number = float(found)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _unit(item: Json) -> Unit | None:
    names = (text(item, name)[:_LONGEST_UNIT] for name in ("system", "code", "unit"))
    unit = Unit(*names)
    return unit if unit.code or unit.words else None


def _concept(item: Json) -> Value:
    return Value(codes=codes_of(item))


def _text(item: Json) -> Value:
    return Value(words=clean(item)[:_LONGEST]) if isinstance(item, str) else NOTHING


def _boolean(item: Json) -> Value:
    return Value(words=str(item).lower()) if isinstance(item, bool) else NOTHING


def _integer(item: Json) -> Value:
    number = _number({"value": item})
    return NOTHING if number is None else Value(number, number, words=str(item))


def _range(item: Json) -> Value:
    bounds = [item.get(name) if isinstance(item, dict) else None for name in _BOUNDS]
    low, high = (_number(bound) for bound in bounds)
    if low is None and high is None:
        return NOTHING
    written = [amount(bound).words for bound in bounds]
    return Value(
        -math.inf if low is None else low,
        math.inf if high is None else high,
        _unit(bounds[0]) or _unit(bounds[1]),
        words=" – ".join(written),  # noqa: RUF001 as ranges are printed
    )


def _ratio(item: Json) -> Value:
    parts = [
        amount(item.get(name)).words if isinstance(item, dict) else ""
        for name in ("numerator", "denominator")
    ]
    return Value(words=" : ".join(parts)) if all(parts) else NOTHING


def _period(item: Json) -> Value:
    return Value(words=" – ".join(text(item, name)[:40] for name in ("start", "end")))  # noqa: RUF001


def _curve(_item: Json) -> Value:
    """Return no value: a curve has none to compare. The resource keeps it."""
    return NOTHING


_BOUNDS: Final = ("low", "high")
_READERS: Final[Mapping[str, Callable[[Json], Value]]] = {
    "valueQuantity": amount,
    "valueCodeableConcept": _concept,
    "valueString": _text,
    "valueBoolean": _boolean,
    "valueInteger": _integer,
    "valueRange": _range,
    "valueRatio": _ratio,
    "valueSampledData": _curve,
    "valueDateTime": _text,
    "valueTime": _text,
    "valuePeriod": _period,
}
