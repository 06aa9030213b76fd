"""Keys of one sequence, which have to hold in the same item of it.

DICOM PS3.4 C.2.2.2.6. An item is four digits of `WorkitemValue.item` for each level, so
two values stand in the same one as far as their digits agree (decision 0045).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from imaging.query.conditions import Condition, any_of
from imaging.query.terms import Criterion, Empty, InGroups, Test
from imaging.query.value_conditions import GROUPS, part_is, passing, test_in
from worklist.values import IN_COLUMNS

_DIGITS: Final = 4  # of an item at each level


def by_sequence(
    criteria: Iterable[Criterion],
) -> tuple[list[Criterion], list[list[Criterion]]]:
    """Return what is asked of values alone, and of those of one sequence together."""
    alone: list[Criterion] = []
    in_sequences: dict[str, list[Criterion]] = defaultdict(list)
    for criterion in criteria:
        attribute = criterion.attribute
        if attribute.tag in IN_COLUMNS:
            continue
        if attribute.in_item and Empty() not in criterion.any_of:
            in_sequences[attribute.tag.partition(".")[0]].append(criterion)
        else:
            alone.append(criterion)
    for several in in_sequences.values():
        if len(several) == 1:
            alone += several
    return alone, [each for each in in_sequences.values() if len(each) > 1]


def in_same_items(several: Sequence[Criterion], partition_id: int) -> Condition:
    """Return what has values that pass and stand in the same items.

    In the order of their paths each has to agree with the one before: what those
    further apart share, all between them share as well.
    """
    in_order = sorted(several, key=lambda each: each.attribute.tag)
    links = [(each.attribute.tag, _of_item(each)) for each in in_order]
    return chain(links, partition_id)


def _of_item(criterion: Criterion) -> Condition:
    """Return what is true of a value ``v``, of names a part, that passes a test."""
    tests = criterion.any_of
    others = of_one_value(tests)
    choices = [passing(criterion, others)] if others else []
    choices += [any_of(groups(each)) for each in tests if isinstance(each, InGroups)]
    return any_of(choices)


def beside(
    leader: Criterion, criteria: Iterable[Criterion], partition_id: int
) -> Iterator[Condition]:
    """Yield what is true of a value ``v`` of the leader that stands in the right items.

    Each other key of its sequence has to hold in the same item. So a value is left out
    by one look at the index of values, before its workitem is read (OFFSET 0: and not
    by all values of the other key, however many these are). More than two keys have to
    agree with each other besides.
    """
    _alone, together = by_sequence(criteria)
    for several in together:
        if any(each is leader for each in several):
            for other in several:
                if other is not leader:
                    yield _in_item_of(leader, other, partition_id)


def _in_item_of(leader: Criterion, other: Criterion, partition_id: int) -> Condition:
    passed, values = _of_item(other)
    path = other.attribute.tag
    digits = _DIGITS * _shared(leader.attribute.tag, path)
    text = (
        "EXISTS (SELECT FROM (SELECT v.* FROM worklist_workitemvalue v"  # noqa: S608 own names
        f" WHERE v.partition_id = %s AND v.path = %s AND ({passed})) AS o"
        " WHERE o.rank = v.rank AND o.start_at = v.start_at"
        " AND o.workitem_id = v.workitem_id"
        f" AND left(o.item, {digits}) = left(v.item, {digits}) OFFSET 0)"
    )
    return text, [partition_id, path, *values]


def chain(links: Sequence[tuple[str, Condition]], partition_id: int) -> Condition:
    """Return what has a value for each link, each in the same item as the one before.

    The values are joined by themselves, not for each workitem: so those of one link
    narrow those of the next.

    Parameters
    ----------
    links
        Paths, and what is true of a value ``v``.
    """
    tables, parameters, same = [], [], ["true"]
    for number, (path, (text, values)) in enumerate(links):
        tables.append(f"({_OF_PATH} AND ({text})) AS v{number}")
        parameters += [partition_id, path, *values]
    for number, ((before, _), (path, _)) in enumerate(pairwise(links)):
        one, other = f"v{number}", f"v{number + 1}"
        digits = _DIGITS * _shared(before, path)
        same.append(
            f"{one}.workitem_id = {other}.workitem_id"
            f" AND left({one}.item, {digits}) = left({other}.item, {digits})"
        )
    joined = " AND ".join(same)
    text = f"SELECT v0.workitem_id FROM {', '.join(tables)} WHERE {joined}"  # noqa: S608 own names
    return f"w.id IN ({text})", parameters


def _shared(path: str, other: str) -> int:
    """Return how many sequences two attributes stand in together."""
    number = 0
    pairs = zip(path.split(".")[:-1], other.split(".")[:-1], strict=False)
    for tag, same in pairs:
        if tag != same:
            break
        number += 1
    return number


def of_one_value(tests: Iterable[Test]) -> tuple[Test, ...]:
    """Return the tests that a single value passes or not."""
    return tuple(test for test in tests if not isinstance(test, Empty | InGroups))


def groups(by_groups: InGroups) -> Iterator[Condition]:
    """Yield what is true of the value of each component group of a name."""
    for part, test in zip(GROUPS, by_groups.groups, strict=False):
        if test is not None:
            yield test_in(part_is(part), test)


_OF_PATH: Final = (
    "SELECT v.workitem_id, v.item FROM worklist_workitemvalue v"
    " WHERE v.partition_id = %s AND v.path = %s"
)
