"""From stored values to grey levels of 8 bits (DICOM PS3.4 N.2.1).

Modality LUT or rescaling, VOI LUT or window, and the sense of the Photometric
Interpretation. Of samples of 16 bits or less a table of all values is made first: a
frame then costs one look-up for each pixel, in integers, whatever the functions are.
Others are calculated some rows at a time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from imaging.rendering import windows
from imaging.rendering.appearance import Window
from imaging.rendering.attributes import Bulk, Model, items, number, tag, text
from imaging.rendering.lookup import lookup_of
from imaging.rendering.windows import Grey, Values

Samples = NDArray[Any]
Levels = NDArray[np.uint8]

WHITE: Final = 255
_TABLE_BYTES: Final = 2  # samples up to this size have a table
_BLOCK: Final = 1 << 20  # samples that are calculated at once otherwise
_MODALITY_LUTS: Final = tag("ModalityLUTSequence")
_INTERCEPT: Final = tag("RescaleIntercept")
_SLOPE: Final = tag("RescaleSlope")
_PADDING: Final = tag("PixelPaddingValue")
_PADDING_LIMIT: Final = tag("PixelPaddingRangeLimit")
_SEGMENTATION: Final = tag("SegmentationType")
_FRACTION: Final = tag("MaximumFractionalValue")
# Where a data set has no window: the few darkest and brightest values do not count.
_PERCENTILES: Final = (1.0, 99.0)
_PLAIN_BITS: Final = 8
_MOST_PLAIN_BITS: Final = 32


@dataclass(frozen=True, slots=True)
class GreyFrame:
    """A frame of one sample for each pixel, and what is said of it.

    Attributes
    ----------
    samples
        Stored values, without bits beside them.
    bits_stored
        How many bits they have; of floating point 0.
    is_inverted
        Whether the lowest value is white: MONOCHROME1.
    is_spread
        Whether the grey levels of a frame without a window are those that it has, not
        all that its values could be.
    presentation
        What is done to the grey levels last, 0 to 1.
    """

    samples: Samples
    bits_stored: int
    is_inverted: bool
    frame: Model
    bulk: Bulk
    is_spread: bool = True
    presentation: Grey | None = None


def levels(of: GreyFrame, window: Window | None) -> Levels:
    """Return the grey levels of a frame, 0 for black; shape as of the samples.

    Parameters
    ----------
    window
        What is asked for instead of what the data set says.
    """
    modality = _modality(of.frame, of.bulk)
    grey = _grey(of, modality, window)
    padding = _padding(of.frame)

    def calculated(samples: Samples) -> Levels:
        with np.errstate(all="ignore"):  # what comes of extreme numbers is cut anyway
            made = np.clip(grey(modality(samples.astype(np.float64))), 0, 1)
        if of.is_inverted:
            made = 1 - made
        if of.presentation is not None:
            made = of.presentation(made)
        found = np.rint(np.nan_to_num(made) * WHITE).astype(np.uint8)
        if padding is not None:  # background, whatever the window is (C.7.5.1.1.2)
            found[(samples >= padding[0]) & (samples <= padding[1])] = 0
        return found

    kind = of.samples.dtype
    if kind.kind not in "iu" or kind.itemsize > _TABLE_BYTES:
        return _in_blocks(calculated, of.samples)
    every = _every_value(of)
    table = calculated(every.view(kind))
    found: Levels = np.take(table, of.samples.view(every.dtype))
    return found


def _every_value(of: GreyFrame) -> NDArray[Any]:
    """Return all values that samples may have, where their unsigned value says."""
    kind = of.samples.dtype
    bits = 8 * kind.itemsize
    if kind.kind == "u" and of.bits_stored:  # there are no bits beside them
        bits = min(bits, of.bits_stored)
    return np.arange(1 << bits).astype(f"u{kind.itemsize}")


def _in_blocks(function: Callable[[Samples], Levels], samples: Samples) -> Levels:
    made = np.empty(samples.shape, np.uint8)
    rows = max(1, _BLOCK // max(1, samples.shape[1]))
    for start in range(0, samples.shape[0], rows):
        made[start : start + rows] = function(samples[start : start + rows])
    return made


def _modality(frame: Model, bulk: Bulk) -> Callable[[Values], Values]:
    """Return what turns stored values into values of the modality (C.11.1)."""
    for item in items(frame, _MODALITY_LUTS)[:1]:
        lut = lookup_of(item, bulk)
        if lut is not None:
            return lut
    slope, intercept = number(frame, _SLOPE), number(frame, _INTERCEPT)
    slope = 1.0 if slope is None or slope == 0 else slope
    offset = 0.0 if intercept is None else intercept
    return lambda values: values * slope + offset


def _grey(
    of: GreyFrame, modality: Callable[[Values], Values], window: Window | None
) -> Grey:
    if window is not None:
        return lambda values: windows.apply(window, values)
    stored = windows.stored_grey(of.frame, of.bulk)
    if stored is not None:
        return stored
    usual = _usual_window(of, modality)
    return lambda values: windows.apply(usual, values)


def _usual_window(of: GreyFrame, modality: Callable[[Values], Values]) -> Window:
    """Return the window of a data set that has none.

    Values of 8 bits or less are taken for grey levels already, as of a screen or a
    segmentation; others are spread over those that the frame has.
    """
    segmentation = text(of.frame, _SEGMENTATION)
    if segmentation == "FRACTIONAL":
        return windows.between(0, number(of.frame, _FRACTION) or WHITE)
    if segmentation == "LABELMAP":
        return windows.between(0, float(of.samples.max()))
    if 0 < of.bits_stored <= (_PLAIN_BITS if of.is_spread else _MOST_PLAIN_BITS):
        is_signed = of.samples.dtype.kind == "i"
        low = -(1 << of.bits_stored - 1) if is_signed else 0
        ends = np.array([low, low + (1 << of.bits_stored) - 1], np.float64)
    else:
        ends = np.percentile(_thinned(of), _PERCENTILES)
    low, high = np.sort(modality(np.asarray(ends, np.float64)))
    return windows.between(float(low), float(high))


def _thinned(of: GreyFrame) -> Values:
    """Return some of the values of a frame, without padding; enough for percentiles."""
    step = max(1, int(np.sqrt(of.samples.size / _BLOCK)))
    found = of.samples[::step, ::step].astype(np.float64).ravel()
    padding = _padding(of.frame)
    keeps = np.isfinite(found)
    if padding is not None:
        keeps &= (found < padding[0]) | (found > padding[1])
    kept = found[keeps]
    return kept if kept.size else np.zeros(1)


def _padding(frame: Model) -> tuple[float, float] | None:
    """Return the lowest and highest value of padding (C.7.5.1.1.2)."""
    first = number(frame, _PADDING)
    if first is None:
        return None
    last = number(frame, _PADDING_LIMIT)
    last = first if last is None else last
    return min(first, last), max(first, last)
