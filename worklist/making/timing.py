"""When work begins, is due and is overdue: pure.

A moment is written as a base and what is added to it: ``arrival``, ``arrival + 4 h``,
``{occurrenceDateTime} - 30 min``. The base is when the subject came to us, or a path
into it; where the path leads to no time, the arrival stands for it.
"""

import datetime as dt
import re
from typing import Any, Final, NamedTuple

from core.errors import Invalid
from imaging.moments import minutes_of
from worklist.making.paths import Path, Related, parse, values_at

ARRIVAL: Final = "arrival"
LONGEST: Final = dt.timedelta(days=3660)
LONGEST_WAIT: Final = dt.timedelta(hours=1)
"""For what is not quiet, where a rule does not say."""
_UNITS: Final = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), dt.timedelta(seconds=1)),
    **dict.fromkeys(("min", "minute", "minutes"), dt.timedelta(minutes=1)),
    **dict.fromkeys(("h", "hour", "hours"), dt.timedelta(hours=1)),
    **dict.fromkeys(("d", "day", "days"), dt.timedelta(days=1)),
    **dict.fromkeys(("w", "week", "weeks"), dt.timedelta(weeks=1)),
}
_DURATION: Final = re.compile(r"\s*([0-9]{1,6}(?:\.[0-9]{1,3})?)\s*([a-z]+)\s*")
_MOMENT: Final = re.compile(
    r"\s*(?:(?P<arrival>arrival)|\{(?P<path>[^{}]*)\})\s*"
    r"(?:(?P<sign>[+-])(?P<duration>[^+{}-]+))?"
)
# FHIR R4 2.24.0.1 dateTime, and DT (DICOM PS3.5 6.2).
_OF_FHIR: Final = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    r"(?:T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]+)?)?"
    r"(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_OF_DICOM: Final = re.compile(
    r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
    r"(?:(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})?(?P<second>[0-9]{2})?(?:\.[0-9]+)?)?"
    r"(?P<zone>[+-][0-9]{4})?"
)
_STARTS: Final = ("start", "end")  # of a Period


class Wait(NamedTuple):
    """How a rule waits until a subject is quiet.

    Attributes
    ----------
    quiet
        So long nothing more of it has come.
    longest
        After so long it is looked at though it is not quiet.
    """

    quiet: dt.timedelta
    longest: dt.timedelta

    def due_at(self, first_at: dt.datetime, newest_at: dt.datetime) -> dt.datetime:
        """Return when a subject is looked at if nothing more of it comes."""
        return min(first_at + self.longest, newest_at + self.quiet)


class Moment(NamedTuple):
    """A moment relative to a subject.

    Attributes
    ----------
    base
        Where its time stands; None: when the subject came.
    """

    base: Path | None = None
    after: dt.timedelta = dt.timedelta(0)


def parse_duration(text: str) -> dt.timedelta:
    """Return how long a text says: ``90 s``, ``30 min``, ``4 h``, ``1.5 d``, ``2 w``.

    Raises
    ------
    Invalid
        It says no length of time.
    """
    found = _DURATION.fullmatch(text)
    unit = _UNITS.get(found[2]) if found else None
    if found is None or unit is None:
        message = f"A length of time is written as 30 min, 4 h or 2 d: {text[:40]!r}."
        raise Invalid(message)
    length = float(found[1]) * unit
    if length > LONGEST:
        message = "A length of time is ten years at most."
        raise Invalid(message)
    return length


def parse_wait(quiet: str, longest: str) -> Wait | None:
    """Return how a rule waits that says so; None where it looks at once.

    Raises
    ------
    Invalid
        One of both says no length of time, or the longest is the shorter one; `path`
        names the field.
    """
    length = _length("quiet", quiet)
    most = _length("longest_wait", longest)
    if most is not None and (length is None or most < length):
        message = "It is at least as long as it is to be quiet: say that as well."
        raise Invalid(message, path="longest_wait")
    if not length:
        return None
    return Wait(length, most or max(length, LONGEST_WAIT))


def _length(field: str, text: str) -> dt.timedelta | None:
    try:
        return parse_duration(text) if text else None
    except Invalid as error:
        raise Invalid(error.message, path=field) from error


def parse_moment(text: str, *, is_dicom: bool) -> Moment:
    """Return the moment that a text says.

    Raises
    ------
    Invalid
        It says none.
    """
    found = _MOMENT.fullmatch(text)
    if found is None:
        message = (
            "A moment is written as arrival, arrival + 4 h, or with a path for the"
            " base: {authoredOn} + 1 d."
        )
        raise Invalid(message)
    path = found["path"]
    base = None if path is None else parse(path, is_dicom=is_dicom)
    after = dt.timedelta(0)
    if found["duration"]:
        after = parse_duration(found["duration"])
        after = -after if found["sign"] == "-" else after
    return Moment(base, after)


def moment_at(
    moment: Moment, item: Any, related: Related, *, arrival: dt.datetime
) -> dt.datetime:
    """Return when a moment is for a subject."""
    base = arrival
    if moment.base is not None:
        values = values_at(moment.base, item, related)
        found = (read for each in values if (read := read_moment(each)) is not None)
        base = next(found, arrival)
    try:
        return base + moment.after
    except OverflowError:
        return base


def read_moment(value: Any) -> dt.datetime | None:
    """Return when a time of FHIR or DICOM begins, of a Period its start; None: none.

    In universal time where it says no zone (DICOM PS3.5 6.2 leaves that to the site).
    """
    if isinstance(value, dict):
        value = next((value[name] for name in _STARTS if name in value), None)
    if not isinstance(value, str):
        return None
    text = value.strip("\0 ")
    found = _OF_FHIR.fullmatch(text) or _OF_DICOM.fullmatch(text)
    if found is None:
        return None
    zone = (found["zone"] or "Z").replace(":", "")
    minutes = 0 if zone == "Z" else minutes_of(zone)
    try:
        read = dt.datetime(
            int(found["year"]),
            int(found["month"]),
            int(found["day"]),
            int(found["hour"] or 0),
            int(found["minute"] or 0),
            min(int(found["second"] or 0), 59),  # a leap second is the one before
            tzinfo=dt.timezone(dt.timedelta(minutes=minutes or 0)),
        )
        return read.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
