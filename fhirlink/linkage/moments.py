"""Dates and times of DICOM as FHIR writes them: pure.

A FHIR dateTime with a time has a zone: that of the data set (0008,0201), else that of
the source; without one the date alone is said.
"""

import datetime as dt
import re
from typing import Final
from zoneinfo import ZoneInfo

from fhirlink.linkage.notes import Note, Notes
from fhirlink.linkage.reading import text
from fhirlink.linkage.source import Source
from imaging.moments import minutes_of
from imaging.rendering.attributes import Model

_DATE: Final = re.compile(r"([0-9]{4})\.?([0-9]{2})\.?([0-9]{2})", re.ASCII)
_TIME: Final = re.compile(
    r"([01][0-9]|2[0-3])(?::?([0-5][0-9])(?::?([0-5][0-9]|60)(\.[0-9]{1,6})?)?)?",
    re.ASCII,
)


def date_of(value: str) -> str:
    """Return a DA value as a FHIR date; empty where there is no such day."""
    found = _DATE.fullmatch(value)
    if not found:
        return ""
    try:
        return dt.date(*map(int, found.groups())).isoformat()
    except ValueError:
        return ""


def birth_date(model: Model, notes: Notes) -> str:
    """Return the patient's birth date."""
    value = text(model, "PatientBirthDate")
    found = date_of(value)
    if value and not found:
        notes.add(Note.BAD_DATE, "PatientBirthDate")
    return found


def moment_of(
    model: Model, date: str, time: str, *, source: Source, notes: Notes
) -> str:
    """Return the dateTime of two attributes; a date, where there is no good time."""
    day = date_of(text(model, date))
    if not day:
        if text(model, date):
            notes.add(Note.BAD_DATE, date)
        return ""
    value = text(model, time)
    clock = _TIME.fullmatch(value)
    if not clock:
        if value:
            notes.add(Note.BAD_TIME, time)
        return day
    hour, minute, second, fraction = clock.groups(default="")
    # There is no leap second in FHIR's instants of most libraries.
    at = f"{day}T{hour}:{minute or '00'}:{min(second or '00', '59')}{fraction}"
    offset = zone_of(text(model, "TimezoneOffsetFromUTC"), source.zone, at[:19], notes)
    return at + offset if offset else day


def zone_of(tagged: str, usual: str, at: str, notes: Notes) -> str:
    """Return the offset of a moment as FHIR writes it; empty where nothing tells it."""
    minutes = minutes_of(tagged) if tagged else None
    if tagged and minutes is None:
        notes.add(Note.BAD_ZONE, "TimezoneOffsetFromUTC")
    if minutes is None and usual:
        minutes = minutes_of(usual)
        if minutes is None:
            minutes = _of_place(usual, at)
    if minutes is None:
        return ""
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _of_place(name: str, at: str) -> int | None:
    """Return the offset that a place had at a moment, in whole minutes."""
    try:
        moment = dt.datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(name))
        offset = moment.utcoffset()
    except (ValueError, OverflowError, OSError, KeyError):
        return None
    return None if offset is None else round(offset.total_seconds() / 60)


def is_zone(name: str) -> bool:
    """Return whether a source's zone is one: an offset, or the name of a place."""
    return (
        minutes_of(name) is not None
        or _of_place(name, "2020-01-01T00:00:00") is not None
    )
