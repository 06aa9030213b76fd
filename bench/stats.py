"""The arithmetic of the figures."""

from collections.abc import Sequence
from math import ceil
from statistics import median


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that `percent` of the `values` do not exceed.

    The nearest-rank definition: always one of the values.
    """
    ordered = sorted(values)
    rank = max(1, ceil(len(ordered) * percent / 100))
    return ordered[rank - 1]


def median_of(values: Sequence[float]) -> float | None:
    """Return the median, or None of nothing."""
    return median(values) if values else None


def ratio(ours: float | None, theirs: float | None) -> float | None:
    """Return how many times `theirs` goes into `ours`, or None where one is missing."""
    return None if ours is None or not theirs else ours / theirs
