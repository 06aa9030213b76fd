"""From what a query asks of attributes to SQL conditions.

Prefixes become ranges of the ``C`` collation, which an index answers in a prepared
statement too, unlike ``LIKE`` with a parameter.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from imaging.levels import Kind
from imaging.query.moments import Part, Period
from imaging.query.parse import Query
from imaging.query.terms import (
    ANY,
    ONE,
    Between,
    Criterion,
    Empty,
    Exactly,
    InGroups,
    Like,
    Test,
    Within,
    Words,
    Zoned,
)

Condition = tuple[str, list[Any]]
"""SQL and its parameters."""

_ITEMS: Final = (
    "unnest(e.scheduled_procedure_step_ids_folded, e.requested_procedure_ids_folded)"
    " AS item(scheduled_procedure_step_id, requested_procedure_id)"
)
_AFTER_PREFIX: Final = "\U0010ffff"
_LIKE: Final = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_", ANY: "%", ONE: "_"})
_TYPE: Final = defaultdict(lambda: "text", {Kind.NUMBER: "bigint"})
# Of scripts that are written without spaces between words.
_UNSPACED: Final = (
    r"\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    r"\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_BEGINS_ANYWHERE: Final = re.compile(rf"[{_UNSPACED}]")
_BETWEEN_UNSPACED: Final = re.compile(rf"(?<=[{_UNSPACED}])(?=[{_UNSPACED}])")


def conditions_of(query: Query) -> Iterator[Condition]:
    """Yield what has to be true of a row for it to be found, wherever it lies."""
    target = query.target
    if target.study_instance_uid is not None:
        yield "s.study_instance_uid = %s", [target.study_instance_uid]
    if target.series_instance_uid is not None:
        yield "e.series_instance_uid = %s", [target.series_instance_uid]
    yield from map(_period, query.periods)
    in_items = []
    for criterion in query.criteria:
        if criterion.attribute.query_tag is not None:
            continue  # `imaging.query.tag_conditions`
        if criterion.attribute.in_item:
            in_items.append(_criterion(criterion))
        elif criterion.attribute.of_any_series:
            yield _in_any_series(criterion)
        else:
            yield _criterion(criterion)
        yield from _narrowing(criterion)
    if in_items:  # all in the same one (DICOM PS3.4 C.2.2.2.6)
        inner, parameters = all_of(in_items)
        yield f"EXISTS (SELECT FROM {_ITEMS} WHERE {inner})", parameters


def _in_any_series(criterion: Criterion) -> Condition:
    """Return what is true of a study with a series that passes, whatever it is of."""
    inner, parameters = _criterion(criterion)  # its e hides that of what is searched
    series = f"SELECT FROM imaging_series e WHERE e.study_id = s.id AND ({inner})"
    return f"EXISTS ({series})", parameters


def _period(period: Period) -> Condition:
    if not period.zoned:
        return all_of(map(_part, (*period.always, *period.local)))
    known = [(f"{period.utc} <> ''", []), *map(_part, period.zoned)]
    unknown = [(f"{period.utc} = ''", []), *map(_part, period.local)]
    either = any_of([all_of(known), all_of(unknown)])
    return all_of([*map(_part, period.always), either])


def _part(part: Part) -> Condition:
    return any_of([test_of(part.expression, test) for test in part.any_of])


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
        return any_of([_name(attribute.columns, test) for test in tests])
    column = attribute.columns[0]
    if attribute.many and Empty() in tests:
        empty: Condition = (f"{column} = '{{}}'", [])
        rest = tuple(test for test in tests if test != Empty())
        return (
            any_of([empty, _criterion(Criterion(attribute, rest))]) if rest else empty
        )
    exact = [test.value for test in tests if isinstance(test, Exactly)]
    others = [test for test in tests if not isinstance(test, Exactly)]
    if attribute.many:
        conditions = [_in_array(column, test) for test in others]
        if exact:
            conditions.append((f"{column} && %s::text[]", [exact]))
        return any_of(conditions)
    conditions = [test_of(column, test) for test in others]
    if len(exact) > 1:
        conditions.append((f"{column} = ANY(%s::{_TYPE[attribute.kind]}[])", [exact]))
    elif exact:
        conditions.append((f"{column} = %s::{_TYPE[attribute.kind]}", exact))
    return any_of(conditions)


def _in_array(column: str, test: Test) -> Condition:
    inner, parameters = test_of("value", test)
    return f"EXISTS (SELECT FROM unnest({column}) AS value WHERE {inner})", parameters


def _name(columns: Sequence[str], test: Test) -> Condition:
    if isinstance(test, Empty):
        return all_of([test_of(column, test) for column in columns])
    if isinstance(test, InGroups):
        pairs = zip(columns, test.groups, strict=False)
        return all_of(test_of(column, each) for column, each in pairs if each)
    alphabetic, *others = columns
    # The other groups are rarely there: their indexes leave empty ones out.
    conditions = [test_of(alphabetic, test)]
    for column in others:
        inner, parameters = test_of(column, test)
        conditions.append((f"{column} <> '' AND {inner}", parameters))
    return any_of(conditions)


def test_of(column: str, test: Test) -> Condition:
    """Return what passes a test, of text or a number in a column."""
    match test:
        case Exactly(value):
            return f"{column} = %s", [value]
        case Like():
            return like_of(column, test)
        case Within(lower, upper):
            return f"{column} >= %s AND {column} <= %s", [lower, upper]
        case Empty():
            return f"coalesce({column}::text, '') = ''", []
        case Words(words):
            return f"{column} ~ %s", [consecutive(words)]
        case InGroups() | Between() | Zoned():
            message = "Not a test of what one column holds."
            raise TypeError(message)


def like_of(column: str, like: Like) -> Condition:
    """Return what fits a pattern."""
    pattern, prefix = like.pattern, like.prefix
    conditions: list[Condition] = []
    if prefix:
        bounds = [prefix, prefix + _AFTER_PREFIX]
        conditions.append((f"{column} >= %s AND {column} < %s", bounds))
    if pattern != prefix + ANY:
        conditions.append((f"{column} LIKE %s", [pattern.translate(_LIKE)]))
    return all_of(conditions)


def consecutive(words: Sequence[str]) -> str:
    """Return a regular expression for words that begin with `words`, in order.

    In a script without spaces any character may begin a word, and the spaces that
    somebody has put are none.
    """
    pattern = ""
    for word in words:
        unspaced = _BEGINS_ANYWHERE.match(word)
        if pattern:
            pattern += "[^ ^]*[ ^]*" if unspaced else "[^ ^]*[ ^]+"
        elif not unspaced:
            pattern = "(^|[ ^])"
        pattern += "[ ^]*".join(map(_escaped, _BETWEEN_UNSPACED.split(word)))
    return pattern


def _escaped(text: str) -> str:
    return re.sub(r"([^\w])", r"\\\1", text)


def all_of(conditions: Iterable[Condition]) -> Condition:
    """Return what holds where all conditions do."""
    return _joined(" AND ", conditions)


def any_of(conditions: Iterable[Condition]) -> Condition:
    """Return what holds where any condition does."""
    return _joined(" OR ", conditions)


def _joined(operator: str, conditions: Iterable[Condition]) -> Condition:
    texts, parameters = zip(*conditions, strict=True)
    if len(texts) == 1:
        return texts[0], parameters[0]
    text = operator.join(f"({text})" for text in texts)
    return text, [value for each in parameters for value in each]
