"""Studies: what search reads, one row each."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now

from imaging.models.fields import Text, Uid


class Study(models.Model):
    """A DICOM study of a partition, as its held instances describe it.

    Values are those of the newest instance; an empty PatientID never replaces one
    (DICOM PS3.18 10.6.3.3 names the attributes). Columns ending in ``_folded`` are
    what is matched, `summary` and `attributes` what is answered. Every writer of
    anything below a study locks its row first. Written by `imaging.commit`,
    `imaging.delete` and `imaging.move`, which gives it a new row; a study without
    instances has no row.
    """

    partition = models.ForeignKey(
        "core.Partition", on_delete=models.PROTECT, db_index=False
    )
    linked_patient = models.ForeignKey(
        "imaging.Patient", null=True, blank=True, on_delete=models.PROTECT
    )
    study_instance_uid = Uid()

    patient_id = Text()
    patient_id_folded = Text()
    issuer_of_patient_id_folded = Text()
    patient_name = Text(help_text="Component groups joined by '='.")
    patient_name_alphabetic_folded = Text()
    patient_name_ideographic_folded = Text()
    patient_name_phonetic_folded = Text()
    patient_birth_date = Text(help_text="YYYYMMDD")
    patient_sex = Text()
    study_date = Text(help_text="YYYYMMDD")
    study_time = Text(help_text="HHMMSS.FFFFFF, as precise as the file")
    study_moment_utc = Text(help_text="Date and time in UTC, where the offset is known")
    study_id_folded = Text()
    study_description = Text()
    study_description_folded = Text()
    accession_number = Text()
    accession_number_folded = Text()
    referring_physician_name_alphabetic_folded = Text()
    referring_physician_name_ideographic_folded = Text()
    referring_physician_name_phonetic_folded = Text()

    modalities_in_study = ArrayField(models.TextField(), default=list, db_default=[])
    sop_classes_in_study = ArrayField(models.TextField(), default=list, db_default=[])
    number_of_series = models.PositiveIntegerField(db_default=0)
    number_of_instances = models.PositiveIntegerField(db_default=0)
    number_of_patient_variants = models.PositiveIntegerField(db_default=0)

    newest_version_id = models.BigIntegerField(
        db_default=0,
        help_text="Newest held instance version; what the values are from.",
    )
    summary = models.BinaryField(
        db_default=b"", help_text="DICOM JSON members that search answers by default."
    )
    attributes = models.BinaryField(
        db_default=b"", help_text="DICOM JSON members of patient and study level."
    )
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When the study is deleted; the last store into it says so.",
    )

    class Meta:
        """What search asks for, newest first.

        Keys that are asked for as a whole, or that are rare, lead their index, so
        that one serves searches of a partition and of all. Dates and names are asked
        for as ranges: they have an index for each.
        """

        verbose_name_plural = "studies"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["study_instance_uid", "partition"], name="imaging_study_uid"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["partition", "id"], name="imaging_study_newest"),
            models.Index(
                fields=["patient_id_folded", "partition", "id"],
                name="imaging_study_patient_id",
            ),
            models.Index(
                fields=["partition", "study_date", "id"], name="imaging_study_date"
            ),
            models.Index(fields=["study_date", "id"], name="imaging_study_any_date"),
            models.Index(
                fields=["accession_number_folded", "partition", "id"],
                name="imaging_study_accession",
            ),
            models.Index(
                fields=["partition", "patient_name_alphabetic_folded", "id"],
                name="imaging_study_name",
            ),
            models.Index(
                fields=["patient_name_alphabetic_folded", "id"],
                name="imaging_study_any_name",
            ),
            models.Index(
                fields=["patient_name_ideographic_folded", "partition"],
                condition=~models.Q(patient_name_ideographic_folded=""),
                name="imaging_study_name_ideographic",
            ),
            models.Index(
                fields=["patient_name_phonetic_folded", "partition"],
                condition=~models.Q(patient_name_phonetic_folded=""),
                name="imaging_study_name_phonetic",
            ),
            models.Index(
                fields=["referring_physician_name_alphabetic_folded", "partition"],
                name="imaging_study_referring",
            ),
            models.Index(
                fields=["referring_physician_name_ideographic_folded", "partition"],
                condition=~models.Q(referring_physician_name_ideographic_folded=""),
                name="imaging_study_referring_i",
            ),
            models.Index(
                fields=["referring_physician_name_phonetic_folded", "partition"],
                condition=~models.Q(referring_physician_name_phonetic_folded=""),
                name="imaging_study_referring_p",
            ),
            models.Index(
                fields=["partition", "patient_birth_date", "id"],
                name="imaging_study_birth_date",
            ),
            models.Index(
                fields=["study_id_folded", "partition", "id"],
                name="imaging_study_study_id",
            ),
            models.Index(
                fields=["partition", "study_time", "id"], name="imaging_study_time"
            ),
            GinIndex(fields=["modalities_in_study"], name="imaging_study_modalities"),
            GinIndex(fields=["sop_classes_in_study"], name="imaging_study_sop_classes"),
            models.Index(
                fields=["id"],
                condition=models.Q(number_of_patient_variants__gt=1),
                name="imaging_study_conflicts",
            ),
            models.Index(
                fields=["expires_at", "id"],
                condition=models.Q(expires_at__isnull=False),
                name="imaging_study_expiry",
            ),
        ]

    def __str__(self) -> str:
        """Return the UID."""
        return self.study_instance_uid
