"""From a query string to what a search asks: pure.

What is not known is refused and named, so that nobody takes all resources for the
answer to a question that was misspelt; ``Prefer: handling=lenient`` passes it over.

References
----------
FHIR R4 3.1.1.3 to 3.1.1.5.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final
from urllib.parse import parse_qsl

from core.errors import Invalid
from fhirlink.definitions.parameters import (
    ANY_TYPE,
    Kind,
    Parameter,
    parameters_of,
)
from fhirlink.definitions.types import OTHER_TYPES, TYPES
from fhirlink.search.moments import interval_of
from fhirlink.search.terms import (
    Above,
    Begins,
    Below,
    Chained,
    Condition,
    Contains,
    Criterion,
    Dated,
    Exactly,
    Having,
    Identified,
    IsToken,
    Measured,
    Missing,
    OfType,
    Prefix,
    Refers,
    Related,
    Said,
    Test,
    Together,
)
from imaging.fold import fold_name

MAXIMUM_VALUES: Final = 1_000  # of a search
MAXIMUM_DEPTH: Final = 4  # of chains
MAXIMUM_CONDITIONS: Final = 200  # of a search
_MODIFIERS: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.TOKEN: frozenset(["above", "below", "not", "text", "of-type", "missing"]),
    Kind.STRING: frozenset(["exact", "contains", "missing"]),
    Kind.REFERENCE: frozenset(["identifier", "missing", *TYPES]),
    Kind.URI: frozenset(["above", "below", "missing"]),
    Kind.DATE: frozenset(["missing"]),
    Kind.NUMBER: frozenset(["missing"]),
    Kind.QUANTITY: frozenset(["missing"]),
    Kind.COMPOSITE: frozenset(["missing"]),
}
_ALL_TYPES: Final = frozenset([*TYPES, *OTHER_TYPES])
_ESCAPED: Final = re.compile(r"\\([,|$\\])")
_PREFIXED: Final = re.compile(r"(eq|ne|gt|lt|ge|le|sa|eb|ap)(?=[\d+.-])(.*)", re.DOTALL)
_NUMBER: Final = re.compile(r"[+-]?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?")
_NEARLY: Final = Decimal("0.1")


class UnknownParameter(Invalid):
    """There is no such parameter: lenient clients have it passed over."""

    code = "UNKNOWN_PARAMETER"


@dataclass(slots=True)
class Budget:
    """How much more one search may ask: chains without types have many branches."""

    conditions: int = MAXIMUM_CONDITIONS
    values: int = MAXIMUM_VALUES

    def spend(self, name: str, *, conditions: int = 0, values: int = 0) -> None:
        """Take conditions or values from it.

        Raises
        ------
        Invalid
            There are not so many left.
        """
        self.conditions -= conditions
        self.values -= values
        if self.is_spent:
            message = (
                f"A search has at most {MAXIMUM_VALUES} values and"
                f" {MAXIMUM_CONDITIONS} conditions: name the types in its chains, as in"
                " subject:Patient.name."
            )
            raise Invalid(message, path=name)

    @property
    def is_spent(self) -> bool:
        """Return whether more was asked for than there was."""
        return min(self.conditions, self.values) < 0


def condition_of(
    resource_type: str,
    name: str,
    text: str,
    budget: Budget | None = None,
    depth: int = 0,
) -> Condition:
    """Return what ``name=text`` asks of resources of a type.

    Raises
    ------
    Invalid
        It is no parameter of theirs, or no value of one; the error's path is the name.
    """
    budget = budget or Budget()
    budget.spend(name, conditions=1)
    if depth > MAXIMUM_DEPTH:
        message = f"A chain has at most {MAXIMUM_DEPTH} steps."
        raise Invalid(message, path=name)
    if name == "_list":
        item = parameters_of("List")["item"]
        return Having("List", item, condition_of("List", "_id", text, budget))
    if name.startswith("_has:"):
        return _having(resource_type, name, text, budget, depth)
    first, dot, rest = name.partition(".")
    first, _, modifier = first.partition(":")
    parameter = _parameter(resource_type, first, name)
    if dot:
        return _chained(parameter, modifier, rest, text, budget, depth)
    return _criterion(parameter, modifier, text, name, budget)


def _parameter(resource_type: str, code: str, name: str) -> Parameter:
    found = parameters_of(resource_type).get(code)
    if found is None:
        known = ", ".join(sorted(parameters_of(resource_type)))
        message = (
            f"{resource_type} has no search parameter {code[:64]!r}. It has: {known}."
        )
        raise UnknownParameter(message, path=name)
    return found


def _having(
    resource_type: str, name: str, text: str, budget: Budget, depth: int
) -> Having:
    parts = name.split(":", 3)
    if len(parts) != 4 or parts[1] not in TYPES:
        message = "_has is written as _has:Type:reference:parameter=value."
        raise Invalid(message, path=name)
    _, type_, code, rest = parts
    parameter = _parameter(type_, code, name)
    if parameter.kind is not Kind.REFERENCE or not {resource_type, ANY_TYPE} & {
        *parameter.target
    }:
        message = f"{type_}.{code} does not refer to {resource_type}."
        raise Invalid(message, path=name)
    return Having(type_, parameter, condition_of(type_, rest, text, budget, depth + 1))


def _chained(
    parameter: Parameter, only: str, rest: str, text: str, budget: Budget, depth: int
) -> Chained:
    if parameter.kind is not Kind.REFERENCE:
        message = f"{parameter.name} refers to nothing: nothing can follow it."
        raise Invalid(message, path=parameter.name)
    targets = targets_of(parameter)
    if only and only not in targets:
        message = f"{parameter.name} does not refer to {only[:64]}."
        raise Invalid(message, path=parameter.name)
    code = re.split("[.:]", rest, maxsplit=1)[0]
    types = [only] if only else [t for t in targets if _knows(t, code)]
    if not types:
        message = (
            f"Nothing that {parameter.name} refers to has a parameter {code[:64]!r}."
        )
        raise UnknownParameter(message, path=parameter.name)
    steps, errors = [], []
    for each in types:
        try:
            steps.append((each, condition_of(each, rest, text, budget, depth + 1)))
        except Invalid as error:  # of this type it may be something else
            errors.append(error)
    if not steps or budget.is_spent:
        raise errors[-1]
    return Chained(parameter, tuple(steps))


def targets_of(parameter: Parameter) -> Sequence[str]:
    """Return the types that a reference leads to."""
    return TYPES if ANY_TYPE in parameter.target else parameter.target


def _knows(resource_type: str, code: str) -> bool:
    return code == "_has" or code in parameters_of(resource_type)


def _criterion(
    parameter: Parameter, modifier: str, text: str, name: str, budget: Budget
) -> Criterion:
    if modifier and modifier not in _MODIFIERS[parameter.kind]:
        allowed = ", ".join(sorted(_MODIFIERS[parameter.kind] - {*TYPES}))
        message = f"{parameter.name} takes these modifiers: {allowed}."
        raise Invalid(message, path=name)
    if modifier in TYPES and modifier not in targets_of(parameter):
        message = f"{parameter.name} does not refer to {modifier}."
        raise Invalid(message, path=name)
    if modifier == "missing":
        if text not in {"true", "false"}:
            message = f"{name} is true or false."
            raise Invalid(message, path=name)
        return Criterion(parameter, (Missing(text == "true"),))
    values = split(text, ",")
    budget.spend(name, values=len(values))
    try:
        tests = tuple(_test(parameter, modifier, each) for each in values if each)
    except ValueError as error:
        raise Invalid(str(error), path=name) from None
    if not tests:
        message = f"{name} has no value."
        raise Invalid(message, path=name)
    return Criterion(parameter, tests, negated=modifier == "not")


def _test(parameter: Parameter, modifier: str, text: str) -> Test:
    if parameter.kind is Kind.COMPOSITE:
        parts = parameter.groups[0].parts
        given = split(text, "$")
        if len(given) != len(parts):
            message = f"{parameter.name} takes {len(parts)} values, separated by $."
            raise ValueError(message)
        pairs = zip(parts, given, strict=True)
        return Together(tuple(_plain(part.kind, "", each) for part, each in pairs))
    return _plain(parameter.kind, modifier, text)


def _plain(kind: Kind, modifier: str, text: str) -> Test:
    return _TESTS[kind](modifier, text)


def _text(modifier: str, text: str) -> Test:
    value = unescaped(text)
    if modifier == "exact":
        return Exactly(value)
    return (Contains if modifier == "contains" else Begins)(fold_name(value))


def _address(modifier: str, text: str) -> Test:
    if modifier == "below":
        return Below(unescaped(text))
    return (Above if modifier == "above" else Exactly)(unescaped(text))


def _dated(_modifier: str, text: str) -> Test:
    prefix, rest = _prefixed(text)
    return Dated(prefix, interval_of(rest.replace(" ", "+")))


def _number(_modifier: str, text: str) -> Test:
    return _measured(text)


def _quantity(_modifier: str, text: str) -> Test:
    number, *unit = split(text, "|")
    if len(unit) not in {0, 2}:
        message = "A quantity is written as number, or number|system|code."
        raise ValueError(message)
    measured = _measured(number)
    if not unit:
        return measured
    system, code = map(unescaped, unit)
    return measured._replace(system=system or None, code=code)


def _token(modifier: str, text: str) -> Test:
    if modifier == "text":
        return Said(fold_name(unescaped(text)))
    parts = [unescaped(each) for each in split(text, "|")]
    if modifier == "of-type":
        if len(parts) != 3 or not all(parts[1:]):
            message = "An identifier of a type is written as system|code|value."
            raise ValueError(message)
        return OfType(*parts)
    if modifier in {"above", "below"}:
        if len(parts) != 2 or not all(parts):
            message = f"What is {modifier} a code is asked for as system|code."
            raise ValueError(message)
        return Related(parts[0], parts[1], modifier == "above")
    if len(parts) == 1:
        return IsToken(None, parts[0])
    system, code = parts[0], "|".join(parts[1:])
    return IsToken(system, code or None)


def _reference(modifier: str, text: str) -> Test:
    if modifier == "identifier":
        token = _token("", text)
        assert isinstance(token, IsToken)  # noqa: S101 without a modifier it is one
        return Identified(token)
    value = unescaped(text).partition("/_history/")[0]
    parts = value.split("/")
    if len(parts) == 1:
        if ":" in value:
            return Refers("", "", value)
        return Refers(modifier, value)
    if len(parts) == 2 and parts[0] in _ALL_TYPES:
        if modifier not in {"", parts[0]}:
            message = f"{value[:64]} is no {modifier}."
            raise ValueError(message)
        return Refers(*parts)
    return Refers("", "", value)


def _prefixed(text: str) -> tuple[Prefix, str]:
    found = _PREFIXED.fullmatch(text)
    return (Prefix(found[1]), found[2]) if found else (Prefix.EQUAL, text)


def _measured(text: str) -> Measured:
    """Return the test of a number: 100 is 99.5 to 100.5, and 100.00 less than that."""
    prefix, rest = _prefixed(text.strip())
    found = _NUMBER.fullmatch(rest)
    if found is None:
        message = f"{rest[:40]!r} is no number."
        raise ValueError(message)
    try:
        number = Decimal(rest)
    except InvalidOperation:
        message = f"{rest[:40]!r} is no number."
        raise ValueError(message) from None
    exponent = int(found[3] or 0) - len(found[2] or "")
    half = Decimal((0, (5,), exponent - 1))
    if prefix is Prefix.NEARLY:
        half = max(half, abs(number) * _NEARLY)
    return Measured(prefix, number, number - half, number + half)


def split(text: str, separator: str) -> list[str]:
    """Return the parts between separators that no backslash stands before."""
    found, part, is_escaped = [], "", False
    for each in text:
        if each == separator and not is_escaped:
            found.append(part)
            part = ""
        else:
            part += each
        is_escaped = each == "\\" and not is_escaped
    return [*found, part]


def unescaped(text: str) -> str:
    """Return a value without the backslashes before separators."""
    return _ESCAPED.sub(r"\1", text)


def pairs_of(query: str) -> Iterator[tuple[str, str]]:
    """Yield the names and values of a query string, in their order."""
    given: Sequence[tuple[str, str]] = parse_qsl(query, keep_blank_values=True)
    yield from given


_TESTS: Final[Mapping[Kind, Callable[[str, str], Test]]] = {
    Kind.TOKEN: _token,
    Kind.STRING: _text,
    Kind.REFERENCE: _reference,
    Kind.URI: _address,
    Kind.DATE: _dated,
    Kind.NUMBER: _number,
    Kind.QUANTITY: _quantity,
}
