"""When a workitem is due: DT values as moments: pure."""

import datetime as dt
import re
from typing import Final

from core.errors import Invalid
from imaging.index import tag_of
from imaging.moments import minutes_of, split_zone
from imaging.part10 import JsonModel
from worklist.data_set import text

_START: Final = "ScheduledProcedureStepStartDateTime"
_EXPECTED: Final = "ExpectedCompletionDateTime"
_EXPECTED_TAG: Final = tag_of(_EXPECTED)
_OFFSET: Final = tag_of("TimezoneOffsetFromUTC")
_LOCAL: Final = re.compile(
    r"([0-9]{4})([0-9]{2})?([0-9]{2})?([0-9]{2})?([0-9]{2})?([0-9]{2})?"
    r"(?:\.([0-9]{1,6}))?"
)


def due_of(model: JsonModel) -> dt.datetime | None:
    """Return when a workitem is expected to be done; None where nobody says.

    A mere date means the whole day.

    Raises
    ------
    Invalid
        What it says is no DT value.
    """
    value = text(model, _EXPECTED_TAG)
    if not value:
        return None
    begins = moment_of(value, model, keyword=_EXPECTED)
    is_day = len(split_zone(value)[0]) == len("YYYYMMDD")
    return begins + dt.timedelta(days=1) if is_day else begins


def moment_of(
    value: str, model: JsonModel, zone: dt.tzinfo = dt.UTC, *, keyword: str = _START
) -> dt.datetime:
    """Return when a DT value begins.

    Parameters
    ----------
    model
        Says in which time zone it is meant, where the value does not.
    zone
        The time zone where neither says (DICOM PS3.5 6.2 leaves that to the site).
    keyword
        Whose value it is.

    Raises
    ------
    Invalid
        It is no DT value.
    """
    local, offset = split_zone(value)
    found = _LOCAL.fullmatch(local)
    minutes = minutes_of(offset or text(model, _OFFSET))
    if minutes is not None:
        zone = dt.timezone(dt.timedelta(minutes=minutes))
    try:
        if found is None:
            raise ValueError  # noqa: TRY301 told like any other that is none
        year, month, day, hour, minute, second, fraction = found.groups(default="")
        at = dt.datetime(
            int(year),
            int(month or 1),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            min(int(second or 0), 59),  # a leap second is the one before
            int(fraction.ljust(6, "0")),
            tzinfo=zone,
        )
        return at.astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        message = (
            f"{keyword} must be YYYYMMDDHHMMSS.FFFFFF+ZZXX, or the beginning of it."
        )
        raise Invalid(message, path=keyword) from error
