"""Instances, and the immutable versions of each."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from imaging.models.fields import Text, Uid


class Instance(models.Model):
    """An instance that is held now: the triple of UIDs and its current version.

    Narrow, because there are hundreds of millions. Written by `imaging.commit`,
    `imaging.delete` and `imaging.move`.
    """

    study = models.ForeignKey("imaging.Study", on_delete=models.CASCADE)
    series = models.ForeignKey(
        "imaging.Series", on_delete=models.CASCADE, db_index=False
    )
    version = models.OneToOneField("imaging.InstanceVersion", on_delete=models.PROTECT)
    patient_variant = models.ForeignKey(
        "imaging.PatientVariant", on_delete=models.DO_NOTHING, db_index=False
    )
    sop_instance_uid = Uid()
    sop_class_uid = Uid()
    instance_number = models.BigIntegerField(null=True, blank=True)
    summary = models.BinaryField(
        db_default=b"", help_text="DICOM JSON members that search answers by default."
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        """One row for each UID inside a series."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["series", "sop_instance_uid"], name="imaging_instance_uid"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["sop_instance_uid"], name="imaging_instance_by_uid"),
        ]

    def __str__(self) -> str:
        """Return the UID."""
        return self.sop_instance_uid


class InstanceVersion(models.Model):
    """One stored form of an instance: its bytes and all that reading them needs.

    Never changed. The change feed names versions, so that each entry keeps the
    metadata of its moment; a version outlives the instance's deletion, its blob only
    for the grace time. Written by `imaging.commit`.
    """

    study_instance_uid = Uid(help_text="For erasure: the study may be gone.")
    transfer_syntax_uid = Uid()
    blob_key = Text()
    size_bytes = models.BigIntegerField()
    sha256 = models.BinaryField(max_length=32)
    metadata = models.BinaryField(help_text="DICOM JSON model, zlib.")
    layout = models.BinaryField(help_text="Where bulk values lie (imaging.layout).")
    frames = models.BinaryField(
        db_default=b"", help_text="Offset and length of each encapsulated frame."
    )
    stored_at = models.DateTimeField(db_default=Now())

    class Meta:
        """The sweeper asks which blobs are in use."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["blob_key"], name="imaging_version_blob")
        ]

    def __str__(self) -> str:
        """Return the key."""
        return f"version {self.pk}"
