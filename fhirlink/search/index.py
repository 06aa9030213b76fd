"""The rows that a resource is found by: pure.

What is compared for being the same is hashed into terms; what is compared by order has
rows in tables of values (decision 0027).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

from fhirlink.definitions.compartment import patient_compartment
from fhirlink.definitions.parameters import Kind, Parameter, parameters_of
from fhirlink.search import slots
from fhirlink.search.moments import BEGINNING, END, Interval
from fhirlink.search.slots import Key, Owner, keys_of, term
from fhirlink.search.units import scale_of
from fhirlink.search.values import Amount, Link, Token, Value, values_of
from imaging.fold import fold_name, storable

LONGEST_TEXT: Final = 600  # characters: an entry of an index has its limit
LONGEST_MOMENT: Final = timedelta(days=1)
AS_WRITTEN: Final = -1
"""The unit of a number that has another row, in the unit of its dimension."""

COMBINED: Final = "combo-"
COLUMNS: Final = frozenset(["_id", "_lastUpdated"])  # of the resource's own row
_WHOLE: Final = frozenset([Kind.TOKEN, Kind.REFERENCE, Kind.URI])
_VOCABULARY: Final = frozenset(
    ["CodeableConcept", "Coding", "code", "boolean", "exists"]
)
_OPEN: Final = float("inf")


class TermText(NamedTuple):
    """A text that stands for a term: for what is found by how it begins, or sorted."""

    slot: int
    text: str
    term: int


class IndexRows(NamedTuple):
    """What is written beside a resource.

    Attributes
    ----------
    terms
        Hashes, without repetition, in order.
    strings
        Slot and folded text.
    dates
        Slot, first moment, and the first one after it.
    quantities
        Slot, low and high bound, and unit.
    texts
        Which terms there are: shared by all resources that have them.
    """

    terms: list[int]
    strings: list[tuple[int, str]]
    dates: list[tuple[int, datetime, datetime]]
    quantities: list[tuple[int, float, float, int]]
    texts: Sequence[TermText] = ()


class _Found(NamedTuple):
    """The rows of a resource, while they are collected."""

    terms: set[int]
    strings: set[tuple[int, str]]
    dates: set[tuple[int, datetime, datetime]]
    quantities: set[tuple[int, float, float, int]]
    texts: set[TermText]


def index_rows(partition_id: int, resource: Mapping[str, Any]) -> IndexRows:
    """Return the rows of a resource of a partition."""
    type_ = str(resource.get("resourceType"))
    found = _Found(set(), set(), set(), set(), set())
    leading = patient_compartment(type_)
    for parameter, value in values_of(resource):
        name = parameter.name
        if name in COLUMNS or is_combined(name):
            continue
        owner = _owner(partition_id, type_, name)
        found.terms.add(term(owner, slots.PRESENT))
        if isinstance(value, tuple) and parameter.kind is Kind.COMPOSITE:
            _add_composite(owner, parameter, value, found)
            continue
        _add(owner, parameter.kind, value, (), found)
        if name in leading and isinstance(value, Link) and value.type == "Patient":
            found.terms.add(slots.compartment(partition_id, value.fhir_id))
    if type_ == "Patient":
        found.terms.add(slots.compartment(partition_id, str(resource.get("id"))))
    return IndexRows(
        sorted(found.terms),
        list(found.strings),
        list(found.dates),
        list(found.quantities),
        list(found.texts),
    )


def is_combined(name: str) -> bool:
    """Return whether a parameter is two others together, and has no rows of its own."""
    return name.startswith(COMBINED)


@cache
def is_sorted_by_code(resource_type: str, name: str) -> bool:
    """Return whether the codes of a parameter are of a vocabulary: no identifiers."""
    parameter = parameters_of(resource_type).get(name)
    return parameter is not None and all(
        each.type in _VOCABULARY for each in parameter.values
    )


@cache
def _owner(partition_id: int, type_: str, name: str) -> Owner:
    return Owner(partition_id, type_, name)


def _add(owner: Owner, kind: Kind, value: Value, within: Key, found: _Found) -> None:
    """Add what a value is found by; `within` is the first part of a composite."""
    if isinstance(value, Token):
        terms, texts = _of_token(owner, value)
        found.terms.update(terms)
        found.texts.update(texts)
    elif isinstance(value, Interval):
        found.dates.add(_date_row(owner, within, value))
    elif isinstance(value, Amount):
        found.quantities.update(_quantity_rows(owner, within, value))
    elif isinstance(value, Link):
        found.terms.update(term(owner, *key) for key in keys_of(value))
    elif isinstance(value, str) and kind is Kind.URI:
        key = slots.URL, value
        found.terms.add(term(owner, *key))
        found.texts.add(_text_of(owner, key))
    elif isinstance(value, str):
        found.strings.add((term(owner, slots.TEXT, *within), folded(value)))
        if not within:
            found.terms.add(term(owner, slots.EXACT, value))


def folded(text: str) -> str:
    """Return a text as it is kept: folded, and cut."""
    return fold_name(text[: 2 * LONGEST_TEXT])[:LONGEST_TEXT]


@lru_cache(maxsize=1 << 14)
def _of_token(owner: Owner, token: Token) -> tuple[Sequence[int], Sequence[TermText]]:
    """Return the terms of a code, and the texts of them."""
    keys = list(keys_of(token))
    texts = []
    if token.text:
        keys.append((slots.SAID, folded(token.text)))
        texts.append(_text_of(owner, keys[-1]))
    if token.code and is_sorted_by_code(owner.type, owner.parameter):
        texts.append(_text_of(owner, (slots.CODE, token.code)))
    return [term(owner, *key) for key in keys], texts


def _text_of(owner: Owner, key: Key) -> TermText:
    kind, text = key
    return TermText(term(owner, kind), storable(text)[:LONGEST_TEXT], term(owner, *key))


def _add_composite(
    owner: Owner, parameter: Parameter, value: Sequence[Any], found: _Found
) -> None:
    """Add what the parts of a composite are found by, at one place."""
    first, last = value[0], value[-1]
    kind = parameter.groups[0].parts[-1].kind
    keys = list(keys_of(first))
    if kind in _WHOLE:
        last_keys = list(keys_of(last)) if isinstance(last, Token | Link) else []
        found.terms.update(term(owner, *a, *b) for a in keys for b in last_keys)
        return
    for key in keys:
        if key[0] == slots.CODE:
            _add(owner, kind, last, key, found)
        else:
            found.terms.add(term(owner, *key))


def _date_row(
    owner: Owner, within: Key, value: Interval
) -> tuple[int, datetime, datetime]:
    first, end = value
    is_moment = first is not None and end is not None and end - first <= LONGEST_MOMENT
    slot = term(owner, slots.MOMENT if is_moment else slots.PERIOD, *within)
    return slot, first or BEGINNING, end or END


def _quantity_rows(
    owner: Owner, within: Key, value: Amount
) -> Iterator[tuple[int, float, float, int]]:
    """Yield the number as it is written, and in the other units it is searched by."""
    bounds = _bounds(value.low, value.high)
    shape = slots.POINT if bounds[0] == bounds[1] else slots.RANGE
    written = term(owner, shape, *within)
    converted = term(owner, slots.CONVERTED, shape, *within)
    name = value.code or value.unit
    scale = scale_of(value.system, name)
    if scale is None:
        yield written, *bounds, unit_key(value.system, name)
        for each in {value.code, value.unit} - {""}:
            if value.system or each != name:
                yield converted, *bounds, unit_key("", each)
    elif scale.is_own:
        yield written, *bounds, unit_key("", scale.unit)
    else:
        yield written, *bounds, AS_WRITTEN
        with suppress(ArithmeticError):  # beyond what a decimal can be
            in_own = _bounds(scale.convert(value.low), scale.convert(value.high))
            yield converted, *in_own, unit_key("", scale.unit)


def _bounds(low: Decimal | None, high: Decimal | None) -> tuple[float, float]:
    return (
        -_OPEN if low is None else float(low),
        _OPEN if high is None else float(high),
    )


@lru_cache(maxsize=1 << 12)
def unit_key(system: str, code: str) -> int:
    """Return what a unit is found by; the known ones have no system."""
    return slots.hashed(f"{system}{slots.SEPARATOR}{code}") if system or code else 0
