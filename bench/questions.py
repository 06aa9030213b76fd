"""The searches of the growth rows, each with the check of its answer.

What is right follows from the population alone: no server is asked for it.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bench import answers
from bench.population import Population, Study

PAGE: Final = 100
ONE_OF: Final = 10  # partitions that a member may see
DISTINCT: Final = 40  # questions that a row goes round in
PATIENT: Final = "QIDO studies PatientID"
DATE: Final = "QIDO studies date+modality"
NAME: Final = "QIDO studies name*"
EVERYTHING: Final = "QIDO studies 100 all fields"
SERIES: Final = "QIDO series of study"
INSTANCES: Final = "QIDO instances all fields"


class Who(StrEnum):
    """Who asks, and where."""

    ADMINISTRATOR = "administrator, one partition"
    EVERYWHERE = "administrator, all partitions"
    MEMBER = "member of a tenth of the partitions"
    OF_PROJECTS = "member of a tenth of the projects"


@dataclass(frozen=True, slots=True)
class Question:
    """A search: of studies, or of what is below one."""

    level: str
    query: str
    check: answers.Check
    study_instance_uid: str = ""

    @property
    def path(self) -> str:
        """Return the address below the service's base."""
        uid = self.study_instance_uid
        path = f"/studies/{uid}/{self.level}" if uid else f"/{self.level}"
        return f"{path}?{self.query}" if self.query else path


def questions(
    population: Population,
    *,
    visible: Collection[str] | None = None,
    page: int = PAGE,
) -> dict[str, list[Question]]:
    """Return the questions of each row.

    Parameters
    ----------
    visible
        The partitions that the asker may see; None for all.
    page
        How many studies a page has.
    """
    seen = studies_seen(population, visible)
    asked = random.Random("questions").sample(seen, min(DISTINCT, len(seen)))
    return {
        PATIENT: _by(_patient, seen, asked),
        DATE: _by(_date_and_modality, seen, asked),
        NAME: _by(_name, seen, asked),
        EVERYTHING: [_page(seen, population, page)],
        SERIES: [_series(study) for study in asked],
        INSTANCES: [_instances(study) for study in asked],
    }


def visible(population: Population, who: Who) -> list[str] | None:
    """Return the names of the partitions that `who` may see; None for all.

    Each partition is one project, too, so that both kinds of members see the same.
    """
    bound = who in {Who.MEMBER, Who.OF_PROJECTS}
    return population.partitions()[::ONE_OF] if bound else None


def page_size(small: Population, who: Who) -> int:
    """Return how many studies a page has, so that the small population fills it."""
    return min(PAGE, len(studies_seen(small, visible(small, who))))


def studies_seen(
    population: Population, visible: Collection[str] | None
) -> list[Study]:
    """Return the studies in the partitions `visible`; all of them for None."""
    studies = population.studies()
    return [one for one in studies if visible is None or one.partition in visible]


def _patient(study: Study) -> str:
    return f"PatientID={study.patient_id}"


def _date_and_modality(study: Study) -> str:
    return f"StudyDate={study.study_date}&ModalitiesInStudy={study.modality}"


def _name(study: Study) -> str:
    return f"PatientName={study.family_name}*"


def _by(
    query: Callable[[Study], str], seen: Sequence[Study], asked: Sequence[Study]
) -> list[Question]:
    """Return a question for each `query` of `asked`; all that are alike answer it."""
    found: dict[str, list[str]] = defaultdict(list)
    for study in seen:
        found[query(study)].append(study.study_instance_uid)
    return [
        Question("studies", text, answers.lists(answers.STUDY_UID, found[text]))
        for text in dict.fromkeys(map(query, asked))
    ]


def _page(seen: Sequence[Study], population: Population, page: int) -> Question:
    # Who sees all partitions sees that of the metadata rows, too.
    uids = [one.study_instance_uid for one in (*seen, *population.metadata_studies())]
    number = min(page, len(seen))
    check = answers.lists(answers.STUDY_UID, uids, number=number)
    return Question("studies", f"limit={number}&includefield=all", check)


def _series(study: Study) -> Question:
    check = answers.lists(answers.SERIES_UID, [study.series_instance_uid])
    return Question("series", "", check, study.study_instance_uid)


def _instances(study: Study) -> Question:
    check = answers.lists(answers.INSTANCE_UID, study.instance_uids())
    return Question("instances", "includefield=all", check, study.study_instance_uid)
