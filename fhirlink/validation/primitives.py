"""The forms of FHIR's primitive types in JSON: pure.

Each check returns what is wrong, in words, or nothing.

References
----------
FHIR R4 2.24.0.1 Primitive Types.
"""

import binascii
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from fhirlink.json_text import Number
from fhirlink.validation.narrative import check_narrative

Check = Callable[[Any], str | None]

_MOST: Final = 2**31 - 1
_LONGEST: Final = 1024 * 1024  # characters of a string (FHIR R4 2.24.0.1)
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_TIME: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
_ZONE: Final = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_PART: Final = r"(?!0000)[0-9]{4}(?:-(?:0[1-9]|1[0-2]))?"


def _boolean(value: Any) -> str | None:
    return None if isinstance(value, bool) else "must be true or false, without quotes"


def _whole(least: int, most: int) -> Check:
    words = f"must be a whole number from {least} to {most}, without quotes"

    def check(value: Any) -> str | None:
        return None if type(value) is int and least <= value <= most else words

    return check


def _decimal(value: Any) -> str | None:
    is_number = type(value) is int or isinstance(value, (Number, float))
    return None if is_number else "must be a number, without quotes"


def _string(value: Any) -> str | None:
    if type(value) is not str:
        return "must be a text"
    if not value or value.isspace():
        return "must not be empty: leave out what has no value"
    if len(value) > _LONGEST:
        return f"must not have more than {_LONGEST} characters"
    if _CONTROLS.search(value) is not None:
        return "must not have control characters"
    return None


def _form(pattern: str, words: str) -> Check:
    fullmatch = re.compile(pattern).fullmatch

    def check(value: Any) -> str | None:
        return None if type(value) is str and fullmatch(value) is not None else words

    return check


def _day(pattern: str, words: str) -> Check:
    fullmatch = re.compile(pattern).fullmatch

    def check(value: Any) -> str | None:
        if type(value) is not str or fullmatch(value) is None:
            return words
        if len(value) >= len("2021-03-31"):
            try:
                date.fromisoformat(value[:10])
            except ValueError:
                return "must be a day that the calendar has"
        return None

    return check


def _base64(value: Any) -> str | None:
    words = "must be base64 (RFC 4648)"
    if type(value) is not str or not value or not value.isascii():
        return words
    try:
        binascii.a2b_base64("".join(value.split()), strict_mode=True)
    except binascii.Error:
        return words
    return None


_URI: Final = _form(r"\S+", "must be an address, without spaces")

CHECKS: Final[Mapping[str, Check]] = {
    "boolean": _boolean,
    "integer": _whole(-_MOST - 1, _MOST),
    "unsignedInt": _whole(0, _MOST),
    "positiveInt": _whole(1, _MOST),
    "decimal": _decimal,
    "string": _string,
    "markdown": _string,
    "xhtml": check_narrative,
    "code": _form(
        r"[^\s]+(?:\s[^\s]+)*", "must be a code: no spaces around it or two in a row"
    ),
    "id": _form(
        r"[A-Za-z0-9\-.]{1,64}",
        "must be an id: up to 64 letters, digits, hyphens and dots",
    ),
    "uri": _URI,
    "url": _URI,
    "canonical": _URI,
    "oid": _form(
        r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+", "must be an OID, as urn:oid:1.2.3"
    ),
    "uuid": _form(
        r"urn:uuid:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        "must be a UUID, as urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
    ),
    "base64Binary": _base64,
    "date": _day(rf"{_PART}|{_DAY}", "must be a date, as 2021, 2021-03 or 2021-03-31"),
    "dateTime": _day(
        rf"{_PART}|{_DAY}(?:T{_TIME}{_ZONE})?",
        "must be a date, or a time with seconds and zone, as 2021-03-31T08:30:00+01:00",
    ),
    "instant": _day(
        rf"{_DAY}T{_TIME}{_ZONE}",
        "must be a time with seconds and zone, as 2021-03-31T08:30:00.000+01:00",
    ),
    "time": _form(_TIME, "must be a time of day, as 08:30:00"),
}
"""By type; what is none of these has elements."""
