"""When something was: in a window of days, around a named event, or while it runs."""

from cohorts.criteria.values import Between, During, Last, Near
from cohorts.execution.coarse import whole_months
from cohorts.execution.question import Asked, Names
from cohorts.execution.statement import FALSE, Sql, all_of, fill, sql
from cohorts.execution.windows import (
    end_of,
    ends_of,
    moved,
    of_day,
    run_of,
    start_of,
    within,
)

Days = tuple[str, str]
"""Columns of the first and the last day that something can have been on."""


def timed(
    asked: Asked, when: Between | Last | Near | During, days: Days, names: Names
) -> Sql:
    """Return that some days could, or must, lie in a window."""
    match when:
        case Near():
            return _near(asked, when, days, names)
        case During(during=name):
            return _during(asked, names[name], days)
        case _:
            start, end = ends_of(when, asked.now)
            if start and end and start > end:
                return FALSE
            if asked.is_deidentified:
                start, end = whole_months(start, end)
            return within(*days, of_day(start), of_day(end), is_sure=asked.is_sure)


def _near(asked: Asked, near: Near, days: Days, names: Names) -> Sql:
    name = near.near.removesuffix(".end")
    alias = names[name]
    anchor = start_of(alias) if name == near.near else end_of(alias)
    # What could be near a day that an anchor could be on; sure is near to all of them.
    first, last = reversed(anchor) if asked.is_sure else anchor
    start, end = moved(first, near.from_), moved(last, near.to)
    conditions = [within(*days, start, end, is_sure=asked.is_sure)]
    if start is None or end is None:
        conditions.append(sql(f"{anchor[0]} IS NOT NULL"))
    if start is not None and (to := moved(first, near.to)) is not None:
        # There is a window at all: P1M to P30D has one after some days only.
        conditions.append(fill("{start} <= {to}", start=start, to=to))
    return all_of(conditions)


def _during(asked: Asked, alias: str, days: Days) -> Sql:
    first, last = run_of(alias, is_sure=asked.is_sure)
    return within(*days, Sql(first), Sql(last), is_sure=asked.is_sure)
