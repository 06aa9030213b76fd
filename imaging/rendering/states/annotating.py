"""Graphics and texts of presentation states, drawn upon a picture (PS3.3 C.10.5).

All in white with black edges, so that they are seen on anything; layers are drawn in
their order. How much is drawn is bounded.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw

from imaging.rendering.appearance import Viewport
from imaging.rendering.attributes import Model, items, number, numbers, tag, text
from imaging.rendering.drawing import MARGIN, size_of_text, write
from imaging.rendering.geometry import Placement
from imaging.rendering.states.area import Area, Points
from imaging.rendering.states.state import PresentationState

MOST_OBJECTS: Final = 1_000
"""Graphics and texts that are drawn upon a picture."""

Place = Callable[[Points, str], Points | None]
"""From points, in units of which the name is given, to pixels of the picture."""

_LAYERS: Final = tag("GraphicLayerSequence")
_LAYER: Final = tag("GraphicLayer")
_ORDER: Final = tag("GraphicLayerOrder")
_GRAPHICS: Final = tag("GraphicObjectSequence")
_UNITS: Final = tag("GraphicAnnotationUnits")
_TYPE: Final = tag("GraphicType")
_DATA: Final = tag("GraphicData")
_FILLED: Final = tag("GraphicFilled")
_TEXTS: Final = tag("TextObjectSequence")
_TEXT: Final = tag("UnformattedTextValue")
_BOX_UNITS: Final = tag("BoundingBoxAnnotationUnits")
_BOX: Final = tag("BoundingBoxTopLeftHandCorner")
_ANCHOR_UNITS: Final = tag("AnchorPointAnnotationUnits")
_ANCHOR: Final = tag("AnchorPoint")
_ANCHOR_IS_SEEN: Final = tag("AnchorPointVisibility")
_MOST_POINTS: Final = 5_000
_MOST_LINES: Final = 40
_CORNERS: Final = 72  # of a circle
_STEPS: Final = 8  # between two points of a curve
_MOST_PLACE: Final = 1 << 15  # in pixels of the picture
_DOT: Final = 2
_LINES_A_PICTURE: Final = 400  # a line is so thin


def placed(area: Area, placement: Placement, viewport: Viewport | None) -> Place:
    """Return what finds the place of a point on the picture of an area."""
    box = placement.source
    origin = np.array([box.left, box.top])
    scale = np.array(
        [
            placement.width / (box.right - box.left),
            placement.height / (box.bottom - box.top),
        ]
    )

    def place(points: Points, units: str) -> Points | None:
        if units not in {"PIXEL", "DISPLAY"}:
            return None
        seen = area.moved(points) if units == "PIXEL" else points * np.array(area.size)
        found: Points = (seen - origin) * scale
        if viewport is not None and viewport.flips_horizontally:
            found[:, 0] = placement.width - found[:, 0]
        if viewport is not None and viewport.flips_vertically:
            found[:, 1] = placement.height - found[:, 1]
        return found

    return place


def draw(
    picture: Image.Image, state: PresentationState, frame: int, place: Place
) -> None:
    """Draw upon a picture, in place, what a presentation state says of a frame."""
    left = MOST_OBJECTS
    for annotation in _in_order(state, frame):
        graphics = items(annotation, _GRAPHICS)[:left]
        left -= len(graphics)
        texts = items(annotation, _TEXTS)[:left]
        left -= len(texts)
        for each in graphics:
            _draw_graphic(picture, each, place)
        for each in texts:
            _draw_text(picture, each, place)


def _in_order(state: PresentationState, frame: int) -> list[Model]:
    """Return the annotations of a frame, those of the lowest layer first."""
    orders = {
        text(layer, _LAYER): number(layer, _ORDER) or 0
        for layer in items(state.model, _LAYERS)
    }
    found = state.annotations(frame)
    return sorted(found, key=lambda each: orders.get(text(each, _LAYER), 0))


def _draw_graphic(picture: Image.Image, graphic: Model, place: Place) -> None:
    points = _points(numbers(graphic, _DATA))
    shape = text(graphic, _TYPE)
    make = _SHAPES.get(shape)
    if points is None or make is None:
        return
    outline = place(make(points), text(graphic, _UNITS))
    if outline is None:
        return
    drawing, thin = ImageDraw.Draw(picture), _thickness(picture)
    corners = _corners(outline)
    if shape == "POINT" or len(corners) < 2:
        _dot(drawing, picture, corners[0], thin)
        return
    if text(graphic, _FILLED) == "Y" and len(corners) > 2:
        drawing.polygon(corners, fill=_white(picture))
    drawing.line(corners, fill=0 if picture.mode == "L" else (0, 0, 0), width=3 * thin)
    drawing.line(corners, fill=_white(picture), width=thin)


def _draw_text(picture: Image.Image, told: Model, place: Place) -> None:
    box = _place_of(told, _BOX, _BOX_UNITS, place)
    anchor = _place_of(told, _ANCHOR, _ANCHOR_UNITS, place)
    words = text(told, _TEXT)
    if box is None and anchor is None:
        return
    drawing = ImageDraw.Draw(picture)
    if anchor is not None and text(told, _ANCHOR_IS_SEEN) == "Y":
        if box is not None:
            drawing.line([anchor, box], fill=_white(picture), width=_thickness(picture))
        _dot(drawing, picture, anchor, _thickness(picture))
    x, y = box or anchor or (0.0, 0.0)
    size, height = size_of_text(picture)
    for line in words.splitlines()[:_MOST_LINES]:
        write(picture, (x + MARGIN, y), line, size)
        y += height


def _place_of(
    told: Model, key: str, units: str, place: Place
) -> tuple[float, float] | None:
    """Return where a point of a text is on the picture; None where it has none."""
    found = numbers(told, key)
    if len(found) != 2:
        return None
    moved = place(np.array([found]), text(told, units))
    return None if moved is None else _corners(moved)[0]


def _points(given: list[float]) -> Points | None:
    number_of_points = min(len(given) // 2, _MOST_POINTS)
    if not number_of_points:
        return None
    return np.array(given[: 2 * number_of_points]).reshape(-1, 2)


def _corners(points: Points) -> list[tuple[float, float]]:
    kept = np.clip(np.nan_to_num(points), -_MOST_PLACE, _MOST_PLACE)
    return [(float(x), float(y)) for x, y in kept]


def _same(points: Points) -> Points:
    return points


def _circle(points: Points) -> Points:
    """Return the outline of a circle: its centre, and a point of it."""
    radius = float(np.hypot(*(points[-1] - points[0])))
    made: Points = points[0] + radius * _unit_circle()
    return made


def _ellipse(points: Points) -> Points:
    """Return the outline of an ellipse: the ends of its longer and shorter axis."""
    if len(points) < 4:
        return points
    center = points[:4].mean(axis=0)
    axes = np.stack([points[1] - points[0], points[3] - points[2]]) / 2
    made: Points = center + _unit_circle() @ axes
    return made


def _unit_circle() -> Points:
    angles = np.linspace(0, 2 * np.pi, _CORNERS + 1)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _curve(points: Points) -> Points:
    """Return a smooth curve through points (of Catmull and Rom)."""
    if len(points) < 3:
        return points
    around = np.concatenate([points[:1], points, points[-1:]])
    before, start, end, after = (around[i : len(around) - 3 + i] for i in range(4))
    made = [
        0.5
        * (
            2 * start
            + (end - before) * t
            + (2 * before - 5 * start + 4 * end - after) * t**2
            + (3 * start - before - 3 * end + after) * t**3
        )
        for t in np.arange(_STEPS) / _STEPS
    ]
    return np.concatenate([np.stack(made, axis=1).reshape(-1, 2), points[-1:]])


_SHAPES: Final[dict[str, Callable[[Points], Points]]] = {
    "POINT": _same,
    "POLYLINE": _same,
    "INTERPOLATED": _curve,
    "CIRCLE": _circle,
    "ELLIPSE": _ellipse,
}


def _dot(
    drawing: ImageDraw.ImageDraw,
    picture: Image.Image,
    at: tuple[float, float],
    thin: int,
) -> None:
    x, y = at
    size = _DOT * thin
    drawing.ellipse((x - size, y - size, x + size, y + size), fill=_white(picture))


def _thickness(picture: Image.Image) -> int:
    return max(1, picture.height // _LINES_A_PICTURE)


def _white(picture: Image.Image) -> Any:
    return 255 if picture.mode == "L" else (255, 255, 255)
