"""Deleting what is held: a study, a series or an instance.

One transaction: instances go, what the study and the series say follows those that
remain, emptied series and studies go as well, the blobs are handed to the sweeper.
The metadata of the deleted versions stays, for the entries of the change feed.
DICOM PS3.18 has no such transaction: the form is that of Azure's DICOM service.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction

from core import audit, changefeed
from core.access import Actor, Verb, require, require_partition
from core.database import lift_limit
from core.errors import NotFound
from core.partitions import get_partition
from imaging import commit_sql, delete_sql, describe_sql
from imaging.delete_sql import DeletedInstance, LockedStudy
from imaging.index import with_patient_id
from imaging.levels import Level
from imaging.query_tags import rows as tag_rows


def delete_instances(
    *,
    actor: Actor,
    partition: str,
    study_instance_uid: str,
    series_instance_uid: str | None = None,
    sop_instance_uid: str | None = None,
    reason: str = "",
) -> int:
    """Delete a study, one of its series, or one instance; return how many instances.

    Parameters
    ----------
    reason
        Why, in somebody's words: for the audit log only, because entries of the
        change feed hold no patient data.

    Side effects: one audit row, and one entry in the change feed for each instance.

    Raises
    ------
    NotFound
        Nothing is held under these UIDs that the actor may delete.
    """
    require(actor, Verb.DELETE)
    partition_id = get_partition(actor=actor, name=partition, verb=Verb.DELETE)
    target = _Target(
        partition_id, study_instance_uid, series_instance_uid, sop_instance_uid
    )
    number = _delete(actor, target, reason)
    if not number:
        message = "There is nothing to delete."
        raise NotFound(message)
    return number


def delete_expired_study(
    *, actor: Actor, partition_id: int, study_instance_uid: str
) -> int:
    """Delete a study whose time is over; return how many instances.

    None, where it is gone, or a store has given it more time.

    Side effects: as those of `delete_instances`.
    """
    require(actor, Verb.DELETE)
    require_partition(actor, Verb.DELETE, partition_id)
    target = _Target(partition_id, study_instance_uid, only_expired=True)
    return _delete(actor, target, "expired")


class _Target(NamedTuple):
    """What is to be deleted."""

    partition_id: int
    study_instance_uid: str
    series_instance_uid: str | None = None
    sop_instance_uid: str | None = None
    only_expired: bool = False


def _delete(actor: Actor, target: _Target, reason: str) -> int:
    with transaction.atomic(durable=True):
        lift_limit()  # a large study takes its time
        # Whoever writes below a study locks its row first, so stores wait here.
        study = delete_sql.lock_study(
            target.partition_id,
            target.study_instance_uid,
            actor.reach(Verb.DELETE),
            only_expired=target.only_expired,
        )
        deleted = study and delete_sql.delete_instances(
            study.id, target.series_instance_uid, target.sop_instance_uid
        )
        if not study or not deleted:
            return 0
        delete_sql.free_versions([each.version_id for each in deleted])
        commit_sql.uncount_variants(each.variant_id for each in deleted)
        _describe_what_remains(study, deleted)
        _record(actor, study, deleted, reason)
    return len(deleted)


def _describe_what_remains(
    study: LockedStudy, deleted: Sequence[DeletedInstance]
) -> None:
    """Give series and study the values of what is left."""
    gone = Counter(each.series_id for each in deleted)
    emptied = delete_sql.delete_empty_series(sorted(gone))
    tags = tag_rows.indexed_tags()
    written = tag_rows.Rewritten(tags)
    written.forget(Level.INSTANCE, [each.id for each in deleted])
    written.forget(Level.SERIES, emptied)
    for series_id in sorted(gone.keys() - emptied):
        newest = delete_sql.newest_of_series(series_id)
        describe_sql.describe_series(
            series_id, newest.version_id, newest.model, -gone[series_id]
        )
        written.add(
            Level.SERIES,
            newest.model,
            partition_id=study.partition_id,
            version_id=newest.version_id,
            row_id=series_id,
        )
    if len(deleted) == study.number_of_instances:
        written.forget(Level.STUDY, [study.id])
        delete_sql.delete_study(study.id)
        return
    version_id, described = describe_sql.describing_model(study.id)
    # An empty PatientID never hides the one that another instance has.
    model = with_patient_id(described, describe_sql.held_patient_id(study.id))
    describe_sql.name_patients({(study.partition_id, study.study_instance_uid): model})
    describe_sql.describe_study(
        study.id,
        delete_sql.newest_version(study.id),
        model,
        added=-len(deleted),
        sop_classes=None,
        keeps_expiry=True,
    )
    if tags:
        written.add(
            Level.STUDY,
            model,
            partition_id=study.partition_id,
            version_id=version_id,
            row_id=study.id,
        )
        tag_rows.write(written)


def _record(
    actor: Actor,
    study: LockedStudy,
    deleted: Sequence[DeletedInstance],
    reason: str,
) -> None:
    number = f"{len(deleted)} instances"
    audit.record(
        audit.Event(
            actor,
            audit.Action.DELETE,
            partition_id=study.partition_id,
            patient_id=study.patient_id,
            study_instance_uid=study.study_instance_uid,
            detail=f"{number}: {reason}" if reason else number,
        )
    )
    changes = (
        changefeed.Change(
            kind="instance",
            op="delete",
            key=(
                study.study_instance_uid,
                each.series_instance_uid,
                each.sop_instance_uid,
            ),
            partition_id=study.partition_id,
        )
        for each in deleted
    )
    changefeed.append_all(changes, actor=actor)
