"""The part of cohorts in the root of queries."""

from typing import Annotated

import strawberry

from cohorts.answers.counting import count_cohort, estimate_cohort
from cohorts.answers.running import answer_cohort
from cohorts.graphql.arguments import AskedCriteria, Now, ProjectName, RunId
from cohorts.graphql.counts import CohortCount, CohortStep, count_of, steps_of
from cohorts.graphql.runs import CohortRun, answered, find
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
    questions_today: int | None = strawberry.field(
        description="How many different questions you have asked today, this one among"
        " them; null where you see who patients are."
    )
    most_questions_a_day: int | None = strawberry.field(
        description="How many of them you may ask a day."
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
        page: Annotated[
            str,
            strawberry.argument(
                description="What you call the page that counts: there a newer count"
                " ends an older one with TOO_LARGE. Empty: each is for itself."
            ),
        ] = "",
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
            page=page,
            project=project,
        )
        return CohortCounts(
            number_of_patients=count_of(counted.total),
            number_possible=count_of(counted.possible),
            attrition=steps_of(counted.attrition),
            questions_today=counted.looks and counted.looks.today,
            most_questions_a_day=counted.looks and counted.looks.most,
        )

    @strawberry.field(
        description="About how many patients answer a question, to two digits, at once"
        " and without counting; null: you may count only."
    )
    async def cohort_estimate(
        self,
        info: Info,
        criteria: AskedCriteria,
        partition: PartitionName = DEFAULT_PARTITION,
        now: Now = None,
        project: ProjectName = None,
    ) -> int | None:
        """Estimate."""
        context = info.context
        return await context.ask(
            estimate_cohort,
            actor=context.actor,
            partition=partition,
            criteria=criteria,
            now=now,
            project=project,
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
        reading = await context.ask(
            answer_cohort,
            actor=context.actor,
            partition=partition,
            criteria=criteria,
            now=now,
            project=project,
        )
        return await answered(context, reading)

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
