"""What a DICOM JSON model says, as FHIR can hold it: pure.

Every value may be anything. What is of the wrong kind is none; what FHIR forbids
(control characters, spaces around a code) is taken out.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from imaging.rendering import attributes
from imaging.rendering.attributes import Model

LONGEST_TEXT: Final = 4_096  # characters; no attribute that is mapped needs more
MOST_VALUES: Final = 100
"""Values of one attribute that are looked at."""

_FORBIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]"
)
_UID: Final = re.compile(r"[0-9]+(?:\.[0-9]+)*", re.ASCII)
_LONGEST_UID: Final = 64
_MOST_INTEGER: Final = 2**31 - 1  # of FHIR's unsignedInt

tag = cache(attributes.tag)


def clean(value: object) -> str:
    """Return a value as a FHIR string; empty where it is no text."""
    if not isinstance(value, str):
        return ""
    return _FORBIDDEN.sub("", value[:LONGEST_TEXT]).strip()


def code_of(value: object) -> str:
    """Return a value as a FHIR code: no spaces around it, and single ones inside."""
    return " ".join(clean(value).split())


def values(model: Model, keyword: str) -> list[Any]:
    """Return the values of an attribute; none, where it has none."""
    return attributes.values(model, tag(keyword))[:MOST_VALUES]


def text(model: Model, keyword: str) -> str:
    """Return the first value of an attribute, if it is text."""
    return next(map(clean, values(model, keyword)), "")


def code(model: Model, keyword: str) -> str:
    """Return the first value of an attribute as a code."""
    return next(map(code_of, values(model, keyword)), "")


def items(model: Model, keyword: str) -> list[Model]:
    """Return the items of a sequence."""
    return [each for each in values(model, keyword) if isinstance(each, Mapping)]


def number(model: Model, keyword: str) -> int | None:
    """Return the first value of an attribute as FHIR's unsignedInt, if it is one."""
    found = values(model, keyword)
    return unsigned(found[0]) if found else None


def unsigned(value: object) -> int | None:
    """Return a number that fits FHIR's unsignedInt, or None."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 <= value <= _MOST_INTEGER else None  # type: ignore[operator,return-value]


def is_uid(value: str) -> bool:
    """Return whether a text is a UID."""
    return len(value) <= _LONGEST_UID and _UID.fullmatch(value) is not None


def compact(**members: Any) -> dict[str, Any]:
    """Return a JSON object without what is empty; FHIR knows no empty values.

    A name that Python keeps for itself is written with an underscore behind it.
    """
    return {
        name.rstrip("_"): value
        for name, value in members.items()
        if value is not None and value not in ("", [], {})
    }
