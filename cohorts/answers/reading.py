"""A run as somebody reads it now: what of the record is seen is decided anew."""

from typing import Any, Final, NamedTuple
from uuid import UUID

from cohorts.answers import places
from cohorts.answers.found_runs import FoundRun, find_run
from cohorts.answers.parts import Parts
from cohorts.answers.places import ORDERS, Order, Place
from cohorts.criteria import Query, parse_criteria
from cohorts.execution import asking
from cohorts.execution.asking import Asked
from cohorts.execution.statement import Sql, fill
from cohorts.execution.steps import finding
from cohorts.models import CohortRun
from core.access import Actor
from core.database import raw_connection
from core.errors import Forbidden

_COUNTS: Final = (
    "You may count patients here, and not see who they are. Ask within a project for"
    " rows without names."
)


class Reading(NamedTuple):
    """A run, who reads it, and what its criteria mean to them."""

    found: FoundRun
    asked: Asked

    @property
    def actor(self) -> Actor:
        """Return who reads it."""
        return self.found.actor

    @property
    def run(self) -> CohortRun:
        """Return the run."""
        return self.found.run

    @property
    def query(self) -> Query:
        """Return the criteria, with what they name written in its place."""
        return self.asked.query

    @property
    def order(self) -> Order:
        """Return in which order rows come.

        Of rows without names always by patient: among patients no day is told, neither
        which was before another's.
        """
        return ORDERS[None if self.asked.is_deidentified else self.query.sort]

    def cursor(self, place: Place) -> str:
        """Return the cursor of a place, as the reader is told it."""
        return (places.sealed if self.asked.is_deidentified else places.written)(place)

    def place(self, cursor: str) -> Place:
        """Return the place of a cursor that the reader has named.

        Raises
        ------
        Invalid
            It is none.
        """
        return (places.opened if self.asked.is_deidentified else places.read)(cursor)

    def rows(self, parts: Parts, rest: Sql, *tables: Sql) -> list[tuple[Any, ...]]:
        """Return what a statement gives that reads parts of the run."""
        whole = parts.statement(self.asked.visible, rest, *tables)
        return raw_connection().execute(whole.text, whole.values).fetchall()

    def found_rows(self, rest: Sql) -> list[tuple[Any, ...]]:
        """Return what a statement gives that reads `cohort_patient` of all of the run.

        Of whoever may count only nothing is kept, and is found anew.
        """
        if self.asked.may_list:
            return self.rows(Parts(self.run.pk), rest)
        found = finding(self.asked)
        table = "WITH cohort_patient (patient) AS MATERIALIZED ({found}) {rest}"
        whole = fill(table, found=found, rest=rest)
        return raw_connection().execute(whole.text, whole.values).fetchall()


def reading_of(actor: Actor, run_id: UUID) -> Reading:
    """Return a run as somebody reads it now; raises as `find_run` and `prepare`."""
    return read(find_run(actor=actor, run_id=run_id))


def read(found: FoundRun) -> Reading:
    """Return a run that was found, with what its criteria mean now."""
    run = found.run
    asked = asking.prepare(
        actor=found.actor,
        partition=run.partition.name,
        criteria=parse_criteria(run.meant or run.criteria),
        said=parse_criteria(run.criteria),
        now=run.day,
        reached=found.reached,
    )
    return Reading(found, asked)


def require_rows(reading: Reading) -> None:
    """Refuse who may see counts of a run alone.

    Raises
    ------
    Forbidden
        The reader may.
    """
    if not reading.asked.may_list:
        raise Forbidden(_COUNTS)
