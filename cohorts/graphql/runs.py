"""Questions that were answered, and what was wanted of whom they found."""

from datetime import date, datetime
from enum import Enum
from functools import partial
from typing import Annotated
from uuid import UUID

import strawberry

from cohorts.answers.charts import ChartName, charts_of_run
from cohorts.answers.courses import course_of_patient
from cohorts.answers.event_rows import count_events, page_of_events
from cohorts.answers.found_runs import FoundRun, find_run, has_changed_since
from cohorts.answers.kept_counts import attrition_of, possible_of, total_of
from cohorts.answers.outputs import is_listed
from cohorts.answers.patient_rows import page_of_patients
from cohorts.answers.reading import Reading, read
from cohorts.answers.sight import Sight
from cohorts.answers.small_cells import sees_patients
from cohorts.criteria import parse_criteria
from cohorts.graphql.charts import CohortChart, CohortChartName, chart_of
from cohorts.graphql.counts import CohortCount, CohortStep, count_of, steps_of
from cohorts.graphql.courses import CohortCourse, course_of
from cohorts.graphql.rows import CohortPatient, CohortRow, patient_of, row_of
from cohorts.models import CohortRun as Run
from core.errors import NotFound
from core.graphql.connections import (
    DEFAULT_PAGE,
    After,
    Connection,
    First,
    Uncounted,
    checked_page,
    connect,
    connect_uncounted,
)
from core.graphql.context import Context, Info
from core.graphql.nodes import NO_NODE, Node, found_by
from core.graphql.partitions import Partition, find_partition
from core.graphql.scalars import Json
from core.graphql.selections import is_selected


@strawberry.enum(description="What you see of a cohort.")
class CohortSight(Enum):
    """`cohorts.answers.sight.Sight`."""

    NAMES = strawberry.enum_value(Sight.NAMES, description="Rows, and who they are of.")
    WITHOUT_NAMES = strawberry.enum_value(
        Sight.WITHOUT_NAMES,
        description="Rows of a project without names: pseudonyms, shifted dates, codes"
        " and numbers, no words that somebody has typed. Windows of time are taken as"
        " the whole months that they touch, now as the first day of its month.",
    )
    COUNTS = strawberry.enum_value(Sight.COUNTS, description="No rows.")


@strawberry.type(description="What is wanted of the patients of a cohort.")
class CohortOutput:
    """An output of the criteria."""

    found: strawberry.Private[FoundRun]
    place: int = strawberry.field(
        description="Its place among the outputs of the criteria, from 0."
    )
    what: str = strawberry.field(description="What is wanted: medication, imaging, ...")

    @strawberry.field(
        description="The rows, each with its reasons; of patients and counts none."
        " Needs the right to see who patients are, or a project that it was asked"
        " within."
    )
    async def rows(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[CohortRow]:
        """Return a page of it."""
        context = info.context
        if not is_listed(self.what):  # type: ignore[arg-type] # as it was checked
            return connect([], has_more=False, after=after, count=_nothing)
        size = checked_page(first)
        reading = await _reading(context, self.found)
        page = await context.ask(
            page_of_events,
            reading,
            output=self.place,
            limit=size,
            after=after,
            has_series=is_selected(info, "edges", "node", "series"),
        )
        partition = self.found.run.partition.name
        return connect(
            [(row.cursor, row_of(partition, row)) for row in page.rows],
            has_more=page.has_more,
            after=after,
            count=partial(context.ask, count_events, reading, output=self.place),
        )


@strawberry.type(description="A definition that a question has named.")
class UsedDefinition:
    """As it was when it ran."""

    kind: str = strawberry.field(description="cohort or set.")
    key: UUID = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="What it was called.")
    version: int = strawberry.field(description="The number of the version that ran.")


async def _nothing() -> int:
    return 0


