"""Patients as others than DICOM clients name them."""

from collections.abc import Sequence

from django.db.models import OuterRef, QuerySet, Subquery

from core.access import Actor, Verb, require
from core.partitions import disabled_partitions
from imaging.models import Patient, Study

NAMES: tuple[str, ...] = ("patient_name", "patient_birth_date", "patient_sex")
"""What `with_names` adds to a patient."""


def visible_patients(*, actor: Actor) -> QuerySet[Patient]:
    """Return the patients of the partitions in which the actor may see all of them.

    Partitions that are not in use are left out.

    Raises
    ------
    Forbidden
        The actor may nowhere see who patients are.
    """
    require(actor, Verb.VIEW_PHI)
    patients = Patient.objects.select_related("partition")
    if closed := disabled_partitions():
        patients = patients.exclude(partition__in=closed)
    whole = actor.reach(Verb.VIEW_PHI).partitions
    return patients if whole is None else patients.filter(partition__in=whole)


def with_names(patients: QuerySet[Patient]) -> QuerySet[Patient]:
    """Return patients with name, birth date and sex, as the newest study has them."""
    studies = Study.objects.filter(linked_patient=OuterRef("pk")).order_by("-pk")
    return patients.annotate(
        **{name: Subquery(studies.values(name)[:1]) for name in NAMES}
    )


def keys_of_patient(patient_id: str, partition_id: int | None) -> Sequence[int]:
    """Return the keys of the patients with a PatientID, whoever issued it.

    Parameters
    ----------
    partition_id
        Where; None for all partitions.
    """
    patients = Patient.objects.filter(patient_id=patient_id)
    if partition_id is not None:
        patients = patients.filter(partition_id=partition_id)
    return list(patients.values_list("pk", flat=True))
