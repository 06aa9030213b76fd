"""What each modality adds to the shared modules: acquisition and display.

References
----------
DICOM PS3.3 A.2 CR, A.3 CT, A.4 MR, A.7 US multi-frame, A.21 PET, with C.8.
"""

from datetime import timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from portal.demo import ultrasound
from portal.demo.modules import coded
from portal.demo.protocols import Code, Contrast, SeriesPlan
from portal.demo.shapes import Floats, Grid
from portal.demo.stories import Patient, Study

SOP_CLASSES: Final = {
    "CR": "1.2.840.10008.5.1.4.1.1.1",
    "CT": "1.2.840.10008.5.1.4.1.1.2",
    "US": "1.2.840.10008.5.1.4.1.1.3.1",
    "MR": "1.2.840.10008.5.1.4.1.1.4",
    "PT": "1.2.840.10008.5.1.4.1.1.128",
    "SEG": "1.2.840.10008.5.1.4.1.1.66.4",
}
CT_INTERCEPT: Final = -1024
PET_SLOPE: Final = 0.001
CR_SCALE: Final = 700.0
_FDG_HALF_LIFE_S: Final = 6586.2
_FDG_POSITRON_FRACTION: Final = 0.967


def stored_values(values: Floats, contrast: Contrast) -> NDArray[np.uint16]:
    """Return what is written for measured values: HU, SUV, signal or attenuation."""
    if contrast is Contrast.CT:
        stored, highest = values - CT_INTERCEPT, 4095
    elif contrast is Contrast.PET:
        stored, highest = values / np.float32(PET_SLOPE), 65535
    elif contrast is Contrast.RADIOGRAPH:
        stored, highest = values * np.float32(CR_SCALE), 4095
    else:
        stored, highest = values, 4095
    return np.clip(np.rint(stored), 0, highest).astype(np.uint16)


def acquisition(patient: Patient, study: Study, plan: SeriesPlan) -> Dataset:
    """Return what holds for every object of a series of the plan's modality."""
    if plan.modality == "CT":
        return _ct(plan)
    if plan.modality == "MR":
        return _mr(plan)
    if plan.modality == "PT":
        return _pet(patient, study, plan)
    if plan.modality == "CR":
        return _cr(plan)
    return _us(plan)


def image_pixel(bits: int, *, color: bool = False) -> Dataset:
    """Image Pixel (C.7.6.3) but for the matrix and the pixels themselves."""
    part = Dataset()
    part.SamplesPerPixel = 3 if color else 1
    part.PhotometricInterpretation = "RGB" if color else "MONOCHROME2"
    if color:
        part.PlanarConfiguration = 0
    part.BitsAllocated = 16 if bits > 8 else bits
    part.BitsStored = bits
    part.HighBit = bits - 1
    part.PixelRepresentation = 0
    part.BurnedInAnnotation = "NO"
    part.LossyImageCompression = "00"
    return part


def image_plane(grid: Grid, index: int) -> Dataset:
    """Image Plane (C.7.6.2) of a slice (from 0)."""
    part = Dataset()
    position = grid.position(index)
    part.ImagePositionPatient = list(position)
    part.ImageOrientationPatient = grid.orientation
    part.PixelSpacing = [grid.field.spacing_mm] * 2
    part.SliceThickness = grid.field.slice_spacing_mm
    part.SpacingBetweenSlices = grid.field.slice_spacing_mm
    part.SliceLocation = position[2 if grid.orientation[4] else 1]
    return part


def _windows(part: Dataset, *windows: tuple[int, int, str]) -> None:
    part.WindowCenter = [centre for centre, _, _ in windows]
    part.WindowWidth = [width for _, width, _ in windows]
    part.WindowCenterWidthExplanation = [name for _, _, name in windows]


def _ct(plan: SeriesPlan) -> Dataset:
    part = image_pixel(12)
    part.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    part.PatientPosition = "HFS"
    part.KVP = 120
    part.XRayTubeCurrent = 210
    part.ExposureTime = 500
    part.ConvolutionKernel = "STANDARD"
    part.AcquisitionNumber = 1
    part.RescaleIntercept = CT_INTERCEPT
    part.RescaleSlope = 1
    part.RescaleType = "HU"
    part.ContrastBolusAgent = "Iohexol"
    part.DataCollectionDiameter = 500
    part.ReconstructionDiameter = plan.field.matrix * plan.field.spacing_mm
    _windows(part, (40, 400, "SOFT TISSUE"), (-600, 1500, "LUNG"), (400, 1800, "BONE"))
    return part


def _mr(plan: SeriesPlan) -> Dataset:
    is_t1 = plan.contrast is Contrast.T1
    part = image_pixel(12)
    part.ImageType = ["ORIGINAL", "PRIMARY", "M", "SE"]
    part.PatientPosition = "HFS"
    part.ScanningSequence = "SE"
    part.SequenceVariant = "NONE" if is_t1 else "SK"
    part.ScanOptions = ""
    part.MRAcquisitionType = "2D"
    part.SequenceName = "se2d" if is_t1 else "tse2d"
    part.RepetitionTime = 520 if is_t1 else 4200
    part.EchoTime = 12 if is_t1 else 98
    part.EchoTrainLength = 1 if is_t1 else 12
    part.FlipAngle = 90
    part.MagneticFieldStrength = 3
    part.ImagingFrequency = "123.2"
    part.ImagedNucleus = "1H"
    part.AcquisitionNumber = 1
    _windows(part, (450, 900, "STANDARD"))
    return part


