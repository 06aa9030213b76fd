"""Numbers in the unit that those of their dimension are kept and compared in: pure.

What is asked for goes the same way as what is stored, so that both are the same number.
"""

import math
from decimal import Decimal
from functools import lru_cache

from fhirlink.events.values import Unit, Value
from fhirlink.search.units import Scale, scale_of


def canonical_unit(unit: Unit) -> str:
    """Return the unit that numbers of a unit are kept in; empty for its own."""
    scale = _scale(unit)
    return scale.unit if scale else ""


def canonical(value: Value) -> tuple[float | None, float | None]:
    """Return the bounds of a value in the canonical unit."""
    scale = _scale(value.unit) if value.unit else None
    if scale is None or scale.is_own:
        return value.low, value.high
    return _convert(scale, value.low), _convert(scale, value.high)


def _convert(scale: Scale, number: float | None) -> float | None:
    if number is None or not math.isfinite(number):
        return number
    converted = scale.convert(Decimal(repr(number)))
    return None if converted is None else float(converted)


@lru_cache(maxsize=4096)
def _scale(unit: Unit) -> Scale | None:
    # A code has a system; without, how people write the unit may say what it is.
    return scale_of(unit.system, unit.code) or scale_of("", unit.words)
