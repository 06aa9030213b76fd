"""A sweep of an ultrasound probe through the upper abdomen, as a loop of frames.

Coordinates are the probe's own: x across the picture, y along the sweep, z upwards from
the middle of the probe's face (depth is negative), in mm.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from portal.demo.identity import number
from portal.demo.phantom import HALO_MM, Reading
from portal.demo.protocols import SeriesPlan
from portal.demo.shapes import Capsule, Ellipsoid, Grid, Point, Shape, paint
from portal.demo.stories import Patient, Study

LESION_CENTRE: Final[Point] = (-16.0, 0.0, -84.0)
FRAME_TIME_MS: Final = 50.0

_PARENCHYMA: Final = 100.0
_FLUID: Final = 8.0
_FACE_RADIUS_MM: Final = 52.0
_DEPTH_MM: Final = 160.0
_HALF_ANGLE: Final = np.deg2rad(35.0)
_SPECKLE: Final = 0.15

READING: Final = Reading((_PARENCHYMA + _FLUID) / 2, brighter=False)


def lay_grid(plan: SeriesPlan) -> Grid:
    """Lay the field of view; one frame passes through the middle of the lesion."""
    return Grid(plan.field, LESION_CENTRE)


def cine(patient: Patient, study: Study, plan: SeriesPlan) -> NDArray[np.uint8]:
    """Return the grey levels of the loop: frames, rows, columns."""
    grid = lay_grid(plan)
    echoes = np.full(grid.shape, _PARENCHYMA, np.float32)
    for shape, echo in _organs():
        paint(echoes, grid, shape, echo, 1.2)
    if study.lesion:
        radius = study.lesion.diameter_mm / 2
        for reach, echo in ((radius + HALO_MM, _PARENCHYMA), (radius, _FLUID)):
            ball = Ellipsoid(LESION_CENTRE, (reach, reach, reach))
            paint(echoes, grid, ball, echo, plan.field.spacing_mm)
    dice = np.random.default_rng(number(patient.seed, study.study_instance_uid, "cine"))
    for index, frame in enumerate(echoes):
        echoes[index] = frame * (1 + _SPECKLE * _grain(dice, frame.shape))
    echoes *= _sector(grid)
    return np.clip(np.rint(echoes), 0, 255).astype(np.uint8)


def tinted(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a loop in the warm tint that some readers like: red, green, blue last."""
    tint = np.array((1.0, 0.86, 0.66), np.float32)
    return np.asarray(np.rint(grey[..., np.newaxis] * tint), np.uint8)


def _organs() -> Iterator[tuple[Shape, float]]:
    """Yield shapes and echoes: wall, vessels, gallbladder, kidney, diaphragm."""
    for depth, echo in ((21, 190), (16, 110), (10, 150), (4, 180)):
        yield Ellipsoid((0, 0, 60), (300, 300, 60 + depth + 2)), float(echo)
        yield Ellipsoid((0, 0, 60), (300, 300, 60 + depth - 1)), 90.0
    yield Ellipsoid((6, 0, -250), (180, 120, 104)), 215.0
    yield Ellipsoid((6, 0, -254), (180, 120, 104)), 45.0
    yield Capsule((-70, -40, -50), (30, 30, -118), 4.5), 150.0
    yield Capsule((-70, -40, -50), (30, 30, -118), 3.2), _FLUID
    yield Capsule((-50, 20, -120), (20, -20, -100), 3.0), _FLUID
    yield Capsule((24, -30, -40), (40, 30, -70), 2.2), _FLUID
    yield Ellipsoid((46, -6, -62), (13, 20, 20)), 140.0
    yield Ellipsoid((46, -6, -62), (11.5, 18.5, 18.5)), _FLUID
    yield Ellipsoid((52, 8, -112), (40, 24, 22)), 62.0
    yield Ellipsoid((52, 8, -112), (24, 14, 9)), 165.0


def _grain(dice: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Speckle: noise that is wider than deep, with unit deviation."""
    noise = dice.standard_normal(shape, np.float32)
    wide = noise + np.roll(noise, 1, 1) + np.roll(noise, 2, 1)
    return np.asarray(wide / np.sqrt(3), np.float32)


def _sector(grid: Grid) -> NDArray[np.float32]:
    """One inside the fan that the probe sees, zero outside."""
    x, _, z = grid.coordinates
    below = _FACE_RADIUS_MM - z
    radius = np.hypot(x, below)
    angle = np.abs(np.arctan2(x, below))
    seen = (radius > _FACE_RADIUS_MM) & (radius < _FACE_RADIUS_MM + _DEPTH_MM)
    return np.asarray(seen & (angle < _HALF_ANGLE), np.float32)
