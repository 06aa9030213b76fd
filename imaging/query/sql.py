"""From a `Query` to one SQL statement.

The text depends on the form of the query only, and every value is a parameter, so that
PostgreSQL prepares it once. Prefixes become ranges of the ``C`` collation, which an
index answers in a prepared statement too, unlike ``LIKE`` with a parameter.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from imaging.query.attributes import Kind, Level
from imaging.query.matching import (
    ANY,
    ONE,
    Criterion,
    Exactly,
    InGroups,
    Like,
    Test,
    Within,
    Words,
)
from imaging.query.parse import Query

Condition = tuple[str, list[Any]]
"""SQL and its parameters."""

_FROM: Final = {
    Level.STUDY: "imaging_study s",
    Level.SERIES: "imaging_series e JOIN imaging_study s ON s.id = e.study_id",
    Level.INSTANCE: "imaging_instance i"
    " JOIN imaging_series e ON e.id = i.series_id"
    " JOIN imaging_study s ON s.id = i.study_id",
}
_KEY: Final = {Level.STUDY: "s.id", Level.SERIES: "e.id", Level.INSTANCE: "i.id"}
_ITEMS: Final = (
    "unnest(e.scheduled_procedure_step_ids_folded, e.requested_procedure_ids_folded)"
    " AS item(scheduled_procedure_step_id, requested_procedure_id)"
)
_AFTER_PREFIX: Final = "\U0010ffff"
_LIKE: Final = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_", ANY: "%", ONE: "_"})
_TYPE: Final = defaultdict(lambda: "text", {Kind.NUMBER: "bigint"})


def compile_query(
    query: Query, *, partition_id: int, columns: Sequence[str]
) -> Condition:
    """Return the statement that answers `columns` of what matches, newest first."""
    where, parameters = _all(_conditions(query, partition_id))
    level = query.target.level
    key = _KEY[level]
    return (
        f"SELECT {', '.join(columns)} FROM {_FROM[level]} WHERE {where}"  # noqa: S608
        f" ORDER BY {key} DESC LIMIT %s OFFSET %s",
        [*parameters, query.limit, query.offset],
    )


def _conditions(query: Query, partition_id: int) -> Iterable[Condition]:
    target = query.target
    yield "s.partition_id = %s", [partition_id]
    if target.study_instance_uid is not None:
        yield "s.study_instance_uid = %s", [target.study_instance_uid]
    if target.series_instance_uid is not None:
        yield "e.series_instance_uid = %s", [target.series_instance_uid]
    in_items = []
    for criterion in query.criteria:
        if criterion.attribute.in_item:
            in_items.append(_criterion(criterion))
        else:
            yield _criterion(criterion)
        yield from _narrowing(criterion)
    if in_items:  # all in the same one (DICOM PS3.4 C.2.2.2.6)
        inner, parameters = _all(in_items)
        yield f"EXISTS (SELECT FROM {_ITEMS} WHERE {inner})", parameters


def _narrowing(criterion: Criterion) -> Iterator[Condition]:
    """Yield what follows from the criterion and an index can answer."""
    attribute, tests = criterion
    exact = [test.value for test in tests if isinstance(test, Exactly)]
    if len(exact) == len(tests):
        if attribute.in_item:
            yield f"{attribute.columns[1]} && %s::text[]", [exact]
        elif attribute.keyword == "SOPClassUID":
            yield "s.sop_classes_in_study && %s::text[]", [exact]


def _criterion(criterion: Criterion) -> Condition:
    attribute, tests = criterion
    if attribute.kind is Kind.NAME:
        return _any([_name(attribute.columns, test) for test in tests])
    column = attribute.columns[0]
    exact = [test.value for test in tests if isinstance(test, Exactly)]
    others = [test for test in tests if not isinstance(test, Exactly)]
    if attribute.many:
        conditions = [_in_array(column, test) for test in others]
        if exact:
            conditions.append((f"{column} && %s::text[]", [exact]))
        return _any(conditions)
    conditions = [_test(column, test) for test in others]
    if len(exact) > 1:
        conditions.append((f"{column} = ANY(%s::{_TYPE[attribute.kind]}[])", [exact]))
    elif exact:
        conditions.append((f"{column} = %s::{_TYPE[attribute.kind]}", exact))
    return _any(conditions)


def _in_array(column: str, test: Test) -> Condition:
    inner, parameters = _test("value", test)
    return f"EXISTS (SELECT FROM unnest({column}) AS value WHERE {inner})", parameters


def _name(columns: Sequence[str], test: Test) -> Condition:
    if isinstance(test, InGroups):
        pairs = zip(columns, test.groups, strict=False)
        return _all(_test(column, each) for column, each in pairs if each)
    alphabetic, *others = columns
    # The other groups are rarely there: their indexes leave empty ones out.
    conditions = [_test(alphabetic, test)]
    for column in others:
        inner, parameters = _test(column, test)
        conditions.append((f"{column} <> '' AND {inner}", parameters))
    return _any(conditions)


def _test(column: str, test: Test) -> Condition:
    match test:
        case Exactly(value):
            return f"{column} = %s", [value]
        case Like(pattern):
            return _like(column, pattern)
        case Within(lower, upper):
            return f"{column} >= %s AND {column} <= %s", [lower, upper]
        case Words(words):
            return f"{column} ~ %s", [_consecutive(words)]
        case InGroups():
            message = "Component groups are tests of a whole name."
            raise TypeError(message)


def _like(column: str, pattern: str) -> Condition:
    prefix = re.split(f"[{ANY}{ONE}]", pattern, maxsplit=1)[0]
    conditions: list[Condition] = []
    if prefix:
        bounds = [prefix, prefix + _AFTER_PREFIX]
        conditions.append((f"{column} >= %s AND {column} < %s", bounds))
    if pattern != prefix + ANY:
        conditions.append((f"{column} LIKE %s", [pattern.translate(_LIKE)]))
    return _all(conditions)


def _consecutive(words: Iterable[str]) -> str:
    """Return a regular expression for words that begin with `words`, in order."""
    escaped = (re.sub(r"([^\w])", r"\\\1", word) for word in words)
    return "(^|[ ^])" + "[^ ^]*[ ^]+".join(escaped)


def _all(conditions: Iterable[Condition]) -> Condition:
    return _joined(" AND ", conditions)


def _any(conditions: Iterable[Condition]) -> Condition:
    return _joined(" OR ", conditions)


def _joined(operator: str, conditions: Iterable[Condition]) -> Condition:
    texts, parameters = zip(*conditions, strict=True)
    if len(texts) == 1:
        return texts[0], parameters[0]
    text = operator.join(f"({text})" for text in texts)
    return text, [value for each in parameters for value in each]
