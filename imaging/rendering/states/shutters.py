"""Shutters: what of an image is covered (DICOM PS3.3 C.7.6.11, C.7.6.15)."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from imaging.rendering.attributes import Bulk, Model, number, numbers, tag, values
from imaging.rendering.overlays import Bits, plane

_SHAPE: Final = tag("ShutterShape")
_VALUE: Final = tag("ShutterPresentationValue")
_EDGES: Final = tuple(
    map(
        tag,
        (
            "ShutterLeftVerticalEdge",
            "ShutterUpperHorizontalEdge",
            "ShutterRightVerticalEdge",
            "ShutterLowerHorizontalEdge",
        ),
    )
)
_CENTER: Final = tag("CenterOfCircularShutter")
_RADIUS: Final = tag("RadiusOfCircularShutter")
_VERTICES: Final = tag("VerticesOfThePolygonalShutter")
_GROUP: Final = tag("ShutterOverlayGroup")
_MOST_VERTICES: Final = 10_000
_MOST_PLACE: Final = 1 << 20  # beyond any image
_MOST_VALUE: Final = 0xFFFF


def covered(state: Model, bulk: Bulk, shape: tuple[int, int]) -> Bits | None:
    """Return what is covered of an image of so many rows and columns; None: nothing.

    Where several shapes are named, only what lies inside of all is seen.
    """
    found = None
    for each in values(state, _SHAPE):
        make = _SHAPES.get(each) if isinstance(each, str) else None
        seen = make(state, bulk, shape) if make else None
        if seen is not None:
            found = seen if found is None else found & seen
    return None if found is None else ~found


def level(state: Model) -> int:
    """Return the grey level of what is covered, 0 to 255."""
    value = number(state, _VALUE) or 0
    return round(min(max(value, 0), _MOST_VALUE) / _MOST_VALUE * 255)


def _rectangle(state: Model, _bulk: Bulk, shape: tuple[int, int]) -> Bits | None:
    edges = [number(state, key) for key in _EDGES]
    left, top, right, bottom = (None if e is None else int(e) for e in edges)
    if left is None or top is None or right is None or bottom is None:
        return None
    seen: Bits = np.zeros(shape, bool)
    # In numbers from 1; the edges themselves are seen.
    seen[max(0, top - 1) : max(0, bottom), max(0, left - 1) : max(0, right)] = True
    return seen


def _circle(state: Model, _bulk: Bulk, shape: tuple[int, int]) -> Bits | None:
    center, radius = numbers(state, _CENTER), number(state, _RADIUS)
    if len(center) != 2 or radius is None:
        return None
    down = np.arange(1, shape[0] + 1) - center[0]
    across = np.abs(np.arange(1, shape[1] + 1) - center[1])
    half = np.where(down**2 <= radius**2, np.sqrt(np.abs(radius**2 - down**2)), -1)
    seen: Bits = across[None, :] <= half[:, None]
    return seen


def _polygon(state: Model, _bulk: Bulk, shape: tuple[int, int]) -> Bits | None:
    given = np.array(numbers(state, _VERTICES)[: 2 * _MOST_VERTICES])
    if len(given) < 6 or len(given) % 2:
        return None
    corners = np.clip(given.reshape(-1, 2)[:, ::-1] - 1, -_MOST_PLACE, _MOST_PLACE)
    mask = Image.new("1", (shape[1], shape[0]))
    ImageDraw.Draw(mask).polygon(list(map(tuple, corners.tolist())), fill=1)
    seen: NDArray[np.bool_] = np.asarray(mask)
    return seen


def _bitmap(state: Model, bulk: Bulk, shape: tuple[int, int]) -> Bits | None:
    group = number(state, _GROUP)
    drawn = plane(state, int(group), shape, bulk) if group else None
    return None if drawn is None else ~drawn


_SHAPES: Final = {
    "RECTANGULAR": _rectangle,
    "CIRCULAR": _circle,
    "POLYGONAL": _polygon,
    "BITMAP": _bitmap,
}
