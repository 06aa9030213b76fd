"""Running criteria: who matches, how many there are, and after which criterion.

`prepare` decides what the actor sees and finds what words mean here; `count` and
`found` run one statement, or a few, on the event table.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from django.utils import timezone

from cohorts.criteria import Query
from cohorts.execution.matches import match_statements
from cohorts.execution.question import Asked
from cohorts.execution.resolve import Resolver
from cohorts.execution.running import executed, in_time, rows_expected
from cohorts.execution.statement import Sql, fill
from cohorts.execution.steps import Step, counting, finding, steps_of
from cohorts.execution.tags import with_tags
from cohorts.execution.visible import may_ask
from core.access import Actor
from core.errors import Forbidden

__all__ = [
    "Asked",
    "Counted",
    "Relation",
    "Step",
    "count",
    "estimate",
    "found",
    "prepare",
]


class Counted(NamedTuple):
    """How many match.

    Attributes
    ----------
    total
        Patients.
    attrition
        How many are left after each criterion of the outermost ``all``, in the order
        in which they are written; first all patients.
    could
        How many of the total match only because a partial date could be in time.
    """

    total: int
    attrition: tuple[Step, ...]
    could: int


class Relation(NamedTuple):
    """The temporary tables of who matches: they go with their transaction."""

    patients: str = "cohort_patient"
    matches: str = "cohort_match"


def prepare(
    *,
    actor: Actor,
    partition: str,
    criteria: Query,
    now: date | None = None,
    project: str | None = None,
) -> Asked:
    """Return criteria ready to run, as the actor sees the partition.

    Parameters
    ----------
    now
        The day that ages and windows are counted from; today where none is given.
    project
        The project that is asked within: of its patients alone.

    Raises
    ------
    Forbidden, NotFound
        The actor may neither see patients here nor count them.
    Invalid
        They name what is not there: a set, a cohort, an attribute of DICOM. Or the
        actor sees several projects, and names none.
    TooLarge
        Attributes of too many images would have to be read.
    """
    reached = may_ask(actor, partition, project)
    partition_id = reached.partition_id
    resolver = Resolver(actor, partition, partition_id)
    asked = Asked(
        partition_id=partition_id,
        query=criteria,
        now=now or timezone.localdate(),
        may_list=reached.may_list,
        visible=reached.visible,
        within=reached.within,
        held=resolver.query(criteria),
    )
    with in_time():
        asked = with_tags(asked)
    finding(asked)  # refuses now what cannot be asked for
    return asked


def count(asked: Asked) -> Counted:
    """Return how many match, in one statement.

    Raises
    ------
    TooLarge
        It took the database too long.
    """
    steps = steps_of(asked)
    with in_time():
        ((*numbers, sure),) = executed(counting(asked))
    attrition = tuple(
        replace(each, count=number) for each, number in zip(steps, numbers, strict=True)
    )
    total = numbers[-1]
    return Counted(total, attrition, total - sure)


def estimate(asked: Asked) -> int:
    """Return how many PostgreSQL expects to match, without counting any."""
    return rows_expected(finding(asked))


@contextmanager
def found(asked: Asked) -> Iterator[Relation]:
    """Have those that match in temporary tables, inside one transaction.

    ``cohort_patient(patient)`` and ``cohort_match(leaf, patient, event)``: the events
    that satisfied each leaf, by its number in the order of `cohorts.criteria.check.
    leaves`. Who matches by what they do not have has no events there.

    Raises
    ------
    Forbidden
        The actor may count only.
    TooLarge
        It took the database too long.
    """
    if not asked.may_list:
        message = "Your roles let you count patients here, not see them."
        raise Forbidden(message)
    relation = Relation()
    with in_time():
        for statement in _filling(asked, relation):
            executed(statement)
        yield relation
        # In a transaction of somebody else they would stay.
        executed(Sql(f"DROP TABLE {', '.join(relation)}"))


def _filling(asked: Asked, relation: Relation) -> Iterator[Sql]:
    patients, matches = relation
    yield Sql(
        f"CREATE TEMPORARY TABLE {patients} (patient integer PRIMARY KEY)"
        " ON COMMIT DROP"
    )
    yield fill(
        "INSERT INTO {patients} {select}", patients=patients, select=finding(asked)
    )
    yield Sql(f"ANALYZE {patients}")
    yield Sql(
        f"CREATE TEMPORARY TABLE {matches}"
        " (leaf integer, patient integer, event bigint) ON COMMIT DROP"
    )
    yield from match_statements(asked, patients, matches)
    yield Sql(f"CREATE INDEX ON {matches} (leaf, patient)")
    yield Sql(f"ANALYZE {matches}")
