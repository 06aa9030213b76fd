"""What holds of a patient, as conditions on a row of `fhirlink.ClinicalPatient`."""

import math
from typing import Final, NamedTuple

from cohorts.criteria.model import Death, Patient
from cohorts.criteria.values import Age, DayRange, NumberRange
from cohorts.execution.question import PERSON, Asked, Names
from cohorts.execution.statement import FALSE, Sql, all_of, sql
from cohorts.execution.timing import timed
from cohorts.execution.windows import first_day, last_day, start_of

_OLDEST: Final = 4000  # years: nobody in any calendar is older


def person_condition(asked: Asked, patient: Patient, names: Names) -> Sql:
    """Return what has to be true of a patient; null where it is not known."""
    alias = PERSON
    conditions: list[Sql] = []
    if patient.gender is not None:
        conditions.append(sql(f"{alias}.gender = %s", patient.gender))
    if patient.age is not None:
        conditions.append(_aged(asked, patient.age, alias, names))
    if patient.birth is not None:
        conditions.append(_born(patient.birth, alias, is_sure=asked.is_sure))
    if patient.deceased is not None:
        conditions.append(_dead(asked, patient, alias, names))
    if patient.site is not None:
        conditions.append(_at_site(asked, patient.site, alias))
    if patient.project is not None:
        conditions.append(_in_project(asked, patient.project, alias))
    return all_of(conditions)


class Years(NamedTuple):
    """Whole years, both included; None where open."""

    least: int | None
    most: int | None


def years_of(asked: NumberRange) -> Years | None:
    """Return the whole years of a range; None where there are none."""
    lows = [
        *([math.floor(asked.gt) + 1] if asked.gt is not None else []),
        *([math.ceil(asked.gte)] if asked.gte is not None else []),
        *([math.ceil(asked.eq)] if asked.eq is not None else []),
    ]
    highs = [
        *([math.ceil(asked.lt) - 1] if asked.lt is not None else []),
        *([math.floor(asked.lte)] if asked.lte is not None else []),
        *([math.floor(asked.eq)] if asked.eq is not None else []),
    ]
    least, most = max(lows, default=None), min(highs, default=None)
    if least is not None and most is not None and least > most:
        return None
    return Years(least, most)


def age_condition(
    years: NumberRange, alias: str, first: Sql, last: Sql, *, is_sure: bool
) -> Sql:
    """Return that somebody could have an age, or must, on a day between two.

    Who is born on 29 February has a birthday on 1 March of other years: on a day one
    is at least n years old who was born n years before, or earlier.
    """
    whole = years_of(years)
    if whole is None:
        return FALSE
    # Of all that is possible somebody is oldest born first, on the last day.
    old, young = (f"{alias}.birth_first", last), (f"{alias}.birth_last", first)
    if is_sure:
        old, young = young, old
    conditions = []
    if whole.least is not None:
        born, day = old
        conditions.append(_born_by(born, "<=", day, whole.least))
    if whole.most is not None:
        born, day = young
        conditions.append(_born_by(born, ">", day, whole.most + 1))
    return all_of(conditions)


def _born_by(born: str, operator: str, day: Sql, years: int) -> Sql:
    years = max(-_OLDEST, min(years, _OLDEST))
    return Sql(
        f"{born} {operator} ({day.text} - make_interval(years => {years}))::date",
        day.values,
    )


def _aged(asked: Asked, age: Age, alias: str, names: Names) -> Sql:
    if age.at.startswith("@"):
        first, last = (Sql(each) for each in start_of(names[age.at[1:]]))
    elif age.at == "death":
        # Null while somebody lives, and where the date is not known.
        first, last = Sql(f"{alias}.deceased_first"), Sql(f"{alias}.deceased_last")
    elif age.at == "now":
        first = last = sql("%s::date", asked.now)
    else:
        first = sql("%s::date", first_day(age.at))
        last = sql("%s::date", last_day(age.at))
    return age_condition(age, alias, first, last, is_sure=asked.is_sure)


def _born(born: DayRange, alias: str, *, is_sure: bool) -> Sql:
    first, last = f"{alias}.birth_first", f"{alias}.birth_last"
    low, high = (first, last) if is_sure else (last, first)
    return all_of(
        sql(f"{column} {operator} %s::date", day(value))
        for value, column, operator, day in (
            (born.gt, low, ">", last_day),
            (born.gte, low, ">=", first_day),
            (born.lt, high, "<", first_day),
            (born.lte, high, "<=", last_day),
            (born.eq, low, ">=", first_day),
            (born.eq, high, "<=", last_day),
        )
        if value is not None
    )


def _dead(asked: Asked, patient: Patient, alias: str, names: Names) -> Sql:
    if isinstance(patient.deceased, Death):
        days = f"{alias}.deceased_first", f"{alias}.deceased_last"
        return timed(asked, patient.deceased.when, days, names)
    return sql(
        f"{alias}.is_deceased" if patient.deceased else f"NOT {alias}.is_deceased"
    )


def _at_site(asked: Asked, site: str, alias: str) -> Sql:
    seen = asked.visible.event("e")
    return Sql(
        "EXISTS (SELECT FROM fhirlink_event e WHERE e.partition_id = %s"
        f" AND e.patient = {alias}.id AND e.is_counted AND e.site = ANY(%s::int[])"
        f" AND {seen.text})",
        (asked.partition_id, asked.keys("words", site), *seen.values),
    )


def _in_project(asked: Asked, project: str, alias: str) -> Sql:
    seen = asked.visible.event("e")
    return Sql(
        f"{alias}.id IN (SELECT e.patient FROM core_scopedstudy of_project"
        " JOIN fhirlink_eventstudy es ON es.partition_id = of_project.partition_id"
        " AND es.study_instance_uid = of_project.study_instance_uid"
        " JOIN fhirlink_event e ON e.id = es.event_id AND e.kind = 11"
        f" WHERE of_project.scope_id = %s AND {seen.text})",
        (asked.held["project", project], *seen.values),
    )
