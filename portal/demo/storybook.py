"""The tales that demo patients live through: a disease, its course, its studies.

Each disease is one that the questions asked of the portal turn on: osteosarcoma in
three courses first. Days count from the diagnosis.
"""

from typing import Final

from portal.demo import protocols as p
from portal.demo.protocols import Code
from portal.demo.tales import OSTEOSARCOMA, Course, Site, Tale, Visit

TALES: Final = (
    Tale(
        OSTEOSARCOMA,
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
        OSTEOSARCOMA,
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
        OSTEOSARCOMA,
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
