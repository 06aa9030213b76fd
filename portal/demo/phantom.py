"""Volumes of the demo: what a scanner would measure of a body with a lesion.

The lesion is painted last, with a thin halo of the tissue that it lies in, so that its
diameter can be read from the pixels by one threshold (`Reading`).
"""

from dataclasses import dataclass
from random import Random
from typing import Final

import numpy as np

from portal.demo.anatomy import TISSUES, organs
from portal.demo.identity import number
from portal.demo.protocols import Contrast, SeriesPlan
from portal.demo.shapes import Ellipsoid, Floats, Grid, paint
from portal.demo.stories import Lesion, Patient, Study
from portal.demo.tales import Site

HALO_MM: Final = 3.5

# What a lesion consists of, and the tissue around it.
_COMPOSITION: Final = {
    Site.FEMUR: ("bone tumour", "muscle"),
    Site.LUNG: ("tumour", "lung"),
    Site.LIVER: ("tumour", "liver"),
    Site.LIVER_CYST: ("water", "liver"),
    Site.MEDIASTINUM: ("tumour", "fat"),
    Site.KIDNEY: ("tumour", "kidney"),
    Site.BRAIN: ("tumour", "white"),
}
# Standard deviation of the noise, in the unit of the contrast.
_NOISE: Final = {Contrast.CT: 11.0, Contrast.T1: 14.0, Contrast.T2: 14.0}
_PET_NOISE: Final = 0.05  # of the local uptake
_PET_BLUR_VOXELS: Final = 1
_ATTENUATION_PER_MM: Final = 0.02  # water, about 70 keV


@dataclass(frozen=True, slots=True)
class Reading:
    """How the lesion is read: voxels beyond `threshold`, brighter or darker."""

    threshold: float
    brighter: bool


def reading(lesion: Lesion, contrast: Contrast) -> Reading:
    """Return the threshold half-way between a lesion and what lies around it."""
    inside, outside = _levels(lesion, contrast)
    return Reading((inside + outside) / 2, inside > outside)


def is_readable(lesion: Lesion, contrast: Contrast) -> bool:
    """Tell whether a lesion stands out far enough to be measured in the pixels."""
    if contrast not in _NOISE:
        return True
    inside, outside = _levels(lesion, contrast)
    return abs(inside - outside) > 6 * _NOISE[contrast]


def lay_grid(study: Study, plan: SeriesPlan) -> Grid:
    """Lay the field of view; a slice passes through the middle of the lesion."""
    return Grid(plan.field, study.lesion.centre_mm if study.lesion else None)


def volume(patient: Patient, study: Study, plan: SeriesPlan, grid: Grid) -> Floats:
    """Return the measured values (HU, SUV or signal): slices, rows, columns."""
    values = _bodily(patient, study, plan.contrast, grid)
    if plan.contrast is Contrast.PET:
        values = _blurred(values)
    if study.lesion:
        _plant(values, grid, study.lesion, plan.contrast)
    return _noisy(values, plan.contrast, _dice(patient, study, plan))


def radiograph(patient: Patient, study: Study, plan: SeriesPlan, grid: Grid) -> Floats:
    """Return the line integrals of attenuation from front to back: rows, columns."""
    values = _bodily(patient, study, Contrast.CT, grid)
    if study.lesion:
        inside, outside = _levels(study.lesion, Contrast.CT)
        _paint_ball(values, grid, study.lesion, HALO_MM, outside)
    values += 1000
    integral = values.sum(axis=0) * np.float32(grid.spacing_mm[0])
    if study.lesion:
        # Exact, because a sum over coarse slices would draw the ball in steps.
        integral += _chord(grid, study.lesion) * np.float32(inside - outside)
    integral *= np.float32(_ATTENUATION_PER_MM / 1000)
    grain = _dice(patient, study, plan).normal(0, 0.012, integral.shape)
    return np.asarray(integral + grain, np.float32)


def _bodily(patient: Patient, study: Study, contrast: Contrast, grid: Grid) -> Floats:
    body = study.protocol.body
    # One body per person: every study of a patient sees the same vessels.
    luck = Random(number(patient.seed, "body", patient.index, body))  # noqa: S311
    values = np.full(grid.shape, _value("air", contrast), np.float32)
    edge_mm = max(grid.field.spacing_mm, 0.8)
    for shape, tissue in organs(body, luck):
        if study.protocol.modality == "CR" and tissue in {"table", "foam"}:
            continue
        paint(values, grid, shape, _value(tissue, contrast), edge_mm)
    if study.consolidated:
        shadow = Ellipsoid((-78, 34, 34), (30, 30, 34))
        paint(values, grid, shadow, -150, 28)
    return values


def _levels(lesion: Lesion, contrast: Contrast) -> tuple[float, float]:
    """Return the values of a lesion and of the tissue around it."""
    inside, outside = (_value(tissue, contrast) for tissue in _COMPOSITION[lesion.site])
    return inside, outside


def _value(tissue: str, contrast: Contrast) -> float:
    if contrast is Contrast.RADIOGRAPH:
        contrast = Contrast.CT
    return float(getattr(TISSUES[tissue], contrast))


def _plant(values: Floats, grid: Grid, lesion: Lesion, contrast: Contrast) -> None:
    inside, outside = _levels(lesion, contrast)
    _paint_ball(values, grid, lesion, HALO_MM, outside)
    _paint_ball(values, grid, lesion, 0, inside)


def _paint_ball(
    values: Floats, grid: Grid, lesion: Lesion, margin_mm: float, value: float
) -> None:
    reach = lesion.diameter_mm / 2 + margin_mm
    ball = Ellipsoid(lesion.centre_mm, (reach, reach, reach))
    paint(values, grid, ball, value, grid.field.spacing_mm)


def _chord(grid: Grid, lesion: Lesion) -> Floats:
    """Return the way of each ray through the ball of a lesion, in mm."""
    x, _, z = grid.coordinates
    across, _, up = lesion.centre_mm
    square = (lesion.diameter_mm / 2) ** 2 - (x - across) ** 2 - (z - up) ** 2
    return np.asarray(2 * np.sqrt(np.maximum(square[0], 0)), np.float32)


def _blurred(values: Floats) -> Floats:
    for axis in range(3):
        for _ in range(_PET_BLUR_VOXELS):
            neighbours = np.roll(values, 1, axis) + np.roll(values, -1, axis)
            values = values * np.float32(0.5) + neighbours * np.float32(0.25)
    return values


def _noisy(values: Floats, contrast: Contrast, dice: np.random.Generator) -> Floats:
    noise = dice.standard_normal(values.shape, np.float32)
    if contrast is Contrast.PET:
        noise *= _PET_NOISE * (values + np.float32(0.3))
        return np.asarray(np.maximum(values + noise, 0), np.float32)
    noise *= _NOISE[contrast]
    noise += values
    if contrast is not Contrast.CT:  # a magnitude
        np.abs(noise, out=noise)
    return noise


def _dice(patient: Patient, study: Study, plan: SeriesPlan) -> np.random.Generator:
    return np.random.default_rng(
        number(patient.seed, study.study_instance_uid, plan.description)
    )
