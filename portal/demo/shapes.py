"""Solid shapes in patient coordinates, and the grid that they are painted on.

Coordinates are those of DICOM: x to the patient's left, y to the back, z to the head,
in mm. A voxel at an edge takes both sides in part, as in a real scanner.

References
----------
DICOM PS3.3 C.7.6.2.1.1 (image position and orientation).
"""

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from portal.demo.protocols import Field, View

Floats = NDArray[np.float32]
Point = tuple[float, float, float]
Box = tuple[tuple[float, float], ...]  # lowest and highest coordinate of each axis

# Per view: the axis and direction in which slices, rows and columns advance.
_ADVANCE: Final = {
    View.AXIAL: ((2, 1), (1, 1), (0, 1)),
    View.CORONAL: ((1, 1), (2, -1), (0, 1)),
}


class Grid:
    """Voxel centres of a field of view, the array axes being slice, row, column."""

    def __init__(self, field: Field, through: Point | None = None) -> None:
        """Lay the field; one of its slices passes through the point `through`."""
        self.field = field
        self.shape = (field.slices, field.matrix, field.matrix)
        self.spacing_mm = (field.slice_spacing_mm, field.spacing_mm, field.spacing_mm)
        self.coordinates: list[Floats] = [np.empty(0, np.float32)] * 3
        centre = _centre(field, through)
        for place, (axis, sign) in enumerate(_ADVANCE[field.view]):
            steps = np.arange(self.shape[place]) - (self.shape[place] - 1) / 2
            line = centre[axis] + sign * self.spacing_mm[place] * steps
            across = [1, 1, 1]
            across[place] = -1
            self.coordinates[axis] = line.astype(np.float32).reshape(across)

    @property
    def orientation(self) -> list[int]:
        """Image Orientation (Patient): the directions of a row and of a column."""
        cosines = [0] * 6
        (row_axis, row_sign), (column_axis, column_sign) = _ADVANCE[self.field.view][1:]
        cosines[column_axis] = column_sign
        cosines[3 + row_axis] = row_sign
        return cosines

    def position(self, number: int) -> Point:
        """Return Image Position (Patient) of a slice (from 0): its first voxel."""
        slice_axis = _ADVANCE[self.field.view][0][0]
        x, y, z = (
            round(float(line.ravel()[number if axis == slice_axis else 0]), 4)
            for axis, line in enumerate(self.coordinates)
        )
        return x, y, z

    def voxel(self, point: Point) -> Point:
        """Return where a point lies in the array, from 0: slice, row, column."""
        place = [0.0] * 3
        for number, (axis, sign) in enumerate(_ADVANCE[self.field.view]):
            first = float(self.coordinates[axis].ravel()[0])
            away = sign * (point[axis] - first) / self.spacing_mm[number]
            place[number] = round(away, 2)
        return place[0], place[1], place[2]

    def window(self, box: Box) -> tuple[slice, ...]:
        """Return the part of the array that covers a box; perhaps an empty one."""
        parts = [slice(0)] * 3
        for place, (axis, _) in enumerate(_ADVANCE[self.field.view]):
            line = self.coordinates[axis].ravel()
            margin = self.spacing_mm[place]
            inside = (line > box[axis][0] - margin) & (line < box[axis][1] + margin)
            found = np.flatnonzero(inside)
            parts[place] = slice(found[0], found[-1] + 1) if found.size else slice(0)
        return tuple(parts)

    def within(self, window: tuple[slice, ...]) -> tuple[Floats, Floats, Floats]:
        """Return x, y and z of a part of the array, ready to be broadcast."""
        x, y, z = (_cut(line, window) for line in self.coordinates)
        return x, y, z


class Shape(Protocol):
    """A solid: where it may lie, and how far a point is from its surface."""

    def box(self) -> Box:
        """Return a box around the shape."""

    def distance(self, x: Floats, y: Floats, z: Floats) -> Floats:
        """Return the distance to the surface in mm, negative inside."""


@dataclass(frozen=True, slots=True)
class Ellipsoid:
    """A ball, drawn out along the axes; `folds` wrinkle its surface (mm)."""

    centre: Point
    radii: Point
    folds: float = 0.0

    def box(self) -> Box:
        """Return a box around the shape."""
        pairs = zip(self.centre, self.radii, strict=True)
        return tuple((c - r - self.folds, c + r + self.folds) for c, r in pairs)

    def distance(self, x: Floats, y: Floats, z: Floats) -> Floats:
        """Return the distance to the surface: exact for a ball."""
        (cx, cy, cz), (rx, ry, rz) = self.centre, self.radii
        away = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 + ((z - cz) / rz) ** 2
        np.sqrt(away, out=away)
        away -= 1
        away *= min(self.radii)
        if self.folds:
            away += (
                self.folds
                * np.sin(x / 4.1 + np.sin(z / 7))
                * np.sin(y / 4.7 + np.cos(x / 9))
            )
        return np.asarray(away, np.float32)


