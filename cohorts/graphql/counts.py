"""Counts of patients, as somebody may be told them."""

from collections.abc import Iterable

import strawberry

from cohorts.answers.small_cells import Cell, Step
from core.graphql.scalars import Json


@strawberry.type(description="How many patients, as you may be told.")
class CohortCount:
    """A count."""

    value: int | None = strawberry.field(
        description="The number; null: there are too few to tell whoever does not see"
        " who patients are."
    )
    text: str = strawberry.field(description="As it is shown: 17, or <5.")
    is_protected: bool = strawberry.field(
        description="Whether it tells about how many there are, so that it tells of"
        " nobody: you may count here, and not see who patients are."
    )


@strawberry.type(description="What a criterion leaves.")
class CohortStep:
    """A step of the attrition."""

    path: str = strawberry.field(
        description="Where the criterion stands: where.all.1.event, for instance."
    )
    criterion: Json | None = strawberry.field(
        description="The criterion; null of the first step, which is everybody."
    )
    number_of_patients: CohortCount = strawberry.field(
        description="Those for whom it holds, and all before it."
    )


def count_of(told: Cell) -> CohortCount:
    """Return a count as the graph tells it."""
    return CohortCount(value=told.value, text=told.text, is_protected=told.is_protected)


def steps_of(steps: Iterable[Step]) -> list[CohortStep]:
    """Return an attrition as the graph tells it."""
    return [
        CohortStep(
            path=step.path,
            criterion=None if step.criterion is None else Json(step.criterion),
            number_of_patients=count_of(step.number),
        )
        for step in steps
    ]
