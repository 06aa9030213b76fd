"""The tales that demo patients live through: a disease, its course, its studies.

Each disease is one that the questions asked of the portal turn on: osteosarcoma in
three courses first. Days count from the diagnosis.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from portal.demo import protocols as p
from portal.demo.protocols import Code, Protocol


class Course(StrEnum):
    """How the disease goes on: clinical reports will tell the same."""

    PROGRESSION = "progression"
    RESPONSE = "response"
    STABLE = "stable"
    RELAPSE = "relapse"
    RECOVERY = "recovery"


class Site(StrEnum):
    """Where a lesion lies."""

    FEMUR = "right distal femur"
    LUNG = "right lung"
    LIVER = "liver"
    LIVER_CYST = "liver cyst"
    MEDIASTINUM = "mediastinal lymph node"
    KIDNEY = "left kidney"
    BRAIN = "left frontal lobe"


@dataclass(frozen=True, slots=True)
class Visit:
    """One study: when, which, and the lesion that it shows (diameter in mm).

    A consolidated lung is a shadow without an edge: it has no diameter.
    """

    day: int
    protocol: Protocol
    site: Site | None = None
    diameter_mm: float = 0.0
    consolidated: bool = False


@dataclass(frozen=True, slots=True)
class Tale:
    """A disease with its course; `sex` empty means either."""

    disease: Code
    icd10: str
    course: Course
    ages: tuple[int, int]
    visits: tuple[Visit, ...]
    sex: str = ""
    death_day: int | None = None


_OSTEOSARCOMA: Final = Code("307576001", "SCT", "Osteosarcoma of bone")

TALES: Final = (
    Tale(
        _OSTEOSARCOMA,
        "C40.2",
        Course.PROGRESSION,
        (46, 68),
        (
            Visit(0, p.XR_FEMUR, Site.FEMUR, 46),
            Visit(4, p.MR_FEMUR, Site.FEMUR, 48),
            Visit(9, p.CT_CHEST_THIN, Site.LUNG, 9),
            Visit(100, p.CT_CHEST, Site.LUNG, 13.5),
            Visit(190, p.CT_CHEST, Site.LUNG, 19),
            Visit(198, p.PET_CT, Site.LUNG, 20),
        ),
        sex="M",
        death_day=320,
    ),
    Tale(
        Code("254626006", "SCT", "Adenocarcinoma of lung"),
        "C34.1",
        Course.PROGRESSION,
        (50, 79),
        (
            Visit(-6, p.XR_CHEST, Site.LUNG, 21),
            Visit(0, p.CT_CHEST, Site.LUNG, 21.5),
            Visit(12, p.PET_CT, Site.LUNG, 22),
            Visit(95, p.CT_CHEST, Site.LUNG, 28),
        ),
    ),
    Tale(
        _OSTEOSARCOMA,
        "C40.2",
        Course.RESPONSE,
        (12, 19),
        (
            Visit(0, p.XR_FEMUR, Site.FEMUR, 60),
            Visit(3, p.MR_FEMUR, Site.FEMUR, 61),
            Visit(8, p.CT_CHEST),
            Visit(110, p.MR_FEMUR, Site.FEMUR, 46),
            Visit(240, p.MR_FEMUR, Site.FEMUR, 36),
        ),
        sex="F",
    ),
    Tale(
        Code("94381002", "SCT", "Secondary malignant neoplasm of liver"),
        "C78.7",
        Course.RESPONSE,
        (44, 76),
        (
            Visit(0, p.CT_ABDOMEN, Site.LIVER, 34),
            Visit(92, p.CT_ABDOMEN, Site.LIVER, 25.5),
            Visit(185, p.CT_ABDOMEN, Site.LIVER, 17),
        ),
    ),
    Tale(
        Code("393563007", "SCT", "Glioblastoma multiforme of brain"),
        "C71.1",
        Course.PROGRESSION,
        (45, 72),
        (
            Visit(0, p.MR_BRAIN, Site.BRAIN, 22),
            Visit(61, p.MR_BRAIN, Site.BRAIN, 27),
            Visit(150, p.MR_BRAIN, Site.BRAIN, 34),
        ),
        death_day=260,
    ),
    Tale(
        Code("118599009", "SCT", "Hodgkin's disease"),
        "C81.9",
        Course.RESPONSE,
        (20, 38),
        (
            Visit(0, p.PET_CT, Site.MEDIASTINUM, 32),
            Visit(120, p.PET_CT, Site.MEDIASTINUM, 17),
        ),
    ),
    Tale(
        Code("85057007", "SCT", "Cyst of liver"),
        "K76.89",
        Course.STABLE,
        (35, 70),
        (
            Visit(0, p.US_ABDOMEN, Site.LIVER_CYST, 24),
            Visit(365, p.US_ABDOMEN, Site.LIVER_CYST, 26),
        ),
    ),
    Tale(
        Code("427359005", "SCT", "Solitary nodule of lung"),
        "R91.1",
        Course.STABLE,
        (40, 75),
        (
            Visit(0, p.CT_CHEST, Site.LUNG, 10),
            Visit(180, p.CT_CHEST, Site.LUNG, 10),
        ),
    ),
    Tale(
        Code("702391001", "SCT", "Renal cell carcinoma"),
        "C64.2",
        Course.PROGRESSION,
        (48, 78),
        (
            Visit(0, p.CT_ABDOMEN, Site.KIDNEY, 26),
            Visit(170, p.CT_ABDOMEN, Site.KIDNEY, 31),
        ),
    ),
    Tale(
        Code("233604007", "SCT", "Pneumonia"),
        "J18.9",
        Course.RECOVERY,
        (25, 88),
        (Visit(1, p.XR_CHEST, consolidated=True), Visit(22, p.XR_CHEST)),
    ),
    Tale(
        _OSTEOSARCOMA,
        "C40.2",
        Course.RELAPSE,
        (47, 60),
        (
            Visit(0, p.MR_FEMUR, Site.FEMUR, 52),
            Visit(6, p.CT_CHEST),
            Visit(400, p.CT_CHEST, Site.LUNG, 12),
            Visit(490, p.CT_CHEST, Site.LUNG, 9),
        ),
    ),
    Tale(
        Code("38341003", "SCT", "Hypertensive disorder, systemic arterial"),
        "I10",
        Course.STABLE,
        (30, 85),
        (Visit(3, p.US_ABDOMEN_COLOR), Visit(10, p.XR_CHEST)),
    ),
)
