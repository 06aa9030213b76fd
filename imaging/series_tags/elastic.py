"""Studies or series that may have what is sought of a query tag, from Elasticsearch.

What is found has all that the rows have, and perhaps more: of several tests of a value
each may be passed by another one. `imaging.series_tags.answering` reads the rows.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Final

from django.conf import settings

from imaging.fold import fold, fold_name
from imaging.levels import Kind, Level
from imaging.models import TagLevel
from imaging.numbers import sortable
from imaging.query.backend import Unanswered
from imaging.query.elastic.answering import WARNING, backend
from imaging.query.elastic.clauses import Clause, all_of, any_of, part_in
from imaging.query.elastic.client import Away, Refused, connection
from imaging.query.elastic.compile import outside_of
from imaging.query.elastic.compile_tags import lacking
from imaging.query.elastic.indices import searched
from imaging.query.elastic.points import point_in_time
from imaging.query.elastic.tag_values import LONG, TERMS, beginning, ending, marker
from imaging.query.value_conditions import GROUPS, WHOLE
from imaging.query_tags.tag import KINDS
from imaging.series_tags.indexed import Ready
from imaging.series_tags.sought import Sought, Test, number_of, undashed

LEVELS: Final[Mapping[str, Level]] = {
    TagLevel.STUDY: Level.STUDY,
    TagLevel.SERIES: Level.SERIES,
}
MOST_KEYS: Final = 50_000
"""More are sooner read where they are: the index of the database knows the tag, too."""

_PAGE: Final = 10_000  # Elasticsearch's own limit
_RANGES: Final = {"gt", "gte", "lt", "lte"}


def keys_by_tags(partition_id: int, tag: Ready, sought: Sought) -> list[int]:
    """Return the keys of all studies, or series, that may have what is sought.

    Raises
    ------
    Unanswered
        The database has to look for it.
    """
    level = LEVELS[tag.level]
    news = backend().news()
    changed = news.keys_at(level)
    if changed is None:
        raise Unanswered("behind")
    inside = [{"term": {"partition_id": partition_id}}, *outside_of(news)]
    wanted = all_of([*inside, *_clauses(tag, sought)])
    timeout_s = settings.ELASTICSEARCH_TIMEOUT_MS / 1000
    ask = partial(connection().ask, timeout_s=timeout_s)
    try:
        with point_in_time(ask, searched(level), "key") as point:
            if point.has_any(all_of([*inside, lacking(tag.id)])):
                raise Unanswered("odd")
            hits = point.walk(wanted, page=_PAGE)
            keys = [int(hit["sort"][0]) for hit in islice(hits, MOST_KEYS + 1)]
    except Refused as error:
        raise Unanswered("refused", WARNING) from error
    except Away as error:
        raise Unanswered("away", WARNING) from error
    if len(keys) > MOST_KEYS:
        raise Unanswered("many")
    return [*keys, *changed]


def _clauses(tag: Ready, sought: Sought) -> list[Clause]:
    kind = KINDS[tag.vr]
    has_value = {"term": {TERMS: marker(tag.id)}}
    some = [any_of(_test(tag.id, kind, test) for test in e) for e in sought.tests]
    return [has_value, *some]


def _test(tag: int, kind: Kind, test: Test) -> Clause:
    """Return the counterpart of `imaging.series_tags.indexed`'s conditions."""
    if kind is Kind.DECIMAL:
        number = number_of(test.value) or Decimal()  # it is one: SQL could be made
        return _compared(tag, test.operator, sortable(number))
    text = str(test.value)
    of_name = kind is Kind.NAME
    folded = fold_name(text) if of_name else fold(undashed(text))
    parts = GROUPS if of_name else (WHOLE,)
    if test.operator == "contains":
        return _in_parts(tag, parts, folded, is_whole=False)
    if test.operator in _RANGES:
        return _compared(tag, test.operator, undashed(text))
    return _in_parts(tag, parts, folded, is_whole=True)


def _compared(tag: int, operator: str, value: str) -> Clause:
    before = beginning(tag, WHOLE)
    if operator == "eq":
        return {"term": {TERMS: before + value}}
    is_from = operator.startswith("g")
    other = {"lt": ending(tag, WHOLE)} if is_from else {"gte": before}
    return {"range": {TERMS: {operator: before + value, **other}}}


def _in_parts(tag: int, parts: Sequence[int], folded: str, *, is_whole: bool) -> Clause:
    return any_of(
        part_in(field, beginning(tag, part), folded, is_whole=is_whole)
        for part in parts
        for field in (TERMS, LONG)
    )
