"""When a drug runs: over its bounds or validity period, pure.

An active one without an end still runs.

References
----------
FHIR R4 11.1, MedicationRequest.dosageInstruction and dispenseRequest.
"""

from datetime import timedelta
from typing import Any, Final

from fhirlink.events.days import FOREVER, Days, days_of, later
from fhirlink.events.read import at, clean, first, text

Json = Any

_RUNNING: Final = frozenset({"active", "in-progress"})
_DAYS_OF: Final = {"d": 1, "wk": 7, "mo": 365.25 / 12, "a": 365.25}
_LONGEST_DAYS: Final = 366 * 200
_LONGEST: Final = 1000  # characters of words


def run_of(resource: Json, start: Days | None) -> tuple[Days | None, Days | None]:
    """Return from when to when a prescribed, taken or given drug runs.

    The first is None where it runs from its date on, the second where it is not known.
    """
    dosages = [*at(resource, "dosageInstruction"), *at(resource, "dosage")]
    periods = [
        each for one in dosages for each in at(one, "timing.repeat.boundsPeriod")
    ]
    validity = first(resource, "dispenseRequest.validityPeriod")
    for found in (periods, [validity] if validity else []):
        if bounds := _around(found):
            return bounds[0], bounds[1] or _open_end(resource)
    if start is not None and (length := _length(dosages)):
        return None, later(start, length)
    return None, _open_end(resource)


def _around(periods: list[Json]) -> tuple[Days | None, Days | None] | None:
    """Return where the first of the periods begins, and where the last one ends."""
    starts = [days_of(text(each, "start")) for each in periods]
    ends = [days_of(text(each, "end")) for each in periods]
    known_starts = [each for each in starts if each]
    known_ends = [each for each in ends if each]
    if not known_starts and not known_ends:
        return None
    is_open = len(known_ends) < len(ends)
    return (
        min(known_starts, default=None),
        None if is_open else max(known_ends, key=lambda days: days.last),
    )


def _length(dosages: list[Json]) -> timedelta | None:
    """Return the longest of the durations that are bounds."""
    found = []
    for duration in at(dosages, "timing.repeat.boundsDuration"):
        value = duration.get("value") if isinstance(duration, dict) else None
        unit = _DAYS_OF.get(text(duration, "code") or text(duration, "unit"))
        if unit and isinstance(value, int | float) and 0 < value < _LONGEST_DAYS:
            found.append(timedelta(days=int(float(value) * unit)))
    return max(found, default=None)


def _open_end(resource: Json) -> Days | None:
    return FOREVER if text(resource, "status") in _RUNNING else None


def dosage_of(resource: Json) -> str:
    """Return how it is to be taken, in words."""
    found = [*at(resource, "dosageInstruction.text"), *at(resource, "dosage.text")]
    return clean("; ".join(each for each in found if isinstance(each, str)))[:_LONGEST]
