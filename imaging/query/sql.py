"""From a `Query` to SQL statements.

The text depends on the form of the query only, and every value is a parameter, so that
PostgreSQL prepares it once.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from imaging.query.attributes import Attribute, Kind, Level
from imaging.query.conditions import Condition, all_of, conditions_of
from imaging.query.matching import Exactly, InGroups, Like, Test
from imaging.query.order_sql import KEY, Position, after, order_by, sort_columns
from imaging.query.parse import Query


class Partitions(NamedTuple):
    """The keys of those that are searched: `only` these, or all but `without`."""

    only: Sequence[int] | None
    without: Sequence[int] = ()

    @property
    def are_several(self) -> bool:
        """Return whether they are a list of more than one."""
        return self.only is not None and len(self.only) > 1


_FROM: Final = {
    Level.STUDY: "imaging_study s",
    Level.SERIES: "imaging_series e JOIN imaging_study s ON s.id = e.study_id",
    Level.INSTANCE: "imaging_instance i"
    " JOIN imaging_series e ON e.id = i.series_id"
    " JOIN imaging_study s ON s.id = i.study_id",
}
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

_LONG_PREFIX: Final = 3  # of a name


def leads_to_few(query: Query) -> bool:
    """Return whether a key of the query is one of a study, or of few."""
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
    partitions: Partitions,
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
    conditions = [*conditions_of(query), *(after(query, position) if position else ())]
    level = query.target.level
    if partitions.are_several and level is Level.STUDY and not leads_to_few(query):
        return _merged(query, partitions.only or (), columns, conditions)
    where, parameters = _where([*_inside(query, partitions), *conditions])
    return (
        f"SELECT {', '.join(columns)} FROM {_FROM[level]}{where}"  # noqa: S608
        f" ORDER BY {order_by(query)} LIMIT %s OFFSET %s",
        [*parameters, query.limit + 1, query.offset],
    )


def compile_total(query: Query, *, partitions: Partitions) -> Condition:
    """Return the statement that counts what matches."""
    where, parameters = _where([*_inside(query, partitions), *conditions_of(query)])
    source = _FROM[query.target.level]
    return f"SELECT count(*) FROM {source}{where}", parameters  # noqa: S608


def compile_position(query: Query, key: int, *, partitions: Partitions) -> Condition:
    """Return the statement that tells what a row is sorted by, if it may be seen."""
    level = query.target.level
    where, parameters = _where(
        [*_inside(query, partitions), (f"{KEY[level]} = %s", [key])]
    )
    columns = ", ".join(sort_columns(query.sort))
    return f"SELECT {columns} FROM {_FROM[level]}{where}", parameters  # noqa: S608


def _where(conditions: Iterable[Condition]) -> Condition:
    given = list(conditions)
    if not given:
        return "", []
    text, parameters = all_of(given)
    return f" WHERE {text}", parameters


def _inside(query: Query, partitions: Partitions) -> Iterator[Condition]:
    only, without = partitions
    if only is None:
        if without:
            yield "s.partition_id <> ALL(%s::bigint[])", [list(without)]
    elif len(only) == 1:
        yield "s.partition_id = %s", list(only)
    elif leads_to_few(query):
        # Looked at in what is found: an index would be asked for each of the list.
        yield "(s.partition_id = ANY(%s::bigint[])) IS TRUE", [list(only)]
    else:
        yield "s.partition_id = ANY(%s::bigint[])", [list(only)]


def _merged(
    query: Query,
    partitions: Sequence[int],
    columns: Sequence[str],
    conditions: Sequence[Condition],
) -> Condition:
    """Return the statement that takes a page of each partition, and a page of these.

    An index of all partitions would be read past what may not be seen, nobody knows
    how far; so it is a page of each at most, of keys only until the last step.
    """
    here: Condition = ("s.partition_id = visible.id", [])
    where, parameters = _where([here, *conditions])
    sorted_by = sort_columns(query.sort)
    names = {column: f"page.k{n}" for n, column in enumerate(sorted_by)}
    keys = ["s.id", *(f"{column} AS k{n}" for n, column in enumerate(sorted_by))]
    order = order_by(query, {**names, "s.id": "page.id"})
    return (
        f"SELECT {', '.join(columns)} FROM (SELECT page.*"  # noqa: S608
        " FROM unnest(%s::bigint[]) AS visible(id) CROSS JOIN LATERAL ("
        f"SELECT {', '.join(keys)} FROM imaging_study s{where}"
        f" ORDER BY {order_by(query)} LIMIT %s"
        f") page ORDER BY {order} LIMIT %s OFFSET %s) page"
        f" JOIN imaging_study s ON s.id = page.id ORDER BY {order}",
        [
            list(partitions),
            *parameters,
            query.limit + 1 + query.offset,
            query.limit + 1,
            query.offset,
        ],
    )
