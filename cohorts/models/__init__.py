"""What is kept of questions: runs, and who was found."""

from cohorts.models.run import CohortRun, CohortRunPart

__all__ = ["CohortRun", "CohortRunPart"]
