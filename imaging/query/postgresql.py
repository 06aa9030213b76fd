"""What answers searches in the database itself: always there, and never behind."""

from collections.abc import Sequence
from typing import Any, LiteralString

from core.database import raw_connection
from imaging.query.area import Area
from imaging.query.backend import Wanted
from imaging.query.facets import MOST_VALUES, Count, Counts, Facet, compile_facets
from imaging.query.order import check_cursor
from imaging.query.order_sql import Position
from imaging.query.parse import Query
from imaging.query.sql import (
    compile_position,
    compile_query,
    compile_total,
    is_of_newest,
    leads_to_few,
)
from imaging.query.tag_conditions import is_by_tags
from imaging.query.word_choice import begun_by_word


class PostgreSQL:
    """Finds and reads rows in one statement."""

    name = "database"

    def rows(self, query: Query, area: Area, wanted: Wanted) -> list[tuple[Any, ...]]:
        """Return the rows of a page, one more than it has where there are more."""
        position = position_of(query, area)
        query = begun_by_word(query, wanted=query.limit + 1 + query.offset)
        text, more = compile_query(
            query, area=area, columns=wanted.columns, position=position
        )
        # What finds many in several parts has no plan that is good for any of them.
        has_one_plan = leads_to_few(query) or is_of_newest(query, area)
        # Nor has what looks for values of query tags, some rare and some not.
        is_rare = is_by_tags(query) or bool(query.free_text)
        anew = is_rare or (area.is_of_parts and not has_one_plan)
        parameters = [*wanted.parameters, *more]
        return fetch(text, parameters, prepare=False if anew else None)

    def count(self, query: Query, area: Area) -> int:
        """Return how many match altogether."""
        query = begun_by_word(query, wanted=None)
        ((number,),) = fetch(*compile_total(query, area=area))
        return int(number)

    def facets(
        self,
        query: Query,
        area: Area,
        facets: Sequence[Facet],
        *,
        most: int | None = MOST_VALUES,
    ) -> Counts:
        """Return what the studies that match have how often; None for all values."""
        query = begun_by_word(query, wanted=None)
        found: Counts = [[] for _ in facets]
        statement = compile_facets(query, area, facets, most=most)
        for facet, value, number in fetch(*statement):
            found[facet].append(Count(value, number))
        return found


def position_of(query: Query, area: Area) -> Position | None:
    """Return where the page begins, by what the row before it is sorted by now.

    Raises
    ------
    Invalid
        The query's cursor is none of this search.
    """
    if query.cursor is None:
        return None
    values: Sequence[Any] = ()
    if query.sort:
        statement = compile_position(query, query.cursor.key, area=area)
        values = next(iter(fetch(*statement)), ())
    check_cursor(query.cursor, query.target.level, query.sort, values)
    return Position(query.cursor.key, values)


def fetch(
    statement: LiteralString, parameters: Sequence[Any], *, prepare: bool | None = None
) -> list[tuple[Any, ...]]:
    """Return the rows of a statement."""
    # Binary, because a bytea in text form is twice as long.
    with raw_connection().cursor(binary=True) as cursor:
        return cursor.execute(statement, parameters, prepare=prepare).fetchall()
