"""From a search of workitems to its statement (decision 0045).

A page is read by the index of priority and start; what is asked of values is looked up
in ``worklist_workitemvalue``. Keys of one sequence have to hold in the same item of it
(DICOM PS3.4 C.2.2.2.6): an item is four digits of `WorkitemValue.item` for each level,
so two values stand in the same one as far as their digits agree.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from imaging.query.conditions import Condition, any_of, test_of
from imaging.query.terms import Criterion, Empty, InGroups, Test
from imaging.query.value_conditions import GROUPS, part_is, passing, test_in
from worklist.query import Place, WorkitemQuery

ORDER: Final = "w.priority, w.start_at, w.id"
_DIGITS: Final = 4  # of an item at each level


def conditions_of(query: WorkitemQuery, partition_id: int) -> Iterator[Condition]:
    """Yield what has to be true of a row ``w`` for it to be found."""
    yield "w.partition_id = %s", [partition_id]
    in_sequences: dict[str, list[Criterion]] = defaultdict(list)
    for criterion in query.criteria:
        attribute = criterion.attribute
        if attribute.columns:
            column = attribute.columns[0]
            yield any_of([test_of(column, test) for test in criterion.any_of])
            continue
        yield _criterion(criterion, partition_id)
        if attribute.in_item and Empty() not in criterion.any_of:
            in_sequences[attribute.tag.partition(".")[0]].append(criterion)
    for several in in_sequences.values():
        if len(several) > 1:
            yield _in_same_items(several)


def after(place: Place) -> Condition:
    """Return what is true of the rows after a place."""
    return f"({ORDER}) > (%s::smallint, %s::timestamptz, %s::bigint)", list(place)


def _criterion(criterion: Criterion, partition_id: int) -> Condition:
    """Return what is true of a workitem with a value that passes one of the tests."""
    attribute, tests = criterion
    conditions: list[Condition] = []
    if Empty() in tests:
        conditions.append((f"NOT EXISTS ({_OF_WORKITEM})", [attribute.tag]))
    conditions += [
        _in_groups(criterion, test) for test in tests if isinstance(test, InGroups)
    ]
    if others := _of_one_value(tests):
        inner, values = passing(criterion, others)
        text = (
            "w.id IN (SELECT v.workitem_id FROM worklist_workitemvalue v"  # noqa: S608 own names
            f" WHERE v.partition_id = %s AND v.path = %s AND ({inner}))"
        )
        conditions.append((text, [partition_id, attribute.tag, *values]))
    return any_of(conditions)


def _of_one_value(tests: Iterable[Test]) -> tuple[Test, ...]:
    return tuple(test for test in tests if not isinstance(test, Empty | InGroups))


def _in_groups(criterion: Criterion, by_groups: InGroups) -> Condition:
    """Return what has a name whose component groups each pass their test."""
    path = criterion.attribute.tag
    links = [
        (path, test_in(part_is(part), test))
        for part, test in zip(GROUPS, by_groups.groups, strict=False)
        if test is not None
    ]
    return _chain(links)


def _in_same_items(several: Sequence[Criterion]) -> Condition:
    """Return what has values that pass and stand in the same items.

    In the order of their paths each has to agree with the one before: what those
    further apart share, all between them share as well.
    """
    links = []
    for criterion in sorted(several, key=lambda each: each.attribute.tag):
        attribute, tests = criterion
        choices = (
            [passing(criterion, others)] if (others := _of_one_value(tests)) else []
        )
        choices += [
            any_of(
                [
                    test_in(part_is(part), test)
                    for part, test in zip(GROUPS, each.groups, strict=False)
                    if test is not None
                ]
            )
            for each in tests
            if isinstance(each, InGroups)
        ]
        links.append((attribute.tag, any_of(choices)))
    return _chain(links)


def _chain(links: Sequence[tuple[str, Condition]]) -> Condition:
    """Return what has a value for each link, each in the same item as the one before.

    Parameters
    ----------
    links
        Paths, and what is true of a value ``v``.
    """
    tables, parameters, same = [], [], ["true"]
    for number, (path, (text, values)) in enumerate(links):
        tables.append(f"({_OF_WORKITEM} AND ({text})) AS v{number}")
        parameters += [path, *values]
    for number, ((before, _), (path, _)) in enumerate(pairwise(links)):
        digits = _DIGITS * _shared(before, path)
        agree = f"left(v{number}.item, {digits}) = left(v{number + 1}.item, {digits})"
        same.append(agree)
    text = f"SELECT FROM {', '.join(tables)} WHERE {' AND '.join(same)}"
    return f"EXISTS ({text})", parameters


def _shared(path: str, other: str) -> int:
    """Return how many sequences two attributes stand in together."""
    number = 0
    pairs = zip(path.split(".")[:-1], other.split(".")[:-1], strict=False)
    for tag, same in pairs:
        if tag != same:
            break
        number += 1
    return number


_OF_WORKITEM: Final = (
    "SELECT v.item FROM worklist_workitemvalue v WHERE v.workitem_id = w.id"
    " AND v.path = %s"
)
