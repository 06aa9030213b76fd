"""What is shown of an instance, series or study to who may not see whose it is: pure.

A list of what is shown, not of what is left out: an attribute that nobody thought of
does not appear (nor do descriptions and other free text, dates, times, ages, private
attributes and bulk values). It is part of what the Basic Application Level
Confidentiality Profile (DICOM PS3.15 table E.1-1) keeps; UIDs stay as they are, because
they are the addresses.
"""

from typing import Any, Final

import orjson

from imaging.index import tag_of

_KEYWORDS: Final = """
SpecificCharacterSet SOPClassUID SOPInstanceUID StudyInstanceUID SeriesInstanceUID
Modality ModalitiesInStudy SOPClassesInStudy InstanceAvailability RetrieveURL ImageType
NumberOfStudyRelatedSeries NumberOfStudyRelatedInstances NumberOfSeriesRelatedInstances
SeriesNumber AcquisitionNumber InstanceNumber
PatientSex BodyPartExamined Laterality ImageLaterality PatientPosition ViewPosition
Manufacturer ManufacturerModelName ConversionType PresentationIntentType
ScanningSequence SequenceVariant ScanOptions MRAcquisitionType AngioFlag
SliceThickness SpacingBetweenSlices KVP RepetitionTime EchoTime InversionTime
NumberOfAverages ImagingFrequency EchoNumbers MagneticFieldStrength EchoTrainLength
PercentSampling PercentPhaseFieldOfView PixelBandwidth FlipAngle
DataCollectionDiameter ReconstructionDiameter DistanceSourceToDetector
DistanceSourceToPatient GantryDetectorTilt TableHeight RotationDirection ExposureTime
XRayTubeCurrent Exposure FilterType FocalSpots ConvolutionKernel SpiralPitchFactor
ImagerPixelSpacing NominalScannedPixelSpacing CineRate FrameTime
ImagePositionPatient ImageOrientationPatient SliceLocation TemporalPositionIdentifier
NumberOfTemporalPositions ImagesInAcquisition
SamplesPerPixel PhotometricInterpretation PlanarConfiguration NumberOfFrames Rows
Columns PixelSpacing PixelAspectRatio BitsAllocated BitsStored HighBit
PixelRepresentation SmallestImagePixelValue LargestImagePixelValue PixelPaddingValue
WindowCenter WindowWidth RescaleIntercept RescaleSlope RescaleType
LossyImageCompression LossyImageCompressionRatio LossyImageCompressionMethod
Units CountsSource DecayCorrection NumberOfSlices
SegmentationType SegmentationFractionalType MaximumFractionalValue
SharedFunctionalGroupsSequence PerFrameFunctionalGroupsSequence PixelMeasuresSequence
PlanePositionSequence PlaneOrientationSequence FrameVOILUTSequence
PixelValueTransformationSequence
"""


SHOWN: Final = frozenset(map(tag_of, _KEYWORDS.split()))
"""The tags that are shown, at any depth."""


def limited(attributes: bytes) -> bytes:
    """Return a DICOM JSON object with nothing but what is shown."""
    return orjson.dumps(_shown(orjson.loads(attributes)))


def _shown(attributes: dict[str, Any]) -> dict[str, Any]:
    kept = {tag: each for tag, each in attributes.items() if tag in SHOWN}
    return {
        tag: _with_shown_items(each) if each.get("vr") == "SQ" else each
        for tag, each in kept.items()
        if "BulkDataURI" not in each and "InlineBinary" not in each
    }


def _with_shown_items(sequence: dict[str, Any]) -> dict[str, Any]:
    if "Value" not in sequence:
        return sequence
    items = [_shown(item) for item in sequence["Value"] if isinstance(item, dict)]
    return {**sequence, "Value": items}
