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
ProjectName = Annotated[
    str | None,
    strawberry.argument(
        description="The project that is asked within: of its patients alone. Who does"
        " not see who they are sees rows without names. If nothing is said, the one"
        " project that you see, of who sees neither patients nor all of the partition."
    ),
]
RunId = Annotated[
    UUID, strawberry.argument(name="id", description="The UUID of a cohort's run.")
]
