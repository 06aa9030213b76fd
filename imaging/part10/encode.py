"""Encoding of the values of the DICOM JSON model, by VR: the reverse of `values`.

DICOM PS3.18 F.2.3. Text is written in UTF-8. Whether a value keeps the rules of its
VR is not looked at here, as the file is read again like any other; only what would
become another value, or several, is refused.
"""

import re
from collections.abc import Callable, Sequence
from math import isfinite
from struct import error as struct_error
from struct import pack
from typing import Any, Final

from pydicom.valuerep import format_number_as_ds

from imaging.part10.dictionary_table import LUT_DESCRIPTOR_TAGS
from imaging.part10.errors import Malformed

_LONGEST_DECIMAL: Final = 16
_WHOLE: Final = re.compile("[+-]?[0-9]{1,20}")
_TAG: Final = re.compile("[0-9A-Fa-f]{8}")
_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")
_NO_NUMBERS: Final = frozenset({"NaN", "inf", "-inf", "Infinity", "-Infinity"})
_CODES: Final = {
    "FD": "d", "FL": "f", "SL": "i", "SS": "h",
    "SV": "q", "UL": "I", "US": "H", "UV": "Q",
}  # fmt: skip
_ONE_TEXT: Final = frozenset({"LT", "ST", "UR", "UT"})


def encode_values(vr: str, tag: int, values: Sequence[Any]) -> bytes:
    """Return the value field, not padded, in little endian.

    Parameters
    ----------
    vr
        One whose values are neither bytes nor items.

    Raises
    ------
    Malformed
        The values are not of the kind that the VR has in JSON.
    """
    if vr == "AT":
        return b"".join(map(_tag, values))
    if vr in _CODES:
        return _numbers(vr, tag, values)
    if vr in _ONE_TEXT and len(values) > 1:
        message = f"{vr} has one value only"
        raise Malformed(message)
    text_of = _TEXTS.get(vr, _whole if vr in _ONE_TEXT else _text)
    texts = ["" if value is None else text_of(value) for value in values]
    return "\\".join(texts).encode()


def _whole(value: object) -> str:
    if not isinstance(value, str):
        message = "is not a text"
        raise Malformed(message)
    return value


def _text(value: object) -> str:
    text = _whole(value)
    if "\\" in text:
        message = "has a backslash, which separates values"
        raise Malformed(message)
    return text


def _person_name(value: object) -> str:
    """Return the component groups, without those that are empty at the end."""
    if not isinstance(value, dict) or not value.keys() <= set(_GROUPS):
        message = "is not a person name of component groups"
        raise Malformed(message)
    groups = [
        "" if (group := value.get(name)) is None else _text(group) for name in _GROUPS
    ]
    if any("=" in group for group in groups):
        message = "has an equals sign, which separates component groups"
        raise Malformed(message)
    return "=".join(groups).rstrip("=")


def _decimal(value: object) -> str:
    if isinstance(value, str):
        return _text(value)
    number = _number(value)
    text = str(number)
    if len(text) <= _LONGEST_DECIMAL:
        return text
    return format_number_as_ds(float(number))


def _integer_string(value: object) -> str:
    return _text(value) if isinstance(value, str) else str(_integer(value))


_TEXTS: Final[dict[str, Callable[[object], str]]] = {
    "DS": _decimal,
    "IS": _integer_string,
    "PN": _person_name,
}


def _numbers(vr: str, tag: int, values: Sequence[object]) -> bytes:
    convert = _float if vr in {"FL", "FD"} else _integer
    numbers = [convert(value) for value in values]
    if vr == "SS" and tag in LUT_DESCRIPTOR_TAGS and numbers and numbers[0] > 0x7FFF:
        numbers[0] -= 0x10000  # a number of entries, never negative in the model
    try:
        return pack(f"<{len(numbers)}{_CODES[vr]}", *numbers)
    except (struct_error, OverflowError) as error:
        message = f"is beyond what {vr} holds"
        raise Malformed(message) from error


def _number(value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        message = "is not a number"
        raise Malformed(message)
    return value


def _float(value: object) -> float:
    if isinstance(value, str) and value in _NO_NUMBERS:
        return float(value)
    return _number(value)


def _integer(value: object) -> int:
    """Return a whole number of 64 bits; a text too, as JavaScript has but 53."""
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    number = _number(value)
    if not isfinite(number) or number != int(number) or abs(number) >= 2**64:
        message = "is not a whole number of 64 bits"
        raise Malformed(message)
    return int(number)


def _tag(value: object) -> bytes:
    if not isinstance(value, str) or not _TAG.fullmatch(value):
        message = "is not a tag of eight hexadecimal digits"
        raise Malformed(message)
    return pack("<HH", int(value[:4], 16), int(value[4:], 16))
