"""From a `Query` to SQL statements.

The text depends on the form of the query only, and every value is a parameter, so that
PostgreSQL prepares it once.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from core.access import within
from imaging.levels import Kind, Level
from imaging.query import tag_pages
from imaging.query.area import Area
from imaging.query.attributes import Attribute
from imaging.query.conditions import Condition, all_of, any_of, conditions_of
from imaging.query.order_sql import KEY, Position, after, order_by, sort_columns
from imaging.query.parse import Query
from imaging.query.tag_conditions import is_by_tags, tag_conditions
from imaging.query.terms import Exactly, InGroups, Like, Test
from imaging.query.word_conditions import word_conditions

_FROM: Final = {
    Level.STUDY: "imaging_study s",
    Level.SERIES: "imaging_series e JOIN imaging_study s ON s.id = e.study_id",
    Level.INSTANCE: "imaging_instance i"
    " JOIN imaging_series e ON e.id = i.series_id"
    " JOIN imaging_study s ON s.id = i.study_id",
}
_PARENT: Final = {Level.SERIES: "e.study_id", Level.INSTANCE: "i.series_id"}
# One value of these is in few studies: one index then finds it in all partitions.
_IDENTIFYING: Final = frozenset(
    [
        "StudyInstanceUID",
        "SeriesInstanceUID",
        "SOPInstanceUID",
        "PatientID",
        "AccessionNumber",
        "StudyID",
    ]
)

_SCOPED_KEYS: Final = (
    "(SELECT study_id AS id, scope_id FROM core_scopedstudy"
    " WHERE study_id IS NOT NULL) s"
)
_SCOPED_STUDIES: Final = (
    "(SELECT study.*, seen.scope_id FROM core_scopedstudy seen"
    " JOIN imaging_study study ON study.id = seen.study_id) s"
)
# A list that the planner does not see: it would look up how many rows each of its
# elements has, at each search by a name, which is planned anew.
_UNSEEN: Final = "(SELECT %s::bigint[])"
_LONG_PREFIX: Final = 3  # of a name
_MANY_PARTS: Final = 8  # of an area: a look at the beginnings of all is worth it


def leads_to_few(query: Query) -> bool:
    """Return whether a key of the query is one of a study, or of few."""
    if query.keys is not None or query.below is not None:
        return True
    if any(free.rare is not None for free in query.free_text):
        return True
    return query.target.study_instance_uid is not None or any(
        all(_is_of_few(criterion.attribute, test) for test in criterion.any_of)
        for criterion in query.criteria
    )


def _is_of_few(attribute: Attribute, test: Test | None) -> bool:
    match test:
        case Exactly():
            return attribute.kind is Kind.NAME or attribute.keyword in _IDENTIFYING
        case Like(prefix=prefix):
            return attribute.kind is Kind.NAME and len(prefix) >= _LONG_PREFIX
        case InGroups(groups):
            return any(_is_of_few(attribute, group) for group in groups)
    return False


def compile_query(
    query: Query,
    *,
    area: Area,
    columns: Sequence[str],
    position: Position | None = None,
) -> Condition:
    """Return the statement that answers `columns` of what matches, in its order.

    It asks for one row more than the page has: whether there is a next one.

    Parameters
    ----------
    position
        After which row the page begins.
    """
    level = query.target.level
    is_of_parts = level is Level.STUDY and is_merged(query, area)
    if is_by_tags(query) and not is_of_parts and not leads_to_few(query):
        inside, others = list(_inside(query, area)), list(_besides_tags(query))
        asked = tag_pages.Asked(query, area, inside, others, position)
        return tag_pages.compile_page(asked, columns)
    conditions = [
        *_matching(query, area),
        *(after(query, position) if position else ()),
    ]
    if is_of_parts:
        return _merged(query, area, columns, conditions)
    conditions = [*_inside(query, area), *conditions]
    if query.below is not None:
        return _below(query, query.below, columns, conditions)
    where, parameters = _where(conditions)
    return (
        f"SELECT {', '.join(columns)} FROM {_FROM[level]}{where}"  # noqa: S608
        f" ORDER BY {order_by(query)} LIMIT %s OFFSET %s",
        [*parameters, query.limit + 1, query.offset],
    )


def compile_total(query: Query, *, area: Area) -> Condition:
    """Return the statement that counts what matches."""
    where, parameters = _where([*_inside(query, area), *_matching(query, area)])
    source = _FROM[query.target.level]
    return f"SELECT count(*) FROM {source}{where}", parameters  # noqa: S608


def matching_where(query: Query, *, area: Area) -> Condition:
    """Return the WHERE that is true of what matches; empty where all does."""
    return _where([*_inside(query, area), *_matching(query, area)])


def compile_matching(query: Query, *, area: Area) -> Condition:
    """Return the condition that is true of instances in, or below, what matches.

    Of a statement that has them as ``i``, their series as ``e`` and study as ``s``.
    """
    where, parameters = _where([*_inside(query, area), *_matching(query, area)])
    level = query.target.level
    # Names of the inner statement hide those of the outer one.
    keys = f"SELECT {KEY[level]} FROM {_FROM[level]}{where}"  # noqa: S608
    return f"{KEY[level]} IN ({keys})", parameters


def compile_totals(query: Query, *, area: Area) -> Condition:
    """Return the statement that counts what matches below each of ``query.below``."""
    parent = _PARENT[query.target.level]
    inside: Condition = (f"{parent} = ANY(%s::bigint[])", [list(query.below or ())])
    where, parameters = _where([inside, *_inside(query, area), *_matching(query, area)])
    source = _FROM[query.target.level]
    return (
        f"SELECT {parent}, count(*) FROM {source}{where} GROUP BY {parent}",  # noqa: S608
        parameters,
    )


def compile_position(query: Query, key: int, *, area: Area) -> Condition:
    """Return the statement that tells what a row is sorted by, if it may be seen."""
    level = query.target.level
    where, parameters = _where([*_inside(query, area), (f"{KEY[level]} = %s", [key])])
    columns = ", ".join(sort_columns(query.sort))
    return f"SELECT {columns} FROM {_FROM[level]}{where}", parameters  # noqa: S608


def _matching(query: Query, area: Area) -> Iterator[Condition]:
    yield from _besides_tags(query)
    yield from tag_conditions(query.criteria, area)


def _besides_tags(query: Query) -> Iterator[Condition]:
    if query.keys is not None:
        key = KEY[query.target.level]
        yield f"{key} = ANY(%s::bigint[])", [list(query.keys)]
    if query.scope is not None:
        studies = "SELECT study_id FROM core_scopedstudy WHERE scope_id = %s"
        yield f"s.id IN ({studies})", [query.scope]
    yield from conditions_of(query)
    yield from word_conditions(query)


def _where(conditions: Iterable[Condition]) -> Condition:
    given = list(conditions)
    if not given:
        return "", []
    text, parameters = all_of(given)
    return f" WHERE {text}", parameters


def is_merged(query: Query, area: Area) -> bool:
    """Return whether a page of each part of the area is taken.

    Not where what matches leads to few, nor where it may lead to few in scopes: they
    are small, and an index finds what matches better than a look at all of them.
    """
    if not area.is_of_parts or leads_to_few(query):
        return False
    return not (area.scopes and _is_narrowed(query))


def _is_narrowed(query: Query) -> bool:
    return bool(query.criteria or query.periods or query.free_text)


def _inside(query: Query, area: Area) -> Iterator[Condition]:
    if area.scopes:
        yield from _inside_scopes(query, area)
        return
    only, without = area.only, area.without
    if only is None:
        if without:
            yield "s.partition_id <> ALL(%s::bigint[])", [list(without)]
    elif len(only) == 1:
        yield "s.partition_id = %s", list(only)
    elif leads_to_few(query):
        # Looked at in what is found: an index would be asked for each of the list.
        yield f"(s.partition_id = ANY({_UNSEEN}::bigint[])) IS TRUE", [list(only)]
    else:
        yield "s.partition_id = ANY(%s::bigint[])", [list(only)]


def _inside_scopes(query: Query, area: Area) -> Iterator[Condition]:
    if area.inside is not None:
        yield "s.partition_id = %s", [area.inside]
    only, scopes = list(area.only or ()), list(area.scopes)
    if leads_to_few(query):
        seen = within("s.id", "s.partition_id", partitions=_UNSEEN, scopes=_UNSEEN)
        yield seen, [only, only, scopes]
        return
    listed: Condition = (
        "s.id IN (SELECT study_id FROM core_scopedstudy"
        " WHERE scope_id = ANY(%s::bigint[]) AND study_id IS NOT NULL)",
        [scopes],
    )
    whole: Condition = ("s.partition_id = ANY(%s::bigint[])", [only])
    yield any_of([whole, listed]) if only else listed


def _below(
    query: Query,
    parents: Sequence[int],
    columns: Sequence[str],
    conditions: Sequence[Condition],
) -> Condition:
    """Return the statement that takes a page of each parent, whatever their number."""
    level = query.target.level
    key, source, order = KEY[level], _FROM[level], order_by(query)
    here: Condition = (f"{_PARENT[level]} = parent.id", [])
    where, parameters = _where([here, *conditions])
    return (
        f"SELECT {', '.join(columns)} FROM (SELECT page.id"  # noqa: S608
        f" FROM unnest(%s::bigint[]) AS parent(id) CROSS JOIN LATERAL ("
        f"SELECT {key} AS id FROM {source}{where} ORDER BY {order} LIMIT %s"
        f") page) page JOIN ({source}) ON {key} = page.id ORDER BY {order}",
        [list(parents), *parameters, query.limit + 1],
    )


def _merged(
    query: Query, area: Area, columns: Sequence[str], conditions: Sequence[Condition]
) -> Condition:
    """Return the statement that takes a page of each part, and a page of these.

    An index of all partitions would be read past what may not be seen, nobody knows
    how far; so it is a page of each at most, of keys only until the last step.
    """
    if is_of_newest(query, area):
        conditions = [*conditions, _not_before_page(query, area, conditions)]
    sorted_by = sort_columns(query.sort)
    names = {column: f"page.k{n}" for n, column in enumerate(sorted_by)}
    keys = ["s.id", *(f"{column} AS k{n}" for n, column in enumerate(sorted_by))]
    order = order_by(query, {**names, "s.id": "page.id"})
    pages, parameters = _pages(query, area, keys, conditions, _wanted(query))
    return (
        f"SELECT {', '.join(columns)} FROM ({pages}"  # noqa: S608
        f" ORDER BY {order} LIMIT %s OFFSET %s) page"
        f" JOIN imaging_study s ON s.id = page.id ORDER BY {order}",
        [*parameters, query.limit + 1, query.offset],
    )


def _wanted(query: Query) -> int:
    """Return how many rows in order hold the page and tell whether there is a next."""
    return query.limit + 1 + query.offset


def is_of_newest(query: Query, area: Area) -> bool:
    """Return whether a page is of the newest of all studies, in many parts."""
    is_narrowed = _is_narrowed(query) or query.scope is not None
    parts = len(area.only or ()) + len(area.scopes)
    return not (query.sort or is_narrowed) and parts >= _MANY_PARTS


def _not_before_page(
    query: Query, area: Area, conditions: Sequence[Condition]
) -> Condition:
    """Return a bound that no study of the page lies below.

    The newest few of each part together are as many as are wanted: the last of these
    is the bound. A page of each part would be many times as many.
    """
    wanted = _wanted(query)
    each = 1 + wanted // (len(area.only or ()) + len(area.scopes))
    newest, parameters = _pages(query, area, ["s.id"], conditions, each)
    bound = f"SELECT id FROM ({newest}) newest ORDER BY id DESC LIMIT 1 OFFSET %s"  # noqa: S608
    return f"s.id >= coalesce(({bound}), 0)", [*parameters, wanted - 1]


def _pages(
    query: Query,
    area: Area,
    keys: Sequence[str],
    conditions: Sequence[Condition],
    limit: int,
) -> Condition:
    """Return the statement of all pages, where a study in two scopes comes once."""
    # What is merged in scopes asks for keys alone (`is_merged`): the narrow table has
    # them in order, and studies are looked at only for what they are sorted by.
    seen = _SCOPED_STUDIES if query.sort else _SCOPED_KEYS
    parts = (
        (area.only or (), "imaging_study s", "s.partition_id"),
        (area.scopes, seen, "s.scope_id"),
    )
    texts, given = [], []
    for part, source, key in parts:
        if not part:
            continue
        where, parameters = _where([(f"{key} = visible.id", []), *conditions])
        texts.append(
            "SELECT page.* FROM unnest(%s::bigint[]) AS visible(id)"  # noqa: S608
            f" CROSS JOIN LATERAL (SELECT {', '.join(keys)} FROM {source}{where}"
            f" ORDER BY {order_by(query)} LIMIT %s) page"
        )
        given += [list(part), *parameters, limit]
    distinct = "DISTINCT " if area.scopes else ""
    pages = " UNION ALL ".join(texts)
    return f"SELECT {distinct}page.* FROM ({pages}) page", given  # noqa: S608
