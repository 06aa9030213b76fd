"""What was measured of a patient by one code: a curve, a page at a time."""

import math
from collections.abc import Mapping
from datetime import date
from itertools import islice
from typing import Annotated, Any, Final

import strawberry

from core.errors import Invalid
from core.graphql.connections import (
    Uncounted,
    checked_page,
    connect_uncounted,
    no_such_cursor,
)
from core.graphql.context import Context
from fhirlink.events.days import Days, days_of
from fhirlink.events.read import at, first
from fhirlink.graphql import facts, loading
from fhirlink.graphql.facts import CodeableConcept, Quantity
from fhirlink.happened import Happened, Place, place_of
from fhirlink.timeline import Window, measurements

_DATE: Final = "a date, a month or a year, as FHIR writes them"

LabCode = Annotated[
    str,
    strawberry.argument(
        description="What was measured: system|code; a code of whatever system; or what"
        " it is called."
    ),
]
FromDate = Annotated[
    str | None,
    strawberry.argument(
        name="from", description=f"Measured on this day or later: {_DATE}."
    ),
]
ToDate = Annotated[
    str | None,
    strawberry.argument(
        name="to", description=f"Measured on this day or earlier: {_DATE}."
    ),
]


@strawberry.type(
    description="A value that was measured, by an Observation or by a component of one."
)
class LabValue:
    """An event of a curve, with what its resource says of it."""

    held: strawberry.Private[Happened]
    resource: strawberry.Private[Mapping[str, Any]]

    @property
    def content(self) -> Mapping[str, Any]:
        """Return what tells of it: the resource, or a component of it."""
        part = self.held.part
        if not part:
            return self.resource
        found = next(islice(at(self.resource, "component"), part - 1, None), None)
        return found if isinstance(found, dict) else {}

    @strawberry.field(description="The id of the Observation that tells of it.")
    def fhir_id(self) -> str:
        """Return the id."""
        return self.held.resource.partition("/")[2]

    @strawberry.field(description="What was measured.")
    def code(self) -> CodeableConcept | None:
        """Return the code."""
        return facts.code_of(self.content)

    @strawberry.field(description="What it is called, in words.")
    def label(self) -> str:
        """Return the words."""
        return self.held.label

    @strawberry.field(
        description="When it was measured: a date of FHIR, as it is written."
    )
    def start(self) -> str | None:
        """Return the date."""
        day = self.held.start_first
        return facts.start_of(self.resource) or (day.isoformat() if day else None)

    @strawberry.field(
        description="What was measured, as people read it and with the digits that were"
        " written, without unit."
    )
    def value(self) -> str:
        """Return the value."""
        return self.held.value

    @strawberry.field(description="Its unit, as people read it.")
    def unit(self) -> str | None:
        """Return the unit."""
        return self.held.unit or None

    @strawberry.field(
        description="The least that it can be, in canonicalUnit; null where it has no"
        " bound there (<5), or is no number."
    )
    def low(self) -> float | None:
        """Return the number, or the lower bound."""
        return _finite(self.held.low)

    @strawberry.field(
        description="The most that it can be, in canonicalUnit: the same as low of a"
        " number; null where it has no bound there (>5), or is no number."
    )
    def high(self) -> float | None:
        """Return the number, or the upper bound."""
        return _finite(self.held.high)

    @strawberry.field(
        description="The unit in which values of one curve can be compared."
    )
    def canonical_unit(self) -> str | None:
        """Return the unit."""
        return self.held.canonical_unit or None

    @strawberry.field(description="The least that is usual.")
    def reference_low(self) -> Quantity | None:
        """Return the lower end of the first reference range."""
        return facts.quantity(first(self.content, "referenceRange.low"))

    @strawberry.field(description="The most that is usual.")
    def reference_high(self) -> Quantity | None:
        """Return the upper end of the first reference range."""
        return facts.quantity(first(self.content, "referenceRange.high"))

    @strawberry.field(description="Whether it is high, low, abnormal, by code.")
    def interpretation(self) -> CodeableConcept | None:
        """Return the first interpretation."""
        return facts.concept(first(self.content, "interpretation"))

    @strawberry.field(description="The status of the Observation.")
    def status(self) -> str:
        """Return the status."""
        return self.held.status


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


async def labs_of(
    context: Context,
    partition: str,
    patient: str,
    *,
    code: str,
    window: Window,
    first: int,
    after: str | None,
) -> Uncounted[LabValue]:
    """Return a page of what was measured of a patient by one code."""
    limit = checked_page(first)
    found = await context.ask(
        measurements,
        actor=context.actor,
        partition=partition,
        patient=patient,
        code=code,
        window=window,
        after=None if after is None else _place(after),
        limit=max(limit, 1),
    )
    events = found.events[:limit]
    names = dict.fromkeys(each.resource for each in events)
    addresses = [(type_, id_) for type_, _, id_ in (n.partition("/") for n in names)]
    held = await loading.resources(context, partition, addresses) if events else []
    contents = {"/".join(each.address): each.parsed() for each in held}
    # Of a person of several Patients, one may not be seen: its values are, though.
    nodes = [
        (_cursor(each), LabValue(held=each, resource=contents.get(each.resource, {})))
        for each in events
    ]
    has_more = found.after is not None or len(found.events) > limit
    return connect_uncounted(nodes, has_more=has_more, after=after)


def window_of(begin: str | None, end: str | None) -> Window:
    """Return the days that two dates stand for.

    Raises
    ------
    Invalid
        One of them is no date.
    """
    first_days, last_days = _days(begin, "from"), _days(end, "to")
    return Window(
        first_days.first if first_days else None, last_days.last if last_days else None
    )


def _days(text: str | None, path: str) -> Days | None:
    found = days_of(text)
    if text is not None and found is None:
        message = f"{path} is {_DATE}: 2024-05-31, 2024-05 or 2024."
        raise Invalid(message, path=path)
    return found


def _cursor(event: Happened) -> str:
    day, second, id_ = place_of(event)
    return f"{day}.{second}.{id_}"


def _place(cursor: str) -> Place:
    day, _, rest = cursor.partition(".")
    second, _, id_ = rest.partition(".")
    try:
        return Place(date.fromisoformat(day), int(second[:9]), int(id_[:18]))
    except ValueError as error:
        raise no_such_cursor() from error
