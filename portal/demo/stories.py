"""The demo hospital's patients: who they are, what they have, when they are imaged.

A story holds no pixels and needs no numpy, so a hospital of 100,000 patients costs
nothing until its studies are looked at, and the clinical record can be told from the
same stories. The patient at an index is the same in a hospital of any size.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final

from portal.demo.cast import CAST
from portal.demo.identity import chance, uid
from portal.demo.names import SCRIPTS, person_name
from portal.demo.protocols import Code, Protocol
from portal.demo.storybook import TALES
from portal.demo.tales import Course, Site, Tale, Trap, Visit

REFERENCE_DATE: Final = date(2026, 1, 1)
"""The demo's today: everything lies before it."""

LARGEST_SEED: Final = 99_999
"""Identifiers carry the seed and hold 16 characters (DICOM PS3.5 6.2, SH)."""

HOSPITAL: Final = "http://demo-hospital.example"
ISSUER: Final = f"{HOSPITAL}/patients"
"""Who issues the patients' numbers: a URI, so that the record's identifiers have it
as their system, verbatim. ``.example`` belongs to nobody (RFC 2606)."""

ACCESSIONS: Final = f"{HOSPITAL}/accessions"
NAMESPACE: Final = "DEMO-HOSPITAL"
INSTITUTION: Final = "Demo Hospital"
REFERRERS: Final = ("Hansen^Mette^^Dr.", "Baker^Thomas^^Dr.", "Rossi^Giulia^^Dr.")
READERS: Final = ("Okonkwo^Adaeze^^Dr.", "Lindgren^Erik^^Dr.", "Patel^Anjali^^Dr.")
OPERATORS: Final = ("Meyer^Jonas", "Silva^Ana")

EVERYONE: Final = (*TALES, *CAST)
"""A hospital tells these again and again, the names in another script each time."""

# Typical position of each lesion, patient coordinates in mm (x left, y back, z up).
_POSITIONS: Final = {
    Site.FEMUR: (4.0, 4.0, 88.0),
    Site.LUNG: (-84.0, 12.0, 88.0),
    Site.LIVER: (-72.0, 4.0, -42.0),
    Site.LIVER_CYST: (-72.0, 4.0, -42.0),
    Site.MEDIASTINUM: (-2.0, -52.0, 118.0),
    Site.KIDNEY: (74.0, 40.0, -118.0),
    Site.BRAIN: (30.0, -34.0, 34.0),
}


@dataclass(frozen=True, slots=True)
class Lesion:
    """A ball planted into the pixels of one study."""

    site: Site
    centre_mm: tuple[float, float, float]
    diameter_mm: float


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the patient has, since when, and how it goes on; what is a trap in it."""

    disease: Code
    icd10: str
    course: Course
    on: date
    trap: Trap = Trap.NONE


@dataclass(frozen=True, slots=True)
class Study:
    """A DICOM study as it was ordered and performed."""

    study_instance_uid: str
    accession_number: str
    study_id: str
    at: datetime
    protocol: Protocol
    lesion: Lesion | None
    consolidated: bool
    referring_physician: str
    reading_physician: str
    operator: str


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient with the whole story, studies in order of time.

    `character_set` is the Specific Character Set that holds `name`.
    """

    seed: int
    index: int
    patient_id: str
    name: str
    character_set: tuple[str, ...]
    sex: str
    birth_date: date
    death_date: date | None
    height_m: float
    weight_kg: float
    diagnosis: Diagnosis
    studies: tuple[Study, ...]

    @property
    def number_of_instances(self) -> int:
        """Return how many SOP instances the studies hold together."""
        plans = (plan for study in self.studies for plan in study.protocol.series)
        return sum(plan.number_of_instances for plan in plans)

    def age(self, on: date) -> int:
        """Return the age in full years on a day."""
        birthday = (self.birth_date.month, self.birth_date.day)
        return on.year - self.birth_date.year - ((on.month, on.day) < birthday)


def hospital(*, patients: int, seed: int) -> Iterator[Patient]:
    """Tell the stories of a hospital, one patient at a time."""
    return (patient_at(index, seed=seed) for index in range(patients))


def patient_at(index: int, *, seed: int) -> Patient:
    """Return the patient at `index` (from 0) of the hospital of `seed`."""
    luck = chance(seed, "patient", index)
    tale = EVERYONE[index % len(EVERYONE)]
    # Each dozen of tales meets the scripts in another order.
    script = SCRIPTS[(index + index // len(SCRIPTS)) % len(SCRIPTS)]
    sex = tale.sex or luck.choice("FM")
    onset = _onset(tale, luck)
    height_m = round(luck.gauss(1.66 if sex == "F" else 1.77, 0.06), 2)
    birth_date = onset - timedelta(days=365 * luck.randint(*tale.ages) + 200)
    return Patient(
        seed=seed,
        index=index,
        patient_id=f"D{seed}-{index + 1:06d}",
        name=person_name(script, sex, luck),
        character_set=script.character_set,
        sex=sex,
        birth_date=tale.born or birth_date - timedelta(days=luck.randrange(120)),
        death_date=_day(onset, tale.death_day),
        height_m=height_m,
        weight_kg=round(height_m**2 * luck.uniform(20, 30), 1),
        diagnosis=Diagnosis(tale.disease, tale.icd10, tale.course, onset, tale.trap),
        studies=_studies(tale, onset, seed=seed, index=index),
    )


def _onset(tale: Tale, luck: Random) -> date:
    if tale.since:
        return tale.since
    last_day = max(tale.death_day or 0, *(visit.day for visit in tale.visits))
    return REFERENCE_DATE - timedelta(days=last_day + luck.randint(15, 200))


def _day(onset: date, day: int | None) -> date | None:
    return None if day is None else onset + timedelta(days=day)


def _studies(tale: Tale, onset: date, *, seed: int, index: int) -> tuple[Study, ...]:
    luck = chance(seed, "studies", index)
    shift = tuple(round(luck.uniform(-4, 4), 1) for _ in range(3))
    growth = luck.uniform(0.95, 1.08)
    referrer, reader = luck.choice(REFERRERS), luck.choice(READERS)
    return tuple(
        Study(
            study_instance_uid=uid(seed, "patient", index, "study", number),
            accession_number=f"A{seed}-{index + 1:06d}-{number:02d}",
            study_id=f"{index + 1:06d}{number:02d}",
            at=_moment(onset + timedelta(days=visit.day), luck),
            protocol=visit.protocol,
            lesion=_lesion(visit, shift, growth),
            consolidated=visit.consolidated,
            referring_physician=referrer,
            reading_physician=reader,
            operator=luck.choice(OPERATORS),
        )
        for number, visit in enumerate(tale.visits, start=1)
    )


def _moment(day: date, luck: Random) -> datetime:
    minute = luck.randrange(8 * 60, 17 * 60)
    return datetime.combine(day, time(minute // 60, minute % 60), UTC)


def _lesion(visit: Visit, shift: tuple[float, ...], growth: float) -> Lesion | None:
    """Return what a visit shows: the same place in each study of the patient."""
    if visit.site is None:
        return None
    x, y, z = (
        round(typical + moved, 1)
        for typical, moved in zip(_POSITIONS[visit.site], shift, strict=True)
    )
    return Lesion(visit.site, (x, y, z), round(visit.diameter_mm * growth, 1))
