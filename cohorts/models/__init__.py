"""What is kept of questions: runs, who was found, and the keys of pseudonyms."""

from cohorts.models.project_key import ProjectKey
from cohorts.models.run import CohortRun, CohortRunPart

__all__ = ["CohortRun", "CohortRunPart", "ProjectKey"]
