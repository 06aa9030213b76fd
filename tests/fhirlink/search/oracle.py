"""What a search must find, evaluated over the JSON of all resources, one by one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from fhirlink.definitions.parameters import Kind, Parameter
from fhirlink.search.moments import BEGINNING, END, Interval, interval_of
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
    Said,
    Test,
    Together,
)
from fhirlink.search.units import scale_of
from fhirlink.search.values import Amount, Link, Token, values_at
from imaging.fold import fold_name

Resource = Mapping[str, Any]
Address = tuple[str, str]
_WITHOUT_SYSTEM = {"code", "boolean", "exists", "id", "string", "String"}
INFINITE = Decimal("Infinity")


class World:
    """Resources, of which some are seen."""

    def __init__(
        self, resources: Iterable[Resource], sees: Callable[[Resource], bool]
    ) -> None:
        self.held = {
            (each["resourceType"], each["id"]): each for each in resources if sees(each)
        }

    def found(self, type_: str, conditions: Sequence[Condition]) -> set[str]:
        """Return the ids of what fulfils all conditions."""
        return {
            id_
            for (of, id_), each in self.held.items()
            if of == type_ and all(self.fulfils(each, one) for one in conditions)
        }

    def fulfils(self, resource: Resource, condition: Condition) -> bool:
        """Return whether a resource fulfils a condition."""
        if isinstance(condition, Chained):
            return any(
                self.fulfils(self.held[target, link.fhir_id], wanted)
                for link in _links(condition.parameter, resource)
                for target, wanted in condition.steps
                if link.type == target and (target, link.fhir_id) in self.held
            )
        if isinstance(condition, Having):
            here = resource["resourceType"], resource["id"]
            return any(
                self.fulfils(other, condition.condition)
                and here
                in {(x.type, x.fhir_id) for x in _links(condition.parameter, other)}
                for (type_, _), other in self.held.items()
                if type_ == condition.type
            )
        return _fulfils(resource, condition)


def _links(parameter: Parameter, resource: Resource) -> list[Link]:
    found = values_at(parameter, resource)
    return [each for each in found if isinstance(each, Link) and not each.url]


def _fulfils(resource: Resource, criterion: Criterion) -> bool:
    parameter = criterion.parameter
    if parameter.name == "_lastUpdated":
        values: list[Any] = [interval_of(resource["meta"]["lastUpdated"])]
    else:
        values = list(values_at(parameter, resource))
    passed = any(
        passes(parameter, test, value) for test in criterion.any_of for value in values
    )
    if isinstance(criterion.any_of[0], Missing):
        return criterion.any_of[0].is_missing is not bool(values)
    return passed is not criterion.negated


def passes(parameter: Parameter, test: Test, value: Any) -> bool:
    """Return whether a value of a parameter passes a test."""
    match test:
        case Together(parts):
            kinds = [part.kind for part in parameter.groups[0].parts]
            return all(
                passes(Parameter(parameter.name, kind), each, one)
                for kind, each, one in zip(kinds, parts, value, strict=True)
            )
        case IsToken():
            return isinstance(value, Token) and _is_token(parameter, test, value)
        case OfType(system, code, text):
            return (system, code) in value.types and value.code == text
        case Said(text):
            return bool(value.text) and fold_name(value.text).startswith(text)
        case Refers() | Identified():
            return isinstance(value, Link) and _refers(parameter, test, value)
        case Dated():
            return isinstance(value, Interval) and _is_dated(test, value)
        case Measured():
            return isinstance(value, Amount) and _is_measured(test, value)
    return _is_text(test, value)


def _is_text(test: Test, value: str) -> bool:
    match test:
        case Begins(text):
            return fold_name(value).startswith(text)
        case Contains(text):
            return text in fold_name(value)
        case Exactly(text):
            return value == text
        case Below(url):
            return value.startswith(url)
        case Above(url):
            return f"{url}/".startswith(f"{value.rstrip('/')}/")
    return False


def _is_token(parameter: Parameter, test: IsToken, value: Token) -> bool:
    if test.code is None:
        return bool(test.system) and value.system == test.system
    is_plain = parameter.values and {v.type for v in parameter.values} <= (
        _WITHOUT_SYSTEM
    )
    if test.system is None or is_plain:
        return value.code == test.code
    return (value.system, value.code) == (test.system, test.code)


def _refers(parameter: Parameter, test: Refers | Identified, value: Link) -> bool:
    if isinstance(test, Identified):
        return value.identifier is not None and _is_token(
            Parameter(parameter.name, Kind.TOKEN), test.token, value.identifier
        )
    if test.url:
        return value.url == test.url
    is_here = not value.url and value.fhir_id == test.fhir_id
    return is_here and test.type in {"", value.type}


def _is_dated(test: Dated, value: Interval) -> bool:
    low, high = _ends(test.interval)
    first, end = _ends(value)
    inside = low <= first and end <= high
    answers = {
        Prefix.EQUAL: inside,
        Prefix.UNEQUAL: not inside,
        Prefix.GREATER: end > high,
        Prefix.LESS: first < low,
        Prefix.AT_LEAST: end > high or inside,
        Prefix.AT_MOST: first < low or inside,
        Prefix.AFTER: first >= high,
        Prefix.BEFORE: end <= low,
    }
    return answers[test.prefix]


def _ends(interval: Interval) -> tuple[datetime, datetime]:
    return interval.first or BEGINNING, interval.end or END


def _is_measured(test: Measured, value: Amount) -> bool:
    number, low, high = test.number, test.low, test.high
    least, most = value.low, value.high
    if test.code:
        asked = scale_of(test.system, test.code)
        held = scale_of(value.system, value.code or value.unit)
        if asked is None or held is None:
            if asked is not held or not _is_unit(test, value):
                return False
        else:
            if asked.unit != held.unit:
                return False
            least, most = held.convert(least), held.convert(most)
            number, low, high = (
                each * asked.factor + asked.offset for each in (number, low, high)
            )
    least = -INFINITE if least is None else least
    most = INFINITE if most is None else most
    answers = {
        Prefix.EQUAL: least >= low and most < high,
        Prefix.UNEQUAL: not (least >= low and most < high),
        Prefix.GREATER: most > number,
        Prefix.LESS: least < number,
        Prefix.AT_LEAST: most >= number,
        Prefix.AT_MOST: least <= number,
        Prefix.AFTER: least > number,
        Prefix.BEFORE: most < number,
        Prefix.NEARLY: least <= high and most >= low,
    }
    return answers[test.prefix]


def _is_unit(test: Measured, value: Amount) -> bool:
    if test.system:
        return (test.system, test.code) == (value.system, value.code or value.unit)
    return test.code in {value.code, value.unit}
