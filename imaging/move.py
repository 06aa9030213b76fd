"""Moving a study to another data partition.

One transaction: the study gets a new row in the target, everything below it is given
to that, the old row goes. So whoever saw the study by a project, a patient or a grant
of the source sees it no more, as if it had been deleted, and who sees the patient in
the target sees it at once (migration 0010): nothing of one tenant leads into another.
Instances and their versions stay what they are, and no byte is copied.

Like all who write below studies it locks them first, by partition and UID
(`imaging.commit_sql`), so that it never waits in a circle with stores into both.
"""

from collections.abc import Iterator, Sequence
from functools import partial

from django.db import transaction

from core import audit, changefeed
from core.access import Actor, Verb, require, require_whole_partition
from core.database import lift_limit
from core.errors import Conflict, Invalid, NotFound, PortalError
from core.partitions import get_partition, list_partitions
from imaging import delete_sql, describe_sql, move_sql
from imaging.delete_sql import LockedStudy
from imaging.index import with_patient_id
from imaging.levels import Level
from imaging.move_sql import MovedInstance
from imaging.query_tags import rows as tag_rows


def move_study(
    *, actor: Actor, partition: str, study_instance_uid: str, to: str, reason: str
) -> int:
    """Move a study to the partition `to`; return how many instances it has.

    Its time of storage becomes now, so that it comes first there; when it expires
    stays. Projects that it was put into and grants on itself do not come along.

    Parameters
    ----------
    reason
        Why, in somebody's words: for the audit log only.

    Side effects: one audit row for each of the two partitions; in the change feed a
    delete and a create for each instance.

    Raises
    ------
    Forbidden
        The actor may not delete, or not store, or in parts of the target only.
    NotFound
        There is no such study that the actor may delete, or no such partition that it
        may store into.
    Invalid
        The study is in this partition already, or there is no reason.
    Conflict
        The target holds a study of this UID, or one of the partitions is disabled.
    """
    require(actor, Verb.DELETE)
    require(actor, Verb.STORE)
    source_id = get_partition(actor=actor, name=partition, verb=Verb.DELETE)
    target_id = _find_target(actor, to)
    if source_id == target_id:
        message = "This is the partition that it is moved from. Name another one."
        raise Invalid(message, path="to")
    if not reason.strip():
        message = "Say why it is moved: that stands in the audit log."
        raise Invalid(message, path="reason")
    with transaction.atomic(durable=True):
        lift_limit()  # a large study takes its time
        study, new_id = _lock(actor, source_id, target_id, study_instance_uid)
        moved = _move(study, target_id, new_id)
        _record(actor, study, target_id, moved, (partition, to, reason))
    return len(moved)


def list_targets(*, actor: Actor) -> list[str]:
    """Return the names of the partitions that studies may be moved to, oldest first."""
    held = list_partitions(actor=actor, verb=Verb.STORE)
    reach = actor.reach(Verb.STORE)
    return [
        each.name
        for each in held
        if each.disabled_at is None and reach.has_whole(each.pk)
    ]


def _find_target(actor: Actor, name: str) -> int:
    try:
        partition_id = get_partition(actor=actor, name=name, verb=Verb.STORE)
        require_whole_partition(actor, Verb.STORE, partition_id)
    except PortalError as error:
        error.path = "to"  # not the one that it is moved from
        raise
    return partition_id


def _lock(
    actor: Actor, source_id: int, target_id: int, study_instance_uid: str
) -> tuple[LockedStudy, int]:
    """Lock the study and create its new row; return both, or refuse the move."""
    study, new_id = None, None
    for partition_id in sorted((source_id, target_id)):  # the order of locks
        if partition_id == target_id:
            new_id = move_sql.begin_study(target_id, study_instance_uid)
        else:
            study = delete_sql.lock_study(
                source_id,
                study_instance_uid,
                actor.reach(Verb.DELETE),
                only_expired=False,
            )
    # Asked under the locks: this sees what was committed before.
    if not move_sql.are_open({source_id, target_id}):
        message = "One of the partitions was disabled or deleted: nothing is moved."
        raise Conflict(message, path="partition")
    if study is None:
        message = "There is nothing to move."
        raise NotFound(message, path="study")
    if new_id is None:
        message = (
            "The other partition holds a study of this UID already. Delete one of the"
            " two first; or export this one and store it into the other, which adds"
            " what is not there, and delete it then."
        )
        raise Conflict(message, path="to")
    return study, new_id


def _move(study: LockedStudy, target_id: int, new_id: int) -> list[MovedInstance]:
    """Give the new row what the old one has; return the instances."""
    move_sql.copy_values(study.id, new_id)
    moved = move_sql.give_instances(study.id, new_id)
    _move_tags(study, target_id, new_id)
    patient = move_sql.name_patient(study.id, target_id)
    steps = {
        study.partition_id: partial(delete_sql.delete_study, study.id),
        target_id: partial(move_sql.link_patient, new_id, patient),
    }
    # Each may have to wait for changes of the projects of its partition (migration
    # 0010). Two moves that go in opposite directions wait in one order.
    for partition_id in sorted(steps):
        steps[partition_id]()
    return moved


def _move_tags(study: LockedStudy, target_id: int, new_id: int) -> None:
    """Have what query tags found be in the target.

    That of the study is found anew: an operation that indexes by a tag goes down the
    keys of rows, and may have come to the old one, but never to the new.
    """
    tags = tag_rows.indexed_tags()
    if not tags:
        return
    tag_rows.move(new_id, target_id)
    version_id, described = describe_sql.describing_model(new_id)
    written = tag_rows.Rewritten(tags)
    written.forget(Level.STUDY, [study.id])
    written.add(
        Level.STUDY,
        with_patient_id(described, describe_sql.held_patient_id(new_id)),
        partition_id=target_id,
        version_id=version_id,
        row_id=new_id,
    )
    tag_rows.write(written)


def _record(
    actor: Actor,
    study: LockedStudy,
    target_id: int,
    moved: Sequence[MovedInstance],
    words: tuple[str, str, str],
) -> None:
    """Write audit and feed; `words` are the partitions' names, and why."""
    source, target, reason = words
    number = f"{len(moved)} instances"
    event = partial(
        audit.Event,
        actor,
        patient_id=study.patient_id,
        study_instance_uid=study.study_instance_uid,
    )
    audit.record(
        event(
            audit.Action.DELETE,
            partition_id=study.partition_id,
            detail=f"{number} moved to {target}: {reason}",
        ),
        event(
            audit.Action.STORE,
            partition_id=target_id,
            detail=f"{number} moved from {source}: {reason}",
        ),
    )
    changefeed.append_all(_changes(study, target_id, moved), actor=actor)


def _changes(
    study: LockedStudy, target_id: int, moved: Sequence[MovedInstance]
) -> Iterator[changefeed.Change]:
    """Yield the end of each instance in the source, and its begin in the target."""
    for each in moved:
        key = (
            study.study_instance_uid,
            each.series_instance_uid,
            each.sop_instance_uid,
        )
        yield changefeed.Change("instance", "delete", key, study.partition_id)
        yield changefeed.Change("instance", "create", key, target_id, each.version_id)
