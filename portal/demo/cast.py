"""The cast beside the first tales: who answers a question, and who only nearly does.

Half of them stand around one sentence: "any patient older than 45 that has a diagnosis
of osteosarcoma over the last two years". Each of them is just inside or just outside
of it on the demo's day (1 January 2026), for one reason. The others are there for other
questions, two of them without any image.
"""

from datetime import date
from typing import Final

from portal.demo import protocols as p
from portal.demo.protocols import Code
from portal.demo.tales import OSTEOSARCOMA, Course, Site, Tale, Trap, Visit

_KNEE: Final = Code("239873007", "SCT", "Osteoarthritis of knee")
_HYPERTENSION: Final = Code("59621000", "SCT", "Essential hypertension")


def _sarcoma(
    born: date,
    since: date,
    *visits: Visit,
    course: Course = Course.RESPONSE,
    trap: Trap = Trap.NONE,
) -> Tale:
    age = since.year - born.year
    return Tale(
        OSTEOSARCOMA,
        "C40.2",
        course,
        (age - 1, age),
        visits,
        born=born,
        since=since,
        trap=trap,
    )


def _other(
    disease: Code, icd10: str, born: date, since: date, *visits: Visit, trap: Trap
) -> Tale:
    age = since.year - born.year
    return Tale(
        disease,
        icd10,
        Course.STABLE,
        (age - 1, age),
        visits,
        born=born,
        since=since,
        trap=trap,
    )


_NEARLY: Final = (
    # In: the 46th birthday is today, the diagnosis two years old to the day.
    _sarcoma(
        date(1980, 1, 1),
        date(2024, 1, 1),
        Visit(0, p.XR_FEMUR, Site.FEMUR, 44),
        Visit(5, p.CT_CHEST_LOW),
        Visit(180, p.CT_CHEST_LOW),
    ),
    # Out: a day too long ago.
    _sarcoma(
        date(1960, 5, 5),
        date(2023, 12, 31),
        Visit(10, p.CT_CHEST_LOW),
        Visit(400, p.CT_CHEST_LOW),
    ),
    # Out: 46 tomorrow.
    _sarcoma(date(1980, 1, 2), date(2025, 2, 3), Visit(7, p.CT_CHEST_LOW)),
    # Out: 45 today.
    _sarcoma(date(1981, 1, 1), date(2025, 3, 3), Visit(6, p.CT_CHEST_LOW)),
    # Out: long ago, though scanned last year.
    _sarcoma(
        date(1958, 9, 14),
        date(2015, 6, 1),
        Visit(3600, p.CT_CHEST_LOW),
        course=Course.STABLE,
    ),
    _other(
        Code("64859006", "SCT", "Osteoporosis"),
        "M81.0",
        date(1964, 4, 21),
        date(2024, 11, 4),
        Visit(40, p.XR_FEMUR),
        Visit(46, p.CT_CHEST_LOW),
        trap=Trap.REFUTED,
    ),
    _other(
        _HYPERTENSION,
        "I10",
        date(1959, 7, 8),
        date(2024, 6, 17),
        Visit(30, p.CT_CHEST_LOW),
        trap=Trap.ENTERED_IN_ERROR,
    ),
    _other(
        _KNEE,
        "M17.11",
        date(1966, 2, 11),
        date(2025, 8, 18),
        Visit(12, p.CT_CHEST_LOW),
        trap=Trap.PROVISIONAL,
    ),
    # In, but without any CT.
    _sarcoma(
        date(1970, 10, 30), date(2025, 5, 12), Visit(0, p.XR_FEMUR, Site.FEMUR, 51)
    ),
    # In, but without any drug.
    _sarcoma(
        date(1952, 3, 15),
        date(2024, 9, 9),
        Visit(4, p.CT_CHEST_LOW),
        course=Course.STABLE,
        trap=Trap.NO_MEDICATION,
    ),
    _other(
        _KNEE,
        "M17.11",
        date(1961, 12, 2),
        date(2025, 1, 20),
        Visit(9, p.MR_KNEE),
        Visit(20, p.CT_CHEST_LOW),
        trap=Trap.NEGATED,
    ),
    _other(
        Code("239720000", "SCT", "Tear of meniscus of knee"),
        "S83.206A",
        date(1972, 6, 26),
        date(2025, 4, 7),
        Visit(3, p.MR_KNEE),
        Visit(15, p.CT_CHEST_LOW),
        trap=Trap.FAMILY,
    ),
    # In: born on a leap day, diagnosed on one.
    _sarcoma(
        date(1956, 2, 29),
        date(2024, 2, 29),
        Visit(8, p.CT_CHEST_LOW),
        Visit(200, p.CT_CHEST_LOW),
        trap=Trap.TEXT_ONLY,
    ),
)

_OTHERS: Final = (
    Tale(
        Code("254837009", "SCT", "Malignant neoplasm of breast"),
        "C50.411",
        Course.RESPONSE,
        (41, 66),
        (Visit(9, p.CT_CHEST_LOW), Visit(190, p.CT_CHEST_LOW)),
        sex="F",
    ),
    Tale(
        Code("24700007", "SCT", "Multiple sclerosis"),
        "G35",
        Course.STABLE,
        (24, 44),
        (Visit(2, p.MR_BRAIN), Visit(370, p.MR_BRAIN)),
        sex="F",
    ),
    Tale(
        Code("254626006", "SCT", "Adenocarcinoma of lung"),
        "C34.11",
        Course.PROGRESSION,
        (35, 36),
        (Visit(0, p.CT_CHEST, Site.LUNG, 26),),
        born=date(1989, 5, 17),
        since=date(2025, 7, 1),
    ),
    Tale(
        Code("230690007", "SCT", "Stroke"),
        "I63.9",
        Course.STABLE,
        (71, 72),
        (),
        born=date(1951, 8, 3),
        since=date(2023, 3, 19),
    ),
    Tale(
        Code("44054006", "SCT", "Diabetes mellitus type 2"),
        "E11.9",
        Course.STABLE,
        (49, 50),
        (),
        born=date(1963, 11, 11),
        since=date(2013, 5, 6),
    ),
    # Three chest CTs, the first of them in 2021, and an MRI afterwards.
    Tale(
        Code("427359005", "SCT", "Solitary nodule of lung"),
        "R91.1",
        Course.STABLE,
        (58, 59),
        (
            Visit(0, p.CT_CHEST, Site.LUNG, 9),
            Visit(190, p.CT_CHEST, Site.LUNG, 9),
            Visit(1000, p.CT_CHEST, Site.LUNG, 9),
            Visit(1600, p.MR_KNEE),
        ),
        sex="M",
        born=date(1962, 8, 30),
        since=date(2021, 3, 10),
    ),
)

CAST: Final = (*_NEARLY, *_OTHERS)
