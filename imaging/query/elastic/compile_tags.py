"""From what a query asks of extended query tags to what Elasticsearch is asked: pure.

The counterpart of `imaging.query.tag_conditions`. What documents hold of tags is in
`imaging.query.elastic.tag_values`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from imaging.levels import Kind, Level
from imaging.numbers import FIRST_OF_ALL, LAST_OF_ALL, sortable
from imaging.query.elastic.clauses import (
    Clause,
    all_of,
    any_of,
    like_in,
    none_of,
    words_in,
)
from imaging.query.elastic.tag_values import (
    IN_PLACES,
    KNOWN,
    LONG,
    OF_SERIES,
    PLACES,
    TERMS,
    beginning,
    marker,
)
from imaging.query.terms import (
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
from imaging.query.value_conditions import GROUPS, UNZONED, UTC, WHOLE

Fields = Sequence[str]
_ANYWHERE: Final[Fields] = (TERMS, LONG)
_IN_ONE_PLACE: Final[Fields] = (IN_PLACES,)


def lacking(tag: int) -> Clause:
    """Return what is true of documents that may lack a value of a tag.

    All documents that were written together know the same tags, so that there are few
    terms to look at, however many documents there are.
    """
    return {"regexp": {KNOWN: {"value": f"~(.*,{tag},.*)", "flags": "COMPLEMENT"}}}


def counted_field(level: Level) -> str:
    """Return the field of documents of studies whose terms are counted for tags."""
    return TERMS if level is Level.STUDY else OF_SERIES


def counted_term(tag: int, value: str = "") -> str:
    """Return the term of a value that is counted; what all of a tag's begin with."""
    return beginning(tag, WHOLE) + value


def tag_clauses(criteria: Iterable[Criterion]) -> Iterator[Clause]:
    """Yield what has to be true of a document for its tags to match."""
    in_items: dict[tuple[int, str], list[Criterion]] = defaultdict(list)
    for criterion in criteria:
        attribute = criterion.attribute
        if attribute.query_tag is None:
            continue
        yield _criterion(criterion)
        if attribute.in_item and Empty() not in criterion.any_of:
            sequence = attribute.tag.rpartition(".")[0]
            in_items[attribute.level, sequence].append(criterion)
    for several in in_items.values():
        if len(several) > 1:  # all in the same one (DICOM PS3.4 C.2.2.2.6)
            yield _in_one_place(map(_of_a_place, several))


def _criterion(criterion: Criterion) -> Clause:
    tag, tests = _tag_of(criterion), criterion.any_of
    clauses = [_in_groups(tag, test) for test in tests if isinstance(test, InGroups)]
    if Empty() in tests:
        clauses.append(none_of({"term": {TERMS: marker(tag)}}))
    others = [test for test in tests if not isinstance(test, Empty | InGroups)]
    return any_of([*clauses, *_passing(criterion, others, _ANYWHERE)])


def _of_a_place(criterion: Criterion) -> Clause:
    """Return what is true of a place with a value that passes one of the tests."""
    tag, tests = _tag_of(criterion), criterion.any_of
    by_groups = [
        all_of(_test(each, IN_PLACES, tag, part) for part, each in _parts(test))
        for test in tests
        if isinstance(test, InGroups)
    ]
    others = [test for test in tests if not isinstance(test, InGroups)]
    return any_of([*by_groups, *_passing(criterion, others, _IN_ONE_PLACE)])


def _tag_of(criterion: Criterion) -> int:
    tag = criterion.attribute.query_tag
    assert tag is not None  # noqa: S101 the callers have looked
    return tag


def _passing(
    criterion: Criterion, tests: Sequence[Test], fields: Fields
) -> list[Clause]:
    """Return clauses of which one is true of what passes one of the tests."""
    tag = _tag_of(criterion)
    parts = GROUPS if criterion.attribute.kind is Kind.NAME else (WHOLE,)
    exact = [test.value for test in tests if isinstance(test, Exactly)]
    clauses = [
        _test(test, field, tag, part)
        for test in tests
        if not isinstance(test, Exactly)
        for part in parts
        for field in fields
    ]
    if exact:
        terms = [beginning(tag, part) + _text(each) for part in parts for each in exact]
        clauses += [{"terms": {field: terms}} for field in fields]
    return clauses


def _text(value: str | int | Decimal) -> str:
    return value if isinstance(value, str) else sortable(Decimal(value))


def _test(test: Test, field: str, tag: int, part: int) -> Clause:
    before = beginning(tag, part)
    match test:
        case Exactly(value):
            return {"term": {field: before + _text(value)}}
        case Like():
            return like_in(field, test, before)
        case Within(lower, upper):
            return {"range": {field: {"gte": before + lower, "lte": before + upper}}}
        case Between(least, most):
            first = FIRST_OF_ALL if least is None else sortable(least)
            last = LAST_OF_ALL if most is None else sortable(most)
            return _test(Within(first, last), field, tag, part)
        case Zoned(utc, local):
            zoned = _test(utc, field, tag, UTC)
            return any_of([zoned, _test(local, field, tag, UNZONED)])
        case Words(words):
            return words_in(field, words, before)
        case Empty() | InGroups():
            message = "Not a test of one value."
            raise TypeError(message)


def _in_groups(tag: int, by_groups: InGroups) -> Clause:
    """Return what has a value whose component groups each pass their test."""
    given = _parts(by_groups)
    if len(given) == 1:
        ((part, test),) = given
        return any_of(_test(test, field, tag, part) for field in _ANYWHERE)
    return _in_one_place(_test(test, IN_PLACES, tag, part) for part, test in given)


def _parts(by_groups: InGroups) -> list[tuple[int, Exactly | Like]]:
    pairs = zip(GROUPS, by_groups.groups, strict=False)
    return [(part, test) for part, test in pairs if test is not None]


def _in_one_place(clauses: Iterable[Clause]) -> Clause:
    return {"nested": {"path": PLACES, "query": all_of(clauses)}}
