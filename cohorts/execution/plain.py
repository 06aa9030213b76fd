"""Conditions that many parts of criteria have: a status, a number in a range."""

from cohorts.criteria.values import CountRange
from cohorts.execution.statement import Sql, all_of, sql


def status_condition(alias: str, status: tuple[str, ...] | None) -> Sql:
    """Return that an event counts; the statuses asked for replace the default."""
    if status is None:
        return sql(f"{alias}.is_counted")
    return sql(f"string_to_array({alias}.status, ' ') && %s::text[]", list(status))


def ranged(expression: str, count: CountRange) -> Sql:
    """Return that a number lies in a range."""
    return all_of(
        sql(f"{expression} {operator} %s", bound)
        for operator, bound in (
            (">", count.gt),
            (">=", count.gte),
            ("<", count.lt),
            ("<=", count.lte),
            ("=", count.eq),
        )
        if bound is not None
    )


def counts_none(count: CountRange) -> bool:
    """Return whether a range has nought in it."""
    return (
        count.gt is None
        and count.gte in {None, 0}
        and count.eq in {None, 0}
        and (count.lt is None or count.lt > 0)
    )
