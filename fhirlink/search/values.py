"""What a resource can be found by: from its JSON to values of its parameters, pure.

Nothing of the JSON is believed: what has another form than its definition says gives
no value, and a resource that breaks a rule is refused before it comes here.

References
----------
FHIR R4 3.1.1.4.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from functools import cache, partial
from typing import Any, Final, NamedTuple

from fhirlink.definitions.parameters import (
    Group,
    Kind,
    Parameter,
    Values,
    parameters_of,
)
from fhirlink.search.moments import Interval, interval_of

Json = Any


class Token(NamedTuple):
    """A code, in a system or in none, and what is said of it in words.

    Attributes
    ----------
    types
        Of identifiers system and code of what they are.
    """

    system: str
    code: str
    text: str = ""
    types: tuple[tuple[str, str], ...] = ()


class Link(NamedTuple):
    """A reference: to a resource here, to an address, or by an identifier only."""

    type: str
    fhir_id: str
    url: str = ""
    identifier: Token | None = None


class Amount(NamedTuple):
    """A quantity; two bounds where it is a range, None for an open one."""

    low: Decimal | None
    high: Decimal | None
    system: str = ""
    code: str = ""
    unit: str = ""


Value = Token | Link | Amount | Interval | str | tuple["Value", ...]
"""Texts and addresses are str; of composites the values of their parts."""


class _Place(NamedTuple):
    """Where values of a parameter stand below an element of a resource."""

    parameter: Parameter
    rest: tuple[str, ...]
    read: Callable[[Json], Iterable["Value"]]


class _Places(NamedTuple):
    """Where the values of a type's parameters stand.

    Attributes
    ----------
    by_name
        By the element of the resource that they are in.
    composites
        With the elements of which one must be there.
    others
        What is not found at one element.
    """

    by_name: Mapping[str, Sequence[_Place]]
    composites: Sequence[tuple[Parameter, frozenset[str]]]
    others: Sequence[Parameter]


def values_of(resource: Mapping[str, Json]) -> Iterator[tuple[Parameter, Value]]:
    """Yield each parameter of a resource's type that it has a value of, with it."""
    places = _places_of(str(resource.get("resourceType")))
    for name, item in resource.items():
        for parameter, rest, read in places.by_name.get(name, ()):
            for each in _at(item, rest):
                for value in read(each):
                    yield parameter, value
    for parameter, names in places.composites:
        if not names.isdisjoint(resource):
            for value in _of_parameter(parameter, resource):
                yield parameter, value
    for parameter in places.others:
        for value in _of_parameter(parameter, resource):
            yield parameter, value


def values_at(parameter: Parameter, resource: Mapping[str, Json]) -> Iterator[Value]:
    """Yield the values of one parameter."""
    yield from _of_parameter(parameter, resource)


@cache
def _places_of(resource_type: str) -> _Places:
    by_name: dict[str, list[_Place]] = {}
    composites, others = [], []
    for parameter in parameters_of(resource_type).values():
        if parameter.kind is Kind.COMPOSITE:
            names = {_last_name(group) for group in parameter.groups}
            composites.append((parameter, frozenset().union(*names)))
        elif any(each.type == "exists" for each in parameter.values):
            others.append(parameter)
        else:
            for each in parameter.values:
                place = _Place(parameter, each.path[1:], _reader(parameter.kind, each))
                by_name.setdefault(each.path[0], []).append(place)
    return _Places(by_name, composites, others)


def _last_name(group: Group) -> frozenset[str]:
    """Return elements of a resource without which a group has no last part."""
    if group.at:
        return frozenset({group.at[0]})
    return frozenset(each.path[0] for each in group.parts[-1].values)


def _of_parameter(parameter: Parameter, resource: Json) -> Iterator[Value]:
    for each in parameter.values:
        yield from _of(parameter.kind, each, resource)
    for group in parameter.groups:
        for place in _at(resource, group.at):
            found = [
                [value for each in part.values for value in _of(part.kind, each, place)]
                for part in group.parts
            ]
            yield from _products(found)


def _products(parts: Sequence[Sequence[Value]]) -> Iterator[tuple[Value, ...]]:
    if len(parts) == 1:
        yield from ((value,) for value in parts[0])
    elif parts:
        for value in parts[0]:
            yield from ((value, *rest) for rest in _products(parts[1:]))


