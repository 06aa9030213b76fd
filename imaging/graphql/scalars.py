"""Value representations of DICOM (PS3.5 6.2) as scalars."""

import re
from collections.abc import Callable
from typing import Any, Final, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from core.errors import Invalid

UI = NewType("UI", str)
DA = NewType("DA", str)
TM = NewType("TM", str)

_UI: Final = re.compile(r"[0-9.]{0,63}[0-9]", re.ASCII)
_DA: Final = re.compile(r"[0-9]{8}", re.ASCII)
_TM: Final = re.compile(r"[0-9]{2,6}(\.[0-9]{1,6})?", re.ASCII)


def _parser(form: re.Pattern[str], what: str) -> Callable[[Any], Any]:
    def parse(value: Any) -> str:
        if not isinstance(value, str) or not form.fullmatch(value):
            message = f"This must be {what}."
            raise Invalid(message)
        return value

    return parse


def _scalar(
    name: str, description: str, form: re.Pattern[str], what: str
) -> ScalarDefinition:
    made: ScalarDefinition = strawberry.scalar(
        name=name,
        description=description,
        serialize=str,
        parse_value=_parser(form, what),
    )
    return made


SCALARS: Final[dict[object, ScalarDefinition]] = {
    UI: _scalar(
        "UI",
        "A DICOM UID: digits and dots, 64 characters at most.",
        _UI,
        "a UID: digits and dots, 64 at most",
    ),
    DA: _scalar("DA", "A DICOM date: YYYYMMDD.", _DA, "a date: YYYYMMDD"),
    TM: _scalar(
        "TM",
        "A DICOM time: HHMMSS.FFFFFF; what comes after the hour may be left out.",
        _TM,
        "a time: HHMMSS.FFFFFF",
    ),
}
