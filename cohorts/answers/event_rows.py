"""Pages of what is wanted of the patients of a run: events, each with its reason."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from cohorts.answers import places
from cohorts.answers.audited import record
from cohorts.answers.deidentified import Shown
from cohorts.answers.outputs import is_listed, tables_of
from cohorts.answers.parts import EVERY_PART, FIRST, Parts
from cohorts.answers.places import Order, Place
from cohorts.answers.reading import Reading, require_rows
from cohorts.answers.reasons import reasons_of
from cohorts.answers.rows import EventRow
from cohorts.criteria import Output
from cohorts.execution.statement import TRUE, Sql, fill, sql
from core.errors import Invalid
from fhirlink.business_identifiers import of_resources
from fhirlink.events.shapes import Kind
from fhirlink.happened import Happened, events_of
from fhirlink.persons import persons_of
from imaging.technique import Technique, techniques_of

MOST: Final = 1_000  # rows of a page


class EventPage(NamedTuple):
    """Some rows of an output, and whether there are more."""

    rows: Sequence[EventRow]
    has_more: bool


class _Key(NamedTuple):
    """A row as the statement finds it."""

    id: int
    patient: int
    resource: int | None
    leaves: Sequence[int]
    place: Place


def page_of_events(
    reading: Reading,
    *,
    output: int,
    limit: int,
    after: str | None = None,
    has_series: bool = False,
) -> EventPage:
    """Return rows of an output of a run; audited.

    Parameters
    ----------
    output
        Its place among the outputs of the criteria, from 0.
    after
        The cursor of the row before the page.
    has_series
        Whether rows tell how the series of their studies were made: those are read.

    Raises
    ------
    Forbidden
        The reader may see counts alone.
    Invalid
        There is no such output, or it has no rows of events; or the cursor is none.
    """
    require_rows(reading)
    wanted = _wanted(reading, output)
    size = min(limit, MOST)
    keys = _keys(reading, wanted, size + 1, after)
    page = keys[:size]
    rows = _rows(reading, page, has_series=has_series)
    record(reading, [key.patient for key in page], f"{len(page)} {wanted.what}")
    return EventPage(rows, len(keys) > len(page))


def count_events(reading: Reading, *, output: int) -> int:
    """Return how many rows an output of a run has; raises as `page_of_events`."""
    require_rows(reading)
    wanted = _wanted(reading, output)
    tables = tables_of(reading.asked, wanted)
    rest = sql("SELECT count(*) FROM listed")
    ((number,),) = reading.rows(Parts(reading.run.pk), rest, *tables)
    record(reading, [], f"number of {wanted.what}")
    limit = reading.query.limit
    return int(number) if limit is None else min(number, limit)


def _wanted(reading: Reading, output: int) -> Output:
    outputs = reading.query.output
    if not 0 <= output < len(outputs) or not is_listed(outputs[output].what):
        message = "There is no such output, or it is none of events."
        raise Invalid(message, path="output")
    return outputs[output]


def _keys(
    reading: Reading, wanted: Output, limit: int, after: str | None
) -> list[_Key]:
    """Return the next rows: of as many parts of the run as it takes."""
    order = reading.order
    place = reading.place(after) if after else None
    tables = tables_of(reading.asked, wanted)
    parts: Parts | None = _first_parts(reading, order, place)
    found: list[_Key] = []
    said_at = reading.asked.places
    while parts is not None and len(found) < limit:
        rest = _page(reading, order, place, limit - len(found))
        for row in reading.rows(parts, rest, *tables):
            event, patient, resource, leaves, one, two, three, four = row
            place = (one, two, three, four)
            said = tuple(sorted({said_at[each] for each in leaves or ()}))
            found.append(_Key(event, patient, resource, said, place))
        parts = parts.next()
    return found


def _first_parts(reading: Reading, order: Order, place: Place | None) -> Parts:
    """Return where a page begins; all of the run where patients are no order."""
    if not order.is_by_patient or reading.query.limit is not None:
        return Parts(reading.run.pk)
    return Parts(reading.run.pk, places.key(place[0]) if place else FIRST, 1)


def _page(reading: Reading, order: Order, place: Place | None, left: int) -> Sql:
    after = TRUE
    if place is not None:
        after = sql(f"({order.sql}) > (%s, %s, %s, %s)", *place)
    # What is asked for at most is counted before a page of it is cut.
    most = reading.query.limit or EVERY_PART
    return fill(_ROWS, order=order.sql, after=after, most=most, left=left)


def _rows(
    reading: Reading, keys: Sequence[_Key], *, has_series: bool
) -> list[EventRow]:
    patients = sorted({key.patient for key in keys})
    reasons = reasons_of(reading, patients)
    events = events_of([key.id for key in keys])
    resources = {key.resource for key in keys if key.resource is not None}
    identifiers = of_resources(sorted(resources))
    people = persons_of(patients)
    held = {uid for each in events.values() if has_series for uid in _studies(each)}
    made = techniques_of(reading.run.partition_id, held)
    rows = [
        EventRow(
            reading.cursor(key.place),
            key.patient,
            events[key.id],
            people.get(key.patient),
            identifiers.get(key.resource or 0, ()),
            key.leaves,
            reasons.get(key.patient, ()),
            series=_series(events[key.id], made),
        )
        for key in keys
        if key.id in events
    ]
    return Shown(reading, patients).events(rows)


def _studies(event: Happened) -> Sequence[str]:
    return event.studies if event.kind is Kind.IMAGING else ()


def _series(
    event: Happened, made: Mapping[str, Sequence[Technique]]
) -> Sequence[Technique]:
    return [each for uid in _studies(event) for each in made.get(uid, ())]


_ROWS: Final = (
    "SELECT l.id, l.patient, e.resource_id, (SELECT array_agg(DISTINCT m.leaf)"
    " FROM cohort_match m WHERE m.event = l.id), {order} FROM"
    " (SELECT l.* FROM listed l ORDER BY {order} LIMIT {most}) l"
    " JOIN fhirlink_event e ON e.id = l.id WHERE {after} ORDER BY {order} LIMIT {left}"
)
