"""What the patients of a run have how often, beside what all have who are seen.

Each is counted once for each value that it has. A chart of all patients of a partition
reads all events of a kind: where that is too slow, the statement's time limit ends it.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple
from uuid import UUID

from cohorts.answers.audited import record
from cohorts.answers.found_runs import find_run
from cohorts.answers.parts import Parts
from cohorts.answers.reading import Reading, reading_counts
from cohorts.criteria.model import Event
from cohorts.execution.leaves import event_condition
from cohorts.execution.statement import TRUE, Sql, fill, sql
from core.access import Actor
from core.database import raw_connection
from fhirlink.events.shapes import Kind
from fhirlink.happened import coded_of, codes_of

MOST: Final = 20
"""Values of a chart, those that most have; of ages, years and genders all."""


class ChartName(StrEnum):
    """What is counted by."""

    AGE = "age"
    GENDER = "gender"
    MODALITY = "modality"
    DIAGNOSIS_YEAR = "diagnosis year"
    CONDITION = "condition"
    MEDICATION = "medication"
    PROCEDURE = "procedure"


class Bar(NamedTuple):
    """A value, and how many have it.

    Attributes
    ----------
    value
        As criteria name it: the first year of ten, a gender, a modality, a year, a code
        with its system before it.
    number, of_all
        Patients of the run; and all who are seen in the partition.
    """

    value: str
    label: str
    number: int
    of_all: int


def charts_of_run(
    *, actor: Actor, run_id: UUID, names: Sequence[ChartName]
) -> dict[ChartName, list[Bar]]:
    """Return charts of a run, for whoever may count its patients; audited.

    Raises
    ------
    Forbidden, NotFound, Gone
        As `cohorts.answers.found_runs.find_run`.
    """
    reading = reading_counts(actor, find_run(actor=actor, run_id=run_id))
    record(reading, [], f"charts: {', '.join(names)}")
    return {name: _chart(reading, name) for name in names}


def _chart(reading: Reading, name: ChartName) -> list[Bar]:
    values = _values(reading, name)
    found = _rows(reading, values, is_whole=False)
    everybody = _rows(reading, values, is_whole=True, among=list(found))
    named_by = codes_of if reading.asked.sees_names else coded_of
    codes = named_by(row.code for row in found.values() if row.code is not None)
    bars = []
    for value, row in found.items():
        if row.code is not None and row.code not in codes:
            continue  # of words without a code, which may be a name
        # Of whoever has just come there is one more in the run.
        of_all = max(row.number, everybody[value].number if value in everybody else 0)
        code = codes.get(row.code) if row.code is not None else None
        named = code.display if code else value
        by = f"{code.system}|{code.code}" if code and code.code else named
        bars.append(Bar(by, named, row.number, of_all))
    return bars


class _Row(NamedTuple):
    """How many have a value; and of a coded one the key of a code that says it."""

    number: int
    code: int | None


class _Values(NamedTuple):
    """How a chart finds its values.

    Attributes
    ----------
    sql
        The expression of a value, as text.
    of_events
        The condition on events that have it; None of a chart of persons.
    order
        By what the values come.
    """

    sql: Sql
    of_events: Sql | None
    order: str
    more: str = ""


def _values(reading: Reading, name: ChartName) -> _Values:
    match name:
        case ChartName.AGE:
            return _Values(sql(_AGE, reading.asked.now), None, "1")
        case ChartName.GENDER:
            return _Values(sql("nullif(p.gender, '')"), None, "2 DESC, 1")
        case ChartName.MODALITY:
            condition = _events(reading, "imaging")
            return _Values(sql("k.code"), condition, "2 DESC, 1", _MODALITIES)
        case ChartName.DIAGNOSIS_YEAR:
            condition = _diagnoses(reading)
            return _Values(sql(_YEAR), condition, "1")
        case _:
            condition = _events(reading, str(name))
            return _Values(sql(_CODE), condition, "2 DESC, 1", _FIRST_CODES)


def _events(reading: Reading, type_: str) -> Sql:
    event = Event.model_validate({"type": type_})
    return event_condition(reading.asked, event, "e", {})


def _diagnoses(reading: Reading) -> Sql:
    """Return that an event is a diagnosis that was asked for; any if none was."""
    matched = reading.rows(Parts(reading.run.pk), sql(_MATCHED))
    dated = fill(
        "{events} AND e.start_first IS NOT NULL", events=_events(reading, "condition")
    )
    codes = [code for (code,) in matched if code is not None]
    if not codes:
        return dated
    return fill("{dated} AND {code}", dated=dated, code=sql(_ONE_OF, codes))


def _rows(
    reading: Reading,
    values: _Values,
    *,
    is_whole: bool,
    among: Sequence[str] | None = None,
) -> Mapping[str, _Row]:
    """Return how many have which values, in the order of the chart."""
    visible = reading.asked.visible
    if values.of_events is None:
        source = _PERSONS if is_whole else _FOUND_PERSONS
        where = visible.person("p.id")
        if is_whole:
            ours = sql("p.partition_id = %s", reading.asked.partition_id)
            where = fill("{ours} AND {seen}", ours=ours, seen=where)
        person = "p.id"
    else:
        source = _EVENTS if is_whole else _FOUND_EVENTS
        where, person = values.of_events, "e.patient"
    rest = fill(
        _CHART,
        value=values.sql,
        person=person,
        code="e.code" if values.more == _FIRST_CODES else "NULL::int",
        source=source + values.more,
        where=where,
        among=TRUE if among is None else sql("value = ANY(%s::text[])", list(among)),
        order=values.order,
        most=MOST if values.more else _ALL,
    )
    if not is_whole:
        return _by_value(reading.found_rows(rest))
    prefix = visible.prefix
    whole = Sql(f"{prefix.text} {rest.text}", (*prefix.values, *rest.values))
    return _by_value(raw_connection().execute(whole.text, whole.values).fetchall())


def _by_value(rows: Sequence[tuple[Any, ...]]) -> dict[str, _Row]:
    return {value: _Row(number, code) for value, number, code in rows}


_ALL: Final = 1_000
_AGE: Final = (
    "(10 * div(extract(year FROM age(%s::date, p.birth_last)), 10))::int::text"
)
_YEAR: Final = "extract(year FROM e.start_first)::int::text"
_PERSONS: Final = "fhirlink_clinicalpatient p"
_FOUND_PERSONS: Final = f"cohort_patient c JOIN {_PERSONS} ON p.id = c.patient"
_EVENTS: Final = "fhirlink_event e"
_FOUND_EVENTS: Final = f"cohort_patient c JOIN {_EVENTS} ON e.patient = c.patient"
_MODALITIES: Final = (
    " JOIN fhirlink_coding g ON g.codeable_concept_id = e.category"
    " JOIN fhirlink_concept k ON k.id = g.concept_id"
)
_FIRST_CODES: Final = (
    " LEFT JOIN LATERAL (SELECT g.concept_id FROM fhirlink_coding g"
    " WHERE g.codeable_concept_id = e.code AND g.concept_id IS NOT NULL"
    " ORDER BY g.position LIMIT 1) k ON true"
)
# Of those that have their first code in common, the key of one.
_CODE: Final = "coalesce('k ' || k.concept_id, 'c ' || e.code)"
_ONE_OF: Final = "e.code = ANY(%s::int[])"
_MATCHED: Final = (
    "SELECT DISTINCT e.code FROM cohort_match m JOIN fhirlink_event e"  # noqa: S608 own names
    f" ON e.id = m.event WHERE e.kind = {Kind.CONDITION:d} AND e.code IS NOT NULL"
)
_CHART: Final = (
    "SELECT value, count(DISTINCT person), min(code) FROM (SELECT {value} AS value,"
    " {person} AS person, {code} AS code FROM {source} WHERE {where}) had"
    " WHERE value IS NOT NULL AND {among} GROUP BY value ORDER BY {order} LIMIT {most}"
)
