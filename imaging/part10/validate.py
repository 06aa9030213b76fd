"""Whether a decoded value keeps the rules of its value representation.

Each check takes one value without trailing padding and returns the rule that it
breaks, or an empty text (DICOM PS3.5 6.2). Deviations from the letter, because
archives are full of them: components of UIDs may have leading zeros, and what merely
pads the end of a value (spaces, NULs) is never at fault.

Character checks use `str.strip` with a set of characters, which leaves nothing only if
all characters are of the set: several times faster than a regular expression.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Final

Check = Callable[[str], str]

LONGEST: Final = {"SH": 16, "LO": 64, "ST": 1024, "LT": 10240}
"""Characters, not bytes (DICOM PS3.5 6.2); UC, UR and UT are not limited."""

_DIGITS: Final = "0123456789"
_CODE: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ "
_INTEGER: Final = _DIGITS + "+- "
DECIMAL_CHARACTERS: Final = _DIGITS + "+-.eE \\"
"""Of DS, with the separator of values."""
_IDENTIFIER: Final = _DIGITS + "."
_CONTROL: Final = re.compile("[\x00-\x1a\x1c-\x1f\x7f]")
_CONTROL_IN_TEXT: Final = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_AGE: Final = re.compile("[0-9]{3}[DWMY]")
_DATE: Final = re.compile("(?!0000)[0-9]{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_CLOCK: Final = (
    "(?:[01][0-9]|2[0-3])(?:[0-5][0-9](?:(?:[0-5][0-9]|60)(?:\\.[0-9]{1,6})?)?)?"
)
_TIME: Final = re.compile(_CLOCK)
_DATE_TIME: Final = re.compile(
    "(?!0000)([0-9]{4}(?:(?:0[1-9]|1[0-2])(?:(?:0[1-9]|[12][0-9]|3[01])"
    f"(?:{_CLOCK})?)?)?)([+-](?:0[0-9]|1[0-4])[0-5][0-9])?"
)
_LOCATION: Final = re.compile(r"[A-Za-z0-9:/?#\[\]@!$&'()*+,;=%._~-]*")


def check_application_entity(value: str) -> str:
    """AE: up to 16 printable characters of the default repertoire."""
    if len(value) > 16:
        return "longer than 16 characters"
    if value.isascii() and value.isprintable():
        return ""
    return "holds characters outside the default repertoire"


def check_code(value: str) -> str:
    """CS: up to 16 upper case letters, digits, spaces and underscores."""
    if len(value) > 16:
        return "longer than 16 characters"
    if value.strip(_CODE):
        return "holds other than upper case letters, digits, space and underscore"
    return ""


def check_age(value: str) -> str:
    """AS: three digits and a unit."""
    return "" if _AGE.fullmatch(value) else "is not nnnD, nnnW, nnnM or nnnY"


def check_date(value: str) -> str:
    """DA: a day of the calendar."""
    return "" if _DATE.fullmatch(value) and _exists(value) else "is not a date YYYYMMDD"


def _exists(day: str) -> bool:
    if day[6:8] <= "28":
        return True
    try:
        date(int(day[:4]), int(day[4:6]), int(day[6:8]))
    except ValueError:
        return False
    return True


def check_time(value: str) -> str:
    """TM: hours, minutes, seconds and a fraction, the later ones optional."""
    return "" if _TIME.fullmatch(value) else "is not a time HHMMSS.FFFFFF"


def check_date_time(value: str) -> str:
    """DT: date and time with an optional offset from UTC."""
    match = _DATE_TIME.fullmatch(value)
    if match and (len(match[1]) < 8 or _exists(match[1])):
        return ""
    return "is not a date and time YYYYMMDDHHMMSS.FFFFFF&ZZXX"


def check_integer(value: str) -> str:
    """IS: up to 12 characters, an integer of 32 bits; decoding proves the syntax."""
    if value.strip(_INTEGER):
        return "is not an integer"
    return "longer than 12 characters" if len(value) > 12 else ""


def check_decimal(value: str) -> str:
    """DS: up to 16 characters; decoding proves the syntax."""
    if value.strip(DECIMAL_CHARACTERS):
        return "is not a decimal number"
    return "longer than 16 characters" if len(value) > 16 else ""


def check_identifier(value: str) -> str:
    """UI: up to 64 digits and dots, no empty component."""
    if len(value) > 64:
        return "longer than 64 characters"
    if value.strip(_IDENTIFIER) or ".." in value or value[0] == "." or value[-1] == ".":
        return "is not a UID"
    return ""


def check_location(value: str) -> str:
    """UR: the characters of a URI, RFC 3986."""
    return "" if _LOCATION.fullmatch(value) else "is not a URI"


def check_line(value: str, longest: int | None) -> str:
    """LO, SH, UC: one line without control characters."""
    if longest is not None and len(value) > longest:
        return f"longer than {longest} characters"
    if not value.isprintable() and _CONTROL.search(value):
        return "holds control characters"
    return ""


def check_lines(value: str, longest: int | None) -> str:
    """LT, ST, UT: text with tabs, line and page breaks."""
    if longest is not None and len(value) > longest:
        return f"longer than {longest} characters"
    if not value.isprintable() and _CONTROL_IN_TEXT.search(value):
        return "holds control characters"
    return ""


def check_person_name(value: str) -> str:
    """PN: up to 3 groups of up to 64 characters and 5 components."""
    groups = value.split("=")
    if len(groups) > 3:
        return "has more than 3 component groups"
    for group in groups:
        if len(group) > 64:
            return "has a component group longer than 64 characters"
        if group.count("^") > 4:
            return "has more than 5 components"
    if not value.isprintable() and _CONTROL.search(value):
        return "holds control characters"
    return ""
