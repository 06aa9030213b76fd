"""What is kept of questions: runs, who was found, and what counts were told."""

from cohorts.models.disclosed import CountedQuestion, ToldCount
from cohorts.models.run import CohortRun, CohortRunPart

__all__ = ["CohortRun", "CohortRunPart", "CountedQuestion", "ToldCount"]
