"""Conditions on the tables of values: dates, quantities and texts.

Most dates are of a day at most and most quantities are one number: these have slots of
their own, in which a comparison bounds the first column of the index from both sides,
whatever the other bound of the value.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.utils import timezone

from fhirlink.search import slots
from fhirlink.search.index import LONGEST_MOMENT, LONGEST_TEXT, folded, unit_key
from fhirlink.search.moments import BEGINNING, END
from fhirlink.search.slots import Key, Owner, term
from fhirlink.search.terms import (
    Begins,
    Contains,
    Dated,
    Exactly,
    Measured,
    Prefix,
    Test,
)
from fhirlink.search.units import scale_of

Condition = tuple[str, list[Any]]
"""SQL and its values."""

_AFTER: Final = "\U0010ffff"
_NEARLY: Final = 0.1  # of the time between now and a date
_FIRSTS: Final = ("v.first", 'v."end"')


def all_of(conditions: Sequence[Condition]) -> Condition:
    """Return what is true where all are."""
    return _joined(" AND ", "true", conditions)


def any_of(conditions: Sequence[Condition]) -> Condition:
    """Return what is true where one is."""
    return _joined(" OR ", "false", conditions)


def _joined(word: str, nothing: str, conditions: Sequence[Condition]) -> Condition:
    if not conditions:
        return nothing, []
    text = word.join(each for each, _ in conditions)
    values = [value for _, given in conditions for value in given]
    return (text if len(conditions) == 1 else f"({text})"), values


def is_ordered(test: Test) -> bool:
    """Return whether it is asked of a table of values."""
    return isinstance(test, Dated | Measured | Begins | Contains)


def _exists(table: str, conditions: Sequence[Condition]) -> Condition:
    where, values = all_of(conditions)
    return (
        f"EXISTS (SELECT FROM fhirlink_{table} v"
        f" WHERE v.resource_id = r.id AND {where})",
        values,
    )


def with_text(held: Sequence[Owner], within: Key, tests: Sequence[Test]) -> Condition:
    """Return what is true of a resource with a text that passes one of the tests."""
    slot = "v.slot = ANY(%s::bigint[])", [[term(o, slots.TEXT, *within) for o in held]]
    return _exists("stringvalue", [slot, any_of([_text(test) for test in tests])])


def _text(test: Test) -> Condition:
    if isinstance(test, Begins):
        return begins("v.text", test.text)
    if isinstance(test, Contains):
        return "strpos(v.text, %s) > 0", [test.text]
    assert isinstance(test, Exactly)  # noqa: S101 there is no other test of texts
    return "v.text = %s", [folded(test.text)]


def begins(column: str, text: str) -> Condition:
    """Return what is true of texts that begin so."""
    text = text[:LONGEST_TEXT]
    return f"{column} >= %s AND {column} < %s", [text, text + _AFTER]


class _Bounds(NamedTuple):
    """Where the first moment of a value lies that is a day long at most."""

    low: datetime | None
    end: datetime | None


def dated(
    held: Sequence[Owner], within: Key, criteria: Sequence[Sequence[Dated]]
) -> Condition:
    """Return what is true of a resource with a date that passes all criteria.

    Parameters
    ----------
    criteria
        Of each one test must pass.
    """
    conditions = [any_of([interval(test, *_FIRSTS) for test in c]) for c in criteria]
    bounds = [_all_bounds(map(_bounds_of, tests)) for tests in criteria]
    lows = [each.low for each in bounds if each.low is not None]
    ends = [each.end for each in bounds if each.end is not None]
    moments = [_slot_of(held, slots.MOMENT, within)]
    if lows:
        moments.append(("v.first >= %s", [max(lows)]))
    if ends:
        moments.append(("v.first < %s", [min(ends)]))
    either = any_of([all_of(moments), _slot_of(held, slots.PERIOD, within)])
    return _exists("datevalue", [either, *conditions])


def _slot_of(held: Sequence[Owner], *key: Any) -> Condition:
    name, within = key
    found = [term(each, name, *within) for each in held]
    if len(found) == 1:
        return "v.slot = %s", found
    return "v.slot = ANY(%s::bigint[])", [found]


def _all_bounds(bounds: Iterable[_Bounds]) -> _Bounds:
    lows, ends = zip(*bounds, strict=True)
    return _Bounds(
        None if None in lows else min(lows), None if None in ends else max(ends)
    )


def _bounds_of(test: Dated) -> _Bounds:
    first, end = _sides(test)
    match test.prefix:
        case Prefix.EQUAL:
            return _Bounds(first, end)
        case Prefix.GREATER:
            return _Bounds(_earlier(end), None)
        case Prefix.AT_LEAST:
            return _Bounds(_earlier(first), None)
        case Prefix.AFTER:
            return _Bounds(end, None)
        case Prefix.LESS | Prefix.BEFORE:
            return _Bounds(None, first)
        case Prefix.AT_MOST:
            return _Bounds(None, end)
        case Prefix.NEARLY:
            return _Bounds(_earlier(first), end)
    return _Bounds(None, None)


def _earlier(moment: datetime) -> datetime:
    return max(moment, BEGINNING + LONGEST_MOMENT) - LONGEST_MOMENT


def moment(test: Dated, column: str) -> Condition:
    """Return what is true of a column that is one moment, to the millisecond."""
    end = f"{column} + interval '1 millisecond'"
    condition, values = interval(test, column, end)
    bounds = _bounds_of(test)
    narrow: list[Condition] = [(condition, values)]
    if bounds.low is not None:
        narrow.append((f"{column} >= %s", [bounds.low]))
    if bounds.end is not None:
        narrow.append((f"{column} < %s", [bounds.end]))
    return all_of(narrow)


def interval(test: Dated, first: str, end: str) -> Condition:
    """Return what is true of an interval, by its bounds (FHIR R4 3.1.1.4.6)."""
    low, high = _sides(test)
    inside: Condition = (f"({first} >= %s AND {end} <= %s)", [low, high])
    match test.prefix:
        case Prefix.EQUAL:
            return inside
        case Prefix.UNEQUAL:
            return f"NOT {inside[0]}", inside[1]
        case Prefix.GREATER:
            return f"{end} > %s", [high]
        case Prefix.LESS:
            return f"{first} < %s", [low]
        case Prefix.AT_LEAST:
            return any_of([(f"{end} > %s", [high]), inside])
        case Prefix.AT_MOST:
            return any_of([(f"{first} < %s", [low]), inside])
        case Prefix.AFTER:
            return f"{first} >= %s", [high]
        case Prefix.BEFORE:
            return f"{end} <= %s", [low]
        case Prefix.NEARLY:
            return f"({first} < %s AND {end} > %s)", [high, low]


def _sides(test: Dated) -> tuple[datetime, datetime]:
    """Return both ends of what is asked for; wider where it is nearly that."""
    first, end = test.interval
    first, end = first or BEGINNING, end or END
    if test.prefix is not Prefix.NEARLY:
        return first, end
    gap = abs(timezone.now() - first) * _NEARLY
    room = min(gap, first - BEGINNING, END - end, timedelta(days=365_000))
    return first - room, end + room


def measured(
    held: Sequence[Owner], within: Key, tests: Sequence[Measured]
) -> Condition:
    """Return what is true of a resource with a number that passes one of the tests."""
    return _exists("quantityvalue", [any_of([_number(held, within, t) for t in tests])])


def _number(held: Sequence[Owner], within: Key, test: Measured) -> Condition:
    number, low, high = float(test.number), float(test.low), float(test.high)
    unit: list[Condition] = []
    names: list[Key] = [()]
    if test.code:
        names = [(), (slots.CONVERTED,)]
        key = unit_key(test.system or "", test.code)
        scale = scale_of(test.system, test.code)
        if scale is not None:
            key = unit_key("", scale.unit)
            number, low, high = (
                float(scale.factor * each + scale.offset)
                for each in (test.number, test.low, test.high)
            )
        unit = [("v.unit = %s", [key])]
    points = [term(o, *n, slots.POINT, *within) for o in held for n in names]
    ranges = [term(o, *n, slots.RANGE, *within) for o in held for n in names]
    condition = _compared(test.prefix, number, low, high)
    of_points = _compared(test.prefix, number, low, high, upper="v.low")
    one = "v.slot = %s", points
    some = "v.slot = ANY(%s::bigint[])", [points]
    in_points = all_of([one if len(points) == 1 else some, of_points])
    in_ranges = all_of([("v.slot = ANY(%s::bigint[])", [ranges]), condition])
    return all_of([any_of([in_points, in_ranges]), *unit])


def _compared(
    prefix: Prefix, number: float, low: float, high: float, *, upper: str = "v.high"
) -> Condition:
    """Return what is true of a number or range (FHIR R4 3.1.1.4.4, 3.1.1.4.2)."""
    match prefix:
        case Prefix.EQUAL:
            return f"(v.low >= %s AND {upper} < %s)", [low, high]
        case Prefix.UNEQUAL:
            return f"NOT (v.low >= %s AND {upper} < %s)", [low, high]
        case Prefix.GREATER:
            return f"{upper} > %s", [number]
        case Prefix.AT_LEAST:
            return f"{upper} >= %s", [number]
        case Prefix.LESS:
            return "v.low < %s", [number]
        case Prefix.AT_MOST:
            return "v.low <= %s", [number]
        case Prefix.AFTER:
            return "v.low > %s", [number]
        case Prefix.BEFORE:
            return f"{upper} < %s", [number]
        case Prefix.NEARLY:
            return f"(v.low <= %s AND {upper} >= %s)", [high, low]
