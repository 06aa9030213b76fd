"""Patients as DICOM names them, and where a study contradicts itself about one."""

from typing import ClassVar

from django.db import models

from imaging.models.fields import Text


class Patient(models.Model):
    """A patient of a partition: issuer and PatientID (DICOM PS3.3 C.7.1.1).

    What grants on a patient and the linkage to FHIR hang on. Written by
    `imaging.commit` and `imaging.move`; a study without PatientID has none.
    """

    partition = models.ForeignKey(
        "core.Partition", on_delete=models.PROTECT, db_index=False
    )
    issuer_of_patient_id = Text()
    patient_id = Text()

    class Meta:
        """One row for each identity; found by PatientID or issuer everywhere, too."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partition", "patient_id", "issuer_of_patient_id"],
                name="imaging_patient_identity",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["patient_id", "partition", "issuer_of_patient_id"],
                name="imaging_patient_any",
            ),
            models.Index(
                fields=["issuer_of_patient_id", "patient_id", "partition"],
                condition=~models.Q(issuer_of_patient_id=""),
                name="imaging_patient_issuer",
            ),
        ]

    def __str__(self) -> str:
        """Return the key only: names are not for logs."""
        return f"patient {self.pk}"


class PatientVariant(models.Model):
    """One spelling of the patient among the instances of a study, with its count.

    A study with more than one variant contradicts itself about its patient: it is
    stored as it came, flagged and listed (`imaging.conflicts`). Written by
    `imaging.commit` and `imaging.delete` in the transaction that changes the count;
    it goes along when the study moves.
    """

    study = models.ForeignKey(
        "imaging.Study",
        on_delete=models.CASCADE,
        related_name="patient_variants",
        db_index=False,
    )
    digest = models.BinaryField(
        max_length=16, help_text="Of issuer, ID, name, birth date and sex, folded."
    )
    issuer_of_patient_id = Text()
    patient_id = Text()
    patient_name = Text()
    patient_birth_date = Text()
    patient_sex = Text()
    number_of_instances = models.PositiveIntegerField()

    class Meta:
        """One row for each spelling."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["study", "digest"], name="imaging_patient_variant_digest"
            )
        ]

    def __str__(self) -> str:
        """Return the key only: names are not for logs."""
        return f"patient variant {self.pk}"
