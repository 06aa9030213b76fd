"""Courses of patients: what happened to them, in days from what has matched."""

import strawberry

from cohorts.answers.courses import Course, Moment
from cohorts.graphql.rows import CohortEvent, event_of


@strawberry.type(description="An event of the course of a patient.")
class CohortMoment:
    """When it was, from day 0 on."""

    event: CohortEvent = strawberry.field(
        description="What happened; without days where the course is aligned."
    )
    start_first: int | None = strawberry.field(
        description="The first day that it can have begun on; days before day 0 are"
        " negative. Null: it has no date."
    )
    start_last: int | None = strawberry.field(
        description="The last day that it can have begun on."
    )
    end_first: int | None = strawberry.field(
        description="The first day that it can have ended on."
    )
    end_last: int | None = strawberry.field(
        description="The last day that it can have ended on."
    )
    is_running: bool = strawberry.field(description="Whether it still runs.")


@strawberry.type(description="What happened to a patient, in order.")
class CohortCourse:
    """In days from day 0."""

    leaf: int | None = strawberry.field(
        description="The criterion whose first event day 0 is; null: day 0 is that of"
        " the first event of all."
    )
    events: list[CohortMoment] = strawberry.field(
        description="The events, those without a date last."
    )
    has_more: bool = strawberry.field(
        description="Whether there are more than 5,000 events: these are the first."
    )


def course_of(found: Course) -> CohortCourse:
    """Return a course as the graph tells it."""
    return CohortCourse(
        leaf=found.leaf,
        has_more=found.has_more,
        events=[_moment(each) for each in found.moments],
    )


def _moment(found: Moment) -> CohortMoment:
    return CohortMoment(
        event=event_of(found.event),
        start_first=found.start_first,
        start_last=found.start_last,
        end_first=found.end_first,
        end_last=found.end_last,
        is_running=found.is_running,
    )
