"""What each kind of study consists of: its series, their fields of view, its codes.

References
----------
DICOM PS3.16 CID 4031 (anatomic regions), Annex L (body parts).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple


class Code(NamedTuple):
    """A coded concept: value, scheme designator of PS3.16 8, meaning."""

    value: str
    scheme: str
    meaning: str


class Body(StrEnum):
    """Which phantom lies in the scanner."""

    TORSO = "torso"
    LEG = "leg"
    HEAD = "head"


class Contrast(StrEnum):
    """What the pixels show."""

    CT = "ct"
    PET = "pet"
    T1 = "t1"
    T2 = "t2"
    RADIOGRAPH = "radiograph"
    CINE = "cine"
    SEGMENT = "segment"


class View(StrEnum):
    """How the planes lie in the patient."""

    AXIAL = "axial"
    CORONAL = "coronal"


class Syntax(StrEnum):
    """Transfer syntax in which a series is written."""

    EXPLICIT = "1.2.840.10008.1.2.1"
    IMPLICIT = "1.2.840.10008.1.2"
    DEFLATED = "1.2.840.10008.1.2.1.99"
    RLE = "1.2.840.10008.1.2.5"
    JPEG_2000 = "1.2.840.10008.1.2.4.90"


@dataclass(frozen=True, slots=True)
class Field:
    """The sampled field: centre in patient coordinates, size, distances in mm.

    With `on_lesion` the field is centred on the lesion along the slices.
    """

    centre_mm: tuple[float, float, float]
    slices: int
    matrix: int
    spacing_mm: float
    slice_spacing_mm: float
    view: View = View.AXIAL
    on_lesion: bool = False


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """One series of a protocol."""

    modality: str
    description: str
    contrast: Contrast
    field: Field
    syntax: Syntax = Syntax.EXPLICIT
    color: bool = False

    @property
    def number_of_instances(self) -> int:
        """Single-frame planes are an instance each; what has frames is one."""
        return 1 if self.contrast in _SINGLE else self.field.slices


@dataclass(frozen=True, slots=True)
class Protocol:
    """One kind of study."""

    description: str
    body: Body
    body_part: str
    region: Code
    procedure: Code
    series: tuple[SeriesPlan, ...]
    laterality: str = ""

    @property
    def modality(self) -> str:
        """The modality that names the study; a PET/CT is ordered as PET."""
        images = (s for s in self.series if s.contrast is not Contrast.SEGMENT)
        return [plan.modality for plan in images][-1]


ENCAPSULATED: Final = (Syntax.RLE, Syntax.JPEG_2000)
_SINGLE: Final = (Contrast.RADIOGRAPH, Contrast.CINE, Contrast.SEGMENT)
_CHEST: Final = Code("816094009", "SCT", "Chest")
_ABDOMEN: Final = Code("818981001", "SCT", "Abdomen")
_TRUNK: Final = Code("416775004", "SCT", "Chest, Abdomen and Pelvis")
_FEMUR: Final = Code("71341001", "SCT", "Femur")
_KNEE: Final = Code("72696002", "SCT", "Knee")
_BRAIN: Final = Code("12738006", "SCT", "Brain")
_CT_CHEST: Final = Code("169069000", "SCT", "CT of chest")

_CHEST_FIELD: Final = Field((0, 0, 85), 48, 256, 1.5625, 5)
_THIN_FIELD: Final = Field((0, 0, 85), 48, 512, 0.78125, 1.25, on_lesion=True)
_LOW_FIELD: Final = Field((0, 0, 85), 40, 128, 3.125, 6)
_ABDOMEN_FIELD: Final = Field((0, 0, -90), 48, 256, 1.5625, 5)
_TRUNK_FIELD: Final = Field((0, 0, 0), 80, 256, 1.5625, 5)
_PET_FIELD: Final = Field((0, 0, 0), 80, 128, 4, 5)
_LEG_FIELD: Final = Field((0, 0, 55), 20, 256, 1.2, 5, View.CORONAL)
_KNEE_FIELD: Final = Field((0, 0, 0), 12, 192, 0.9375, 7, View.CORONAL)
_HEAD_FIELD: Final = Field((0, 0, 8), 20, 256, 0.9375, 6)
# In coordinates of the probe: the slices are the frames of a sweep.
_CINE_FIELD: Final = Field((0, 0, -88), 24, 320, 0.55, 1.5, View.CORONAL)

CT_CHEST: Final = Protocol(
    "CT chest with contrast",
    Body.TORSO,
    "CHEST",
    _CHEST,
    _CT_CHEST,
    (SeriesPlan("CT", "Chest 5 mm soft tissue", Contrast.CT, _CHEST_FIELD),),
)
CT_CHEST_THIN: Final = Protocol(
    "CT chest high resolution",
    Body.TORSO,
    "CHEST",
    _CHEST,
    _CT_CHEST,
    (
        SeriesPlan("CT", "Chest 1.25 mm", Contrast.CT, _THIN_FIELD),
        SeriesPlan("SEG", "Lesion", Contrast.SEGMENT, _THIN_FIELD),
    ),
)
CT_CHEST_LOW: Final = Protocol(
    "CT chest low dose",
    Body.TORSO,
    "CHEST",
    _CHEST,
    _CT_CHEST,
    (SeriesPlan("CT", "Chest 6 mm low dose", Contrast.CT, _LOW_FIELD),),
)
CT_ABDOMEN: Final = Protocol(
    "CT abdomen portal venous",
    Body.TORSO,
    "ABDOMEN",
    _ABDOMEN,
    Code("169070004", "SCT", "CT of abdomen"),
    (
        SeriesPlan(
            "CT", "Portal venous 5 mm", Contrast.CT, _ABDOMEN_FIELD, Syntax.IMPLICIT
        ),
    ),
)
PET_CT: Final = Protocol(
    "PET/CT FDG trunk",
    Body.TORSO,
    "CHEST",
    _TRUNK,
    Code("443271005", "SCT", "PET/CT FDG imaging of whole body"),
    (
        SeriesPlan("CT", "CT for attenuation correction", Contrast.CT, _TRUNK_FIELD),
        SeriesPlan("PT", "FDG attenuation corrected", Contrast.PET, _PET_FIELD),
    ),
)
XR_CHEST: Final = Protocol(
    "Chest PA",
    Body.TORSO,
    "CHEST",
    _CHEST,
    Code("399208008", "SCT", "Plain chest X-ray"),
    (
        SeriesPlan(
            "CR",
            "Chest PA",
            Contrast.RADIOGRAPH,
            Field((0, 0, 85), 56, 512, 0.75, 4, View.CORONAL),
            Syntax.DEFLATED,
        ),
    ),
)
XR_FEMUR: Final = Protocol(
    "Femur and knee AP",
    Body.LEG,
    "FEMUR",
    _FEMUR,
    Code("XR-FEMUR", "99DEMO", "Radiography of femur"),
    (
        SeriesPlan(
            "CR",
            "Distal femur AP",
            Contrast.RADIOGRAPH,
            Field((0, 0, 55), 44, 512, 0.6, 4, View.CORONAL),
            Syntax.RLE,
        ),
    ),
    laterality="R",
)
MR_FEMUR: Final = Protocol(
    "MR femur and knee",
    Body.LEG,
    "FEMUR",
    _FEMUR,
    Code("MR-FEMUR", "99DEMO", "MRI of femur"),
    (
        SeriesPlan("MR", "T1 coronal", Contrast.T1, _LEG_FIELD),
        SeriesPlan("MR", "T2 coronal", Contrast.T2, _LEG_FIELD),
    ),
    laterality="R",
)
MR_KNEE: Final = Protocol(
    "MR knee",
    Body.LEG,
    "KNEE",
    _KNEE,
    Code("MR-KNEE", "99DEMO", "MRI of knee"),
    (SeriesPlan("MR", "T2 coronal", Contrast.T2, _KNEE_FIELD),),
    laterality="R",
)
MR_BRAIN: Final = Protocol(
    "MR brain",
    Body.HEAD,
    "BRAIN",
    _BRAIN,
    Code("816077007", "SCT", "MRI of brain"),
    (
        SeriesPlan("MR", "T1 axial", Contrast.T1, _HEAD_FIELD),
        SeriesPlan("MR", "T2 axial", Contrast.T2, _HEAD_FIELD, Syntax.JPEG_2000),
    ),
)
US_ABDOMEN: Final = Protocol(
    "Ultrasound abdomen",
    Body.TORSO,
    "ABDOMEN",
    _ABDOMEN,
    Code("45036003", "SCT", "Ultrasonography of abdomen"),
    (SeriesPlan("US", "Liver sweep", Contrast.CINE, _CINE_FIELD, Syntax.RLE),),
)
US_ABDOMEN_COLOR: Final = Protocol(
    "Ultrasound abdomen",
    Body.TORSO,
    "ABDOMEN",
    _ABDOMEN,
    Code("45036003", "SCT", "Ultrasonography of abdomen"),
    (SeriesPlan("US", "Liver sweep tinted", Contrast.CINE, _CINE_FIELD, color=True),),
)
