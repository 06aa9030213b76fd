"""What is kept of questions: runs, who was found, what was told, names, keys."""

from cohorts.models.definition import (
    Definition,
    DefinitionKind,
    DefinitionShare,
    DefinitionVersion,
)
from cohorts.models.disclosed import CountedQuestion, ToldCount
from cohorts.models.name_vector import NameVector
from cohorts.models.project_key import ProjectKey
from cohorts.models.run import CohortRun, CohortRunPart

__all__ = [
    "CohortRun",
    "CohortRunPart",
    "CountedQuestion",
    "Definition",
    "DefinitionKind",
    "DefinitionShare",
    "DefinitionVersion",
    "NameVector",
    "ProjectKey",
    "ToldCount",
]