def _pet(patient: Patient, study: Study, plan: SeriesPlan) -> Dataset:
    part = image_pixel(16)
    part.ImageType = ["ORIGINAL", "PRIMARY"]
    part.PatientPosition = "HFS"
    part.SeriesType = ["STATIC", "IMAGE"]
    part.Units = "GML"
    part.SUVType = "BW"
    part.CountsSource = "EMISSION"
    part.NumberOfSlices = plan.field.slices
    part.CorrectedImage = ["DECY", "ATTN", "SCAT", "RAN", "NORM"]
    part.DecayCorrection = "START"
    part.RandomsCorrectionMethod = "DLYD"
    part.AttenuationCorrectionMethod = "CT"
    part.CollimatorType = "NONE"
    part.FrameReferenceTime = 90000
    part.ActualFrameDuration = 180000
    part.DecayFactor = 1
    part.RescaleIntercept = 0
    part.RescaleSlope = PET_SLOPE
    part.RadiopharmaceuticalInformationSequence = Sequence([_fdg(patient, study)])
    orientation = Dataset()
    orientation.CodeValue, orientation.CodeMeaning = "102538003", "recumbent"
    orientation.CodingSchemeDesignator = "SCT"
    orientation.PatientOrientationModifierCodeSequence = coded(
        Code("40199007", "SCT", "supine")
    )
    part.PatientOrientationCodeSequence = Sequence([orientation])
    part.PatientGantryRelationshipCodeSequence = coded(
        Code("102540008", "SCT", "headfirst")
    )
    _windows(part, (4, 8, "SUV"))
    return part


def _fdg(patient: Patient, study: Study) -> Dataset:
    """Return the injected dose: 4 MBq per kg, an hour before."""
    item = Dataset()
    injected_at = study.at - timedelta(hours=1)
    item.RadionuclideCodeSequence = coded(Code("77004003", "SCT", "^18^Fluorine"))
    item.RadiopharmaceuticalCodeSequence = coded(
        Code("35321007", "SCT", "Fluorodeoxyglucose F^18^")
    )
    item.Radiopharmaceutical = "Fluorodeoxyglucose"
    item.RadiopharmaceuticalRoute = "IV"
    item.RadiopharmaceuticalStartTime = f"{injected_at:%H%M%S}"
    item.RadiopharmaceuticalStartDateTime = f"{injected_at:%Y%m%d%H%M%S}"
    item.RadionuclideTotalDose = round(patient.weight_kg * 4e6)
    item.RadionuclideHalfLife = _FDG_HALF_LIFE_S
    item.RadionuclidePositronFraction = _FDG_POSITRON_FRACTION
    return item


def _cr(plan: SeriesPlan) -> Dataset:
    part = image_pixel(12)
    is_chest = plan.description.endswith("PA")
    part.ImageType = ["ORIGINAL", "PRIMARY"]
    part.ViewPosition = "PA" if is_chest else "AP"
    part.PatientOrientation = ["L", "F"]
    part.KVP = 125 if is_chest else 60
    part.Exposure = 2
    part.AcquisitionNumber = 1
    part.ImagerPixelSpacing = [plan.field.spacing_mm] * 2
    part.PixelSpacing = [plan.field.spacing_mm] * 2
    part.PixelIntensityRelationship = "LOG"
    part.PixelIntensityRelationshipSign = -1
    _windows(part, (1800, 3000, "STANDARD") if is_chest else (1300, 2400, "BONE"))
    return part


def _us(plan: SeriesPlan) -> Dataset:
    part = image_pixel(8, color=plan.color)
    part.ImageType = ["ORIGINAL", "PRIMARY", "ABDOMINAL", "0001"]
    part.PatientOrientation = ["L", "F"]
    part.NumberOfFrames = plan.field.slices
    part.FrameTime = ultrasound.FRAME_TIME_MS
    part.FrameIncrementPointer = 0x00181063
    part.RecommendedDisplayFrameRate = round(1000 / ultrasound.FRAME_TIME_MS)
    part.CineRate = round(1000 / ultrasound.FRAME_TIME_MS)
    part.UltrasoundColorDataPresent = 0
    part.TransducerType = "CURVED LINEAR"
    part.SequenceOfUltrasoundRegions = Sequence([_region(plan)])
    return part


def _region(plan: SeriesPlan) -> Dataset:
    """US Region Calibration (C.8.5.5): the whole picture, in centimetres."""
    item = Dataset()
    item.RegionSpatialFormat = 1
    item.RegionDataType = 1
    item.RegionFlags = 0
    item.RegionLocationMinX0 = item.RegionLocationMinY0 = 0
    item.RegionLocationMaxX1 = item.RegionLocationMaxY1 = plan.field.matrix - 1
    item.PhysicalUnitsXDirection = item.PhysicalUnitsYDirection = 3
    item.PhysicalDeltaX = item.PhysicalDeltaY = plan.field.spacing_mm / 10
    return item
