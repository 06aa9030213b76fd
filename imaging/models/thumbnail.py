"""Small pictures of series, for lists."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from imaging.models.fields import Uid


class Thumbnail(models.Model):
    """What stands for a series in lists: a picture of the instance in its middle.

    Derived from the change feed by `imaging.thumbnails`. It refers to the series by
    what the feed calls it, and to no row of it, so that neither stores nor deletes
    wait for it.
    """

    partition = models.ForeignKey(
        "core.Partition", on_delete=models.PROTECT, db_index=False
    )
    study_instance_uid = Uid()
    series_instance_uid = Uid()
    version_key = models.BigIntegerField(
        help_text="Of the instance version that it shows; another one makes it void."
    )
    picture = models.BinaryField(
        null=True, help_text="JPEG; empty: there can be none; null: not made yet."
    )
    chosen_at = models.DateTimeField(db_default=Now())

    class Meta:
        """One row for each series; those that are to be made are found by their age."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partition", "study_instance_uid", "series_instance_uid"],
                name="imaging_thumbnail_series",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["chosen_at"],
                condition=models.Q(picture=None),
                name="imaging_thumbnail_to_make",
            )
        ]

    def __str__(self) -> str:
        """Return the UID of the series."""
        return self.series_instance_uid