@dataclass(frozen=True, slots=True)
class Tube:
    """An upright tube of elliptic section.

    `sections` are (z, centre x, centre y, radius x, radius y), z ascending; between
    two of them the tube runs straight.
    """

    sections: tuple[tuple[float, float, float, float, float], ...]

    def box(self) -> Box:
        """Return a box around the shape."""
        z, cx, cy, rx, ry = np.array(self.sections).T
        return (
            (float(min(cx - rx)), float(max(cx + rx))),
            (float(min(cy - ry)), float(max(cy + ry))),
            (float(z[0]), float(z[-1])),
        )

    def distance(self, x: Floats, y: Floats, z: Floats) -> Floats:
        """Return the distance to the wall, or to the plane of an end."""
        heights, *columns = np.array(self.sections).T
        cx, cy, rx, ry = (
            np.interp(z, heights, column).astype(np.float32) for column in columns
        )
        away = np.sqrt(((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2)
        away -= 1
        away *= np.minimum(rx, ry)
        ends = np.maximum(float(heights[0]) - z, z - float(heights[-1]))
        return np.asarray(np.maximum(away, ends, out=away), np.float32)


@dataclass(frozen=True, slots=True)
class Capsule:
    """A straight rod with round ends."""

    start: Point
    end: Point
    radius: float

    def box(self) -> Box:
        """Return a box around the shape."""
        pairs = zip(self.start, self.end, strict=True)
        return tuple((min(p) - self.radius, max(p) + self.radius) for p in pairs)

    def distance(self, x: Floats, y: Floats, z: Floats) -> Floats:
        """Return the distance to the surface."""
        (ax, ay, az), (bx, by, bz) = self.start, self.end
        ux, uy, uz = bx - ax, by - ay, bz - az
        length = ux * ux + uy * uy + uz * uz or 1.0
        along = ((x - ax) * ux + (y - ay) * uy + (z - az) * uz) / length
        t = np.clip(along, 0, 1)
        square = (
            (x - ax - t * ux) ** 2 + (y - ay - t * uy) ** 2 + (z - az - t * uz) ** 2
        )
        return np.asarray(np.sqrt(square) - self.radius, np.float32)


@dataclass(frozen=True, slots=True)
class Rib:
    """A pair of ribs: a hoop round the chest that falls towards the front."""

    height: float
    radius_x: float
    radius_y: float
    radius: float = 5.0

    def box(self) -> Box:
        """Return a box around the shape."""
        reach_x, reach_y = self.radius_x + self.radius, self.radius_y + self.radius
        fall = 0.5 * (self.radius_y + 45)
        return (
            (-reach_x, reach_x),
            (-reach_y, reach_y),
            (self.height - fall - self.radius, self.height + fall + self.radius),
        )

    def distance(self, x: Floats, y: Floats, z: Floats) -> Floats:
        """Return the distance to the surface; the front is cartilage, left open."""
        scaled = np.sqrt((x / self.radius_x) ** 2 + (y / self.radius_y) ** 2)
        outward = (scaled - 1) * self.radius_y
        upward = z - self.height - 0.5 * (y - 45)
        hoop = np.sqrt(outward**2 + (0.6 * upward) ** 2) - self.radius
        return np.asarray(np.maximum(hoop, -y - 0.78 * self.radius_y), np.float32)


def paint(
    volume: Floats, grid: Grid, shape: Shape, value: float, edge_mm: float
) -> None:
    """Fill a shape with a value; `edge_mm` is how wide its border fades."""
    window = grid.window(shape.box())
    part = volume[window]
    if part.size:
        cover = shape.distance(*grid.within(window))
        cover *= -1 / edge_mm
        cover += 0.5
        np.clip(cover, 0, 1, out=cover)
        cover *= value - part
        part += cover


def _cut(line: Floats, window: tuple[slice, ...]) -> Floats:
    """Cut a window out of coordinates that run along one of the three axes."""
    parts = [
        part if length > 1 else slice(None)
        for part, length in zip(window, line.shape, strict=True)
    ]
    return line[tuple(parts)]


def _centre(field: Field, through: Point | None) -> Point:
    if through is None:
        return field.centre_mm
    centre = list(field.centre_mm)
    axis = _ADVANCE[field.view][0][0]
    if field.on_lesion:
        centre[axis] = through[axis]
    # The middle of an even number of slices lies between two of them.
    first = centre[axis] - field.slice_spacing_mm * (field.slices - 1) / 2
    centre[axis] += (through[axis] - first) % field.slice_spacing_mm
    return centre[0], centre[1], centre[2]
