"""How many patients have which values: the statements of a chart."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from cohorts.answers.reading import Reading
from cohorts.execution.statement import TRUE, Sql, fill, sql
from cohorts.execution.tally import Marks, Tally, mark_of, place_of, tally_of
from core.database import raw_connection

MOST: Final = 20
"""Values of a chart, those that most have; of ages, years and genders all."""


class Values(NamedTuple):
    """How a chart finds its values.

    Attributes
    ----------
    sql
        The expression of a value, as text.
    of_events
        The condition on events that have it; None of a chart of persons.
    is_ordered
        Whether values have an order of their own; else most come first, and no more
        than `MOST`.
    more
        What is joined for the value.
    is_coded
        Whether each has a code.
    """

    sql: Sql
    of_events: Sql | None
    is_ordered: bool
    more: str = ""
    is_coded: bool = False


class Row(NamedTuple):
    """Who has a value; and of a coded one the key of a code that says it.

    Attributes
    ----------
    number
        How many; of a question whose counts are protected, who.
    """

    number: int | Tally
    code: int | None


def rows_of(reading: Reading, values: Values) -> Mapping[str, Row]:
    """Return which values the patients of a run have, in the order of the chart."""
    if values.of_events is None:
        source, where = _FOUND_PERSONS, reading.asked.visible.person("p.id")
    else:
        source, where = _FOUND_EVENTS, values.of_events
    return _by_value(
        reading.found_rows(_statement(reading, values, source, where, TRUE))
    )


def rows_of_all(
    reading: Reading, values: Values, among: Sequence[str]
) -> Mapping[str, Row]:
    """Return the same of all who are seen in the partition, for some values."""
    visible = reading.asked.visible
    if values.of_events is None:
        ours = sql("p.partition_id = %s", reading.asked.partition_id)
        where = fill("{ours} AND {seen}", ours=ours, seen=visible.person("p.id"))
        source = _PERSONS
    else:
        source, where = _EVENTS, values.of_events
    some = sql("value = ANY(%s::text[])", list(among))
    rest = _statement(reading, values, source, where, some)
    prefix = visible.prefix
    whole = Sql(f"{prefix.text} {rest.text}", (*prefix.values, *rest.values))
    return _by_value(raw_connection().execute(whole.text, whole.values).fetchall())


def _statement(
    reading: Reading, values: Values, source: str, where: Sql, among: Sql
) -> Sql:
    had = fill(
        _HAD,
        value=values.sql,
        person="p.id" if values.of_events is None else "e.patient",
        code="e.code" if values.is_coded else "NULL::int",
        source=source + values.more,
        where=where,
        among=among,
    )
    if not reading.asked.is_protected:
        order = "1" if values.is_ordered else "2 DESC, 1"
        most = _ALL if values.is_ordered else MOST
        return fill(_COUNTED, had=had, order=order, most=most)
    return fill(
        _MARKED,
        had=had,
        mark=mark_of(reading.asked.partition_id, "person"),
        place=place_of("mark"),
        order="1" if values.is_ordered else "4 DESC, 1",
        # What is told of a value may be more than of one that more have.
        most=_ALL if values.is_ordered else 2 * MOST,
    )


def _by_value(rows: Sequence[tuple[Any, ...]]) -> dict[str, Row]:
    return {value: Row(_number(number), code) for value, number, code, *_ in rows}


def _number(told: int | Marks) -> int | Tally:
    return told if isinstance(told, int) else tally_of(told)


_ALL: Final = 1_000
_PERSONS: Final = "fhirlink_clinicalpatient p"
_FOUND_PERSONS: Final = f"cohort_patient c JOIN {_PERSONS} ON p.id = c.patient"
_EVENTS: Final = "fhirlink_event e"
_FOUND_EVENTS: Final = f"cohort_patient c JOIN {_EVENTS} ON e.patient = c.patient"
_HAD: Final = (
    "(SELECT {value} AS value, {person} AS person, {code} AS code FROM {source}"
    " WHERE {where}) had WHERE value IS NOT NULL AND {among}"
)
_COUNTED: Final = (
    "SELECT value, count(DISTINCT person), min(code) FROM {had}"
    " GROUP BY value ORDER BY {order} LIMIT {most}"
)
_MARKED: Final = (
    "SELECT value, array_agg(ARRAY[place, number, marks]), min(code),"
    " sum(number) FROM (SELECT value, {place} AS place, count(*) AS number,"
    " bit_xor(mark) AS marks, min(code) AS code FROM (SELECT value, {mark} AS mark,"
    " min(code) AS code FROM {had} GROUP BY value, person) marked"
    " GROUP BY 1, 2) placed GROUP BY value ORDER BY {order} LIMIT {most}"
)
