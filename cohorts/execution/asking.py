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
from cohorts.definitions.inlining import inlined
from cohorts.execution.coarse import first_of_month, require_years
from cohorts.execution.index_texts import with_texts
from cohorts.execution.matches import match_statements
from cohorts.execution.names import asks_of_days
from cohorts.execution.question import Asked
from cohorts.execution.resolve import Resolver
from cohorts.execution.running import executed, in_time, rows_expected
from cohorts.execution.statement import Sql, fill
from cohorts.execution.steps import Step, counting, finding, steps_of
from cohorts.execution.tags import with_tags
from cohorts.execution.tally import Tally, tally_of
from cohorts.execution.visible import Reached, may_ask
from core.access import Actor, Verb
from core.errors import Forbidden

__all__ = [
    "Asked",
    "Counted",
    "Relation",
    "Step",
    "Tallied",
    "count",
    "estimate",
    "found",
    "prepare",
    "tally",
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


class Tallied(NamedTuple):
    """Who matches, for an actor who must not know how many there are.

    Attributes
    ----------
    attrition
        Who is left after each of `steps`, the last of whom are all who match.
    could
        Who matches only because a partial date could be in time; None where no date
        is asked for.
    """

    steps: tuple[Step, ...]
    attrition: tuple[Tally, ...]
    could: Tally | None


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
    said: Query | None = None,
    project: str | None = None,
    reached: Reached | None = None,
) -> Asked:
    """Return criteria ready to run, as the actor sees the partition.

    Parameters
    ----------
    now
        The day that ages and windows are counted from; today where none is given. Of
        who sees rows without names it is the first of its month.
    said
        What was asked, where what it names is written in the criteria already.
    project
        The project that is asked within: of its patients alone.
    reached
        What the actor may ask of, where that has been decided.

    Raises
    ------
    Forbidden, NotFound
        The actor may neither see patients here nor count them, or not by what the
        criteria ask.
    Invalid
        They name what is not there, or not shared with the actor: a set, a cohort,
        an attribute of DICOM; or a cohort names itself. Or the actor sees several
        projects, and names none.
    TooLarge
        Attributes of too many images would have to be read.
    """
    reached = reached or may_ask(actor, partition, project)
    partition_id, within = reached.partition_id, reached.within
    query, used = inlined(actor=actor, partition_id=partition_id, query=criteria)
    resolver = Resolver(actor, partition, partition_id)
    day = now or timezone.localdate()
    is_deidentified = within is not None and within.is_deidentified
    asked = Asked(
        partition_id=partition_id,
        query=query,
        said=said or criteria,
        now=first_of_month(day) if is_deidentified else day,
        may_list=reached.may_list,
        is_protected=not actor.reach(Verb.VIEW_PHI).enters(partition_id)
        or is_deidentified,
        visible=reached.visible,
        within=within,
        held=resolver.query(query),
        used=used,
    )
    if asked.is_protected:
        require_years(query)
    asked = with_texts(asked)
    with in_time():
        asked = with_tags(asked)
    finding(asked)  # refuses now what cannot be asked for
    return asked


def count(asked: Asked) -> Counted:
    """Return how many match, in one statement.

    Raises
    ------
    Forbidden
        The actor must not know it exactly.
    TooLarge
        It took the database too long.
    """
    _require_exact(asked)
    steps = steps_of(asked)
    with in_time():
        ((*numbers, could),) = executed(counting(asked))
    attrition = tuple(
        replace(each, count=number) for each, number in zip(steps, numbers, strict=True)
    )
    return Counted(numbers[-1], attrition, could or 0)


def tally(asked: Asked) -> Tallied:
    """Return who matches as sets that are not told, in one statement.

    Raises
    ------
    TooLarge
        It took the database too long.
    """
    with in_time():
        ((*left, could),) = executed(counting(asked))
    attrition = tuple(tally_of(each) for each in left)
    is_dated = asks_of_days(asked.query.where)
    return Tallied(steps_of(asked), attrition, tally_of(could) if is_dated else None)


def estimate(asked: Asked) -> int:
    """Return how many PostgreSQL expects to match, without counting any.

    Raises
    ------
    Forbidden
        The actor must not know it exactly.
    """
    _require_exact(asked)
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


def _require_exact(asked: Asked) -> None:
    if asked.is_protected:
        message = "Your roles let you know about how many patients there are."
        raise Forbidden(message)


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
