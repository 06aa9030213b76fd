"""From a `Query` to what Elasticsearch is asked: pure.

The counterpart of `imaging.query.conditions` and `imaging.query.order_sql`, test by
test; `tests/imaging/query/test_backends.py` holds that both find the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from imaging.levels import Kind
from imaging.query.area import Area
from imaging.query.attributes import Attribute
from imaging.query.elastic.clauses import (
    Clause,
    all_of,
    any_of,
    like_in,
    none_of,
    words_in,
)
from imaging.query.elastic.compile_tags import (
    counted_field,
    counted_term,
    lacking,
    tag_clauses,
)
from imaging.query.elastic.documents import LEAST_NUMBER
from imaging.query.elastic.fields import (
    EXPRESSIONS,
    ITEMS,
    ODD,
    ODD_WORDS,
    TAG_WORDS,
    WORDS,
    field_of,
)
from imaging.query.elastic.news import NO_NEWS, News
from imaging.query.facets import FACETS, MOST_VALUES, Facet, is_of_series
from imaging.query.moments import Part, Period
from imaging.query.order_sql import Position
from imaging.query.parse import Query
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
from imaging.query.words import Word

_OF_SERIES: Final = {
    facet.expression: facet.field for facet in FACETS if is_of_series(facet)
}
"""What a document of a study calls the values of all its series."""


def filter_of(query: Query, area: Area, without: News = NO_NEWS) -> Clause:
    """Return what a document has to be for what it describes to be found.

    Parameters
    ----------
    without
        Whose documents are passed over.
    """
    asked = [*_criteria(query.criteria), *map(_period, query.periods)]
    by_tags = tag_clauses(query.criteria)
    words = [_word(w, free.tags) for free in query.free_text for w in free.words]
    where = [*_inside(area), *_target(query), *outside_of(without)]
    return all_of([*where, *asked, *by_tags, *words])


def odd_in(query: Query, area: Area, without: News = NO_NEWS) -> Clause:
    """Return what documents are that might be found if they held all their values."""
    names = [ODD, ODD_WORDS] if query.free_text else [ODD]
    is_odd: list[Clause] = [{"term": {name: True}} for name in names]
    odd = any_of([*is_odd, *map(lacking, tags_of(query))])
    return all_of([odd, *_inside(area), *_target(query), *outside_of(without)])


def tags_of(query: Query) -> list[int]:
    """Return the keys of the query tags that a search asks, or counts, by."""
    asked = [*(each.attribute for each in query.criteria), *query.counted]
    asked += [tag for free in query.free_text for tag in free.tags]
    return sorted({each.query_tag for each in asked if each.query_tag is not None})


def order_of(query: Query) -> list[Clause]:
    """Return what documents are sorted by: at last the key, as in PostgreSQL."""
    newest_first = query.sort[-1].descending if query.sort else True
    terms: list[Clause] = [
        {
            field_of(key.attribute.columns[0]): {
                "order": "desc" if key.descending else "asc",
                # What has no value counts as least.
                "missing": "_last" if key.descending else "_first",
            }
        }
        for key in query.sort
    ]
    return [*terms, {"key": "desc" if newest_first else "asc"}]


def counted(facet: Facet) -> Clause:
    """Return what counts documents by the values of a facet.

    Exact, because an index has one shard (`indices`).
    """
    tag = facet.attribute.query_tag
    which = {"exclude": [""]} if tag is None else {"include": f"{counted_term(tag)}.*"}
    return {
        "terms": {
            "field": _counted_field(facet),
            "size": MOST_VALUES,
            "order": [{"_count": "desc"}, {"_key": "asc"}],
            **which,
        }
    }


def counted_at(facet: Facet, values: Sequence[str]) -> Clause:
    """Return what counts documents by some values of a facet."""
    tag = facet.attribute.query_tag
    terms = [each if tag is None else counted_term(tag, each) for each in values]
    return {
        "terms": {
            "field": _counted_field(facet),
            "size": len(terms),
            "include": terms,
        }
    }


def _counted_field(facet: Facet) -> str:
    by_tag = facet.attribute.query_tag is not None
    return counted_field(facet.attribute.level) if by_tag else facet.field


def outside_of(news: News) -> Iterator[Clause]:
    """Yield what documents are that are not of what has changed."""
    for partition_id, uids in news.studies.items():
        inside = {"term": {"partition_id": partition_id}}
        yield none_of(all_of([inside, {"terms": {"study_instance_uid": uids}}]))


def after(position: Position) -> list[Any]:
    """Return the position as Elasticsearch continues from it."""
    values = [LEAST_NUMBER if each is None else each for each in position.values]
    return [*values, position.key]


def _inside(area: Area) -> Iterator[Clause]:
    if area.inside is not None:
        yield {"term": {"partition_id": area.inside}}
    if area.only is None:
        if area.without:
            yield none_of({"terms": {"partition_id": list(area.without)}})
        return
    yield any_of(
        [
            {"terms": {"partition_id": list(area.only)}},
            {"terms": {"scopes": list(area.scopes)}},
        ]
    )


def _target(query: Query) -> Iterator[Clause]:
    target = query.target
    if target.study_instance_uid is not None:
        yield {"term": {"study_instance_uid": target.study_instance_uid}}
    if target.series_instance_uid is not None:
        yield {"term": {"series_instance_uid": target.series_instance_uid}}
    if query.scope is not None:
        yield {"term": {"scopes": query.scope}}


def _word(word: Word, tags: Iterable[Attribute]) -> Clause:
    test = "prefix" if word.begins else "term"
    clauses = [{test: {WORDS: form}} for form in word.forms]
    for tag in tags:
        clauses += [{test: {TAG_WORDS: f"{tag.query_tag}:{f}"}} for f in word.forms]
    return any_of(clauses)


def _criteria(criteria: Iterable[Criterion]) -> Iterator[Clause]:
    in_items = []
    for criterion in criteria:
        if criterion.attribute.query_tag is not None:
            continue  # `compile_tags`
        if criterion.attribute.in_item:
            in_items.append(_criterion(criterion))
        else:
            yield _criterion(criterion)
    if in_items:  # all in the same one (DICOM PS3.4 C.2.2.2.6)
        yield {"nested": {"path": ITEMS, "query": all_of(in_items)}}


def _criterion(criterion: Criterion) -> Clause:
    attribute, tests = criterion
    if attribute.of_any_series:
        fields = [_OF_SERIES[column] for column in attribute.columns]
    else:
        fields = [field_of(column) for column in attribute.columns]
    if attribute.kind is Kind.NAME:
        return any_of([_name(fields, test) for test in tests])
    field = fields[0]
    exact = [test.value for test in tests if isinstance(test, Exactly)]
    others = [test for test in tests if not isinstance(test, Exactly)]
    is_text = not attribute.many and attribute.kind is not Kind.NUMBER
    clauses = [_test(field, test, is_text=is_text) for test in others]
    if exact:
        clauses.append({"terms": {field: exact}})
    return any_of(clauses)


def _name(fields: Sequence[str], test: Test) -> Clause:
    if isinstance(test, Empty):
        return all_of([_test(field, test) for field in fields])
    if isinstance(test, InGroups):
        pairs = zip(fields, test.groups, strict=False)
        return all_of([_test(field, each) for field, each in pairs if each])
    alphabetic, *others = fields
    named = (
        all_of([none_of({"term": {each: ""}}), _test(each, test)]) for each in others
    )
    return any_of([_test(alphabetic, test), *named])


def _test(field: str, test: Test, *, is_text: bool = True) -> Clause:
    match test:
        case Exactly(value):
            return {"term": {field: value}}
        case Like():
            return like_in(field, test)
        case Within(lower, upper):
            return {"range": {field: {"gte": lower, "lte": upper}}}
        case Empty():
            if is_text:
                return {"term": {field: ""}}
            return none_of({"exists": {"field": field}})
        case Words(words):
            return words_in(field, words)
        case InGroups() | Between() | Zoned():
            message = "Not a test of what one field holds."
            raise TypeError(message)


def _period(period: Period) -> Clause:
    if not period.zoned:
        return all_of(map(_part, (*period.always, *period.local)))
    unknown = {"term": {field_of(period.utc): ""}}
    known = all_of([none_of(unknown), *map(_part, period.zoned)])
    either = any_of([known, all_of([unknown, *map(_part, period.local)])])
    return all_of([*map(_part, period.always), either])


def _part(part: Part) -> Clause:
    field = EXPRESSIONS.get(part.expression) or field_of(part.expression)
    return any_of([_test(field, test) for test in part.any_of])
