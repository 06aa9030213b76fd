"""Dates and times that are asked for together, in any time zone: pure.

A range of dates and one of times, of the same form, are one range of moments (DICOM
PS3.18 8.3.4.1.1, PS3.4 C.2.2.2.5.4). With TimezoneOffsetFromUTC in the query they are
meant in that zone: a row that names its own is compared in universal time, of others
the values as they stand.
"""

import datetime as dt
from collections.abc import Iterator, MutableMapping
from typing import Final, NamedTuple

from core.errors import Invalid
from imaging.levels import Kind
from imaging.moments import minutes_of, text_of
from imaging.query.attributes import BY_TAG, Attribute
from imaging.query.matching import (
    date_bounds,
    parts,
    shortest,
    time_bounds,
    within,
)
from imaging.query.terms import FIRST, LAST, Within

OFFSET: Final = "00080201"
_DAY: Final = 24 * 60  # minutes


class Part(NamedTuple):
    """An expression of SQL and the ranges in one of which it has to lie."""

    expression: str
    any_of: tuple[Within, ...]


class Period(NamedTuple):
    """When it was. All of `always` have to hold, and all of one of the others.

    Attributes
    ----------
    local
        What is asked of the values as they stand.
    utc
        The column with the moment in universal time, empty where it is not known.
    zoned
        What is asked instead where it is known; nothing if the query names no zone.
    """

    always: tuple[Part, ...]
    local: tuple[Part, ...]
    utc: str
    zoned: tuple[Part, ...]


class Pair(NamedTuple):
    """A date and a time of one moment, and the column that has it in UTC."""

    date: Attribute
    time: Attribute
    utc: str


PAIRS: Final = (
    Pair(BY_TAG["00080020"], BY_TAG["00080030"], "s.study_moment_utc"),
    Pair(
        BY_TAG["00400244"],
        BY_TAG["00400245"],
        "e.performed_procedure_step_start_moment_utc",
    ),
)


class _Range(NamedTuple):
    """Both ends as given, an open one empty; of a single value the same."""

    lower: str
    upper: str
    form: str


def take_periods(
    matches: MutableMapping[str, str], offset: str | None
) -> Iterator[Period]:
    """Take dates and times that belong together out of what is to be matched.

    Parameters
    ----------
    matches
        Values by tag.
    offset
        The time zone of the query, such as ``+0100``; None without one.

    Raises
    ------
    Invalid
        `offset` is none, or a date or time.
    """
    minutes = None if offset is None else _minutes(offset)
    for pair in PAIRS:
        dates = _range(pair.date, matches)
        times = _range(pair.time, matches)
        together = dates and times and dates.form == times.form
        if minutes is None and (not together or (dates and dates.form == "")):
            continue
        if dates or times:
            for attribute in (pair.date, pair.time):
                matches.pop(attribute.tag, None)
            yield _period(pair, dates, times, minutes)


def _minutes(offset: str) -> int:
    # A plus that was not escaped is a space in a query string.
    minutes = minutes_of(f"+{offset[1:]}" if offset.startswith(" ") else offset)
    if minutes is None:
        message = "TimezoneOffsetFromUTC must be like +0100, from -1200 to +1400."
        raise Invalid(message, path="TimezoneOffsetFromUTC")
    return minutes


def _range(attribute: Attribute, matches: MutableMapping[str, str]) -> _Range | None:
    values = parts(attribute, matches.get(attribute.tag, ""))
    if len(values) != 1 or values == ['""']:
        return None
    (value,) = values
    bounds = date_bounds if attribute.kind is Kind.DATE else time_bounds
    lower, upper = bounds(attribute, value)
    form = f"{bool(lower)}-{bool(upper)}" if "-" in value else ""
    return _Range(lower, upper, form)


def _period(
    pair: Pair, dates: _Range | None, times: _Range | None, minutes: int | None
) -> Period:
    date, time = pair.date.columns[0], pair.time.columns[0]
    local = []
    if dates:
        days = within(pair.date, dates.lower or FIRST, dates.upper or LAST)
        local.append(Part(date, (days,)))
    together = dates and times and dates.form == times.form
    if dates and times and together:
        local.append(Part(time, (Within(FIRST, LAST),)))
        moments = within(
            pair.date,
            dates.lower + shortest(times.lower) or FIRST,
            dates.upper + times.upper + LAST,
        )
        local.append(Part(f"{date} || {time}", (moments,)))
    elif times:
        clock = within(pair.time, shortest(times.lower) or FIRST, times.upper + LAST)
        local.append(Part(time, (clock,)))
    if minutes is None:
        return Period((), tuple(local), pair.utc, ())
    always = (Part(date, (_days_around(dates),)),) if dates else ()
    zoned = list(_zoned(pair.utc, dates, times, minutes))
    return Period(always, tuple(local), pair.utc, tuple(zoned))


def _zoned(
    column: str, dates: _Range | None, times: _Range | None, minutes: int
) -> Iterator[Part]:
    """Yield what the moment in UTC has to be for it to be meant in a time zone."""
    together = dates and times and dates.form == times.form
    if dates:
        clock = times if times and together else _Range("", "", "")
        lower = _shifted(dates.lower, _from(clock.lower), -minutes, FIRST)
        upper = _shifted(dates.upper, _until(clock.upper), -minutes, LAST)
        yield Part(column, (Within(lower, upper),))
    if times and not together:
        yield Part(f"substr({column}, 9)", _times_of_day(times, minutes))


def _from(time: str) -> str:
    """Return a lower bound to the minute at least, and as short as can be."""
    time = time.ljust(4, "0")
    return time[:4] + shortest(time[4:])


def _until(time: str) -> str:
    """Return an upper bound to the end of what is given, to the minute at least."""
    return time + "2359"[len(time) :] + LAST


def _shifted(date: str, time: str, minutes: int, without: str) -> str:
    """Return a moment `minutes` later; `without` where there is none."""
    if not date:
        return without
    shift = dt.timedelta(minutes=_minute(time) + minutes)
    try:
        return text_of(_day(date) + shift) + time[4:]
    except OverflowError:
        return without


def _times_of_day(times: _Range, minutes: int) -> tuple[Within, ...]:
    """Return the times in UTC: two ranges where midnight lies between."""
    lower, upper = _from(times.lower), _until(times.upper)
    first, first_minute = divmod(_minute(lower) - minutes, _DAY)
    last, last_minute = divmod(_minute(upper) - minutes, _DAY)
    lower, upper = _clock(first_minute) + lower[4:], _clock(last_minute) + upper[4:]
    if first == last:
        return (Within(lower, upper),)
    return Within(lower, LAST), Within(FIRST, upper)


def _days_around(dates: _Range) -> Within:
    """Return the dates that a range can have in other time zones."""
    before = _shifted(dates.lower, "0000", -_DAY, FIRST)[:8]
    after = _shifted(dates.upper, "0000", _DAY, LAST)[:8]
    return Within(before, after)


def _day(date: str) -> dt.datetime:
    return dt.datetime(int(date[:4]), int(date[4:6]), int(date[6:]))  # noqa: DTZ001


def _minute(time: str) -> int:
    return int(time[:2]) * 60 + int(time[2:4])


def _clock(minute: int) -> str:
    return f"{minute // 60:02}{minute % 60:02}"
