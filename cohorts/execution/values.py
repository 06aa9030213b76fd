"""What was measured, compared in the unit of its dimension; and values in words.

Numbers that are no more than bounds (``<5``) are intervals, and match when they could.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from cohorts.criteria.values import Quantity, Value, WordsOfValue
from cohorts.execution.analytes_table import ANALYTES, Analyte
from cohorts.execution.question import Asked
from cohorts.execution.statement import FALSE, Sql, all_of, any_of, sql
from cohorts.execution.synonyms import meanings_of
from cohorts.execution.words import pattern_of
from fhirlink.events.words import FOLDED
from fhirlink.search.units import SYSTEM, Scale, scale_of

_OWN: Final = Scale("", Decimal(1), Decimal(0))


class UnitRow(NamedTuple):
    """A unit that is held: `fhirlink.models.Unit`."""

    id: int
    system: str
    code: str
    words: str
    canonical: str


def value_condition(asked: Asked, value: Value, alias: str) -> Sql:
    """Return that the value of an observation is as asked."""
    if isinstance(value, WordsOfValue):
        patterns = [
            sql(f"{_FOLDED_WORDS.format(alias)} ~ %s", pattern_of(text))
            for text in meanings_of(value.text)
        ]
        coded = sql(
            f"{alias}.value_code = ANY(%s::int[])", asked.keys("words", value.text)
        )
        return any_of([coded, *patterns])
    units: list[UnitRow] = asked.held["units", None]
    if value.unit is None:
        return _as_written(value, units, alias)
    return any_of(_in_unit(asked, value, value.unit, units, alias))


def _in_unit(
    asked: Asked, value: Quantity, unit: str, units: list[UnitRow], alias: str
) -> Iterator[Sql]:
    scale = scale_of(SYSTEM, unit) or scale_of("", unit)
    if scale is None:  # known only to itself
        own = [each.id for each in units if unit in {each.code, each.words}]
        yield _of_units(value, own, _OWN, alias)
        return
    yield _of_units(value, _canonical(units, scale.unit), scale, alias)
    for analyte in ANALYTES:
        for other in analyte.from_unit(scale):
            of_it = sql(
                f"{alias}.code = ANY(%s::int[])", asked.keys("analyte", analyte.name)
            )
            converted = _of_units(value, _canonical(units, other.unit), other, alias)
            yield all_of([of_it, converted])


def _canonical(units: Iterable[UnitRow], canonical: str) -> list[int]:
    return [each.id for each in units if each.canonical == canonical]


def _as_written(value: Quantity, units: list[UnitRow], alias: str) -> Sql:
    """Return that the number is as asked in whatever unit it is written in."""
    scales: dict[Scale, list[int]] = {}
    for each in units:
        scale = scale_of(each.system, each.code) or scale_of("", each.words)
        if scale is not None and not scale.is_own:
            scales.setdefault(scale._replace(unit=""), []).append(each.id)
    others = [_of_units(value, ids, scale, alias) for scale, ids in scales.items()]
    scaled = [key for ids in scales.values() for key in ids]
    own = sql(f"({alias}.unit_id = ANY(%s::int[])) IS NOT TRUE", scaled)
    return any_of([all_of([own, _bounded(value, _OWN, alias)]), *others])


def _of_units(value: Quantity, ids: list[int], scale: Scale, alias: str) -> Sql:
    if not ids:
        return FALSE
    of_unit = sql(f"{alias}.unit_id = ANY(%s::int[])", ids)
    return all_of([of_unit, _bounded(value, scale, alias)])


def _bounded(value: Quantity, scale: Scale, alias: str) -> Sql:
    """Return that a number could lie between bounds, converted as what is held was."""
    low, high = f"{alias}.low", f"{alias}.high"
    # What is below 5 is not 5, what is at most 5 may be.
    up_to = f"({high} > {{0}} OR {high} = {{0}} AND {alias}.words !~ '^<(?!=)')"
    from_on = f"({low} < {{0}} OR {low} = {{0}} AND {alias}.words !~ '^>(?!=)')"
    conditions = []
    for bound, template in (
        (value.gt, f"{high} > {{0}}"),
        (value.gte, up_to),
        (value.lt, f"{low} < {{0}}"),
        (value.lte, from_on),
        (value.eq, up_to),
        (value.eq, from_on),
    ):
        if bound is not None:
            number = scale.convert(Decimal(repr(bound)))
            times = template.count("{0}")
            text = template.format("%s::float8")
            conditions.append(Sql(text, (float(number or 0),) * times))
    return all_of(conditions)


def analytes_of(value: Quantity) -> list[Analyte]:
    """Return what may be held in another kind of unit than the one asked for."""
    if value.unit is None:
        return []
    scale = scale_of(SYSTEM, value.unit) or scale_of("", value.unit)
    if scale is None:
        return []
    return [each for each in ANALYTES if any(each.from_unit(scale))]


_FOLDED_WORDS: Final = FOLDED.format(column="{0}.words")
