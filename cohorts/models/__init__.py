"""What is kept of questions: runs, who was found, and what was given a name."""

from cohorts.models.definition import (
    Definition,
    DefinitionKind,
    DefinitionShare,
    DefinitionVersion,
)
from cohorts.models.run import CohortRun, CohortRunPart

__all__ = [
    "CohortRun",
    "CohortRunPart",
    "Definition",
    "DefinitionKind",
    "DefinitionShare",
    "DefinitionVersion",
]
