"""Changes of workitems as the feed has them, for whoever may see the workitems.

Entries are seen here by who sees the workitem as it is now: also by those who reach no
more of a partition than a worklist, a patient or a study (`worklist.access`), to whom
the feed itself tells nothing of workitems. That one was deleted, is told to who sees
all of the partition.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.utils import timezone
from psycopg.rows import args_row

from core import audit
from core.access import Actor, Verb, require
from core.changefeed import LAST, Entry
from core.changefeed_access import WORKITEM
from core.database import raw_connection
from core.partitions import get_partition
from imaging.feed import OtherEntry
from imaging.query.conditions import Condition, all_of
from worklist.access import within
from worklist.models import Happened
from worklist.query import WorkitemQuery
from worklist.rows import known_patients
from worklist.search import worklists_of
from worklist.search_sql import conditions_of

ALL: Final = WorkitemQuery()
"""All workitems."""

_ENTRY: Final = (
    "f.seq, f.at, f.kind, f.op, f.key, f.partition_id, f.version, f.actor, f.reason"
)
_ON_LIST: Final = (
    "w.worklist_id IN (SELECT l.id FROM worklist_worklist l"
    " WHERE l.partition_id = %s AND l.label = %s)"
)


@dataclass(frozen=True, slots=True)
class WorkitemEntry(OtherEntry):
    """An entry about a workitem.

    Attributes
    ----------
    is_on_list
        Whether the workitem as it is now is what was asked for.
    patient
        Its PatientID and the issuer; None where it was deleted.
    study
        One that it names, if any.
    """

    is_on_list: bool
    patient: tuple[str, str] | None
    study: str | None


@dataclass(frozen=True, slots=True)
class Watched:
    """What somebody follows: a `worklist.following.Peek` by itself.

    Attributes
    ----------
    uid
        The only workitem; None: all of a list.
    label
        The only worklist; None: all of the partition. Whatever was changed otherwise
        than in its state is told as well: it may have left the list.
    query
        What workitems of the list have to be like, for `WorkitemEntry.is_on_list`.
    """

    partition: str
    uid: str | None = None
    label: str | None = None
    query: WorkitemQuery = ALL

    def __call__(
        self,
        *,
        actor: Actor,
        after: int,
        limit: int,
        offset: int = 0,
        up_to: int = LAST,
        **_unused: object,
    ) -> list[WorkitemEntry]:
        """Return the entries after a number that the actor may see, in order.

        Raises
        ------
        Forbidden, NotFound
            The actor may see no patient anywhere, or nothing of the partition.
        """
        require(actor, Verb.VIEW_PHI)
        key = get_partition(actor=actor, name=self.partition, verb=Verb.VIEW_PHI)
        matches, of_matches = self._matching(key)
        wanted, of_wanted = all_of([*self._wanted(key), _visible(actor, key)])
        with raw_connection().cursor(args_row(_entry), binary=True) as cursor:
            return cursor.execute(
                f"SELECT %s::text, coalesce({matches}, false), w.patient_id,"  # noqa: S608 own names
                f" w.issuer_of_patient_id, w.study_instance_uids[1], {_ENTRY}"
                " FROM core_feedentry f LEFT JOIN worklist_workitem w"
                " ON w.partition_id = f.partition_id AND w.sop_instance_uid = f.key[1]"
                " LEFT JOIN worklist_workitemversion v ON v.id = f.version"
                " WHERE f.seq > %s AND f.seq <= %s AND f.kind = %s"
                f" AND f.partition_id = %s AND {wanted}"
                " ORDER BY f.seq LIMIT %s OFFSET %s",
                (
                    self.partition,
                    *of_matches,
                    *(after, up_to, WORKITEM, key),
                    *of_wanted,
                    *(limit, offset),
                ),
            ).fetchall()

    def _matching(self, key: int) -> Condition:
        """Return what is true of a row ``w`` that is what was asked for."""
        query = self.query
        if query.choice.overdue_at is not None:
            choice = query.choice._replace(overdue_at=timezone.now())
            query = replace(query, choice=choice)
        conditions = list(conditions_of(query, key, worklists_of(query, key)))
        if self.label is not None:
            conditions.append((_ON_LIST, [key, self.label]))
        return all_of(conditions)

    def _wanted(self, key: int) -> list[Condition]:
        if self.uid is not None:
            return [("f.key[1] = %s", [self.uid])]
        if self.label is None:
            return []
        text = f"({_ON_LIST} OR w.id IS NULL OR %s = ANY(v.happened))"
        return [(text, [key, self.label, Happened.CHANGED.value])]


def record_followed(*, actor: Actor, entries: Sequence[WorkitemEntry]) -> None:
    """Record in the audit log whose workitems an actor was told of."""
    if not entries:
        return
    partition_id = entries[0].entry.partition_id or 0
    pairs = {each.patient for each in entries if each.patient is not None}
    keys = known_patients(partition_id, pairs)
    audit.record_answer(
        audit.Event(
            actor,
            audit.Action.READ_FEED,
            partition_id=partition_id,
            detail=f"{len(entries)} changes of workitems, from entry"
            f" {entries[0].entry.seq}",
        ),
        patients=keys.values(),
        studies=[each.study for each in entries if each.patient not in keys],
    )


def _visible(actor: Actor, partition_id: int) -> Condition:
    reach = actor.reach(Verb.VIEW_PHI)
    if reach.has_whole(partition_id):
        return "true", []
    text, values = within(reach, partition_id)
    return f"(w.id IS NOT NULL AND {text})", list(values)


def _entry(
    partition: str,
    is_on_list: bool,  # noqa: FBT001 a column
    patient_id: str | None,
    issuer: str | None,
    study: str | None,
    *entry: Any,
) -> WorkitemEntry:
    seq, at, kind, op, key, *rest = entry
    held = Entry(seq, at, kind, op, tuple(key), *rest)
    patient = None if patient_id is None else (patient_id, issuer or "")
    return WorkitemEntry(held, partition, is_on_list, patient, study)
