"""The lists of an answer, a page at a time, as exports write them down."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from cohorts.answers.event_rows import page_of_events
from cohorts.answers.export_tables import (
    EVENT_COLUMNS,
    PATIENT_COLUMNS,
    UNNAMED_EVENT_COLUMNS,
    UNNAMED_PATIENT_COLUMNS,
    event_line,
    patient_line,
)
from cohorts.answers.outputs import is_listed
from cohorts.answers.patient_rows import page_of_patients
from cohorts.answers.reading import Reading
from cohorts.answers.rows import EventRow, PatientRow
from fhirlink.compartments import read_many

ROWS: Final = 1_000  # of a page


class Listed(NamedTuple):
    """A list of an answer: how its files are called, and which output it is.

    Attributes
    ----------
    output
        None of the patients.
    """

    name: str
    output: int | None


class Page(NamedTuple):
    """Some rows of a list as they are written down.

    Attributes
    ----------
    resources
        What a Bundle has of them; of rows without names there are none.
    after
        The cursor that the next page begins after; None where there is none.
    """

    columns: Sequence[str]
    lines: Sequence[Sequence[Any]]
    resources: Sequence[bytes]
    after: str | None


def lists_of(reading: Reading) -> list[Listed]:
    """Return the lists of an answer: the patients, and each output of events."""
    outputs = [
        Listed(f"{at + 1}-{each.what}", at)
        for at, each in enumerate(reading.query.output)
        if is_listed(each.what)
    ]
    return [Listed("patients", None), *outputs]


def page_of(reading: Reading, wanted: Listed, after: str | None) -> Page:
    """Return some rows of a list; raises as `page_of_events`."""
    if wanted.output is None:
        return _of_patients(reading, after)
    page = page_of_events(
        reading, output=wanted.output, limit=ROWS, after=after, has_series=True
    )
    named = dict.fromkeys(row.event.resource for row in page.rows)
    addresses = [_address(name) for name in named if name]
    is_unnamed = reading.asked.is_deidentified
    columns = UNNAMED_EVENT_COLUMNS if is_unnamed else EVENT_COLUMNS
    return Page(
        columns,
        [event_line(row, columns) for row in page.rows],
        _resources(reading, addresses),
        _last(page.rows, has_more=page.has_more),
    )


def _of_patients(reading: Reading, after: str | None) -> Page:
    page = page_of_patients(reading, limit=ROWS, after=after)
    ids = (fhir_id for row in page.rows for fhir_id in row.person.fhir_ids)
    is_unnamed = reading.asked.is_deidentified
    columns = UNNAMED_PATIENT_COLUMNS if is_unnamed else PATIENT_COLUMNS
    return Page(
        columns,
        [patient_line(row, columns) for row in page.rows],
        _resources(reading, [("Patient", fhir_id) for fhir_id in ids]),
        _last(page.rows, has_more=page.has_more),
    )


def _last(rows: Sequence[EventRow | PatientRow], *, has_more: bool) -> str | None:
    return rows[-1].cursor if rows and has_more else None


def _address(name: str) -> tuple[str, str]:
    type_, _, fhir_id = name.partition("/")
    return type_, fhir_id


def _resources(reading: Reading, addresses: Iterable[tuple[str, str]]) -> list[bytes]:
    if reading.asked.is_deidentified:
        return []
    asked = list(addresses)
    found = read_many(
        actor=reading.actor,
        partition=reading.run.partition.name,
        addresses=asked,
    )
    return [found[each].json() for each in asked if each in found]
