"""Who did what: the audit log, searched by those who may read it.

A page is read from an index as far as it is long, whatever the log holds: rows are in
the order of their time, and a page begins after a row. What a filter finds by is in
`core.models.AuditRecord`. Each page that is read is a row of the log itself.

The log is of all partitions: credentials that are bound to some read nothing of it.
Auditors see no patient data: PatientIDs, and what was asked for in somebody's words,
are shown only to who may also see everywhere who patients are. That somebody asks for
a PatientID that they know already is what the log is for.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db.models import Q, QuerySet

from core import audit
from core.access import Actor, Verb, require_everywhere
from core.audit_events import Action, Outcome
from core.errors import Invalid
from core.models import AuditRecord, Partition
from core.reach import EVERYWHERE

MAXIMUM_LIMIT: Final = 1_000
MASK: Final = "•••"

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

PatientKeys = Callable[[str, int | None], Sequence[int]]
"""From a PatientID and a partition, None for all, to the keys of patients."""

_patient_keys: list[PatientKeys] = []


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What rows must be like; empty: like anything.

    Attributes
    ----------
    since, until
        From this moment on, and before that one.
    actor
        The whole name.
    patient_id
        Their data were given or changed, in the partition if one is named.
    study_instance_uid
        Its data were given or changed; searches that name its patient are left out.
    """

    since: datetime | None = None
    until: datetime | None = None
    actor: str = ""
    action: Action | None = None
    outcome: Outcome | None = None
    partition_id: int | None = None
    patient_id: str = ""
    study_instance_uid: str = ""
    source: str = ""
    request_id: str = ""

    def __str__(self) -> str:
        """Return what is asked for, as the audit log keeps it."""
        given = ((field.name, getattr(self, field.name)) for field in fields(self))
        return "&".join(
            f"{name}={value}" for name, value in given if value not in {None, ""}
        )


class AuditEntry(NamedTuple):
    """A row of the log as its reader may see it.

    Attributes
    ----------
    patients, studies
        Keys of the patients whose data were given where several may be, and the
        studies among them that have no patient.
    """

    id: int
    at: datetime
    actor: str
    account_id: int | None
    via: str
    action: Action
    outcome: Outcome
    partition_id: int | None
    patient_id: str
    study_instance_uid: str
    detail: str
    query: str
    patients: Sequence[int]
    studies: Sequence[str]
    source: str
    request_id: str
    writer: str
    sequence: int

    @property
    def cursor(self) -> str:
        """Return what a page begins after, where it begins after this row."""
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}-{self.id}"


class AuditPage(NamedTuple):
    """Rows, the newest first; `cursor` is where the next page begins, if there is one.

    A cursor is for the same filter and tells nothing that the rows do not.
    """

    entries: Sequence[AuditEntry]
    cursor: str | None


def register_patient_keys(function: PatientKeys) -> None:
    """Have patients found by `function`; called from `AppConfig.ready`."""
    if function not in _patient_keys:
        _patient_keys.append(function)


def search_audit(
    *, actor: Actor, where: AuditFilter, cursor: str | None = None, limit: int = 100
) -> AuditPage:
    """Return a page of the log, the newest first; itself a row of the log.

    Raises
    ------
    Forbidden
        The actor may not read the audit log, or is bound to some partitions.
    Invalid
        The cursor or the limit is none.
    """
    _require_reader(actor)
    if not 1 <= limit <= MAXIMUM_LIMIT:
        message = f"limit must be a whole number from 1 to {MAXIMUM_LIMIT}."
        raise Invalid(message, path="limit")
    rows = matching(where)
    if cursor is not None:
        rows = rows.filter(_after(*_place(cursor)))
    found = list(rows[: limit + 1])
    record_reading(actor=actor, what="page", where=where, number=len(found[:limit]))
    shown = [_entry(row, is_shown=sees_patients(actor)) for row in found[:limit]]
    return AuditPage(shown, shown[-1].cursor if len(found) > limit else None)


def export_audit(
    *, actor: Actor, where: AuditFilter, what: str = "export"
) -> Iterator[AuditEntry]:
    """Yield all rows, the oldest first; that it was begun is a row of the log.

    A page at a time: nothing is held open, and memory does not grow.

    Raises
    ------
    Forbidden
        At once: the actor may not read the audit log.
    """
    _require_reader(actor)
    record_reading(actor=actor, what=what, where=where)
    return _all(where, is_shown=sees_patients(actor))


