"""Which part of an image fills a picture of which size: pure (PS3.18 8.3.5.1.3).

A picture has square pixels. Where those of the image are not, the picture is made
larger in one direction, so that nothing of the image is lost.
"""

from typing import Final, NamedTuple

from imaging.rendering.appearance import Viewport
from imaging.rendering.attributes import Model, numbers, tag

MOST_PICTURE_PIXELS: Final = 1 << 27
_RATIO: Final = tag("PixelAspectRatio")
_SPACINGS: Final = tuple(map(tag, ("PixelSpacing", "ImagerPixelSpacing")))
_SQUARE: Final = 0.01  # a ratio so close to 1 is 1: spacings are measured
_MOST_RATIO: Final = 20.0


class Box(NamedTuple):
    """A part of an image, in its pixels, which may be fractions."""

    left: float
    top: float
    right: float
    bottom: float


class Placement(NamedTuple):
    """A part of an image, and the size of the picture that it fills."""

    source: Box
    width: int
    height: int


def pixel_ratio(frame: Model) -> float:
    """Return the height of a pixel divided by its width (C.7.6.3.1.7)."""
    for key in (_RATIO, *_SPACINGS):
        found = numbers(frame, key)
        if len(found) == 2 and min(found) > 0:
            ratio = found[0] / found[1]
            is_usual = 1 / _MOST_RATIO <= ratio <= _MOST_RATIO
            return ratio if is_usual and abs(ratio - 1) > _SQUARE else 1.0
    return 1.0


def place(
    columns: int, rows: int, ratio: float, viewport: Viewport | None
) -> Placement | None:
    """Return what of an image is shown, and how large; None where that is nothing.

    What a viewport names beyond the image is left out; the rest is as large as the
    viewport in one direction and not larger in the other.

    Parameters
    ----------
    ratio
        As of `pixel_ratio`.
    """
    box = _shown(columns, rows, viewport)
    width, height = box.right - box.left, box.bottom - box.top
    if width <= 0 or height <= 0:
        return None
    if ratio > 1:
        height *= ratio
    else:
        width /= ratio
    if viewport is not None:
        scale = min(viewport.width / width, viewport.height / height)
        width, height = width * scale, height * scale
    return Placement(box, max(1, round(width)), max(1, round(height)))


def _shown(columns: int, rows: int, viewport: Viewport | None) -> Box:
    if viewport is None:
        return Box(0, 0, columns, rows)
    right, bottom = float(columns), float(rows)
    if viewport.source_width is not None:
        right = min(right, viewport.left + viewport.source_width)
    if viewport.source_height is not None:
        bottom = min(bottom, viewport.top + viewport.source_height)
    return Box(max(viewport.left, 0.0), max(viewport.top, 0.0), right, bottom)
