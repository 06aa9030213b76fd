"""The units that DICOM's attributes have, in UCUM.

References
----------
DICOM PS3.3 C.7 and C.8, PS3.15 C.8.15; the attributes named.
"""

from collections.abc import Mapping
from typing import Final

_UNITS: Final = """
mm SliceThickness SpacingBetweenSlices PixelSpacing ImagerPixelSpacing SliceLocation
mm NominalScannedPixelSpacing DataCollectionDiameter ReconstructionDiameter
mm DistanceSourceToDetector DistanceSourceToPatient TableHeight FocalSpots BodyPartThickness
mm SingleCollimationWidth TotalCollimationWidth TableFeedPerRotation
ms RepetitionTime EchoTime InversionTime ExposureTime FrameTime TriggerTime
ms ActualFrameDuration FrameReferenceTime
kV KVP
mA XRayTubeCurrent
mA.s Exposure
mGy CTDIvol
dGy.cm2 ImageAndFluoroscopyAreaDoseProduct
deg FlipAngle GantryDetectorTilt PositionerPrimaryAngle PositionerSecondaryAngle
T MagneticFieldStrength
MHz ImagingFrequency TransducerFrequency
Hz/px PixelBandwidth
kg PatientWeight
m PatientSize
kg/m2 PatientBodyMassIndex
Bq RadionuclideTotalDose
s RadionuclideHalfLife
mL ContrastBolusVolume RadiopharmaceuticalVolume
s/mm2 DiffusionBValue
"""
TAG_UNITS: Final[Mapping[str, str]] = {
    keyword: unit
    for unit, *keywords in map(str.split, _UNITS.strip().splitlines())
    for keyword in keywords
}
"""The unit of an attribute, by its keyword."""
