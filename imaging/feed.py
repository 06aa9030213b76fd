"""The change feed as DICOM clients see it: instances, their state, their metadata.

What became of an instance since is looked up when the feed is read; the entries
themselves never change. An entry carries the metadata of its own moment, or that of the
instance's current version, as Azure's DICOM service does. While a partition is
disabled its entries come without metadata: who follows the feed must not lose them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto
from typing import Final

from core import audit, changefeed
from core.access import Actor, Verb, values_within, within
from core.changefeed import LAST, Entry, Filter
from core.database import raw_connection
from core.models import Partition
from core.reach import Reach
from imaging.metadata import limit

KIND: Final = "instance"


class State(StrEnum):
    """What became of the version that an entry tells of."""

    CURRENT = "current"
    REPLACED = "replaced"
    DELETED = "deleted"


class Metadata(Enum):
    """Which metadata an entry comes with; none where the instance is not held."""

    NONE = auto()
    OF_ITS_MOMENT = auto()
    CURRENT = auto()


@dataclass(frozen=True, slots=True)
class InstanceEntry:
    """An entry about an instance.

    Attributes
    ----------
    metadata
        Compressed, as ``InstanceVersion.metadata``; None where it was not asked for,
        or the instance is no longer held; of it only `imaging.limited_view` where the
        reader may not see who the patient is.
    patient
        Key of the patient of an instance that is held, if there is one.
    """

    entry: Entry
    partition_name: str
    state: State
    metadata: bytes | None
    patient: int | None = None


@dataclass(frozen=True, slots=True)
class OtherEntry:
    """An entry about anything else: a partition, a project, a grant."""

    entry: Entry
    partition_name: str


AnyEntry = InstanceEntry | OtherEntry


def read_feed(
    *,
    actor: Actor,
    where: Filter,
    after: int,
    offset: int,
    limit: int,
    metadata: Metadata,
    up_to: int = LAST,
) -> list[InstanceEntry]:
    """Return the entries about instances after number `after`, in order.

    The audit log names the patients.
    """
    entries = peek_feed(
        actor=actor,
        where=where,
        after=after,
        offset=offset,
        limit=limit,
        metadata=metadata,
        up_to=up_to,
    )
    record_feed_read(actor=actor, entries=entries)
    return entries


def peek_feed(
    *,
    actor: Actor,
    where: Filter,
    after: int,
    offset: int,
    limit: int,
    metadata: Metadata,
    up_to: int = LAST,
) -> list[InstanceEntry]:
    """Return what `read_feed` does, unrecorded.

    Whoever hands it out has each reader recorded (`record_feed_read`): several may
    read together.
    """
    entries = changefeed.read(
        actor=actor,
        after=after,
        offset=offset,
        limit=limit,
        up_to=up_to,
        where=replace(where, kind=KIND),
    )
    return _describe(entries, metadata, actor.reach(Verb.VIEW_PHI))


def peek_changes(
    *,
    actor: Actor,
    where: Filter,
    after: int,
    offset: int,
    limit: int,
    metadata: Metadata,
    up_to: int = LAST,
) -> list[AnyEntry]:
    """Return entries of all kinds after number `after`, in order, unrecorded."""
    entries = changefeed.read(
        actor=actor, after=after, offset=offset, limit=limit, up_to=up_to, where=where
    )
    of_instances = [entry for entry in entries if entry.kind == KIND]
    identified = actor.reach(Verb.VIEW_PHI)
    described = iter(_describe(of_instances, metadata, identified))
    others = {each.partition_id or 0 for each in entries if each.kind != KIND}
    held = Partition.objects.filter(pk__in=others) if others else ()
    names = {partition.pk: partition.name for partition in held}
    return [
        next(described)
        if entry.kind == KIND
        else OtherEntry(entry, names.get(entry.partition_id or 0, ""))
        for entry in entries
    ]


def read_changes(
    *, actor: Actor, where: Filter, after: int, limit: int, metadata: Metadata
) -> list[AnyEntry]:
    """Return entries of all kinds after number `after` that the actor sees, in order.

    The audit log names the patients.

    Raises
    ------
    Forbidden
        The actor may not see data at all.
    """
    entries = peek_changes(
        actor=actor,
        where=where,
        after=after,
        offset=0,
        limit=limit,
        metadata=metadata,
    )
    record_feed_read(actor=actor, entries=entries)
    return entries


def count_changes(*, actor: Actor, where: Filter) -> int:
    """Return how many entries of all kinds there are that the actor may see."""
    return changefeed.count(actor=actor, where=where)


def count_entries(*, actor: Actor, where: Filter) -> int:
    """Return how many entries about instances there are that the actor may see."""
    return changefeed.count(actor=actor, where=replace(where, kind=KIND))


def latest_entry(
    *, actor: Actor, where: Filter, metadata: Metadata
) -> InstanceEntry | None:
    """Return the last entry about an instance that the actor may see."""
    entry = changefeed.latest(actor=actor, where=replace(where, kind=KIND))
    if entry is None:
        return None
    (found,) = _describe([entry], metadata, actor.reach(Verb.VIEW_PHI))
    record_feed_read(actor=actor, entries=[found])
    return found


def record_feed_read(*, actor: Actor, entries: Sequence[AnyEntry]) -> None:
    """Record in the audit log whose data entries told an actor.

    Nothing where none told any: whoever polls for news would fill the log.
    """
    of_instances = [each for each in entries if isinstance(each, InstanceEntry)]
    if not of_instances:
        return
    told = [entry for entry in of_instances if entry.metadata is not None]
    number = len(told) if told else len(of_instances)
    what = "metadata of" if told else "UIDs of"
    event = audit.Event(
        actor,
        audit.Action.READ_FEED,
        detail=f"{what} {number} instances, from entry {of_instances[0].entry.seq}",
    )
    given = told or of_instances
    audit.record_answer(
        event,
        patients=[each.patient for each in given],
        studies=[each.entry.key[0] for each in given if each.patient is None],
    )


def _describe(
    entries: Sequence[Entry], metadata: Metadata, identified: Reach
) -> list[InstanceEntry]:
    """Return the entries with what is looked up, in one query for all of them."""
    if not entries:
        return []
    rows = (
        raw_connection()
        .execute(
            _DESCRIBE,
            (
                *values_within(identified),
                [entry.partition_id for entry in entries],
                *([entry.key[part] for entry in entries] for part in range(3)),
                [entry.version for entry in entries],
                metadata.name,
            ),
        )
        .fetchall()
    )
    return [
        InstanceEntry(
            entry,
            name or "",
            _state(entry, held),
            _shown(content, is_identified),
            patient,
        )
        for entry, (name, held, content, patient, is_identified) in zip(
            entries, rows, strict=True
        )
    ]


def _shown(metadata: bytes | None, is_identified: bool) -> bytes | None:  # noqa: FBT001
    return metadata if metadata is None or is_identified else limit(metadata)


def _state(entry: Entry, held_version: int | None) -> State:
    if held_version is None:
        return State.DELETED
    return State.CURRENT if held_version == entry.version else State.REPLACED


# OFFSET 0: one look-up by index for each entry, whatever the planner thinks of tables
# that were small when the statement was prepared.
_DESCRIBE: Final = f"""
SELECT p.name, held.version_id, version.metadata, held.linked_patient_id,
  {within("held.study_id", "entry.partition_id")}
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::bigint[])
  WITH ORDINALITY AS entry (partition_id, study, series, instance, version_id, number)
LEFT JOIN core_partition p ON p.id = entry.partition_id
LEFT JOIN LATERAL (
  SELECT i.version_id, s.id AS study_id, s.linked_patient_id FROM imaging_study s
  JOIN imaging_series e ON e.study_id = s.id AND e.series_instance_uid = entry.series
  JOIN imaging_instance i ON i.series_id = e.id AND i.sop_instance_uid = entry.instance
  WHERE s.partition_id = entry.partition_id AND s.study_instance_uid = entry.study
  OFFSET 0
) AS held ON true
LEFT JOIN LATERAL (
  SELECT v.metadata FROM imaging_instanceversion v
  WHERE held.version_id IS NOT NULL AND p.disabled_at IS NULL AND v.id = CASE %s
    WHEN 'OF_ITS_MOMENT' THEN entry.version_id WHEN 'CURRENT' THEN held.version_id END
  OFFSET 0
) AS version ON true
ORDER BY entry.number
"""  # noqa: S608 constants
