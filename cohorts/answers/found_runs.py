"""Finding what was kept of a question, and forgetting it when its time is over."""

from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from cohorts.answers.sight import Sight, sight_of
from cohorts.execution.visible import Reached, may_ask
from cohorts.models import CohortRun
from core.access import Actor, Verb, require
from core.database import raw_connection
from core.errors import Gone, NotFound

MISSING: Final = "There is no such cohort, or it has expired: ask again."
_AGAIN: Final = "The record was derived anew since this was asked: ask again."
_OTHER_RIGHTS: Final = "You may see another part of the answer now: ask again."
_BATCH: Final = 20  # runs that are removed in one transaction: they may be large
_STATE: Final = (
    "SELECT pg_relation_filenode('fhirlink_clinicalpatient'),"
    " coalesce((SELECT seq FROM core_followercursor WHERE name = 'events'), 0)"
)

_CHANGED: Final = (
    "SELECT FROM core_feedentry WHERE partition_id = %s AND seq > %s AND seq <="
    " (SELECT seq FROM core_followercursor WHERE name = 'events') LIMIT 1"
)


class FoundRun(NamedTuple):
    """A run, and what its asker may ask of now: decided once for all that is read."""

    actor: Actor
    run: CohortRun
    reached: Reached

    @property
    def sight(self) -> Sight:
        """Return what the actor sees of it."""
        return sight_of(self.reached)


def table_state() -> tuple[int, int]:
    """Return which event table there is, and the entry that it has come to.

    A table that is derived anew is another file, in which keys are other patients'.
    """
    row = raw_connection().execute(_STATE).fetchone()
    return row if row is not None else (0, 0)


def find_run(*, actor: Actor, run_id: UUID) -> FoundRun:
    """Return what was kept of a question of the actor.

    Raises
    ------
    Forbidden
        Its roles let it see no data, or count nobody there any more.
    NotFound
        There is none of its own, it has expired, or the partition or the project is not
        seen any more.
    Gone
        The event table was derived anew, so that nobody knows who was found; or the
        actor sees names since, or does not any more.
    """
    require(actor, Verb.READ)
    run = with_edges().filter(pk=run_id, expires_at__gt=timezone.now()).first()
    if run is None or run.account_id != actor.account_id:
        raise NotFound(MISSING)
    project = None if run.project is None else run.project.name
    reached = may_ask(actor, run.partition.name, project)
    generation, _ = table_state()
    if run.generation != generation:
        raise Gone(_AGAIN)
    found = FoundRun(actor, run, reached)
    is_asked_so = (reached.within is None) == (run.project is None)
    if not is_asked_so or run.is_protected == (found.sight is Sight.NAMES):
        raise Gone(_OTHER_RIGHTS)
    return found


def with_edges() -> QuerySet[CohortRun]:
    """Return all runs, each with its partition and its project."""
    return CohortRun.objects.select_related("partition", "project")


def has_changed_since(run: CohortRun) -> bool:
    """Return whether anything in the partition was told since it was asked."""
    asked = (run.partition_id, run.sequence)
    return raw_connection().execute(_CHANGED, asked).fetchone() is not None


def remove_expired() -> int:
    """Remove runs whose time is over; return how many, `_BATCH` at most."""
    expired = CohortRun.objects.filter(expires_at__lte=timezone.now())
    keys = list(expired.values_list("pk", flat=True)[:_BATCH])
    CohortRun.objects.filter(pk__in=keys).delete()
    return len(keys)
