"""Arguments that several fields of cohorts have."""

from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from cohorts.graphql.scalars import Criteria

AskedCriteria = Annotated[
    Criteria, strawberry.argument(description="Which patients, and what of them.")
]
Now = Annotated[
    date | None,
    strawberry.argument(description="The day that counts as now; today if none."),
]
RunId = Annotated[
    UUID, strawberry.argument(name="id", description="The UUID of a cohort's run.")
]
