"""A life, as the record needs to know it: who, what diseases, which studies.

The demo's patients are lives by their stories, with what people of their age have
beside it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from random import Random
from typing import Final

from portal.demo.identity import chance
from portal.demo.record.diseases import Disease, Kind
from portal.demo.record.diseases_table import DISEASES, OSTEOSARCOMA
from portal.demo.record.outside import outside_studies
from portal.demo.stories import REFERENCE_DATE, Patient, Study
from portal.demo.tales import Course, Trap


class Certainty(StrEnum):
    """Verification status of a Condition."""

    CONFIRMED = "confirmed"
    PROVISIONAL = "provisional"
    REFUTED = "refuted"
    ENTERED_IN_ERROR = "entered-in-error"


@dataclass(frozen=True, slots=True)
class Problem:
    """A disease of a life, since a day.

    One that is not `treated` gets no drug, one not `coded` has no SNOMED CT code. The
    onset is written to so many characters: 10 a day, 7 a month, none if not known.
    """

    disease: Disease
    on: date
    icd10: str = ""
    course: Course = Course.STABLE
    certainty: Certainty = Certainty.CONFIRMED
    treated: bool = True
    coded: bool = True
    onset_length: int = 10


@dataclass(frozen=True, slots=True)
class Life:
    """A person with everything that the record tells of; `key` begins all ids.

    The record begins at `begin` and ends with the death or before the demo's today.
    The images of `outside` studies are elsewhere.
    """

    seed: int
    key: str
    patient_id: str
    name: str
    language: str
    sex: str
    birth_date: date
    death_date: date | None
    height_m: float
    weight_kg: float
    smoking: str
    allergy: str
    begin: date
    problems: tuple[Problem, ...]
    studies: tuple[Study, ...]
    outside: tuple[Study, ...] = ()
    trap: Trap = Trap.NONE

    @property
    def end(self) -> date:
        """The last day of which anything is told but the death itself."""
        return (self.death_date or REFERENCE_DATE) - timedelta(days=1)

    def indication(self, study: Study) -> Problem:
        """Return why a study was made: the story, or what was found nearest to it."""
        if study in self.studies:
            return self.problems[0]
        day = study.at.date()
        return min(self.problems, key=lambda problem: abs((day - problem.on).days))

    def age(self, on: date) -> int:
        """Return the age in full years on a day."""
        birthday = (self.birth_date.month, self.birth_date.day)
        return on.year - self.birth_date.year - ((on.month, on.day) < birthday)


_LANGUAGES: Final = {
    "IR 87": "ja",
    "IR 144": "uk",
    "IR 149": "ko",
    "IR 126": "el",
    "GB18030": "zh",
    "IR 127": "ar",
    "IR 101": "pl",
    "IR 138": "he",
    "IR 192": "vi",
    "IR 166": "th",
}
_CERTAINTIES: Final = {
    Trap.REFUTED: Certainty.REFUTED,
    Trap.ENTERED_IN_ERROR: Certainty.ENTERED_IN_ERROR,
    Trap.PROVISIONAL: Certainty.PROVISIONAL,
}
_AGEING: Final = (
    ("59621000", 40, 0.4),
    ("55822004", 45, 0.35),
    ("44054006", 45, 0.3),
    ("239873007", 60, 0.3),
    ("195967001", 5, 0.1),
    ("433144002", 65, 0.2),
)
SMOKING: Final = ("never", "never", "former", "current")
_PENICILLIN_EVERY: Final = 9
_DAY: Final = len("YYYY-MM-DD")
_MONTH: Final = len("YYYY-MM")
_SUSPECTED_AFTER: Final = 50
_DIABETES: Final = "44054006"
_KIDNEYS_AFTER: Final = timedelta(days=4000)


def life_of(patient: Patient) -> Life:
    """Return the life of a patient of the demo."""
    luck = chance(patient.seed, "life", patient.index)
    first = min([patient.diagnosis.on, *(study.at.date() for study in patient.studies)])
    begin = first - timedelta(days=luck.randint(400, 1100))
    written = " ".join(patient.character_set)
    language = [code for key, code in _LANGUAGES.items() if written.endswith(key)]
    smoker = patient.diagnosis.disease.value == "254626006"
    return Life(
        seed=patient.seed,
        key=patient.patient_id.lower(),
        patient_id=patient.patient_id,
        name=patient.name,
        language=language[0] if language else "en",
        sex=patient.sex,
        birth_date=patient.birth_date,
        death_date=patient.death_date,
        height_m=patient.height_m,
        weight_kg=patient.weight_kg,
        smoking="current" if smoker else luck.choice(SMOKING),
        allergy="penicillin" if patient.index % _PENICILLIN_EVERY == 0 else "none",
        begin=max(begin, patient.birth_date),
        problems=(*_problems(patient), *_beside(patient, begin, luck)),
        studies=patient.studies,
        outside=outside_studies(patient, luck),
        trap=patient.diagnosis.trap,
    )


def _problems(patient: Patient) -> list[Problem]:
    """Return what the story says, and an osteosarcoma that is none after all."""
    told = patient.diagnosis
    disease = DISEASES[told.disease.value]
    found = [
        Problem(
            disease,
            told.on,
            told.icd10,
            told.course,
            treated=told.trap is not Trap.NO_MEDICATION,
            coded=told.trap is not Trap.TEXT_ONLY,
            onset_length=0 if told.trap is Trap.NO_MEDICATION else _DAY,
        )
    ]
    if told.trap in _CERTAINTIES:
        later = told.on + timedelta(days=_SUSPECTED_AFTER)
        certainty = _CERTAINTIES[told.trap]
        found.append(Problem(OSTEOSARCOMA, later, "C40.2", certainty=certainty))
    if told.disease.value == _DIABETES:
        found.append(Problem(DISEASES["431857002"], told.on + _KIDNEYS_AFTER))
    return found


def _beside(patient: Patient, begin: date, luck: Random) -> list[Problem]:
    """Return the diseases of age, all of them older than the story."""
    if patient.diagnosis.trap is Trap.NO_MEDICATION:
        return []
    own = DISEASES[patient.diagnosis.disease.value]
    found = []
    for code, age, share in _AGEING:
        disease = DISEASES[code]
        since = begin + timedelta(days=luck.randint(5, 300))
        drawn = luck.random() < share and patient.age(since) >= age
        if drawn and disease.icd10 != own.icd10 and disease.kind is Kind.CHRONIC:
            found.append(Problem(disease, since, onset_length=_MONTH))
    return found
