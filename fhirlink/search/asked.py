"""The whole of a search: what is looked for, and how it is answered: pure.

References
----------
FHIR R4 3.1.1.1 to 3.1.1.6.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple, TypeVar

from core.errors import Invalid
from fhirlink.definitions.parameters import Kind, Parameter, parameters_of
from fhirlink.search.index import is_sorted_by_code
from fhirlink.search.parse import Budget, UnknownParameter, condition_of
from fhirlink.search.terms import Condition
from fhirlink.served import is_served

USUAL_COUNT: Final = 50
MAXIMUM_COUNT: Final = 1_000
MAXIMUM_QUERY: Final = 1 << 16  # characters
MAXIMUM_PARAMETERS: Final = 100
MAXIMUM_VALUE: Final = 8_192  # characters
MAXIMUM_SORT_KEYS: Final = 5
MAXIMUM_INCLUDES: Final = 20
CURSOR: Final = "_cursor"
_Kind = TypeVar("_Kind", bound=StrEnum)
_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")
_ELSEWHERE: Final = frozenset(["_format", "_pretty"])  # read by the edge
_SORTED: Final = frozenset([Kind.DATE, Kind.STRING, Kind.QUANTITY, Kind.NUMBER])


class Total(StrEnum):
    """Whether it is said how many there are; `USUAL` where that is soon known."""

    USUAL = ""
    NONE = "none"
    ESTIMATE = "estimate"
    ACCURATE = "accurate"


class Summary(StrEnum):
    """How much of each resource is answered."""

    FALSE = "false"
    TRUE = "true"
    TEXT = "text"
    DATA = "data"
    COUNT = "count"


class SortKey(NamedTuple):
    """A parameter that results are sorted by; what has no value comes last."""

    parameter: Parameter
    is_descending: bool = False


class Include(NamedTuple):
    """What else is answered: resources that results refer to, or that refer to them.

    Attributes
    ----------
    type
        Of the resources that refer; empty for whichever.
    parameters
        The references that count.
    target
        The only type that they lead to; empty for all.
    is_iterated
        Whether it holds for what is included, as well.
    """

    type: str
    parameters: tuple[Parameter, ...]
    target: str
    is_reverse: bool
    is_iterated: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A search.

    Attributes
    ----------
    types
        The types that are searched.
    conditions
        What resources of each of them fulfil, in the order of the types.
    compartment
        The id of the patient in whose compartment they lie.
    count
        How many results a page has; 0 where only their number is wanted.
    pairs
        What of the query was understood, for the address of the answer.
    warnings
        What was passed over.
    """

    types: tuple[str, ...]
    conditions: tuple[tuple[Condition, ...], ...]
    compartment: str | None = None
    sort: tuple[SortKey, ...] = ()
    includes: tuple[Include, ...] = ()
    count: int = USUAL_COUNT
    total: Total = Total.USUAL
    summary: Summary = Summary.FALSE
    elements: tuple[str, ...] = ()
    cursor: str | None = None
    pairs: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()


def asked(
    types: Sequence[str],
    pairs: Sequence[tuple[str, str]],
    *,
    compartment: str | None = None,
    is_lenient: bool = False,
) -> Asked:
    """Return what a query string asks.

    Parameters
    ----------
    types
        What the address names; none at the root, where ``_type`` does.
    is_lenient
        Whether parameters that are not known are passed over, with a warning.

    Raises
    ------
    Invalid
        Something of it is not known, not done here or has no meaning; `path` is the
        parameter.
    """
    _be_bounded(pairs)
    reading = _Reading(_types(types, pairs), is_lenient)
    for name, text in pairs:
        reading.read(name, text)
    return Asked(
        types=tuple(reading.types),
        conditions=tuple(map(tuple, reading.conditions)),
        compartment=compartment,
        sort=tuple(reading.sort),
        includes=tuple(reading.includes),
        count=0 if reading.summary is Summary.COUNT else reading.count,
        total=reading.total,
        summary=reading.summary,
        elements=tuple(reading.elements),
        cursor=reading.cursor,
        pairs=tuple(reading.pairs),
        warnings=tuple(reading.warnings),
    )


def _be_bounded(pairs: Sequence[tuple[str, str]]) -> None:
    if len(pairs) > MAXIMUM_PARAMETERS:
        message = f"A search has at most {MAXIMUM_PARAMETERS} parameters."
        raise Invalid(message)
    for name, text in pairs:
        if _UNSTORABLE.search(name + text):
            message = "A parameter has characters that no text has."
            raise Invalid(message)
        if len(name) > MAXIMUM_VALUE or len(text) > MAXIMUM_VALUE:
            message = f"A parameter has at most {MAXIMUM_VALUE} characters."
            raise Invalid(message, path=name[:64])


def _types(types: Sequence[str], pairs: Sequence[tuple[str, str]]) -> list[str]:
    named = [text for name, text in pairs if name == "_type"]
    if types or not named:
        if not types:
            message = "Name the types to search, as in ?_type=Patient,Observation."
            raise Invalid(message, path="_type")
        return list(types)
    found = list(dict.fromkeys(",".join(named).split(",")))
    for each in found:
        if not is_served(each):
            message = f"There is no resource type {each[:64]!r} here."
            raise Invalid(message, path="_type")
    return found


