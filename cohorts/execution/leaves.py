"""What holds of one event, as conditions on a row of `fhirlink.Event`."""

from collections.abc import Iterator, Mapping
from typing import Final

from cohorts.criteria.model import Event
from cohorts.criteria.values import Age
from cohorts.execution.imaging import imaging_conditions
from cohorts.execution.persons import age_condition
from cohorts.execution.plain import status_condition
from cohorts.execution.question import Asked, Names
from cohorts.execution.statement import Sql, all_of, fill, sql
from cohorts.execution.studies import share_a_study
from cohorts.execution.texts import text_condition
from cohorts.execution.timing import timed
from cohorts.execution.values import value_condition
from cohorts.execution.windows import start_of
from fhirlink.events.shapes import Kind

KINDS: Final[Mapping[str, Kind]] = {
    "condition": Kind.CONDITION,
    "medication": Kind.MEDICATION,
    "procedure": Kind.PROCEDURE,
    "observation": Kind.OBSERVATION,
    "encounter": Kind.ENCOUNTER,
    "allergy": Kind.ALLERGY,
    "immunization": Kind.IMMUNIZATION,
    "report": Kind.REPORT,
    "imaging": Kind.IMAGING,
    "device": Kind.DEVICE,
    "specimen": Kind.SPECIMEN,
}


def event_condition(
    asked: Asked, event: Event, alias: str, names: Names, person: str = ""
) -> Sql:
    """Return all that has to be true of one and the same event.

    But for how many there are of it, and which of them is picked.

    Parameters
    ----------
    person
        The alias of its patient, where that is beside it.
    """
    conditions = list(_conditions(asked, event, alias, names))
    if event.age is not None:
        aged = _aged(event.age, alias, person, is_sure=asked.is_sure)
        conditions.append(aged)
    return all_of(conditions)


def _conditions(asked: Asked, event: Event, alias: str, names: Names) -> Iterator[Sql]:
    kind = KINDS[event.type]
    yield sql(
        f"{alias}.partition_id = %s AND {alias}.kind = {kind:d}", asked.partition_id
    )
    if not asked.visible.is_whole:
        yield asked.visible.event(alias)
    yield status_condition(alias, event.status)
    if event.code is not None:
        yield sql(f"{alias}.code = ANY(%s::int[])", asked.keys("concept", event.code))
    if event.category is not None:
        keys = asked.keys("category", event.category)
        yield sql(f"{alias}.category = ANY(%s::int[])", keys)
    if event.value is not None:
        yield value_condition(asked, event.value, alias)
    yield from _at(asked, event, alias, names)
    if event.text is not None and kind is Kind.REPORT:
        yield text_condition(event.text, alias, asked.held)
    if kind is Kind.IMAGING:
        yield from imaging_conditions(asked, event, alias)


def _at(asked: Asked, event: Event, alias: str, names: Names) -> Iterator[Sql]:
    """Yield what is asked of when it was, and beside what."""
    if event.when is not None:
        yield timed(asked, event.when, start_of(alias), names)
    if event.same is not None:
        yield _same(event.same, alias, names)


def _aged(age: Age, alias: str, person: str, *, is_sure: bool) -> Sql:
    first, last = (Sql(each) for each in start_of(alias))
    aged = age_condition(age, person or "born", first, last, is_sure=is_sure)
    if person:
        return aged
    template = (
        "EXISTS (SELECT FROM fhirlink_clinicalpatient born"
        " WHERE born.id = {alias}.patient AND {aged})"
    )
    return fill(template, alias=alias, aged=aged)


def _same(what: str, alias: str, names: Names) -> Sql:
    """Return that it shares its encounter, or a study, with the event named last."""
    other = list(names.values())[-1]
    if what == "encounter":
        return sql(f"{alias}.encounter = {other}.encounter")
    return share_a_study(alias, other)


def number_of(event: Event, alias: str) -> str:
    """Return what is counted: resources, of which an observation has several rows."""
    if event.type == "observation":
        return f"count(DISTINCT {alias}.resource_id)"
    return "count(*)"
