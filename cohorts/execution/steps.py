"""The statements of who matches, and of how many after each criterion."""

from dataclasses import dataclass
from typing import Any, Final

from cohorts.criteria.model import AllOf, dumped
from cohorts.execution.groups import Compiler
from cohorts.execution.names import (
    Group,
    Placed,
    asks_of_days,
    children,
    flat,
    groups_of,
)
from cohorts.execution.question import Asked
from cohorts.execution.statement import Sql, all_of, fill, listed, sql
from cohorts.execution.tally import marked

_PATIENTS: Final = "fhirlink_clinicalpatient"
# Whoever has whole dates only matches for certain: all others are asked of once more.
_PARTIAL: Final = (
    "partial AS MATERIALIZED (SELECT p.* FROM {found} p"
    " WHERE p.birth_first < p.birth_last OR p.deceased_first < p.deceased_last"
    " OR p.id IN (SELECT e.patient FROM fhirlink_event e"
    " WHERE e.start_first < e.start_last OR e.end_first < e.end_last))"
)
_COULD: Final = (
    "SELECT id FROM partial EXCEPT SELECT p.id FROM partial p WHERE {certain}"
)


@dataclass(frozen=True, slots=True)
class Step:
    """A criterion, and how many are left after it.

    Attributes
    ----------
    path
        Where it stands in the criteria; ``where`` alone is everybody.
    criterion
        It as JSON; None of everybody.
    """

    path: str
    criterion: dict[str, Any] | None
    count: int = 0


def steps_of(asked: Asked) -> tuple[Step, ...]:
    """Return the steps of a question, not counted yet."""
    where = asked.said.where
    first = Step("where", None)
    if not isinstance(where, AllOf):
        return first, Step("where", dumped(where))
    return first, *(
        Step(f"where.all.{at}", dumped(each)) for at, each in enumerate(where.all)
    )


def finding(asked: Asked) -> Sql:
    """Return the statement of the keys of all who match."""
    condition = Compiler().holds(asked, asked.query.where, {})
    return prefixed(
        asked,
        fill(
            "SELECT p.id FROM {patients} p WHERE {all} AND {condition}",
            patients=_PATIENTS,
            all=_everybody(asked),
            condition=condition,
        ),
    )


def counting(asked: Asked) -> Sql:
    """Return the statement of how many are left after each step.

    Last comes how many of those match only by some day that a partial date means; null
    where no day is asked for. Of an actor whose counts are protected they are the marks
    of who is left (`cohorts.execution.tally`).
    """
    compiler = Compiler()
    everybody = _everybody(asked)
    conditions = _conditions(asked, compiler)
    tables = [
        fill(
            "left_{at} AS MATERIALIZED (SELECT p.* FROM {source} p WHERE {condition})",
            at=at,
            source=f"left_{at - 1}" if at else _PATIENTS,
            condition=condition if at else all_of([everybody, condition]),
        )
        for at, condition in enumerate(conditions)
    ]
    sources = [
        fill(
            "SELECT p.id FROM {patients} p WHERE {everybody}",
            patients=_PATIENTS,
            everybody=everybody,
        ),
        *(sql(f"SELECT id FROM left_{at}") for at in range(len(tables))),
    ]
    numbers = [_counted(asked, source) for source in sources]
    if asks_of_days(asked.query.where):
        certain = compiler.holds(asked.sure(is_sure=True), asked.query.where, {})
        tables.append(fill(_PARTIAL, found=f"left_{len(tables) - 1}"))
        numbers.append(_counted(asked, fill(_COULD, certain=certain)))
    else:
        numbers.append(sql("NULL"))
    return prefixed(
        asked,
        fill(
            "{tables} SELECT {numbers}",
            tables=listed(tables),
            numbers=listed(numbers),
        ),
        is_with=True,
    )


def _counted(asked: Asked, source: Sql) -> Sql:
    if asked.is_protected:
        return marked(asked.partition_id, source)
    return fill("(SELECT count(*) FROM ({source}) everyone)", source=source)


def _conditions(asked: Asked, compiler: Compiler) -> list[Sql]:
    """Return what each criterion adds: of those that share names, all so far."""
    where = asked.query.where
    if not isinstance(where, AllOf):
        return [compiler.holds(asked, where, {})]
    found = []
    seen: list[Placed] = []
    for each in children(where, 0):
        own = (
            list(flat(each.node, each.number))
            if isinstance(each.node, AllOf)
            else [each]
        )
        seen.extend(own)
        numbers = {part.number for part in own}
        groups = [g for g in groups_of(seen) if _has_any(g, numbers)]
        found.append(all_of(compiler.group(asked, group, {}) for group in groups))
    return found


def _has_any(group: Group, numbers: set[int]) -> bool:
    return any(part.number in numbers for part in group.parts)


def _everybody(asked: Asked) -> Sql:
    """Return who is in the partition and may be seen by the actor."""
    return all_of(
        [
            sql("p.partition_id = %s", asked.partition_id),
            asked.visible.person("p.id"),
        ]
    )


def prefixed(asked: Asked, statement: Sql, *, is_with: bool = False) -> Sql:
    """Return a statement with what the actor sees before it.

    Parameters
    ----------
    is_with
        Whether it begins with tables of its own, without the word before them.
    """
    prefix = asked.visible.prefix
    between = ", " if prefix.text and is_with else " "
    start = "WITH " if is_with and not prefix.text else ""
    return fill(
        "{prefix}{between}{start}{statement}",
        prefix=prefix,
        between=between,
        start=start,
        statement=statement,
    )
