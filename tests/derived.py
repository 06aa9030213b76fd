"""Objects that belong to images, and images of other kinds, as viewers are given them.

All are made in code, as small as the viewer takes them, with what their IODs require.

References
----------
DICOM PS3.3 A.19 (RT Structure Set IOD), A.45.1 (Encapsulated PDF IOD), A.32.8 (VL Whole
Slide Microscopy Image IOD).
"""

from collections.abc import Sequence as Items
from typing import Final

import numpy as np
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    EncapsulatedPDFStorage,
    RTStructureSetStorage,
    VLWholeSlideMicroscopyImageStorage,
)

from tests.synthetic import instance, new_uid

_OF_STUDY: Final = (
    "StudyInstanceUID",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "StudyDescription",
    "AccessionNumber",
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
)
_PIXELS: Final = (
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "PixelData",
    "ImagePositionPatient",
)


def beside(image: Dataset, **attributes: object) -> Dataset:
    """Return an object without pixels in the study of an image."""
    of_study = {name: image[name].value for name in _OF_STUDY if name in image}
    without = dict.fromkeys(_PIXELS)
    return instance(**without, **of_study, **attributes)


def document(image: Dataset, pdf: bytes, title: str) -> Dataset:
    """Return a PDF as an object of the study of an image."""
    return beside(
        image,
        SOPClassUID=EncapsulatedPDFStorage,
        Modality="DOC",
        SeriesDescription=title,
        DocumentTitle=title,
        ConversionType="WSD",
        BurnedInAnnotation="YES",
        MIMETypeOfEncapsulatedDocument="application/pdf",
        EncapsulatedDocument=pdf + b"\0" * (len(pdf) % 2),
    )


def structures(images: Items[Dataset], name: str, radius_mm: float) -> Dataset:
    """Return a structure that is a square about the middle of some slices."""
    first = images[0]
    made = beside(
        first,
        SOPClassUID=RTStructureSetStorage,
        Modality="RTSTRUCT",
        SeriesDescription=name,
        StructureSetLabel=name,
        StructureSetDate=first.StudyDate,
        StructureSetTime=first.StudyTime,
        ReferencedFrameOfReferenceSequence=_frame_of_reference(images),
    )
    made.StructureSetROISequence = _items(
        ROINumber=1,
        ReferencedFrameOfReferenceUID=first.FrameOfReferenceUID,
        ROIName=name,
        ROIGenerationAlgorithm="MANUAL",
    )
    made.ROIContourSequence = _items(
        ReferencedROINumber=1,
        ROIDisplayColor=[255, 0, 0],
        ContourSequence=Sequence([_square(each, radius_mm) for each in images]),
    )
    made.RTROIObservationsSequence = _items(
        ObservationNumber=1,
        ReferencedROINumber=1,
        RTROIInterpretedType="",
        ROIInterpreter="",
    )
    return made


def _square(image: Dataset, radius_mm: float) -> Dataset:
    x, y, z = map(float, image.ImagePositionPatient)
    down, across = map(float, image.PixelSpacing)
    x, y = x + across * image.Columns / 2, y + down * image.Rows / 2
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    points = [(x + i * radius_mm, y + j * radius_mm, z) for i, j in corners]
    (contour,) = _items(
        ContourImageSequence=Sequence([_reference(image)]),
        ContourGeometricType="CLOSED_PLANAR",
        NumberOfContourPoints=len(points),
        ContourData=[f"{value:.4f}" for point in points for value in point],
    )
    return contour


def _frame_of_reference(images: Items[Dataset]) -> Sequence:
    first = images[0]
    series = _items(
        SeriesInstanceUID=first.SeriesInstanceUID,
        ContourImageSequence=Sequence(map(_reference, images)),
    )
    study = _items(
        ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.1",
        ReferencedSOPInstanceUID=first.StudyInstanceUID,
        RTReferencedSeriesSequence=series,
    )
    return _items(
        FrameOfReferenceUID=first.FrameOfReferenceUID, RTReferencedStudySequence=study
    )


