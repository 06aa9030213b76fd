"""What a tale of the demo hospital consists of: a disease, its course, its studies."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from portal.demo.protocols import Code, Protocol

OSTEOSARCOMA: Final = Code("307576001", "SCT", "Osteosarcoma of bone")


class Course(StrEnum):
    """How the disease goes on: clinical reports tell the same."""

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


class Trap(StrEnum):
    """What sets a patient beside those who are asked for, in the record alone.

    The first five have no osteosarcoma that counts; the others have one.
    """

    NONE = ""
    REFUTED = "osteosarcoma was suspected and is refuted"
    ENTERED_IN_ERROR = "osteosarcoma was entered in error"
    PROVISIONAL = "osteosarcoma is a provisional diagnosis"
    NEGATED = "reports say that there is no osteosarcoma"
    FAMILY = "a brother had osteosarcoma"
    NO_MEDICATION = "no drug was given, and the diagnosis has no onset, only a record"
    TEXT_ONLY = "osteosarcoma stands in the words of the diagnosis, in no code"


@dataclass(frozen=True, slots=True)
class Tale:
    """A disease with its course; `sex` empty means either.

    `born` and `since` fix the dates of birth and of diagnosis, where chance would
    draw them.
    """

    disease: Code
    icd10: str
    course: Course
    ages: tuple[int, int]
    visits: tuple[Visit, ...]
    sex: str = ""
    death_day: int | None = None
    born: date | None = None
    since: date | None = None
    trap: Trap = Trap.NONE
