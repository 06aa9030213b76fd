"""What is sought of an attribute, and whether values pass it: pure."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

from imaging.fold import fold, fold_name
from imaging.index import Model
from imaging.levels import Level
from imaging.query_tags.tag import Tag
from imaging.query_tags.values import raw_values

_PRIVATE_BLOCK: Final = re.compile(r"([0-9A-F]{4})XX([0-9A-F]{2})")
_DAY: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


class Test(NamedTuple):
    """A comparison with a number or a text.

    Attributes
    ----------
    operator
        ``eq``, ``gt``, ``gte``, ``lt``, ``lte`` or ``contains``.
    """

    operator: str
    value: Decimal | str


@dataclass(frozen=True, slots=True)
class Sought:
    """An attribute and what one of its values has to pass.

    Attributes
    ----------
    element
        8 hexadecimal digits, in capitals; of a private one with a creator in whatever
        block.
    tests
        Of each inner tuple one has to be passed, by the same value for all of them.
    is_there
        Whether it has to have a value; else it has to have none.
    """

    element: str
    creator: str
    tests: tuple[tuple[Test, ...], ...] = ()
    is_there: bool = True

    def is_in(self, model: Model) -> bool:
        """Return whether a value in a data set passes; whether there is one at all."""
        if not self.tests and _is_bulk(model.get(self.element, {})):
            return True
        tag = Tag(0, (self.element,), "UN", self.creator, Level.INSTANCE)
        values = [each for each in raw_values(tag, model) if not _is_empty(each)]
        return any(
            all(any(passes(value, test) for test in some) for some in self.tests)
            for value in values
        )


def element_of(tag: str, creator: str) -> str:
    """Return the element of a tag with ``xx`` for its block, in whatever block.

    Empty where it is none, or where nobody says whose block it is.
    """
    found = _PRIVATE_BLOCK.fullmatch(tag.upper())
    if found is None or not creator:
        return ""
    return f"{found[1]}10{found[2]}"


def passes(value: object, test: Test) -> bool:
    """Return whether a value, as DICOM JSON has it, passes a test."""
    if isinstance(test.value, Decimal):
        number = number_of(value)
        return number is not None and _compare(test.operator, number, test.value)
    if isinstance(value, dict):
        return any(
            _passes_text(fold_name(str(group)), test.operator, fold_name(test.value))
            for group in value.values()
        )
    return _passes_text(_text(value), test.operator, fold(undashed(test.value)))


def undashed(text: str) -> str:
    """Return a date as DICOM writes it (PS3.5 6.2, DA); other text as it is."""
    return _DAY.sub(r"\1\2\3", text) if _DAY.fullmatch(text) else text


def number_of(value: object) -> Decimal | None:
    """Return the number that a value is; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _passes_text(value: str, operator: str, asked: str) -> bool:
    if operator == "contains":
        return asked in value
    return _compare(operator, value, asked)


def _compare(operator: str, value: Any, asked: Any) -> bool:
    match operator:
        case "gt":
            return bool(value > asked)
        case "gte":
            return bool(value >= asked)
        case "lt":
            return bool(value < asked)
        case "lte":
            return bool(value <= asked)
        case _:
            return bool(value == asked)


def _text(value: object) -> str:
    return fold(value if isinstance(value, str) else str(value))


def _is_empty(value: object) -> bool:
    if isinstance(value, dict):
        return not any(value.values())
    return value is None or (isinstance(value, str) and not value.strip("\0 "))


def _is_bulk(attribute: Any) -> bool:
    return "BulkDataURI" in attribute or bool(attribute.get("InlineBinary"))
