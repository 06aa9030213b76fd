"""Scalars of cohorts."""

from typing import NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

Criteria = NewType("Criteria", object)

SCALARS: dict[object, ScalarDefinition] = {
    Criteria: strawberry.scalar(
        name="Criteria",
        description="A question as JSON: which patients, and what is wanted of them"
        " (docs/criteria.md). Given as a variable, or written as an object.",
        serialize=lambda value: value,
        parse_value=Criteria,
    )
}
