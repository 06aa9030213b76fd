"""What somebody sees of a run now: rows with names, without, or counts alone."""

from enum import StrEnum

from cohorts.execution.visible import Reached


class Sight(StrEnum):
    """What of a run is seen."""

    COUNTS = "counts"
    WITHOUT_NAMES = "without names"
    NAMES = "names"


def sight_of(reached: Reached) -> Sight:
    """Return what is seen by who may ask of so much."""
    if not reached.may_list:
        return Sight.COUNTS
    within = reached.within
    is_deidentified = within is not None and within.is_deidentified
    return Sight.WITHOUT_NAMES if is_deidentified else Sight.NAMES
