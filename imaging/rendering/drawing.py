"""A picture: the shown part of an image in its size, with what is drawn upon it."""

from collections.abc import Sequence
from math import ceil, floor
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from imaging.rendering import fonts
from imaging.rendering.appearance import Viewport
from imaging.rendering.geometry import Placement

_SMALLEST_TEXT: Final = 9
_LINES_A_PICTURE: Final = 36  # so many would fill its height
_LINE_HEIGHT: Final = 1.25
_LONGEST_LINE: Final = 200
MARGIN: Final = 2
"""Between a place and the text that begins there."""


def with_graphics(levels: NDArray[np.uint8], drawn: NDArray[np.bool_]) -> None:
    """Make white, in place, what graphics cover."""
    levels[drawn] = 255


def shown(
    levels: NDArray[np.uint8], placement: Placement, viewport: Viewport | None
) -> Image.Image:
    """Return the part of an image that a placement names, in its size.

    Parameters
    ----------
    levels
        Grey, of shape (rows, columns), or colours, of shape (rows, columns, 3).
    viewport
        Tells whether it is mirrored.
    """
    box = placement.source
    left, top = floor(box.left), floor(box.top)
    # Cut first: scaling would mix in what lies beside the part.
    levels = levels[top : ceil(box.bottom), left : ceil(box.right)]
    picture = Image.fromarray(np.ascontiguousarray(levels))
    size = (placement.width, placement.height)
    inside = (box.left - left, box.top - top, box.right - left, box.bottom - top)
    if inside != (0, 0, *picture.size) or size != picture.size:
        picture = picture.resize(size, Image.Resampling.BILINEAR, box=inside)
    if viewport is not None and viewport.flips_horizontally:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if viewport is not None and viewport.flips_vertically:
        picture = picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    return picture


def annotated(
    picture: Image.Image, above: Sequence[str], below: Sequence[str]
) -> Image.Image:
    """Return a picture with lines of text at its upper and lower left corner.

    White with black edges, so that they can be read on anything.
    """
    picture = picture.copy()
    size, height = size_of_text(picture)
    last = picture.height - height * (len(below) + 0.5)
    places = [*_places(above, height // 2, height), *_places(below, last, height)]
    for line, top in places:
        write(picture, (height // 2, top), line, size)
    return picture


def size_of_text(picture: Image.Image) -> tuple[int, int]:
    """Return the size of text that suits a picture, and the height of its lines."""
    size = max(_SMALLEST_TEXT, picture.height // _LINES_A_PICTURE)
    return size, round(size * _LINE_HEIGHT)


def write(
    picture: Image.Image, place: tuple[float, float], line: str, size: int
) -> None:
    """Write a line into a picture; `place` is its upper left corner."""
    white: Any = 255 if picture.mode == "L" else (255, 255, 255)
    seen = "".join(each for each in line[:_LONGEST_LINE] if each.isprintable())
    shown, font = fonts.written(seen, size)
    drawing = ImageDraw.Draw(picture)
    drawing.text(place, shown, white, font=font, stroke_width=1, stroke_fill=0)


def _places(lines: Sequence[str], top: float, height: int) -> list[tuple[str, float]]:
    return [(line, top + place * height) for place, line in enumerate(lines)]
