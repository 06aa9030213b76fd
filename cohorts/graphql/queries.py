"""The part of cohorts in the root of queries."""

import strawberry

from cohorts.answers.counting import count_cohort
from cohorts.answers.running import run_cohort
from cohorts.graphql.arguments import AskedCriteria, Now, ProjectName, RunId
from cohorts.graphql.counts import CohortCount, CohortStep, count_of, steps_of
from cohorts.graphql.runs import CohortRun, find
from core.errors import NotFound
from core.graphql.context import Info
from core.partitions import DEFAULT_PARTITION
from fhirlink.graphql.queries import PartitionName


@strawberry.type(description="How many patients answer a question.")
class CohortCounts:
    """Counts without rows."""

    number_of_patients: CohortCount = strawberry.field(
        description="How many patients there are."
    )
    number_possible: CohortCount = strawberry.field(
        description="How many of them are there only because a partial date could lie"
        " in a window."
    )
    attrition: list[CohortStep] = strawberry.field(
        description="What each criterion leaves."
    )


@strawberry.type
class CohortQueries:
    """Questions across images and the record."""

    @strawberry.field(
        description="Count the patients that answer a question, and keep nothing: for"
        " counts that follow while criteria are edited."
    )
    async def cohort_count(
        self,
        info: Info,
        criteria: AskedCriteria,
        partition: PartitionName = DEFAULT_PARTITION,
        now: Now = None,
        project: ProjectName = None,
    ) -> CohortCounts:
        """Count."""
        context = info.context
        counted = await context.ask(
            count_cohort,
            actor=context.actor,
            partition=partition,
            criteria=criteria,
            now=now,
            project=project,
        )
        tell = counted.told_to(context.actor)
        return CohortCounts(
            number_of_patients=count_of(tell(counted.total)),
            number_possible=count_of(tell(counted.possible)),
            attrition=steps_of(counted.attrition, tell),
        )

    @strawberry.field(
        description="Answer a question: who is found is kept for a while, so that its"
        " patients and what was wanted of them are read a page at a time."
    )
    async def cohort(
        self,
        info: Info,
        criteria: AskedCriteria,
        partition: PartitionName = DEFAULT_PARTITION,
        now: Now = None,
        project: ProjectName = None,
    ) -> CohortRun:
        """Answer."""
        context = info.context
        held = await context.ask(
            run_cohort,
            actor=context.actor,
            partition=partition,
            criteria=criteria,
            now=now,
            project=project,
        )
        return CohortRun(held=held, actor=context.actor)

    @strawberry.field(
        description="A question that you have asked; null where it was forgotten, or is"
        " none of yours."
    )
    async def cohort_run(self, info: Info, run_id: RunId) -> CohortRun | None:
        """Find one."""
        try:
            return await find(info.context, run_id)
        except NotFound as error:
            info.context.refused["cohortRun"] = error
            return None
