"""The patients of a run as the beginning of a statement, some parts of it at a time.

A statement that begins so reads `cohort_patient` and `cohort_match`, as they are called
where a question has just been answered (`cohorts.execution.asking.found`).
"""

from typing import Final, NamedTuple
from uuid import UUID

from cohorts.execution.statement import Sql, listed
from cohorts.execution.visible import Visible
from core.database import raw_connection

EVERY_PART: Final = 2**31 - 1
FIRST: Final = -1
"""Before the key of any patient."""

_GROWTH: Final = 4
_TABLES: Final = """
cohort_part AS MATERIALIZED (
    SELECT patients, leaves, matched, events FROM cohorts_cohortrunpart
    WHERE run_id = %s AND last >= %s ORDER BY last LIMIT %s),
cohort_patient AS MATERIALIZED (
    SELECT found.patient FROM cohort_part p, unnest(p.patients) AS found (patient)
    WHERE found.patient >= %s),
cohort_match AS MATERIALIZED (
    SELECT found.leaf, found.patient, found.event
    FROM cohort_part p, unnest(p.leaves, p.matched, p.events)
        AS found (leaf, patient, event)
    WHERE found.patient >= %s)"""
_LAST: Final = (
    "SELECT max(last), count(*) FROM (SELECT last FROM cohorts_cohortrunpart"
    " WHERE run_id = %s AND last >= %s ORDER BY last LIMIT %s) ends"
)


class Parts(NamedTuple):
    """Some parts of a run.

    Attributes
    ----------
    patient
        The key of the patient that they begin with.
    number
        How many parts at most.
    """

    run: UUID
    patient: int = FIRST
    number: int = EVERY_PART

    def statement(self, visible: Visible, rest: Sql, *tables: Sql) -> Sql:
        """Return a statement that reads them, with what is seen and tables of its own.

        Parameters
        ----------
        rest
            The query itself.
        tables
            ``name AS (...)``; each may read those before it.
        """
        ends = (self.run, self.patient, self.number, self.patient, self.patient)
        held = listed([Sql(_TABLES, ends), *tables])
        prefix = visible.prefix
        between = "," if prefix.text else "WITH "
        return Sql(
            f"{prefix.text}{between}{held.text} {rest.text}",
            (*prefix.values, *held.values, *rest.values),
        )

    def next(self) -> "Parts | None":
        """Return parts that follow, more of them; None where none do."""
        asked = (self.run, self.patient, self.number)
        row = raw_connection().execute(_LAST, asked).fetchone()
        last, number = row or (None, 0)
        if last is None or number < self.number:
            return None
        return Parts(self.run, last + 1, min(self.number * _GROWTH, EVERY_PART))
