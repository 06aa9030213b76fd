"""What happened to a patient, all of it at once: rows, as narrow as can be."""

from collections.abc import Collection
from enum import Enum
from typing import Annotated, Any, Final

import strawberry

from core.graphql.context import Context
from core.graphql.scalars import Json
from fhirlink import timeline as domain
from fhirlink.events.shapes import Kind
from fhirlink.happened import Happened

COLUMNS: Final = (
    *("kind", "startFirst", "startLast", "second", "endFirst", "endLast", "label"),
    *("system", "code", "category", "value", "unit", "status", "low", "high"),
    *("canonicalUnit", "isCounted", "resource", "studies"),
)
_COLUMNS_SAY: Final = (
    "What the values of each row are, in their order: the kind; the days that it can"
    " have begun on, and the second of that day; the days that it can have ended on,"
    " 9999-12-31 of what still runs; what it is, in words and by its first code; its"
    " value as people read it, with its unit; its status; what its number can be, in a"
    " unit in which others can be compared with it; whether its status leaves it in;"
    " type/id of the resource that tells of it; UIDs of studies that it is about."
)


@strawberry.enum(description="What an event is.")
class EventKind(Enum):
    """`fhirlink.events.shapes.Kind`, by its names."""

    CONDITION = strawberry.enum_value(Kind.CONDITION, description="A disease.")
    PROCEDURE = strawberry.enum_value(Kind.PROCEDURE, description="It was done.")
    MEDICATION = strawberry.enum_value(Kind.MEDICATION, description="A drug.")
    ALLERGY = strawberry.enum_value(Kind.ALLERGY, description="An allergy.")
    IMMUNIZATION = strawberry.enum_value(
        Kind.IMMUNIZATION, description="A vaccination."
    )
    OBSERVATION = strawberry.enum_value(
        Kind.OBSERVATION, description="It was measured or seen."
    )
    REPORT = strawberry.enum_value(Kind.REPORT, description="A report.")
    DOCUMENT = strawberry.enum_value(Kind.DOCUMENT, description="A document.")
    ENCOUNTER = strawberry.enum_value(Kind.ENCOUNTER, description="A visit or a stay.")
    ORDER = strawberry.enum_value(Kind.ORDER, description="It was asked for.")
    IMAGING = strawberry.enum_value(Kind.IMAGING, description="A study of images.")
    DEVICE = strawberry.enum_value(Kind.DEVICE, description="A device.")
    SPECIMEN = strawberry.enum_value(Kind.SPECIMEN, description="A specimen.")
    CARE_PLAN = strawberry.enum_value(Kind.CARE_PLAN, description="A plan of care.")


Kinds = Annotated[
    list[EventKind] | None,
    strawberry.argument(description="Which events; all if nothing is said."),
]


@strawberry.type(
    description="What happened to a patient, in the order of days, what has no date"
    " last; 5000 events at most."
)
class Timeline:
    """The rows of a page of the time line."""

    columns: list[str] = strawberry.field(description=_COLUMNS_SAY)
    rows: Json = strawberry.field(description="A list of values for each event.")
    number_of_events: int = strawberry.field(description="How many rows there are.")
    has_more: bool = strawberry.field(
        description="Whether there are more than are told."
    )


async def timeline_of(
    context: Context, partition: str, patient: str, kinds: Collection[EventKind]
) -> Timeline:
    """Return what happened to a patient."""
    found = await context.ask(
        domain.timeline,
        actor=context.actor,
        partition=partition,
        patient=patient,
        kinds=[Kind[each.name] for each in kinds],
    )
    return Timeline(
        columns=list(COLUMNS),
        rows=Json([_row(each) for each in found.events]),
        number_of_events=len(found.events),
        has_more=found.after is not None,
    )


def _row(event: Happened) -> list[Any]:
    return [
        event.kind.name,
        event.start_first,
        event.start_last,
        event.second,
        event.end_first,
        event.end_last,
        event.label,
        event.code.system if event.code else "",
        event.code.code if event.code else "",
        event.category,
        event.value,
        event.unit,
        event.status,
        event.low,
        event.high,
        event.canonical_unit,
        event.is_counted,
        event.resource,
        event.studies,
    ]