def _of(kind: Kind, where: Values, resource: Json) -> Iterator[Value]:
    if where.type == "exists":
        yield Token("", str(_exists(resource, where.path)).lower())
        return
    read = _reader(kind, where)
    for item in _at(resource, where.path):
        yield from read(item)


def _reader(kind: Kind, where: Values) -> Callable[[Json], Iterable[Value]]:
    # A part of a composite may name all types of a choice, also what it cannot be.
    read = _READERS.get((kind, where.type), _nothing)
    if where.only and where.type == "ContactPoint":
        return partial(_of_system, where.only, read)
    return partial(_of_type, where.only, read) if where.only else read


def _of_system(
    system: str, read: Callable[[Json], Iterable[Value]], item: Json
) -> Iterable[Value]:
    return read(item) if _text(item, "system") == system else ()


def _of_type(
    only: str, read: Callable[[Json], Iterable[Value]], item: Json
) -> Iterator[Value]:
    for value in read(item):
        if not isinstance(value, Link) or _leads_to(value, only):
            yield value


def _leads_to(link: Link, resource_type: str) -> bool:
    # Of an address or an identifier it is not known: it may.
    return link.type in {resource_type, ""}


def _exists(resource: Json, path: Sequence[str]) -> bool:
    """Return whether a choice stands there, other than false."""
    name = path[0].removesuffix("[x]")
    held = [value for key, value in resource.items() if key.startswith(name)]
    return any(value is not False for value in held)


def _at(item: Json, path: Sequence[str]) -> Sequence[Json]:
    """Return all that stands at a path, lists taken apart."""
    found: Sequence[Json] = item if isinstance(item, list) else (item,)
    for name in path:
        further: list[Json] = []
        for each in found:
            inside = each.get(name) if isinstance(each, dict) else None
            if isinstance(inside, list):
                further.extend(inside)
            elif inside is not None:
                further.append(inside)
        found = further
    return found


def _text(item: Json, name: str) -> str:
    found = item.get(name) if isinstance(item, dict) else None
    return found if isinstance(found, str) else ""


def _coding(item: Json) -> Sequence[Token]:
    token = Token(_text(item, "system"), _text(item, "code"), _text(item, "display"))
    return (token,) if any(token) else ()


def _concept(item: Json) -> Sequence[Token]:
    found = [token for each in _at(item, ("coding",)) for token in _coding(each)]
    if text := _text(item, "text"):
        found.append(Token("", "", text))
    return found


def _identifier(item: Json) -> Sequence[Token]:
    system, value = _text(item, "system"), _text(item, "value")
    if not (system or value):
        return ()
    kinds = _concept(item.get("type"))
    text = next((each.text for each in reversed(kinds) if not each.code), "")
    types = tuple((each.system, each.code) for each in kinds if each.code)
    return (Token(system, value, text, types),)


def _contact(item: Json) -> Iterator[Token]:
    if value := _text(item, "value"):
        yield Token("", value)


def _code(item: Json) -> Sequence[Token]:
    if isinstance(item, str):
        return (Token("", item),)
    return (Token("", str(item).lower()),) if isinstance(item, bool) else ()


def _string(item: Json) -> Iterator[str]:
    if isinstance(item, str):
        yield item


def _parts_of(*names: str) -> Callable[[Json], Iterator[str]]:
    def read(item: Json) -> Iterator[str]:
        for name in names:
            yield from (each for each in _at(item, (name,)) if isinstance(each, str))

    return read


def _reference(item: Json) -> Sequence[Link]:
    if not isinstance(item, dict):
        return ()
    named = next(iter(_identifier(item.get("identifier"))), None)
    text = _text(item, "reference")
    if text.startswith("#") or not (text or named):
        return ()
    type_, fhir_id, url = _split(text)
    return (Link(type_ or _text(item, "type"), fhir_id, url, named),)


def _split(text: str) -> tuple[str, str, str]:
    """Return type, id and address of a reference; no address of one on this server."""
    parts = text.partition("/_history/")[0].split("/")
    if len(parts) == 2:
        return parts[0], parts[1], ""
    if len(parts) > 2 and parts[-2][:1].isupper():
        return parts[-2], parts[-1], text
    return "", "", text