@strawberry.type(
    description="A question that was answered: who was found is kept for a while, to be"
    " paged through by whoever has asked."
)
class CohortRun(Node):
    """What was asked, when, and what came of it."""

    found: strawberry.Private[FoundRun]

    @property
    def held(self) -> Run:
        """Return what is kept of it."""
        return self.found.run

    @strawberry.field(description="Its UUID: cohortRun finds it again.")
    def run_id(self) -> UUID:
        """Return the UUID."""
        return self.held.pk

    @strawberry.field(description="What was asked.")
    def criteria(self) -> Json:
        """Return the criteria."""
        return Json(self.held.criteria)

    @strawberry.field(description="The data partition that was asked of.")
    async def partition(self, info: Info) -> Partition:
        """Return the partition."""
        return await find_partition(info.context, self.held.partition.name)

    @strawberry.field(description="The day that counted as now.")
    def day(self) -> date:
        """Return the day."""
        return self.held.day

    @strawberry.field(description="When it was asked.")
    def asked_at(self) -> datetime:
        """Return the moment."""
        return self.held.created_at

    @strawberry.field(description="When it will be forgotten.")
    def expires_at(self) -> datetime:
        """Return the moment."""
        return self.held.expires_at

    @strawberry.field(
        description="Whether the record or the images of the partition have changed"
        " since: ask again to have that counted."
    )
    async def has_changed(self, info: Info) -> bool:
        """Return whether there is something new."""
        return await info.context.ask(has_changed_since, self.held)

    @strawberry.field(description="How many patients there are.")
    def number_of_patients(self) -> CohortCount:
        """Return the number."""
        return count_of(total_of(self.held))

    @strawberry.field(
        description="How many of them are there only because a partial date could lie"
        " in a window."
    )
    def number_possible(self) -> CohortCount:
        """Return the number."""
        return count_of(possible_of(self.held))

    @strawberry.field(description="What each criterion has left.")
    def attrition(self) -> list[CohortStep]:
        """Return the steps."""
        return steps_of(attrition_of(self.held))

    @strawberry.field(description="What its patients have how often, each chart once.")
    async def charts(
        self,
        info: Info,
        names: Annotated[
            list[CohortChartName],
            strawberry.argument(description="Which charts, in which order."),
        ],
    ) -> list[CohortChart]:
        """Count."""
        wanted = list(dict.fromkeys(names))
        context = info.context
        reading = await _reading(context, self.found)
        charts = [ChartName[each.name] for each in wanted]
        found = await context.ask(charts_of_run, reading, charts)
        return [chart_of(each, found[ChartName[each.name]]) for each in wanted]

    @strawberry.field(
        description="Whether you see who patients are anywhere in the partition: then"
        " counts are exact."
    )
    def sees_patients(self) -> bool:
        """Return whether the actor does."""
        return sees_patients(self.found.actor, self.held.partition_id)

    @strawberry.field(
        description="What you see of it: rows with names, rows without, counts alone."
    )
    def sight(self) -> CohortSight:
        """Return what the actor sees."""
        return CohortSight[self.found.sight.name]

    @strawberry.field(description="The project that it was asked within.")
    def project_name(self) -> str | None:
        """Return the name."""
        return self.held.project.name if self.held.project else None

    @strawberry.field(
        description="The patients, each with its reasons. Needs the right to see who"
        " patients are, or a project that it was asked within."
    )
    async def patients(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Uncounted[CohortPatient]:
        """Return a page of them."""
        context, size = info.context, checked_page(first)
        reading = await _reading(context, self.found)
        page = await context.ask(page_of_patients, reading, limit=size, after=after)
        return connect_uncounted(
            [
                (row.cursor, patient_of(self.held.partition.name, row))
                for row in page.rows
            ],
            has_more=page.has_more,
            after=after,
        )

    @strawberry.field(
        description="What happened to a patient, in days from an event that has"
        " matched. Of whom you see no name: codes and numbers alone."
    )
    async def course(
        self,
        info: Info,
        cursor: Annotated[
            str, strawberry.argument(description="That of the row of the patient.")
        ],
        leaf: Annotated[
            int | None,
            strawberry.argument(
                description="The criterion whose first event is day 0. If nothing is"
                " said, the first that the criteria name; else the first that matched."
            ),
        ] = None,
        aligned: Annotated[
            bool,
            strawberry.argument(description="Whether to leave out days of a calendar."),
        ] = True,
    ) -> CohortCourse:
        """Return it."""
        context = info.context
        found = await context.ask(
            course_of_patient,
            await _reading(context, self.found),
            cursor=cursor,
            leaf=leaf,
            is_aligned=aligned,
        )
        return course_of(found)

    @strawberry.field(
        description="What was wanted, in the order of the criteria; those of some"
        " places alone where these are given."
    )
    def outputs(
        self,
        places: Annotated[
            list[int] | None,
            strawberry.argument(description="Which, from 0; null: all."),
        ] = None,
    ) -> list[CohortOutput]:
        """Return the outputs."""
        wanted = parse_criteria(self.held.criteria).output
        return [
            CohortOutput(found=self.found, place=place, what=each.what)
            for place, each in enumerate(wanted)
            if places is None or place in places
        ]

    @strawberry.field(
        description="The saved cohorts and concept sets that were named, as they were"
        " then."
    )
    def definitions(self) -> list[UsedDefinition]:
        """Return which versions ran."""
        return [UsedDefinition(**each) for each in self.held.used]

    @strawberry.field(
        description="What words and codes of the criteria have meant, as JSON; null for"
        " whoever sees no names."
    )
    def resolved(self) -> Json | None:
        """Return the codes."""
        sees_names = self.found.sight is Sight.NAMES
        return Json(self.held.resolved) if sees_names else None

    def name_of_node(self) -> str:
        """Return the UUID."""
        return str(self.held.pk)


async def find(context: Context, run_id: UUID) -> CohortRun:
    """Return what was kept of a question.

    Raises
    ------
    NotFound
        There is none that the actor has asked.
    """
    found = await context.ask(find_run, actor=context.actor, run_id=run_id)
    return CohortRun(found=found)


async def answered(context: Context, reading: Reading) -> CohortRun:
    """Return a question that has just been answered."""

    async def as_it_is() -> Reading:
        return reading

    await context.once_awaited(_key(reading.found), as_it_is)
    return CohortRun(found=reading.found)


async def _reading(context: Context, found: FoundRun) -> Reading:
    """Return a run with what its criteria mean: once, whatever is read of it."""
    return await context.once_awaited(_key(found), lambda: context.ask(read, found))


def _key(found: FoundRun) -> object:
    return "cohort run", found.run.pk


async def _find_node(context: Context, name: str) -> CohortRun:
    try:
        run_id = UUID(name)
    except ValueError as error:
        raise NotFound(NO_NODE, path="id") from error
    return await find(context, run_id)


found_by("CohortRun", _find_node)
