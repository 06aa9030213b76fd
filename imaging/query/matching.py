"""What a value in a query asks of an attribute (DICOM PS3.4 C.2.2.2): pure.

Values of a query are folded like stored ones (`imaging.fold`), so that every test
here is one on plain text or numbers. Matching rules that go beyond the standard's:
keys are matched without regard to case, names without accents; several values,
separated by a backslash, or by a comma where a value cannot hold one, match if any
does; a time given to the hour or minute means the whole of it.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Final

from core.errors import Invalid
from imaging.fold import fold, fold_name, storable
from imaging.levels import Kind
from imaging.query.attributes import Attribute
from imaging.query.terms import (
    ANY,
    FIRST,
    LAST,
    ONE,
    Criterion,
    Empty,
    Exactly,
    InGroups,
    Like,
    Test,
    Within,
    Words,
)
from imaging.query.wide_matching import decimal, moment

_GROUPS: Final = 3
_MAXIMUM_VALUES: Final = 1000
_QUOTES: Final = re.compile('"" *')
_WITHOUT_COMMA: Final = frozenset(
    {
        Kind.CODE,
        Kind.UID,
        Kind.DATE,
        Kind.TIME,
        Kind.NUMBER,
        Kind.DECIMAL,
        Kind.MOMENT,
    }
)
_WILDCARDS: Final = str.maketrans({"*": ANY, "?": ONE, ANY: " ", ONE: " "})
_UID: Final = re.compile(r"[0-9.]{0,63}[0-9]", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,12}", re.ASCII)
_DATE: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})", re.ASCII)
_TIME: Final = re.compile(
    r"([01][0-9]|2[0-3])(?:[0-5][0-9](?:(?:[0-5][0-9]|60)(?:\.[0-9]{1,6})?)?)?",
    re.ASCII,
)


def criterion(
    attribute: Attribute, value: str, *, fuzzy: bool = False, empty: bool = False
) -> Criterion | None:
    """Return what `value` asks of the attribute, or None where everything matches.

    Parameters
    ----------
    fuzzy
        Whether a name matches by beginnings of its words.
    empty
        Whether two quotation marks ask for no value (DICOM PS3.18 8.3.4.5).

    Raises
    ------
    Invalid
        The value cannot be one of the attribute.
    """
    tests: list[Test] = []
    for part in parts(attribute, value):
        found = (
            (Empty(),)
            if empty and _QUOTES.fullmatch(part)
            else _test(attribute, part, fuzzy=fuzzy)
        )
        if found is None:
            return None
        tests += found
    return Criterion(attribute, tuple(dict.fromkeys(tests))) if tests else None


def literal_criterion(attribute: Attribute, value: str, *, fuzzy: bool) -> Criterion:
    """Return what `value` asks of the attribute where it stands for itself.

    There are ranges of dates, but no wild cards and no lists, as in Azure's service.

    Raises
    ------
    Invalid
        There is no value, or it cannot be one of the attribute.
    """
    value = storable(value)
    if not value:
        message = f"{attribute.keyword} needs a value."
        raise Invalid(message, path=attribute.keyword)
    tests: tuple[Test, ...]
    match attribute.kind:
        case Kind.NAME if fuzzy and '"' in value:
            message = f"{attribute.keyword} cannot hold a quotation mark."
            raise Invalid(message, path=attribute.keyword)
        case Kind.NAME if fuzzy:
            tests = _fuzzy(value) or (Exactly(""),)
        case Kind.NAME:
            tests = _literal_name(attribute, value)
        case Kind.TEXT:
            tests = (Exactly(fold(value)),)
        case Kind.CODE:
            tests = tuple(map(Exactly, dict.fromkeys((value.upper(), value))))
        case Kind.UID:
            tests = (Exactly(value),)
        case _:
            tests = _test(attribute, value, fuzzy=False) or ()
    return Criterion(attribute, tests)


def _literal_name(attribute: Attribute, value: str) -> tuple[Test, ...]:
    groups = [fold_name(group) for group in value.split("=")]
    if len(groups) == 1 or len(groups) > _GROUPS:
        return (Exactly(fold_name(value)),)
    return (InGroups(tuple(map(Exactly, groups))),)


def has_wildcards(value: str) -> bool:
    """Return whether `value` asks for wild card matching."""
    return "*" in value or "?" in value


def parts(attribute: Attribute, value: str) -> list[str]:
    """Return the values that `value` lists, without empty ones."""
    if attribute.kind in _WITHOUT_COMMA:
        value = value.replace(",", "\\")
    found = [part.strip() for part in value.split("\\")]
    if len(found) > _MAXIMUM_VALUES:
        message = f"{attribute.keyword} has more than {_MAXIMUM_VALUES} values."
        raise Invalid(message, path=attribute.keyword)
    return [part for part in found if part]


def _test(attribute: Attribute, value: str, *, fuzzy: bool) -> tuple[Test, ...] | None:
    match attribute.kind:
        case Kind.NAME if fuzzy and not has_wildcards(value):
            return _fuzzy(value)
        case Kind.NAME:
            return _name(attribute, value)
        case Kind.TEXT:
            test = _text(fold(value.translate(_WILDCARDS)))
            return test and (test,)
        case Kind.CODE:
            return _code(value)
        case kind:
            return (_SINGLE[kind](attribute, value),)


def _text(folded: str) -> Exactly | Like | None:
    """Return the test for folded text in which `ANY` and `ONE` stand for wildcards."""
    pattern = re.sub(f"{ANY}+", ANY, folded)
    if pattern in {"", ANY}:
        return None
    return Like(pattern) if ANY in pattern or ONE in pattern else Exactly(pattern)


def _name(attribute: Attribute, value: str) -> tuple[Test, ...] | None:
    groups = value.translate(_WILDCARDS).split("=")
    if len(groups) > _GROUPS:
        message = f"{attribute.keyword} has more than three component groups."
        raise Invalid(message, path=attribute.keyword)
    tests = [_text(folded) if (folded := fold_name(part)) else None for part in groups]
    if len(groups) == 1:
        return tests[0] and (tests[0],)
    return (InGroups(tuple(tests)),) if any(tests) else None


def _fuzzy(value: str) -> tuple[Test, ...] | None:
    words = tuple(fold_name(re.sub(r"[\^=]", " ", value)).split())
    return (Words(words),) if words else None


def _code(value: str) -> tuple[Test, ...] | None:
    """Return tests for the upper case that CS asks for, and for the value as it is."""
    spellings = dict.fromkeys((value.upper(), value))
    tests = [_text(each.translate(_WILDCARDS).replace("\0", "")) for each in spellings]
    return None if None in tests else tuple(test for test in tests if test)


def _uid(attribute: Attribute, value: str) -> Exactly:
    if not _UID.fullmatch(value):
        message = f"{attribute.keyword} must be a UID, or several of them."
        raise Invalid(message, path=attribute.keyword)
    return Exactly(value)


def _number(attribute: Attribute, value: str) -> Exactly:
    if not _NUMBER.fullmatch(value):
        message = f"{attribute.keyword} must be a whole number."
        raise Invalid(message, path=attribute.keyword)
    return Exactly(int(value))


def _date(attribute: Attribute, value: str) -> Test:
    lower, upper = date_bounds(attribute, value)
    if lower == upper:
        return Exactly(lower)
    return within(attribute, lower or FIRST, upper or LAST)


def date_bounds(attribute: Attribute, value: str) -> tuple[str, str]:
    """Return both ends of a DA value or range, an open one empty."""
    lower, upper = _bounds(attribute, value)
    for date in filter(None, (lower, upper)):
        if not _is_date(date):
            message = f"{attribute.keyword} must be YYYYMMDD, or a range of these."
            raise Invalid(message, path=attribute.keyword)
    return lower, upper


def _is_date(text: str) -> bool:
    digits = _DATE.fullmatch(text)
    try:
        return digits is not None and bool(dt.date(*map(int, digits.groups())))
    except ValueError:
        return False


def _time(attribute: Attribute, value: str) -> Test:
    # Text order is time order once the lower bound is as short as can be, and the
    # upper one is taken to its end: 10 is before 1000, and 105959.999999 before 10~.
    lower, upper = time_bounds(attribute, value)
    return within(attribute, shortest(lower) or FIRST, upper + LAST)


def time_bounds(attribute: Attribute, value: str) -> tuple[str, str]:
    """Return both ends of a TM value or range, an open one empty."""
    lower, upper = _bounds(attribute, value)
    for time in filter(None, (lower, upper)):
        if not _TIME.fullmatch(time):
            message = f"{attribute.keyword} must be HHMMSS.FFFFFF, or a range of these."
            raise Invalid(message, path=attribute.keyword)
    return lower, upper


def shortest(time: str) -> str:
    """Return `time` without the components at its end that are zero."""
    whole, _, fraction = time.partition(".")
    fraction = fraction.rstrip("0")
    if fraction:
        return f"{whole}.{fraction}"
    return re.sub("(?:00)+$", "", whole)


def _bounds(attribute: Attribute, value: str) -> tuple[str, str]:
    """Return both ends of a range, an open one empty; of a single value the same."""
    lower, dash, upper = (part.strip() for part in value.partition("-"))
    if not dash:
        return lower, lower
    if not lower and not upper:
        message = f"{attribute.keyword} is a range without ends."
        raise Invalid(message, path=attribute.keyword)
    return lower, upper


def within(attribute: Attribute, lower: str, upper: str) -> Within:
    """Return the test for a range.

    Raises
    ------
    Invalid
        It ends before it begins.
    """
    if lower > upper:
        message = f"{attribute.keyword} is a range that ends before it begins."
        raise Invalid(message, path=attribute.keyword)
    return Within(lower, upper)


_SINGLE: Final[Mapping[Kind, Callable[[Attribute, str], Test]]] = {
    Kind.UID: _uid,
    Kind.DATE: _date,
    Kind.TIME: _time,
    Kind.NUMBER: _number,
    Kind.DECIMAL: decimal,
    Kind.MOMENT: moment,
}
"""What makes the one test that a value of some kinds asks for."""
