"""Moments in universal time, as text that sorts in their order: pure.

Only an instance that has TimezoneOffsetFromUTC (0008,0201) says when its dates and
times were (DICOM PS3.3 C.12.1.1.8); of others the moment is not known.
"""

import datetime as dt
import re
from functools import lru_cache
from typing import Final

_OFFSET: Final = re.compile(r"([+-])(0[0-9]|1[0-4])([0-5][0-9])", re.ASCII)
_DATE: Final = re.compile(r"[0-9]{8}", re.ASCII)
_TIME: Final = re.compile(
    r"([01][0-9]|2[0-3])(?:([0-5][0-9])((?:[0-5][0-9]|60)(?:\.[0-9]{1,6})?)?)?",
    re.ASCII,
)
_BEGINNING: Final = "00000101"  # of a year
_EARLIEST: Final = -12 * 60
_LATEST: Final = 14 * 60


def minutes_of(offset: str) -> int | None:
    """Return the minutes of an offset such as ``+0100``, or None where it is none."""
    found = _OFFSET.fullmatch(offset)
    if not found:
        return None
    sign, hours, minutes = found.groups()
    total = int(f"{sign}1") * (int(hours) * 60 + int(minutes))
    return total if _EARLIEST <= total <= _LATEST else None


def moment_utc(date: str, time: str, offset: str) -> str:
    """Return the moment in universal time, to the minute at least, as a DT value.

    Empty where date, time or offset are missing or none.
    """
    minutes = minutes_of(offset) if date and time and offset else None
    if minutes is None:
        return ""
    clock = _TIME.fullmatch(time)
    if not clock or not _DATE.fullmatch(date):
        return ""
    hour, minute, rest = clock.groups(default="")
    begins = _minute_utc(date, int(hour), int(minute or 0) - minutes)
    return begins and begins + rest


@lru_cache(4096)  # what comes together is of the same minutes
def _minute_utc(date: str, hour: int, minutes: int) -> str:
    """Return a minute as DT writes it; empty where there is no such day."""
    year, month, number = int(date[:4]), int(date[4:6]), int(date[6:])
    ahead = dt.timedelta(hours=hour, minutes=minutes)
    try:
        return text_of(dt.datetime(year, month, number) + ahead)  # noqa: DTZ001
    except (ValueError, OverflowError):
        return ""


def split_zone(value: str) -> tuple[str, str]:
    """Return a DT value as it stands, and its offset, empty where it has none."""
    for mark in "+-":
        local, sign, zone = value.partition(mark)
        if sign:
            return local, sign + zone
    return value, ""


def dt_utc(local: str, offset: str) -> str:
    """Return when a DT value begins in universal time, to the minute at least.

    Empty where there is no such offset, or no such moment.
    """
    date, time = (local + _BEGINNING[len(local) :])[:8], local[8:]
    return moment_utc(date, time.ljust(4, "0"), offset)


def text_of(moment: dt.datetime) -> str:
    """Return a moment as DT writes it to the minute, in any year."""
    return f"{moment.year:04}{moment:%m%d%H%M}"