class _Reading:
    """A query while it is read, a parameter after the other."""

    def __init__(self, types: Sequence[str], is_lenient: bool) -> None:  # noqa: FBT001 private
        self.types = types
        self.is_lenient = is_lenient
        self.budget = Budget()
        self.conditions: list[list[Condition]] = [[] for _ in types]
        self.sort: list[SortKey] = []
        self.includes: list[Include] = []
        self.elements: list[str] = []
        self.count = USUAL_COUNT
        self.total = Total.USUAL
        self.summary = Summary.FALSE
        self.cursor: str | None = None
        self.pairs: list[tuple[str, str]] = []
        self.warnings: list[str] = []

    def read(self, name: str, text: str) -> None:
        try:
            self._read(name, text)
        except UnknownParameter as error:
            if not self.is_lenient:
                raise
            self.warnings.append(error.message)
        else:
            if name != CURSOR:
                self.pairs.append((name, text))

    def _read(self, name: str, text: str) -> None:
        own = getattr(self, f"_read{name}", None) if name in _OWN else None
        first, _, modifier = name.partition(":")
        if own is not None:
            own(text)
        elif first in {"_include", "_revinclude"}:
            self._include(name, text, modifier, is_reverse=first == "_revinclude")
        elif name not in _ELSEWHERE and not (name == "_type" and len(self.types)):
            self._condition(name, text)

    def _condition(self, name: str, text: str) -> None:
        for type_, conditions in zip(self.types, self.conditions, strict=True):
            if text:  # a form without a value asks for nothing
                conditions.append(condition_of(type_, name, text, self.budget))

    def _read_count(self, text: str) -> None:
        if not (text.isascii() and text.isdigit()):
            message = "_count is a whole number."
            raise Invalid(message, path="_count")
        self.count = min(int(text[:9]), MAXIMUM_COUNT)

    def _read_total(self, text: str) -> None:
        self.total = _one_of(Total, "_total", text)

    def _read_summary(self, text: str) -> None:
        self.summary = _one_of(Summary, "_summary", text)

    def _read_elements(self, text: str) -> None:
        self.elements += [each.strip() for each in text.split(",") if each.strip()]

    def _read_cursor(self, text: str) -> None:
        self.cursor = text

    def _read_contained(self, text: str) -> None:
        if text != "false":
            message = "Contained resources are not searched: leave _contained out."
            raise Invalid(message, path="_contained")

    def _read_sort(self, text: str) -> None:
        for each in text.split(","):
            parameter = self._sortable(each.strip().removeprefix("-"))
            self.sort.append(SortKey(parameter, each.strip().startswith("-")))
        names = {key.parameter.name for key in self.sort}
        if len(names) < len(self.sort) or len(names) > MAXIMUM_SORT_KEYS:
            message = f"_sort names up to {MAXIMUM_SORT_KEYS} parameters, each once."
            raise Invalid(message, path="_sort")

    def _sortable(self, name: str) -> Parameter:
        found = parameters_of(self.types[0]).get(name)
        if found is None:
            message = f"{self.types[0]} has no search parameter {name[:64]!r}."
            raise UnknownParameter(message, path="_sort")
        is_common = name in {"_id", "_lastUpdated"}
        is_code = found.kind is Kind.TOKEN and is_sorted_by_code(self.types[0], name)
        if not is_common and (
            len(self.types) > 1 or not (found.kind in _SORTED or is_code)
        ):
            message = f"Results cannot be sorted by {name}."
            raise Invalid(message, path="_sort")
        return found

    def _include(
        self, name: str, text: str, modifier: str, *, is_reverse: bool
    ) -> None:
        if modifier not in {"", "iterate", "recurse"}:
            message = f"{name[:64]} takes iterate only."
            raise Invalid(message, path=name[:64])
        for each in _included(name, text, is_reverse=is_reverse):
            self.includes.append(each._replace(is_iterated=bool(modifier)))
        if len(self.includes) > MAXIMUM_INCLUDES:
            message = f"A search includes at most {MAXIMUM_INCLUDES} things."
            raise Invalid(message, path=name)


_OWN: Final = frozenset(
    [
        *("_count", "_total", "_summary", "_elements", "_sort", "_contained"),
        CURSOR,
    ]
)


def _included(name: str, text: str, *, is_reverse: bool) -> Iterator[Include]:
    type_, _, rest = text.partition(":")
    code, _, target = rest.partition(":")
    if text == "*" and not is_reverse:
        yield Include("", (), "", is_reverse=False, is_iterated=False)
        return
    if not is_served(type_) or not code or (target and not is_served(target)):
        message = f"{name} is written as Type:reference or Type:reference:Target."
        raise Invalid(message, path=name)
    references = {
        each.name: each
        for each in parameters_of(type_).values()
        if each.kind is Kind.REFERENCE
    }
    if code != "*" and code not in references:
        message = f"{type_} has no reference {code[:64]!r} to include by."
        raise UnknownParameter(message, path=name)
    found = tuple(references.values()) if code == "*" else (references[code],)
    yield Include(type_, found, target, is_reverse=is_reverse, is_iterated=False)


def _one_of(kind: type[_Kind], name: str, text: str) -> _Kind:
    try:
        return kind(text)
    except ValueError:
        known = ", ".join(filter(None, kind))
        message = f"{name} is one of: {known}."
        raise Invalid(message, path=name) from None
