"""Whether one value of DICOM JSON is what its value representation allows: pure.

DICOM PS3.5 6.2 and PS3.18 F.2.3. A value may come from anywhere: text that no database
holds (NUL, lone surrogates), numbers that are none, objects in place of texts. Padding
at the end is taken off, not told of. Nothing here raises.
"""

import binascii
from base64 import b64decode
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Final

from imaging.part10.validate import (
    LONGEST,
    check_age,
    check_application_entity,
    check_code,
    check_date,
    check_date_time,
    check_decimal,
    check_identifier,
    check_line,
    check_lines,
    check_location,
    check_person_name,
    check_time,
)

Read = tuple[object, str]
"""A value as it is kept, None where it is empty; and what is wrong, mostly nothing."""

LONGEST_TEXT: Final = 1 << 20
"""Characters of UC, UR and UT, which DICOM limits to 4 GB."""
LONGEST_BINARY: Final = 1 << 20
"""Bytes of a value in InlineBinary."""

_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")
_MOST_DIGITS: Final = 20  # of an integer of 64 bits
_NO_FLOAT: Final = frozenset({"NaN", "Infinity", "-Infinity", "inf", "-inf"})
_HEXADECIMAL: Final = frozenset("0123456789ABCDEFabcdef")
_RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "SS": (-(1 << 15), (1 << 15) - 1),
    "US": (0, (1 << 16) - 1),
    "SL": (-(1 << 31), (1 << 31) - 1),
    "UL": (0, (1 << 32) - 1),
    "SV": (-(1 << 63), (1 << 63) - 1),
    "UV": (0, (1 << 64) - 1),
    "IS": (-(1 << 31), (1 << 31) - 1),
}

_CODED: Final[Mapping[str, Callable[[str], str]]] = {
    "AE": check_application_entity,
    "AS": check_age,
    "CS": check_code,
    "DA": check_date,
    "DT": check_date_time,
    "TM": check_time,
    "UI": check_identifier,
    "UR": check_location,
}
_LINES: Final = frozenset({"LT", "ST", "UT"})
_LINE: Final = frozenset({"LO", "SH", "UC"})
TEXTS: Final = _LINES | _LINE | frozenset(_CODED) | {"PN"}
"""The representations whose values are text."""
_UNSEPARATED: Final = _LINES | {"UR"}
"""Those in which a backslash separates no values."""


def read_value(vr: str, value: object) -> Read:
    """Return one value of a representation as it is kept, and what is wrong with it.

    Parameters
    ----------
    vr
        Any but SQ and those whose values are bytes.
    """
    if value is None:
        return None, ""
    if vr == "PN":
        return _read_name(value)
    if vr in _CODED or vr in _LINE or vr in _LINES:
        return _read_text(vr, value)
    if vr == "AT":
        return _read_tag(value)
    return _read_number(vr, value)


def text_fault(text: str) -> str:
    """Return why a text cannot be kept at all, empty where it can."""
    if "\0" in text:
        return "holds a NUL character"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "holds half of a surrogate pair"
    return ""


def read_binary(value: object) -> Read:
    """Return an ``InlineBinary`` as it is kept, and what is wrong with it."""
    if not isinstance(value, str):
        return None, "has an InlineBinary that is no text"
    if len(value) > LONGEST_BINARY * 4 // 3 + 4:
        return None, f"is longer than {LONGEST_BINARY} bytes"
    try:
        b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None, "has an InlineBinary that is not base64"
    return value or None, ""


def _read_text(vr: str, value: object) -> Read:
    if not isinstance(value, str):
        return None, "is no text"
    text = value.rstrip(" \0")
    text = text.lstrip(" ") if vr in _CODED else text
    if not text:
        return None, ""
    fault = text_fault(text)
    if not fault and "\\" in text and vr not in _UNSEPARATED:
        fault = "holds a backslash, which separates values; list them one by one"
    if fault:
        return None, fault
    if vr in _LINES:
        return text, check_lines(text, LONGEST.get(vr, LONGEST_TEXT))
    if vr in _LINE:
        return text, check_line(text, LONGEST.get(vr, LONGEST_TEXT))
    if len(text) > LONGEST_TEXT:
        return None, f"is longer than {LONGEST_TEXT} characters"
    return text, _CODED[vr](text)


def _read_name(value: object) -> Read:
    """Read a person name: an object of groups, or the text that DICOM makes of it."""
    if isinstance(value, str):
        value = dict(zip(_GROUPS, value.split("=", 2), strict=False))
    if not isinstance(value, dict):
        return None, "is no object with Alphabetic, Ideographic and Phonetic"
    name: dict[str, str] = {}
    for group in _GROUPS:
        text = value.get(group)
        if text is None:
            continue
        if not isinstance(text, str):
            return None, f"has a component group {group} that is no text"
        if bare := text.rstrip(" \0"):
            name[group] = bare
    if value.keys() - set(_GROUPS):
        return None, "has other component groups than Alphabetic, Ideographic, Phonetic"
    return name or None, next(filter(None, map(_name_fault, name.values())), "")


def _name_fault(group: str) -> str:
    if "\\" in group or "=" in group:
        return "holds a separator of values or groups inside of a component group"
    return text_fault(group) or check_person_name(group)


def _read_tag(value: object) -> Read:
    if isinstance(value, str) and len(value) == 8 and _HEXADECIMAL.issuperset(value):
        return value.upper(), ""
    return None, "is no tag of eight hexadecimal digits"


def _read_number(vr: str, value: object) -> Read:
    if isinstance(value, str):
        return _read_numeral(vr, value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None, "is no number"
    if vr in _RANGES:
        return _read_integer(vr, value)
    try:
        # JSON is written with integers of 64 bits at most.
        number = value if -(1 << 63) <= value < 1 << 64 else float(value)
        finite = isfinite(number)
    except OverflowError:
        finite = False
    return (number, "") if finite else (None, "is no finite number")


def _read_integer(vr: str, value: float) -> Read:
    if isinstance(value, float):
        if not value.is_integer():
            return None, "is no integer"
        value = int(value)
    lowest, highest = _RANGES[vr]
    if lowest <= value <= highest:
        return value, ""
    return None, f"is beyond {lowest} to {highest}"


def _read_numeral(vr: str, text: str) -> Read:
    """Read a number that is written as text (PS3.18 F.2.3.1)."""
    text = text.strip(" \0")
    if not text:
        return None, ""
    if vr in {"FL", "FD"}:
        return (text, "") if text in _NO_FLOAT else (None, "is no number")
    if vr == "DS":
        return _read_decimal(text)
    if vr not in {"IS", "SV", "UV"}:
        return None, "is text in place of a number"
    digits = text[1:] if text[0] in "+-" else text
    if len(digits) > _MOST_DIGITS or not (digits.isascii() and digits.isdigit()):
        return None, "is no integer"
    return _read_integer(vr, int(text))


def _read_decimal(text: str) -> Read:
    fault = "holds a backslash" if "\\" in text else check_decimal(text)
    if fault:
        return None, fault
    try:
        finite = isfinite(float(text))
    except ValueError:
        finite = False
    return (text, "") if finite else (None, "is no finite number")