def _reference(image: Dataset) -> Dataset:
    (item,) = _items(
        ReferencedSOPClassUID=image.SOPClassUID,
        ReferencedSOPInstanceUID=image.SOPInstanceUID,
    )
    return item


def slide(*, tiles: int, tile: int = 64) -> list[Dataset]:
    """Return a slide in three sizes, in one series; the greatest has `tiles` a side."""
    levels, frame, container = [], new_uid(), new_uid()
    first = instance(ImagePositionPatient=None, Modality="SM")
    for at, across in enumerate((tiles, tiles // 2, tiles // 4), start=1):
        side = across * tile
        made = beside(
            first,
            SeriesInstanceUID=first.SeriesInstanceUID,
            SOPClassUID=VLWholeSlideMicroscopyImageStorage,
            Modality="SM",
            InstanceNumber=at,
            ImageType=[
                "ORIGINAL" if at == 1 else "DERIVED",
                "PRIMARY",
                "VOLUME",
                "NONE",
            ],
            FrameOfReferenceUID=frame,
            PositionReferenceIndicator="SLIDE_CORNER",
            ContainerIdentifier=container,
            NumberOfFrames=across**2,
            TotalPixelMatrixColumns=side,
            TotalPixelMatrixRows=side,
            ImagedVolumeWidth=10.0,
            ImagedVolumeHeight=10.0,
            ImagedVolumeDepth=1.0,
        )
        _add_slide_geometry(made, spacing_mm=10 / side)
        _add_tiles(made, across, tile)
        levels.append(made)
    return levels


def _add_slide_geometry(made: Dataset, spacing_mm: float) -> None:
    made.TotalPixelMatrixOriginSequence = _items(
        XOffsetInSlideCoordinateSystem=20.0, YOffsetInSlideCoordinateSystem=40.0
    )
    made.ImageOrientationSlide = [0, -1, 0, -1, 0, 0]
    made.DimensionOrganizationType = "TILED_FULL"
    made.NumberOfOpticalPaths = 1
    made.TotalPixelMatrixFocalPlanes = 1
    made.VolumetricProperties = "VOLUME"
    made.OpticalPathSequence = _items(
        OpticalPathIdentifier="1",
        IlluminationTypeCodeSequence=_code("111744", "DCM", "Brightfield"),
        IlluminationColorCodeSequence=_code("371251000", "SCT", "White color"),
    )
    measures = _items(
        PixelSpacing=[spacing_mm, spacing_mm],
        SliceThickness=1.0,
        SpacingBetweenSlices=1.0,
    )
    kind = _items(FrameType=made.ImageType)
    made.SharedFunctionalGroupsSequence = _items(
        PixelMeasuresSequence=measures, WholeSlideMicroscopyImageFrameTypeSequence=kind
    )


def _add_tiles(made: Dataset, across: int, tile: int) -> None:
    """Give a level pixels: colours that change from tile to tile and within each."""
    made.SamplesPerPixel = 3
    made.PhotometricInterpretation = "RGB"
    made.PlanarConfiguration = 0
    made.Rows = made.Columns = tile
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit = 7
    made.PixelRepresentation = 0
    made.LossyImageCompression = "00"
    side = across * tile
    down, right = np.mgrid[:side, :side] / side
    whole = np.stack([down, right, (down * 8 + right * 8) % 1], axis=-1)
    tiles = (
        (whole * 255)
        .astype(np.uint8)
        .reshape(across, tile, across, tile, 3)
        .swapaxes(1, 2)
    )
    made.PixelData = tiles.tobytes()
    made["PixelData"].VR = "OB"


def _code(value: str, scheme: str, meaning: str) -> Sequence:
    return _items(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def _items(**attributes: object) -> Sequence:
    """Return a sequence of one item."""
    item = Dataset()
    for keyword, value in attributes.items():
        setattr(item, keyword, value)
    return Sequence([item])
