"""Windows: which values become which grey levels (DICOM PS3.3 C.11.2)."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from imaging.rendering.appearance import Shape, Window
from imaging.rendering.attributes import Bulk, Model, items, numbers, tag, text
from imaging.rendering.lookup import lookup_of

Values = NDArray[np.float64]
Grey = Callable[[Values], Values]
"""From values of the modality to grey levels from 0 to 1."""

_CENTER: Final = tag("WindowCenter")
_WIDTH: Final = tag("WindowWidth")
_FUNCTION: Final = tag("VOILUTFunction")
_VOI_LUTS: Final = tag("VOILUTSequence")
_PRESENTATION_LUTS: Final = tag("PresentationLUTSequence")
_STEEPEST: Final = 700.0  # an exponent beyond which float64 overflows


def apply(window: Window, values: Values) -> Values:
    """Return the grey levels, from 0 to 1, that a window gives values."""
    center, width = window.center, window.width
    if window.shape is Shape.SIGMOID:
        steepness = np.clip(-4 * (values - center) / width, -_STEEPEST, _STEEPEST)
        return np.asarray(1 / (1 + np.exp(steepness)))
    if window.shape is Shape.LINEAR:
        center, width = center - 0.5, width - 1
    low, high = center - width / 2, center + width / 2
    if high <= low:  # black up to the threshold, white beyond
        return (values > low).astype(np.float64)
    return np.clip((values - low) / (high - low), 0, 1)


def stored_grey(frame: Model, bulk: Bulk) -> Grey | None:
    """Return what a data set says of its grey levels; None where it says nothing.

    A VOI LUT goes before windows, and of several the first is taken: how a device
    means its images is best known to it.
    """
    for item in items(frame, _VOI_LUTS)[:1]:
        lut = lookup_of(item, bulk)
        if lut is not None:
            return lambda values: lut(values) / lut.maximum
    window = stored_window(frame)
    return (lambda values: apply(window, values)) if window else None


def presented(state: Model, bulk: Bulk) -> Grey | None:
    """Return the presentation LUT of a presentation state (C.11.4); None without."""
    for item in items(state, _PRESENTATION_LUTS)[:1]:
        lut = lookup_of(item, bulk)
        if lut is not None:
            last = len(lut.entries) - 1
            return lambda grey: lut(lut.first + grey * last) / lut.maximum
    return None


def stored_window(frame: Model) -> Window | None:
    """Return the first window of a data set; None where it has no sound one."""
    centers, widths = numbers(frame, _CENTER), numbers(frame, _WIDTH)
    if not centers or not widths:
        return None
    named = text(frame, _FUNCTION)
    shape = Shape(named) if named in set(Shape) else Shape.LINEAR
    window = Window(centers[0], widths[0], shape)
    return window if window.is_valid else None


def between(low: float, high: float) -> Window:
    """Return the window that makes `low` black and `high` white, and not less."""
    return Window((low + high) / 2, max(high - low, _LEAST_WIDTH), Shape.LINEAR_EXACT)


_LEAST_WIDTH: Final = 1e-12
