"""From a search of workitems to its conditions (decision 0045).

A page is read by an index of rank and start; what is asked of values is looked up in
``worklist_workitemvalue``. Keys of one sequence have to hold in the same item of it
(`worklist.same_items`).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from imaging.levels import Kind
from imaging.query.conditions import Condition, any_of, test_of
from imaging.query.terms import (
    ANY,
    ONE,
    Criterion,
    Empty,
    Exactly,
    InGroups,
    Like,
    Test,
)
from imaging.query.value_conditions import passing
from worklist.query import Choice, WorkitemQuery
from worklist.rules import State
from worklist.same_items import by_sequence, chain, groups, in_same_items, of_one_value
from worklist.values import IN_COLUMNS, LABEL, PRIORITY, STATE
from worklist.write import PRIORITIES

Worklists = Sequence[int] | None
"""Keys of the worklists whose label is asked for; None where none is."""


def conditions_of(
    query: WorkitemQuery,
    partition_id: int,
    worklists: Worklists = None,
    *,
    without: Criterion | None = None,
) -> Iterator[Condition]:
    """Yield what has to be true of a row ``w`` for it to be found.

    Parameters
    ----------
    worklists
        Of the label that is asked for, see `label_condition`.
    without
        A criterion of values that is known to be true, with what `beside` says of it.
    """
    yield from of_columns(query, partition_id, worklists)
    alone, together = by_sequence(query.criteria)
    for criterion in alone:
        if criterion is not without:
            yield _of_values(criterion, partition_id)
    for group in query.choice.groups:
        yield any_of([_of_values(each, partition_id) for each in group])
    for several in together:
        # Of two one stands beside the other.
        if len(several) > 2 or not any(each is without for each in several):
            yield in_same_items(several, partition_id)


def of_columns(
    query: WorkitemQuery, partition_id: int, worklists: Worklists
) -> Iterator[Condition]:
    """Yield what has to be true of the columns of a row ``w``."""
    yield "w.partition_id = %s", [partition_id]
    if worklists is not None:
        yield _among("w.worklist_id", "bigint", worklists)
    for criterion in query.criteria:
        if criterion.attribute.tag in IN_COLUMNS - {LABEL}:
            yield from _of_columns(criterion)
    yield from _chosen(query.choice)


def label_condition(query: WorkitemQuery) -> Condition | None:
    """Return what is true of a worklist whose label is asked for; None: it is not."""
    for attribute, tests in query.criteria:
        if attribute.tag == LABEL:
            return any_of([test_of("label_folded", test) for test in tests])
    return None


def leading(criteria: Iterable[Criterion]) -> list[Criterion]:
    """Return the criteria by one of which a page can be read in its order.

    Those of one value that is known to the letter: the index of values has what has it
    in the order of lists.
    """
    return [
        criterion
        for criterion in criteria
        if criterion.attribute.tag not in IN_COLUMNS
        and criterion.attribute.kind is not Kind.NAME
        and len(criterion.any_of) == 1
        and isinstance(criterion.any_of[0], Exactly)
    ]


def values_of(criterion: Criterion, partition_id: int) -> Condition:
    """Return what is true of a value ``v`` that passes one of the tests."""
    inner, values = passing(criterion, of_one_value(criterion.any_of))
    text = f"v.partition_id = %s AND v.path = %s AND ({inner})"
    return text, [partition_id, criterion.attribute.tag, *values]


def _chosen(choice: Choice) -> Iterator[Condition]:
    if choice.claimed_by is not None:
        yield "w.claimed_by_id = %s::bigint", [choice.claimed_by]
    if choice.overdue_at is not None:
        open_ranks = len(PRIORITIES)
        yield f"w.rank < {open_ranks} AND w.due_at < %s", [choice.overdue_at]
    if choice.study is not None:
        yield "w.study_instance_uids @> %s::text[]", [[choice.study]]


def _of_columns(criterion: Criterion) -> Iterator[Condition]:
    attribute, tests = criterion
    if attribute.tag == STATE:
        states = [state for state in State if _passes(state, tests)]
        yield _among("w.state", "text", states)
        if not any(state.is_final for state in states):
            yield f"w.rank < {len(PRIORITIES)}", []
    elif attribute.tag == PRIORITY:
        ranks = [
            rank + ended
            for rank, priority in enumerate(PRIORITIES)
            if _passes(priority, tests)
            for ended in (0, len(PRIORITIES))
        ]
        yield _among("w.rank", "smallint", ranks)
    else:
        yield any_of([test_of("w.sop_instance_uid", test) for test in tests])


def _among(column: str, kind: str, values: Sequence[object]) -> Condition:
    """Return what is one of few values; of a single one an index has the order."""
    if len(values) == 1:
        return f"{column} = %s::{kind}", [values[0]]
    return f"{column} = ANY(%s::{kind}[])", [list(values)]


def _passes(value: str, tests: Iterable[Test]) -> bool:
    """Return whether one of few texts passes one of the tests."""
    for test in tests:
        match test:
            case Exactly(wanted) if wanted == value:
                return True
            case Like(pattern) if _fits(value, pattern):
                return True
    return False


def _fits(value: str, pattern: str) -> bool:
    if not pattern:
        return not value
    first, rest = pattern[0], pattern[1:]
    if first == ANY:
        return any(_fits(value[start:], rest) for start in range(len(value) + 1))
    return bool(value) and first in {ONE, value[0]} and _fits(value[1:], rest)


def _of_values(criterion: Criterion, partition_id: int) -> Condition:
    """Return what is true of a workitem with a value that passes one of the tests."""
    attribute, tests = criterion
    conditions: list[Condition] = []
    if Empty() in tests:
        conditions.append((f"NOT EXISTS ({_OF_WORKITEM})", [attribute.tag]))
    conditions += [
        _in_groups(criterion, test, partition_id)
        for test in tests
        if isinstance(test, InGroups)
    ]
    if of_one_value(tests):
        inner, values = values_of(criterion, partition_id)
        text = f"SELECT v.workitem_id FROM worklist_workitemvalue v WHERE {inner}"  # noqa: S608 own names
        conditions.append((f"w.id IN ({text})", values))
    return any_of(conditions)


def _in_groups(
    criterion: Criterion, by_groups: InGroups, partition_id: int
) -> Condition:
    """Return what has a name whose component groups each pass their test."""
    path = criterion.attribute.tag
    return chain([(path, each) for each in groups(by_groups)], partition_id)


_OF_WORKITEM: Final = (
    "SELECT FROM worklist_workitemvalue v WHERE v.workitem_id = w.id AND v.path = %s"
)