def report_patient_access(
    *,
    actor: Actor,
    partition_id: int,
    patient_id: str,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[AuditEntry]:
    """Yield who was given, or changed, data of a patient; the oldest first.

    Raises
    ------
    Forbidden
        At once: the actor may not read the audit log.
    """
    where = AuditFilter(since, until, partition_id=partition_id, patient_id=patient_id)
    return export_audit(actor=actor, where=where, what="report of a patient")


def record_reading(
    *, actor: Actor, what: str, where: AuditFilter | str, number: int | None = None
) -> None:
    """Record that somebody read the audit log."""
    told = "" if number is None else f" ({number} rows)"
    event = audit.Event(
        actor, Action.READ_AUDIT, detail=f"{what}{told}", query=str(where)
    )
    audit.record_soon(event)


def _require_reader(actor: Actor) -> None:
    message = "The audit log is read with a reach of all partitions."
    require_everywhere(actor, Verb.READ_AUDIT, message)


def sees_patients(actor: Actor) -> bool:
    """Return whether a reader of the log may see who patients are."""
    return actor.reach(Verb.VIEW_PHI) == EVERYWHERE


def matching(where: AuditFilter) -> QuerySet[AuditRecord]:
    """Return the rows that a filter lets pass, the newest first; asks nobody."""
    exactly = {
        "at__gte": where.since,
        "at__lt": where.until,
        "actor": where.actor,
        "action": where.action,
        "outcome": where.outcome,
        "source": where.source,
        "request_id": where.request_id,
    }
    # Outcome.SUCCESS is 0, and asked for.
    given = {name: each for name, each in exactly.items() if each not in {None, ""}}
    rows = AuditRecord.objects.filter(**given)
    if where.study_instance_uid:
        named = Q(studies__gt=[], studies__contains=[where.study_instance_uid])
        rows = rows.filter(Q(study_instance_uid=where.study_instance_uid) | named)
    if where.patient_id:
        rows = rows.filter(_of_patient(where))
    elif where.partition_id is not None:
        rows = rows.filter(partition_id=where.partition_id)
    return rows.order_by("-at", "-id")


def _of_patient(where: AuditFilter) -> Q:
    """Return the condition that a patient is named, alone or among others."""
    partitions = [where.partition_id]
    if where.partition_id is None:
        partitions = list(Partition.objects.values_list("pk", flat=True))
    named = Q(partition_id__in=partitions, patient_id=where.patient_id)
    for find in _patient_keys:
        keys = list(find(where.patient_id, where.partition_id))
        if keys:
            named |= Q(patients__gt=[], patients__overlap=keys)
    return named


def _all(where: AuditFilter, *, is_shown: bool) -> Iterator[AuditEntry]:
    rows = matching(where).order_by("at", "id")
    place = None
    while True:
        page = rows if place is None else rows.filter(_beyond(*place))
        found = list(page[:MAXIMUM_LIMIT])
        for row in found:
            yield _entry(row, is_shown=is_shown)
        if len(found) < MAXIMUM_LIMIT:
            return
        place = (found[-1].at, found[-1].pk)


def _entry(row: AuditRecord, *, is_shown: bool) -> AuditEntry:
    values: Iterable[Any] = (getattr(row, name) for name in AuditEntry._fields)
    entry = AuditEntry._make(values)._replace(
        action=Action(row.action),
        outcome=Outcome(row.outcome),
        patients=row.patients or (),
        studies=row.studies or (),
    )
    return entry if is_shown else masked(entry)


def masked(entry: AuditEntry) -> AuditEntry:
    """Return a row without what may tell who a patient is."""
    return entry._replace(
        patient_id=entry.patient_id and MASK, query=entry.query and MASK
    )


def _after(at: datetime, key: int) -> Q:
    # The first one follows from the others, and an index can answer it.
    return Q(at__lte=at) & (Q(at__lt=at) | Q(pk__lt=key))


def _beyond(at: datetime, key: int) -> Q:
    return Q(at__gte=at) & (Q(at__gt=at) | Q(pk__gt=key))


def _place(cursor: str) -> tuple[datetime, int]:
    at, _, key = cursor.partition("-")
    try:
        return _EPOCH + timedelta(microseconds=int(at)), int(key)
    except (ValueError, OverflowError) as error:
        message = "The cursor is none of this list."
        raise Invalid(message, path="cursor") from error