def _address(item: Json) -> Iterator[Link]:
    """Yield where a canonical or an attachment leads, with its version and without."""
    text = item if isinstance(item, str) else _text(item, "url")
    for each in dict.fromkeys((text, text.partition("|")[0])):
        if each:
            yield Link("", "", each)


def _uri(item: Json) -> Iterator[str]:
    if isinstance(item, str):
        yield item


def _date(item: Json) -> Sequence[Interval]:
    if isinstance(item, str):
        with suppress(ValueError):
            return (interval_of(item),)
    return ()


def _period(item: Json) -> Iterator[Interval]:
    first, end = (
        next(iter(_date(item.get(name))), None) if isinstance(item, dict) else None
        for name in ("start", "end")
    )
    if first or end:
        yield Interval(first.first if first else None, end.end if end else None)


def _timing(item: Json) -> Iterator[Interval]:
    """Yield all of the time that it speaks of, from its first event to its last."""
    found = [
        *(each for one in _at(item, ("event",)) for each in _date(one)),
        *(
            each
            for one in _at(item, ("repeat", "boundsPeriod"))
            for each in _period(one)
        ),
    ]
    if found:
        firsts, ends = zip(*found, strict=True)
        yield Interval(
            None if None in firsts else min(firsts), None if None in ends else max(ends)
        )


def _number(item: Json, name: str) -> Decimal | None:
    value = item.get(name) if isinstance(item, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    with suppress(InvalidOperation):
        return Decimal(str(value))
    return None


def _quantity(item: Json) -> Iterator[Amount]:
    value = _number(item, "value")
    if value is None:
        return
    names = _text(item, "system"), _text(item, "code"), _text(item, "unit")
    comparator = _text(item, "comparator")
    low = None if comparator.startswith("<") else value
    high = None if comparator.startswith(">") else value
    yield Amount(low, high, *names)


def _range(item: Json) -> Iterator[Amount]:
    bounds = [next(iter(_at(item, (name,))), None) for name in ("low", "high")]
    if any(bounds):
        low, high = (_number(each, "value") for each in bounds)
        unit = bounds[0] or bounds[1]
        yield Amount(low, high, *(_text(unit, n) for n in ("system", "code", "unit")))


def _nothing(_item: Json) -> Iterator[Value]:
    yield from ()


_NAME: Final = _parts_of("family", "given", "text", "prefix", "suffix")
_PLACE: Final = _parts_of(
    "text", "line", "city", "district", "state", "postalCode", "country"
)
_READERS: Final[Mapping[tuple[Kind, str], Callable[[Json], Iterable[Value]]]] = {
    (Kind.TOKEN, "CodeableConcept"): _concept,
    (Kind.TOKEN, "Coding"): _coding,
    (Kind.TOKEN, "Identifier"): _identifier,
    (Kind.TOKEN, "ContactPoint"): _contact,
    **{
        (Kind.TOKEN, each): _code
        for each in ("code", "boolean", "string", "String", "id")
    },
    (Kind.STRING, "string"): _string,
    (Kind.STRING, "markdown"): _string,
    (Kind.STRING, "HumanName"): _NAME,
    (Kind.STRING, "Address"): _PLACE,
    (Kind.REFERENCE, "Reference"): _reference,
    (Kind.REFERENCE, "canonical"): _address,
    (Kind.REFERENCE, "Attachment"): _address,
    **{(Kind.URI, each): _uri for each in ("uri", "url", "canonical")},
    **{(Kind.DATE, each): _date for each in ("date", "dateTime", "instant")},
    (Kind.DATE, "Period"): _period,
    (Kind.DATE, "Timing"): _timing,
    # An age, and words, are no date, though a parameter names them.
    **{(Kind.DATE, each): _nothing for each in ("Age", "Range", "string")},
    **{(Kind.QUANTITY, each): _quantity for each in ("Quantity", "Age", "Duration")},
    (Kind.QUANTITY, "Range"): _range,
    # A curve has no value to compare; it is kept as it is.
    (Kind.QUANTITY, "SampledData"): _nothing,
}
