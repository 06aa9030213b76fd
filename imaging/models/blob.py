"""Blobs that wait for their end."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from imaging.models.fields import Text


class FreedBlob(models.Model):
    """A blob that nothing needs since `freed_at`; removed after the grace time.

    Written in the transaction that deletes or replaces the instance, removed with
    the bytes by `imaging.blobs.sweep`.
    """

    blob_key = Text()
    freed_at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        """One row for each blob."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["blob_key"], name="imaging_freed_blob_key")
        ]

    def __str__(self) -> str:
        """Return the key of the bytes."""
        return self.blob_key
