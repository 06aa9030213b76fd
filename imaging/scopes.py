"""What grants on partitions, studies and patients hang on."""

from core.access import Actor, Verb, values_within, within
from core.accounts.grants import asking, scope_of
from core.database import raw_connection
from core.errors import NotFound
from core.models import Scope, ScopeKind
from core.partitions import get_partition
from imaging.models import Patient


def scope_of_partition(*, actor: Actor, partition: str) -> Scope:
    """Return the scope of a partition, as what a grant is to hang on.

    Raises
    ------
    NotFound
        There is none, or the actor may not see it.
    """
    key = get_partition(actor=actor, name=partition, verb=asking(actor))
    return scope_of(ScopeKind.PARTITION, key, key)


def scope_of_study(*, actor: Actor, partition: str, study_instance_uid: str) -> Scope:
    """Return the scope of a study, as what a grant is to hang on.

    Raises
    ------
    NotFound
        There is none, or the actor may not see it.
    """
    partition_id, study_id = _study(actor, partition, study_instance_uid)
    return scope_of(ScopeKind.STUDY, study_id, partition_id)


def scope_of_patient(
    *, actor: Actor, partition: str, patient_id: str, issuer_of_patient_id: str = ""
) -> Scope:
    """Return the scope of a patient, as what a grant is to hang on.

    Raises
    ------
    NotFound
        There is none, or the actor may not see who all patients are.
    """
    partition_id = get_partition(actor=actor, name=partition, verb=Verb.VIEW_PHI)
    held = Patient.objects.filter(
        partition=partition_id,
        patient_id=patient_id,
        issuer_of_patient_id=issuer_of_patient_id,
    ).first()
    if held is None or not actor.reach(Verb.VIEW_PHI).has_whole(partition_id):
        message = "There is no such patient."
        raise NotFound(message, path="patient")
    return scope_of(ScopeKind.PATIENT, held.pk, partition_id)


def _study(actor: Actor, partition: str, study_instance_uid: str) -> tuple[int, int]:
    verb = asking(actor)
    partition_id = get_partition(actor=actor, name=partition, verb=verb)
    row = (
        raw_connection()
        .execute(
            "SELECT s.id FROM imaging_study s"  # noqa: S608 own names
            " WHERE s.partition_id = %s AND s.study_instance_uid = %s"
            f" AND {within('s.id', 's.partition_id')}",
            (partition_id, study_instance_uid, *values_within(actor.reach(verb))),
        )
        .fetchone()
    )
    if row is None:
        message = "There is no such study."
        raise NotFound(message, path="study")
    return partition_id, row[0]
