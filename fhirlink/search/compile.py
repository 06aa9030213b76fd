"""From what a search asks to SQL, for the resources of one partition.

A condition is about the row ``r`` of a resource; a subquery over resources calls its
own row so as well.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from core.errors import Invalid
from fhirlink.access import Seen
from fhirlink.definitions.parameters import Kind, Parameter, parameters_of
from fhirlink.search import slots
from fhirlink.search.index import COLUMNS, COMBINED, folded, is_combined
from fhirlink.search.ordered import (
    Condition,
    all_of,
    any_of,
    begins,
    dated,
    is_ordered,
    measured,
    moment,
    with_text,
)
from fhirlink.search.parse import targets_of
from fhirlink.search.slots import Key, Owner, term
from fhirlink.search.terms import (
    Above,
    Below,
    Chained,
    Criterion,
    Dated,
    Exactly,
    Identified,
    IsToken,
    Measured,
    Missing,
    OfType,
    Refers,
    Related,
    Said,
    Test,
    Together,
)
from fhirlink.search.terms import Condition as Wanted
from fhirlink.search.through import chained, having
from fhirlink.terminology.hierarchy import codes_above, codes_below, has_hierarchy

MOST_RELATED: Final = 10_000
"""Codes of a hierarchy that one value of a search may mean."""

_NO_SYSTEM: Final = frozenset(["code", "boolean", "exists", "id", "string", "String"])


def matching(
    seen: Seen, type_: str, wanted: Sequence[Wanted], compartment: str | None = None
) -> Condition:
    """Return what is true of the resources of a type that the actor sees and seeks."""
    return all_of(
        [
            ("r.partition_id = %s AND r.type = %s", [seen.partition_id, type_]),
            ("NOT r.is_deleted", []),
            *_within(seen, compartment),
            *_compiled(seen, type_, wanted),
            (seen.condition, list(seen.values)),
        ]
    )


def _within(seen: Seen, compartment: str | None) -> Iterator[Condition]:
    if compartment is not None:
        yield _has_all([slots.compartment(seen.partition_id, compartment)])


def _compiled(seen: Seen, type_: str, wanted: Sequence[Wanted]) -> Iterator[Condition]:
    """Yield the conditions; those of one date together, so that an index answers."""
    dates: dict[str, list[Criterion]] = {}
    for each in wanted:
        if isinstance(each, Criterion):
            name = each.parameter.name
            if each.parameter.is_single and isinstance(each.any_of[0], Dated):
                dates.setdefault(name, []).append(each)
            else:
                yield _criterion(_Owners(seen.partition_id, type_), each)
        elif isinstance(each, Chained):
            yield chained(seen, type_, each, matching)
        else:
            yield having(seen, type_, each, matching)
    for name, criteria in dates.items():
        tests = [[t for t in each.any_of if isinstance(t, Dated)] for each in criteria]
        yield dated([Owner(seen.partition_id, type_, name)], (), tests)


class _Owners:
    """Whose values a parameter has, in a partition and type."""

    def __init__(self, partition_id: int, type_: str) -> None:
        self.partition_id = partition_id
        self.type = type_

    def of(self, name: str) -> list[Owner]:
        """Return the owner of a parameter, or of the two that it is together."""
        names = [name]
        if is_combined(name):
            rest = name.removeprefix(COMBINED)
            names = [rest, f"component-{rest}"]
        return [Owner(self.partition_id, self.type, each) for each in names]


def _criterion(owners: _Owners, criterion: Criterion) -> Condition:
    parameter, tests = criterion.parameter, criterion.any_of
    if parameter.name in COLUMNS and isinstance(tests[0], Missing):
        return ("false" if tests[0].is_missing else "true"), []
    if parameter.name == "_id":
        return _negated(criterion, _by_id(tests))
    if parameter.name == "_lastUpdated":
        return any_of(
            [moment(t, "r.updated_at") for t in tests if isinstance(t, Dated)]
        )
    held = owners.of(parameter.name)
    if isinstance(tests[0], Missing):
        is_there = _has_any([term(each, slots.PRESENT) for each in held])
        return _not(is_there) if tests[0].is_missing else is_there
    return _negated(criterion, any_of(list(_tests(held, parameter, tests))))


def _by_id(tests: Iterable[Test]) -> Condition:
    ids = [test.code for test in tests if isinstance(test, IsToken)]
    return "r.fhir_id = ANY(%s::text[])", [ids]


def _tests(
    held: Sequence[Owner], parameter: Parameter, tests: Sequence[Test]
) -> Iterator[Condition]:
    """Yield the conditions of which one must hold, as few as can be."""
    terms = []
    for test in tests:
        for key in _keys(parameter, test):
            terms += [term(each, *key) for each in held]
    if terms:
        yield _has_any(terms)
    for test in tests:
        if isinstance(test, Said):
            yield _begins(held, slots.SAID, folded(test.text))
        elif isinstance(test, Below):
            yield _begins(held, slots.URL, test.url)
        elif isinstance(test, Together):
            yield _together(held, parameter, test)
    yield from _ordered(held, (), [test for test in tests if is_ordered(test)])


def _ordered(
    held: Sequence[Owner], within: Key, tests: Sequence[Test]
) -> Iterator[Condition]:
    """Yield what the tables of values are asked."""
    if dates := [test for test in tests if isinstance(test, Dated)]:
        yield dated(held, within, [dates])
    numbers = [test for test in tests if isinstance(test, Measured)]
    if numbers:
        yield measured(held, within, numbers)
    texts = [t for t in tests if not isinstance(t, Dated | Measured)]
    if texts:
        yield with_text(held, within, texts)


def _keys(parameter: Parameter, test: Test) -> Iterator[Key]:
    """Yield by which terms a value that passes is found, if by any."""
    if isinstance(test, IsToken):
        yield _token_key(parameter.values, test)
    elif isinstance(test, Related):
        yield from _related_keys(parameter, test)
    elif isinstance(test, OfType):
        yield slots.TYPED, test.system, test.code, test.value
    elif isinstance(test, Refers):
        yield from _link_keys(parameter, test)
    elif isinstance(test, Identified):
        yield "identifier", *_token_key((), test.token)
    elif isinstance(test, Exactly):
        is_text = parameter.kind is Kind.STRING
        yield slots.EXACT if is_text else slots.URL, test.text
    elif isinstance(test, Above):
        for at, each in enumerate(test.url + "/"):
            if each == "/":
                yield slots.URL, test.url[:at]
                yield slots.URL, test.url[: at + 1]


def _related_keys(parameter: Parameter, test: Related) -> Iterator[Key]:
    """Yield the codes that a hierarchy has below or above one, itself included.

    Raises
    ------
    Invalid
        No hierarchy of the system is known, or too many codes are below.
    """
    if not has_hierarchy(test.system):
        message = "No hierarchy of this code system is loaded: name the codes."
        raise Invalid(message, path=parameter.name)
    find = codes_above if test.is_above else codes_below
    codes = find(test.system, test.code, limit=MOST_RELATED + 1)
    if len(codes) > MOST_RELATED:
        message = f"More than {MOST_RELATED:,} codes are meant: name a narrower one."
        raise Invalid(message, path=parameter.name)
    for code in {test.code, *codes}:
        yield _token_key(parameter.values, IsToken(test.system, code))


def _token_key(values: Sequence[object], test: IsToken) -> Key:
    system, code = test
    if code is None:
        return slots.SYSTEM, system or ""
    # What has codes without systems has those of one that its definition names.
    types = {getattr(each, "type", "") for each in values}
    if system is None or (types and types <= _NO_SYSTEM):
        return slots.CODE, code
    return slots.TOKEN, system, code


def _link_keys(parameter: Parameter, test: Refers) -> Iterator[Key]:
    if test.url:
        yield slots.URL, test.url
    elif test.type:
        yield slots.TO, test.type, test.fhir_id
    else:
        for each in targets_of(parameter):
            yield slots.TO, each, test.fhir_id


def _together(held: Sequence[Owner], parameter: Parameter, test: Together) -> Condition:
    """Return what is true of a composite, whose last part may be compared by order."""
    parts = parameter.groups[0].parts
    first, last = test.parts[0], test.parts[-1]
    inner = [
        Parameter(parameter.name, part.kind, part.values, target=("*",))
        for part in parts
    ]
    keys = list(_keys(inner[0], first))
    if not is_ordered(last):
        lasts = list(_keys(inner[-1], last))
        return _has_any(
            [term(each, *a, *b) for each in held for a in keys for b in lasts]
        )
    found = []
    for key in keys:
        within = (slots.CODE, key[-1])
        condition = all_of(list(_ordered(held, within, [last])))
        if key[0] != slots.CODE:
            has_it = _has_any([term(each, *key) for each in held])
            condition = all_of([has_it, condition])
        found.append(condition)
    return any_of(found)


def _begins(held: Sequence[Owner], kind: str, text: str) -> Condition:
    """Return what is true where a term's text begins so."""
    texts, values = begins("t.text", text)
    inner = (
        "SELECT t.term FROM fhirlink_termtext t"  # noqa: S608 own names
        f" WHERE t.slot = ANY(%s::bigint[]) AND {texts}"
    )
    found = [term(each, kind) for each in held]
    return f"r.terms && ARRAY({inner})", [found, *values]


def owner_of(partition_id: int, type_: str, name: str) -> list[Owner]:
    """Return whose values a parameter of a type has."""
    assert name in parameters_of(type_)  # noqa: S101 parsed before
    return _Owners(partition_id, type_).of(name)


def _has_all(terms: list[int]) -> Condition:
    return "r.terms @> %s::bigint[]", [terms]


def _has_any(terms: list[int]) -> Condition:
    if len(terms) == 1:
        return _has_all(terms)
    return "r.terms && %s::bigint[]", [terms]


def _negated(criterion: Criterion, condition: Condition) -> Condition:
    return _not(condition) if criterion.negated else condition


def _not(condition: Condition) -> Condition:
    return f"NOT ({condition[0]})", condition[1]
