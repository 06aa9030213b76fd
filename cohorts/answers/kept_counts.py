"""The counts of a run: kept as they were told, so that they are told alike again."""

from collections.abc import Iterable
from typing import Any

from cohorts.answers.small_cells import Cell, Step, cell_of
from cohorts.models import CohortRun


def kept_steps(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Return an attrition as a run keeps it."""
    return [
        {"path": step.path, "criterion": step.criterion, "number": step.number.value}
        for step in steps
    ]


def total_of(run: CohortRun) -> Cell:
    """Return how many patients a run has."""
    return cell_of(run.number_of_patients, is_protected=run.is_protected)


def possible_of(run: CohortRun) -> Cell:
    """Return how many of them are there only because a partial date could match."""
    return cell_of(run.number_possible, is_protected=run.is_protected)


def attrition_of(run: CohortRun) -> list[Step]:
    """Return what each criterion has left."""
    return [
        Step(
            each["path"],
            each["criterion"],
            cell_of(each["number"], is_protected=run.is_protected),
        )
        for each in run.attrition
    ]
