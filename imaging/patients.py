"""Patients as others than DICOM clients name them."""

from collections.abc import Sequence

from imaging.models import Patient


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
