"""What attributes of images are called in speech: a line each, the keyword first.

Keywords and numbers are DICOM PS3.6's. Those that begin with + say where or on what a
study was made, and are asked of the study; the others are asked of one series.
"""

from typing import Final

TAGS: Final = """
SliceThickness | slice thickness | thickness of slices | section thickness | slice width
SpacingBetweenSlices | spacing between slices | slice spacing | slice gap
KVP | tube voltage | kvp | peak kilovoltage | tube potential
XRayTubeCurrent | tube current | x ray tube current | ma setting
ExposureTime | exposure time
Exposure | exposure
RepetitionTime | repetition time | tr
EchoTime | echo time | te
InversionTime | inversion time
FlipAngle | flip angle
EchoTrainLength | echo train length
MagneticFieldStrength | magnetic field strength | field strength
PixelSpacing | pixel spacing | pixel size
Rows | rows | number of rows
Columns | columns | number of columns
NumberOfFrames | number of frames
BitsAllocated | bits allocated
BitsStored | bits stored
SeriesDescription | series description
ProtocolName | protocol name | protocol
SequenceName | sequence name
ScanningSequence | scanning sequence
ConvolutionKernel | convolution kernel | reconstruction kernel | kernel
ContrastBolusAgent | contrast agent | contrast bolus agent
ReconstructionDiameter | reconstruction diameter
SpiralPitchFactor | pitch factor | spiral pitch factor | pitch
GantryDetectorTilt | gantry tilt
PatientPosition | patient position
ImageType | image type
ViewPosition | view position
Laterality | laterality
BodyPartExamined | body part examined
DiffusionBValue | diffusion b value | b value
NumberOfAverages | number of averages
PixelBandwidth | pixel bandwidth | bandwidth
RadiopharmaceuticalInformationSequence | radiopharmaceutical
CTDIvol | ctdi | ctdivol
WindowCenter | window center
WindowWidth | window width
TransferSyntaxUID | transfer syntax
+Manufacturer | manufacturer | vendor | maker
+ManufacturerModelName | model name | scanner model | manufacturer model name | model
+StationName | station name | station
+InstitutionName | institution name | institution
+InstitutionalDepartmentName | department name
+DeviceSerialNumber | device serial number | serial number
+SoftwareVersions | software version
+StudyDescription | study description
+AccessionNumber | accession number
+ReferringPhysicianName | referring physician
+StudyID | study id
"""

ON_STUDY: Final = frozenset(
    "Manufacturer ManufacturerModelName StationName InstitutionName"
    " InstitutionalDepartmentName DeviceSerialNumber SoftwareVersions StudyDescription"
    " AccessionNumber ReferringPhysicianName StudyID StudyDate StudyInstanceUID".split()
)
