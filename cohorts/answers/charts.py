"""What the patients of a run have how often, beside what all have who are seen.

Each is counted once for each value that it has. A chart of all patients of a partition
reads all events of a kind: where that is too slow, the statement's time limit ends it.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import Final, NamedTuple

from cohorts.answers.audited import record
from cohorts.answers.chart_rows import MOST, Row, Values, rows_of, rows_of_all
from cohorts.answers.disclosure import exact, protected
from cohorts.answers.everybody import everybody
from cohorts.answers.parts import Parts
from cohorts.answers.reading import Reading
from cohorts.answers.small_cells import Cell
from cohorts.criteria.model import Event
from cohorts.execution.leaves import event_condition
from cohorts.execution.statement import Sql, fill, sql
from cohorts.execution.tally import Tally
from fhirlink.events.shapes import Kind
from fhirlink.happened import coded_of, codes_of

FEWEST_DRAWN: Final = 20
"""Patients that a protected run is told to have, from which on it is drawn: the parts
of a smaller one resemble it, and would be told the same number."""

_WHOLE: Final = {"gender": ("male", "female", "other", "unknown")}
"""All values that there are of charts in which each patient has one."""


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
    number: Cell
    of_all: Cell


def charts_of_run(
    reading: Reading, names: Sequence[ChartName]
) -> dict[ChartName, list[Bar]]:
    """Return charts of a run, for whoever may count its patients; audited."""
    run = reading.run
    record(reading, [], f"charts: {', '.join(names)}")
    if run.is_protected and (run.number_of_patients or 0) < FEWEST_DRAWN:
        return {name: [] for name in names}
    return {name: _chart(reading, name) for name in names}


def _chart(reading: Reading, name: ChartName) -> list[Bar]:
    values = _values(reading, name)
    found = rows_of(reading, values)
    of_all = _everybody(reading, values, list(found))
    numbers = _told(reading, found, of_all)
    named_by = codes_of if reading.asked.sees_names else coded_of
    codes = named_by(row.code for row in found.values() if row.code is not None)
    bars = []
    for value, (number, held) in numbers.items():
        if found[value].code is not None and found[value].code not in codes:
            continue  # of words without a code, which may be a name
        code = codes.get(found[value].code or 0)
        named = code.display if code else value
        by = f"{code.system}|{code.code}" if code and code.code else named
        bars.append(Bar(by, named, number, held))
    if not reading.asked.is_protected:
        return bars
    return shown(bars, is_ordered=values.is_ordered, whole=_WHOLE.get(name))


def _told(
    reading: Reading, found: Mapping[str, Row], held: Mapping[str, Row]
) -> dict[str, tuple[Cell, Cell]]:
    """Return what is told of each value: of whom the run has found, and of all."""
    pairs = {value: (row, held.get(value, row)) for value, row in found.items()}
    flat = [row.number for pair in pairs.values() for row in pair]
    if reading.asked.is_protected:
        tallies = [each for each in flat if isinstance(each, Tally)]
        cells = protected(reading.asked.partition_id, tallies)
    else:
        cells = [exact(each) for each in flat if isinstance(each, int)]
    told = zip(cells[::2], cells[1::2], strict=True)
    # Of whoever has just come there is one more in the run; what is protected varies.
    return {
        value: (number, max(number, of_all, key=lambda cell: cell.value or 0))
        for value, (number, of_all) in zip(pairs, told, strict=True)
    }


def shown(
    bars: Sequence[Bar], *, is_ordered: bool, whole: Sequence[str] | None
) -> list[Bar]:
    """Return the bars of a protected chart that are drawn.

    Parameters
    ----------
    is_ordered
        Whether they stay in their order; else most come first.
    whole
        All values that there are of a chart in which each patient has one.

    Notes
    -----
    What is too few is left out, as what nobody has. Where one value alone of all that
    there are would be, the smallest of the others goes with it: else it were what is
    missing of the total. Only what is told decides that.
    """
    left = [bar for bar in bars if bar.number.value is not None]
    if not is_ordered:
        left.sort(key=lambda bar: (-(bar.number.value or 0), bar.value))
    if whole is not None and len(set(whole) - {bar.value for bar in left}) == 1:
        left.remove(min(left, key=lambda bar: bar.number.value or 0))
    return left if is_ordered else left[:MOST]


def _values(reading: Reading, name: ChartName) -> Values:
    match name:
        case ChartName.AGE:
            return Values(sql(_AGE, reading.asked.now), None, is_ordered=True)
        case ChartName.GENDER:
            return Values(sql("nullif(p.gender, '')"), None, is_ordered=False)
        case ChartName.MODALITY:
            condition = _events(reading, "imaging")
            return Values(sql("k.code"), condition, is_ordered=False, more=_MODALITIES)
        case ChartName.DIAGNOSIS_YEAR:
            condition = _diagnoses(reading)
            return Values(sql(_YEAR), condition, is_ordered=True)
        case _:
            condition = _events(reading, str(name))
            return Values(
                sql(_CODE),
                condition,
                is_ordered=False,
                more=_FIRST_CODES,
                is_coded=True,
            )


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


def _everybody(
    reading: Reading, values: Values, among: Sequence[str]
) -> Mapping[str, Row]:
    """Return who of all who are seen has some values."""
    count = partial(rows_of_all, reading, values)
    if reading.asked.is_protected or not reading.asked.visible.is_whole:
        return count(among)
    key = (reading.run.generation, reading.run.partition_id, values)
    return everybody(key, among, count)


_AGE: Final = (
    "(10 * div(extract(year FROM age(%s::date, p.birth_last)), 10))::int::text"
)
_YEAR: Final = "extract(year FROM e.start_first)::int::text"
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
