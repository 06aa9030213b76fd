"""The lesion as somebody has drawn it: a segmentation of a series of planes.

References
----------
DICOM PS3.3 A.51 (Segmentation IOD), C.8.20 (its modules), C.7.6.16 (functional groups),
C.12.2 (Common Instance Reference).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from portal.demo import modalities, modules, phantom
from portal.demo.identity import uid
from portal.demo.protocols import Code, Contrast, SeriesPlan
from portal.demo.shapes import Ellipsoid, Grid
from portal.demo.stories import Patient, Study

_SEGMENT: Final = 1
_ABNORMAL: Final = Code("49755003", "SCT", "Morphologically Altered Structure")
_MASS: Final = Code("4147007", "SCT", "Mass")
_SOURCE: Final = Code("121322", "DCM", "Source image for image processing operation")
_SEGMENTATION: Final = Code("113076", "DCM", "Segmentation")
_RED: Final = [34_864, 53_485, 51_065]  # in CIELab, PS3.3 C.10.7.1.1
_OF_SEGMENT: Final = (0x0062000B, 0x0062000A)  # attribute and its functional group
_OF_POSITION: Final = (0x00200032, 0x00209113)


def frames(study: Study, plan: SeriesPlan) -> tuple[list[int], NDArray[np.bool_]]:
    """Return the slices (from 0) that the lesion is in, and its voxels in these.

    Raises
    ------
    ValueError
        The study shows no lesion.
    """
    if study.lesion is None:
        message = "There is no lesion to be drawn."
        raise ValueError(message)
    radius = study.lesion.diameter_mm / 2
    ball = Ellipsoid(study.lesion.centre_mm, (radius, radius, radius))
    inside = ball.distance(*phantom.lay_grid(study, plan).coordinates) <= 0
    slices = np.flatnonzero(inside.any(axis=(1, 2)))
    return slices.tolist(), inside[slices]


def segmentation(patient: Patient, study: Study, plan: SeriesPlan) -> Dataset:
    """Return what a segmentation says beside its pixels."""
    grid = phantom.lay_grid(study, plan)
    slices, _ = frames(study, plan)
    source = _source(study)
    part = modalities.image_pixel(1)
    part.ImageType = ["DERIVED", "PRIMARY"]
    part.SegmentationType = "BINARY"
    part.ContentLabel = "LESION"
    part.ContentDescription = "The lesion of this study"
    part.ContentCreatorName = study.reading_physician
    part.SegmentSequence = Sequence([_segment(study)])
    part.NumberOfFrames = len(slices)
    part.DimensionOrganizationSequence, part.DimensionIndexSequence = _dimensions(
        patient, study
    )
    part.SharedFunctionalGroupsSequence = Sequence([_shared(grid)])
    part.PerFrameFunctionalGroupsSequence = Sequence(
        _frame(grid, place, index, modules.instance_uid(patient, study, source, place))
        for index, place in enumerate((each + 1 for each in slices), start=1)
    )
    part.ReferencedSeriesSequence = Sequence([_referenced(patient, study, slices)])
    return part


def _source(study: Study) -> SeriesPlan:
    return next(p for p in study.protocol.series if p.contrast is Contrast.CT)


def _segment(study: Study) -> Dataset:
    item = Dataset()
    item.SegmentNumber = _SEGMENT
    item.SegmentLabel = "Lesion"
    item.SegmentDescription = study.lesion.site.value if study.lesion else ""
    item.SegmentAlgorithmType = "MANUAL"
    item.SegmentedPropertyCategoryCodeSequence = modules.coded(_ABNORMAL)
    item.SegmentedPropertyTypeCodeSequence = modules.coded(_MASS)
    item.AnatomicRegionSequence = modules.coded(study.protocol.region)
    item.RecommendedDisplayCIELabValue = _RED
    return item


def _dimensions(patient: Patient, study: Study) -> tuple[Sequence, Sequence]:
    organization = Dataset()
    organization.DimensionOrganizationUID = uid(
        patient.seed, study.study_instance_uid, "dimensions"
    )
    indices = []
    for attribute, group in (_OF_SEGMENT, _OF_POSITION):
        index = Dataset()
        index.DimensionOrganizationUID = organization.DimensionOrganizationUID
        index.DimensionIndexPointer = attribute
        index.FunctionalGroupPointer = group
        indices.append(index)
    return Sequence([organization]), Sequence(indices)


def _shared(grid: Grid) -> Dataset:
    groups, plane = Dataset(), modalities.image_plane(grid, 0)
    orientation, measures, segment = Dataset(), Dataset(), Dataset()
    orientation.ImageOrientationPatient = plane.ImageOrientationPatient
    measures.PixelSpacing = plane.PixelSpacing
    measures.SliceThickness = plane.SliceThickness
    measures.SpacingBetweenSlices = plane.SpacingBetweenSlices
    segment.ReferencedSegmentNumber = _SEGMENT
    groups.PlaneOrientationSequence = Sequence([orientation])
    groups.PixelMeasuresSequence = Sequence([measures])
    groups.SegmentIdentificationSequence = Sequence([segment])
    return groups


def _frame(grid: Grid, place: int, index: int, source_uid: str) -> Dataset:
    """Return the functional groups of a frame, which lies on instance `place`."""
    groups, content, position = Dataset(), Dataset(), Dataset()
    content.DimensionIndexValues = [_SEGMENT, index]
    position.ImagePositionPatient = list(grid.position(place - 1))
    derivation, source = Dataset(), _reference(source_uid)
    source.SpatialLocationsPreserved = "YES"
    source.PurposeOfReferenceCodeSequence = modules.coded(_SOURCE)
    derivation.SourceImageSequence = Sequence([source])
    derivation.DerivationCodeSequence = modules.coded(_SEGMENTATION)
    groups.FrameContentSequence = Sequence([content])
    groups.PlanePositionSequence = Sequence([position])
    groups.DerivationImageSequence = Sequence([derivation])
    return groups


def _referenced(patient: Patient, study: Study, slices: list[int]) -> Dataset:
    item, source = Dataset(), _source(study)
    item.SeriesInstanceUID = modules.series_uid(patient, study, source)
    item.ReferencedInstanceSequence = Sequence(
        _reference(modules.instance_uid(patient, study, source, place + 1))
        for place in slices
    )
    return item


def _reference(sop_instance_uid: str) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = modalities.SOP_CLASSES["CT"]
    item.ReferencedSOPInstanceUID = sop_instance_uid
    return item
