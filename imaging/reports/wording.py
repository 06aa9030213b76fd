"""How values of a data set are written for people."""

import re
from collections.abc import Mapping
from typing import Any, Final

from imaging.rendering.attributes import Model, items, number, tag, text, values

# What neither XML nor a terminal should see of somebody else's text.
_FORBIDDEN: Final = re.compile(
    "[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
_LINE_BREAKS: Final = re.compile("\r\n?|\f")
_DATE: Final = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_TIME: Final = re.compile(r"(\d{2})(\d{2})?(\d{2})?(\.\d{1,6})?", re.ASCII)
_MOMENT: Final = re.compile(r"(\d{8})(\d{2,6}(?:\.\d{1,6})?)?([+-]\d{4})?", re.ASCII)
_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")
_CODES: Final = tuple(map(tag, ("CodeValue", "LongCodeValue", "URNCodeValue")))
_SCHEME: Final = tag("CodingSchemeDesignator")
_MEANING: Final = tag("CodeMeaning")
_EXACT: Final = 1e15  # whole numbers up to here are written without a fraction


def clean(value: str) -> str:
    """Return text with line breaks of one kind and without control characters."""
    return _FORBIDDEN.sub("\ufffd", _LINE_BREAKS.sub("\n", value))


def name_of(value: object) -> str:
    """Return a person's name in all its writings."""
    if not isinstance(value, Mapping):
        return ""
    groups = [value.get(group) for group in _GROUPS]
    written = [_components(each) for each in groups if isinstance(each, str)]
    first, *others = [each for each in written if each] or [""]
    return clean(f"{first} ({', '.join(others)})" if others else first)


def _components(written: str) -> str:
    """Return family name, comma, given names, prefix and suffix."""
    family, *others = (" ".join(each.split()) for each in written.split("^"))
    return ", ".join(filter(None, (family, " ".join(filter(None, others)))))


def date(value: str) -> str:
    """Return a date with hyphens; what is none, as it is."""
    found = _DATE.fullmatch(value)
    return "-".join(found.groups()) if found else clean(value)


def time(value: str) -> str:
    """Return a time with colons; what is none, as it is."""
    found = _TIME.fullmatch(value)
    if not found:
        return clean(value)
    *parts, fraction = found.groups()
    return ":".join(filter(None, parts)) + (fraction or "")


def moment(value: str) -> str:
    """Return a date and time with hyphens and colons; what is none, as it is."""
    found = _MOMENT.fullmatch(value)
    if not found:
        return clean(value)
    day, clock, zone = found.groups()
    return " ".join(filter(None, (date(day), clock and time(clock), zone)))


def figure(value: float) -> str:
    """Return a number without a fraction that says nothing."""
    if float(value).is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return str(value)


def figures(model: Model, key: str, most: int) -> list[str]:
    """Return the values of an attribute as numbers, the first of them."""
    found = values(model, key)[:most]
    return [shown(each) for each in found]


def shown(value: Any) -> str:
    """Return any single value of DICOM JSON."""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        return figure(value)
    return clean(value) if isinstance(value, str) else name_of(value)


def meaning_of(model: Model, key: str) -> str:
    """Return what the first code of a sequence means, else the code."""
    for code in items(model, key)[:1]:
        return clean(text(code, _MEANING)) or code_of(code)
    return ""


def code_of(code: Model) -> str:
    """Return the value of a code."""
    return clean(next(filter(None, (text(code, key) for key in _CODES)), ""))


def scheme_of(code: Model) -> str:
    """Return by which coding scheme a code is meant."""
    return clean(text(code, _SCHEME))


def count(model: Model, key: str) -> str:
    """Return a whole number, or nothing."""
    found = number(model, key)
    return "" if found is None else figure(found)
