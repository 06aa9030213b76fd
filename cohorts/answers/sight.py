"""What somebody sees of a run now: rows with names, without, or counts alone."""

from enum import StrEnum

from cohorts.execution.projects import asked_within
from cohorts.models import CohortRun
from core.access import Actor, Verb


class Sight(StrEnum):
    """What of a run is seen."""

    COUNTS = "counts"
    WITHOUT_NAMES = "without names"
    NAMES = "names"


def sight_of(actor: Actor, run: CohortRun) -> Sight:
    """Return what an actor sees of a run.

    Raises
    ------
    NotFound
        Not even the project that it was asked within.
    """
    if run.project is None:
        sees = actor.reach(Verb.VIEW_PHI).enters(run.partition_id)
        return Sight.NAMES if sees else Sight.COUNTS
    within = asked_within(actor, run.partition.name, run.partition_id, run.project.name)
    is_deidentified = within is not None and within.is_deidentified
    return Sight.WITHOUT_NAMES if is_deidentified else Sight.NAMES
