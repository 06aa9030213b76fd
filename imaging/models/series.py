"""Series: what search reads, one row each."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now

from imaging.models.fields import Text, Uid


class Series(models.Model):
    """A DICOM series of a study, as its held instances describe it.

    Values are those of the newest instance. Written like `imaging.models.study.Study`.
    """

    study = models.ForeignKey(
        "imaging.Study",
        on_delete=models.CASCADE,
        related_name="series",
        db_index=False,
    )
    series_instance_uid = Uid()

    modality = Text()
    series_number = models.BigIntegerField(null=True, blank=True)
    series_description_folded = Text()
    body_part_examined = Text()
    performed_procedure_step_start_date = Text(help_text="YYYYMMDD")
    performed_procedure_step_start_time = Text()
    performed_procedure_step_start_moment_utc = Text()
    manufacturer_model_name_folded = Text()
    scheduled_procedure_step_ids_folded = ArrayField(
        models.TextField(), default=list, db_default=[]
    )
    requested_procedure_ids_folded = ArrayField(
        models.TextField(), default=list, db_default=[]
    )
    number_of_instances = models.PositiveIntegerField(db_default=0)

    newest_version_id = models.BigIntegerField(db_default=0)
    summary = models.BinaryField(db_default=b"")
    attributes = models.BinaryField(db_default=b"")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        """One row for each UID inside a study."""

        verbose_name_plural = "series"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["study", "series_instance_uid"],
                include=["id"],  # of what is below many studies the index is enough
                name="imaging_series_uid",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["series_instance_uid"], name="imaging_series_by_uid"),
            models.Index(fields=["modality", "id"], name="imaging_series_modality"),
            models.Index(fields=["series_number", "id"], name="imaging_series_number"),
            models.Index(
                fields=["performed_procedure_step_start_date", "id"],
                name="imaging_series_start_date",
            ),
            models.Index(
                fields=["performed_procedure_step_start_time", "id"],
                name="imaging_series_start_time",
            ),
            GinIndex(
                fields=["scheduled_procedure_step_ids_folded"],
                name="imaging_series_step_ids",
            ),
            GinIndex(
                fields=["requested_procedure_ids_folded"],
                name="imaging_series_procedures",
            ),
        ]

    def __str__(self) -> str:
        """Return the UID."""
        return self.series_instance_uid
