"""From what a query asks of extended query tags to SQL conditions.

Each is a look into ``imaging_tagvalue`` (decision 0018). A value lies in the partition
of its study, so it is looked for in the partitions that are searched; where one is, the
index has what matches in the order of results. Where what may be seen is listed by
scopes, key and partition are compared together.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from imaging.levels import Kind, Level
from imaging.query.area import Area
from imaging.query.conditions import Condition, all_of, any_of
from imaging.query.order_sql import KEY
from imaging.query.parse import Query
from imaging.query.terms import (
    Criterion,
    Empty,
    Exactly,
    InGroups,
    Test,
)
from imaging.query.value_conditions import GROUPS, part_is, passing, test_in

_PLACES: Final = "SELECT unnest(coalesce(v.places, '{0}'))"


def is_by_tags(query: Query) -> bool:
    """Return whether a query asks for values of query tags."""
    return any(each.attribute.query_tag is not None for each in query.criteria)


def is_of_values(criterion: Criterion) -> bool:
    """Return whether it asks for values of a tag, and for nothing else."""
    if criterion.attribute.query_tag is None:
        return False
    return not any(isinstance(test, Empty | InGroups) for test in criterion.any_of)


def is_of_one_value(criterion: Criterion) -> bool:
    """Return whether it asks for a value that is known to the letter."""
    is_name = criterion.attribute.kind is Kind.NAME
    tests = criterion.any_of
    return not is_name and len(tests) == 1 and isinstance(tests[0], Exactly)


def tag_conditions(
    criteria: Iterable[Criterion],
    area: Area,
    *,
    keys: Mapping[Level, str] = KEY,
    without: Criterion | None = None,
) -> Iterator[Condition]:
    """Yield what has to be true of a row for its tags to match.

    Parameters
    ----------
    keys
        What the keys of a row and of those above it are called.
    without
        A criterion that is known to be true.
    """
    in_items: dict[tuple[int, str], list[Criterion]] = defaultdict(list)
    for criterion in criteria:
        attribute = criterion.attribute
        if attribute.query_tag is None:
            continue
        if criterion is not without:
            yield _criterion(criterion, area, keys)
        if attribute.in_item:
            sequence = attribute.tag.rpartition(".")[0]
            in_items[attribute.level, sequence].append(criterion)
    for several in in_items.values():
        of_values = [each for each in several if Empty() not in each.any_of]
        if len(of_values) > 1:  # all in the same one (DICOM PS3.4 C.2.2.2.6)
            yield _overlap(
                _places(each, keys[each.attribute.level]) for each in of_values
            )


def values_in(criterion: Criterion, area: Area) -> Condition:
    """Return the statement of all keys in an area with values that match.

    Of one that `is_of_values`, in an area without scopes, or inside of a partition
    whatever is seen of that. A key comes once for each of its values.
    """
    matching, values = _values(criterion, criterion.any_of)
    inside, more = _inside(area)
    return (
        f"SELECT v.row_id AS id FROM imaging_tagvalue v WHERE {matching} AND {inside}",  # noqa: S608 own names
        [*values, *more],
    )


def _criterion(
    criterion: Criterion, area: Area, keys: Mapping[Level, str]
) -> Condition:
    attribute, tests = criterion
    key = keys[attribute.level]
    conditions = []
    if Empty() in tests:
        conditions.append(_without(key, attribute.query_tag))
    by_groups = [test for test in tests if isinstance(test, InGroups)]
    conditions += [_in_groups(criterion, test, key) for test in by_groups]
    others = tuple(test for test in tests if not isinstance(test, Empty | InGroups))
    if others:
        conditions.append(_among(Criterion(attribute, others), area, key))
    return any_of(conditions)


def _among(criterion: Criterion, area: Area, key: str) -> Condition:
    """Return what is among those that have a value."""
    if area.partition is not None or not area.scopes:
        text, values = values_in(criterion, area)
        return f"{key} IN ({text})", values
    matching, values = _values(criterion, criterion.any_of)
    return (
        f"({key}, s.partition_id) IN (SELECT v.row_id, v.partition_id"  # noqa: S608 own names
        f" FROM imaging_tagvalue v WHERE {matching}"
        " AND v.partition_id = ANY(ARRAY(SELECT id FROM core_partition)))",
        values,
    )


def _inside(area: Area) -> Condition:
    """Narrow to the partitions searched, so that the index is read inside of each."""
    if area.partition is not None:
        return "v.partition_id = %s", [area.partition]
    if area.only is not None:
        return "v.partition_id = ANY(%s::bigint[])", [list(area.only)]
    partitions = "SELECT id FROM core_partition WHERE id <> ALL(%s::bigint[])"
    return f"v.partition_id = ANY(ARRAY({partitions}))", [list(area.without)]


def _without(key: str, tag: int | None) -> Condition:
    return (
        f"NOT EXISTS (SELECT FROM imaging_tagvalue v WHERE v.row_id = {key}"
        " AND v.tag_id = %s)",
        [tag],
    )


def _values(criterion: Criterion, tests: Sequence[Test]) -> Condition:
    """Return what is true of a row of values that passes one of the tests."""
    tag: Condition = ("v.tag_id = %s", [criterion.attribute.query_tag])
    return all_of([tag, passing(criterion, tests)])


def _in_groups(criterion: Criterion, by_groups: InGroups, key: str) -> Condition:
    """Return what has a value whose component groups each pass their test."""
    return _overlap(_places_of_groups(criterion, by_groups, key))


def _overlap(places: Iterable[Condition]) -> Condition:
    """Return what has a place that is among all of these."""
    text, values = _set_of(" INTERSECT ", places)
    return f"EXISTS ({text})", values


def _places(criterion: Criterion, key: str) -> Condition:
    """Return the places of the values that pass one of the tests."""
    by_groups = [each for each in criterion.any_of if isinstance(each, InGroups)]
    others = [each for each in criterion.any_of if not isinstance(each, InGroups)]
    found = [
        _set_of(" INTERSECT ", _places_of_groups(criterion, each, key))
        for each in by_groups
    ]
    if others:
        found.append(_places_where(criterion, key, passing(criterion, others)))
    return _set_of(" UNION ", found)


def _places_of_groups(
    criterion: Criterion, by_groups: InGroups, key: str
) -> Iterator[Condition]:
    for part, test in zip(GROUPS, by_groups.groups, strict=False):
        if test is not None:
            yield _places_where(criterion, key, test_in(part_is(part), test))


def _places_where(criterion: Criterion, key: str, condition: Condition) -> Condition:
    text, values = condition
    return (
        f"({_PLACES} FROM imaging_tagvalue v WHERE v.row_id = {key}"
        f" AND v.tag_id = %s AND ({text}))",
        [criterion.attribute.query_tag, *values],
    )


def _set_of(operator: str, places: Iterable[Condition]) -> Condition:
    texts, values = zip(*places, strict=True)
    return f"({operator.join(texts)})", [each for some in values for each in some]
