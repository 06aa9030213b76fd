"""A population for trials of size: lives drawn by age and prevalence, without pixels.

The life at an index is the same in a population of any size. What was imaged has an
ImagingStudy, whose images nobody has.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final, NamedTuple

from portal.demo import protocols as p
from portal.demo.identity import chance
from portal.demo.names import SCRIPTS, person_name
from portal.demo.protocols import Protocol
from portal.demo.record.diseases import Kind
from portal.demo.record.diseases_table import DISEASES
from portal.demo.record.lives import SMOKING, Life, Problem
from portal.demo.record.outside import ECHOCARDIOGRAPHY, MAMMOGRAPHY, outside_study
from portal.demo.stories import REFERENCE_DATE, Study
from portal.demo.tales import Course


class Share(NamedTuple):
    """How many people of an age have a disease, what is imaged, how many die of it."""

    code: str
    share: float
    ages: tuple[int, int]
    images: tuple[tuple[int, Protocol], ...] = ()
    fatal: float = 0.0
    sex: str = ""


_SHARES: Final = (
    Share("59621000", 0.3, (38, 95), ((20, ECHOCARDIOGRAPHY),)),
    Share("55822004", 0.26, (42, 90)),
    Share("44054006", 0.13, (40, 90), ((60, p.US_ABDOMEN),)),
    Share("433144002", 0.06, (58, 95), ((9, p.US_ABDOMEN),)),
    Share("431857002", 0.012, (60, 95), ((9, p.US_ABDOMEN),), 0.1),
    Share("195967001", 0.08, (4, 80), ((3, p.XR_CHEST),)),
    Share("239873007", 0.14, (52, 95), ((6, p.MR_KNEE),)),
    Share("239720000", 0.02, (16, 60), ((3, p.MR_KNEE),)),
    Share("64859006", 0.1, (58, 95), ((5, p.XR_FEMUR),), sex="F"),
    Share("233604007", 0.05, (1, 95), ((1, p.XR_CHEST), (22, p.XR_CHEST)), 0.03),
    Share("230690007", 0.03, (55, 95), ((1, p.MR_BRAIN), (3, ECHOCARDIOGRAPHY)), 0.15),
    Share("24700007", 0.002, (20, 50), ((2, p.MR_BRAIN), (370, p.MR_BRAIN))),
    Share("85057007", 0.012, (30, 90), ((0, p.US_ABDOMEN),)),
    Share("427359005", 0.015, (40, 90), ((0, p.CT_CHEST), (180, p.CT_CHEST))),
    Share(
        "254837009",
        0.03,
        (35, 90),
        ((-12, MAMMOGRAPHY), (9, p.CT_CHEST), (190, p.CT_CHEST)),
        0.15,
        "F",
    ),
    Share(
        "254626006",
        0.012,
        (45, 90),
        ((-6, p.XR_CHEST), (0, p.CT_CHEST), (12, p.PET_CT), (95, p.CT_CHEST)),
        0.5,
    ),
    Share("94381002", 0.004, (45, 90), ((0, p.CT_ABDOMEN), (92, p.CT_ABDOMEN)), 0.5),
    Share("702391001", 0.002, (45, 90), ((0, p.CT_ABDOMEN), (170, p.CT_ABDOMEN)), 0.3),
    Share("393563007", 0.0006, (30, 80), ((0, p.MR_BRAIN), (61, p.MR_BRAIN)), 0.8),
    Share("118599009", 0.0008, (16, 60), ((0, p.PET_CT), (120, p.PET_CT)), 0.1),
    Share(
        "307576001",
        0.0006,
        (10, 80),
        ((0, p.XR_FEMUR), (4, p.MR_FEMUR), (9, p.CT_CHEST), (100, p.CT_CHEST)),
        0.3,
    ),
)
_COURSES: Final = (Course.RESPONSE, Course.STABLE, Course.PROGRESSION)
_OLDEST_DAYS: Final = 96 * 365
_GROWN_DAYS: Final = 17 * 365
_PENICILLIN: Final = 0.08
_FATAL_DAYS: Final = (40, 700)


def population(*, patients: int, seed: int) -> Iterator[Life]:
    """Yield the lives of a population, one at a time."""
    return (life_at(index, seed=seed) for index in range(patients))


def life_at(index: int, *, seed: int) -> Life:
    """Return the life at `index` (from 0) of the population of `seed`."""
    luck = chance(seed, "population", index)
    sex = luck.choice("FM")
    age_days = int(min(luck.betavariate(1.5, 1.7), 0.999) * _OLDEST_DAYS)
    born = REFERENCE_DATE - timedelta(days=age_days + 30)
    grown = min(1.0, 0.35 + 0.65 * age_days / _GROWN_DAYS)
    height_m = round(luck.gauss(1.66 if sex == "F" else 1.77, 0.06) * grown, 2)
    begin = max(born, REFERENCE_DATE - timedelta(days=luck.randint(500, 1900)))
    drawn = [share for share in _SHARES if _has(share, age_days // 365, sex, luck)]
    problems = [(share, _problem(share, born, begin, luck)) for share in drawn]
    death = _death(problems, begin, luck)
    key = f"P{seed}-{index + 1:07d}"
    end = death or REFERENCE_DATE
    kept = [(share, problem) for share, problem in problems if problem.on < end]
    return Life(
        seed=seed,
        key=key.lower(),
        patient_id=key,
        name=person_name(luck.choice(SCRIPTS), sex, luck),
        language="en",
        sex=sex,
        birth_date=born,
        death_date=death,
        height_m=height_m,
        weight_kg=round(height_m**2 * luck.uniform(19, 34), 1),
        smoking=luck.choice(SMOKING),
        allergy="penicillin" if luck.random() < _PENICILLIN else "none",
        begin=begin,
        problems=tuple(problem for _, problem in kept),
        studies=(),
        outside=_studies(kept, key=key, seed=seed, end=end, luck=luck),
    )


def _has(share: Share, age: int, sex: str, luck: Random) -> bool:
    drawn = luck.random() < share.share * (1.6 if age > share.ages[0] + 20 else 0.8)
    return drawn and age > share.ages[0] and share.sex in ("", sex)


def _problem(share: Share, born: date, begin: date, luck: Random) -> Problem:
    """Return the disease with its onset: a chronic one may be older than the record."""
    disease = DISEASES[share.code]
    youngest = born + timedelta(days=share.ages[0] * 365)
    early = begin - timedelta(days=3000 if disease.kind is Kind.CHRONIC else 0)
    first = max(youngest, early)
    span = max((REFERENCE_DATE - first).days - 2, 1)
    on = first + timedelta(days=luck.randrange(span))
    return Problem(disease, on, course=luck.choice(_COURSES))


def _death(
    problems: list[tuple[Share, Problem]], begin: date, luck: Random
) -> date | None:
    """Return the day of a death from one of the diseases, within the record."""
    for share, problem in problems:
        if luck.random() < share.fatal:
            day = problem.on + timedelta(days=luck.randint(*_FATAL_DAYS))
            if begin < day < REFERENCE_DATE:
                return day
    return None


def _studies(
    kept: list[tuple[Share, Problem]], *, key: str, seed: int, end: date, luck: Random
) -> tuple[Study, ...]:
    moments = sorted(
        (problem.on + timedelta(days=after), number, protocol)
        for number, (share, problem) in enumerate(kept)
        for after, protocol in share.images
        if problem.on + timedelta(days=after) < end
    )
    return tuple(
        outside_study(
            seed,
            f"{key}-{number:02d}",
            protocol,
            datetime.combine(day, time(luck.randint(9, 16)), UTC),
            luck,
        )
        for number, (day, _, protocol) in enumerate(moments, start=1)
    )
