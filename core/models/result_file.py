"""Files that came of long work."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class ResultFile(models.Model):
    """A file that an operation has made, to be fetched until it expires.

    Written and removed by `core.result_files`; where the bytes lie knows
    `core.result_places`.
    """

    operation = models.ForeignKey(
        "core.Operation", on_delete=models.CASCADE, related_name="files"
    )
    name = models.TextField()
    media_type = models.TextField()
    size_bytes = models.BigIntegerField()
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        """One for each name of an operation."""

        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["operation", "name"], name="core_resultfile_name"
            )
        ]

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class ResultPiece(models.Model):
    """A part of a file: bytes of a piece that an operation has written.

    Written with its file, whose bytes are those of its parts one after the other.
    """

    file = models.ForeignKey(
        ResultFile, on_delete=models.CASCADE, related_name="pieces", db_index=False
    )
    offset = models.BigIntegerField(help_text="Where it begins in the file.")
    name = models.TextField(help_text="Of the piece.")
    start = models.BigIntegerField(help_text="Where it begins in the piece.")
    length = models.BigIntegerField()

    class Meta:
        """In the order of the file, in which they are found by their places."""

        ordering: ClassVar = ["file", "offset"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["file", "offset"], name="core_resultpiece_place"
            )
        ]

    def __str__(self) -> str:
        """Return which part it is."""
        return f"{self.name}, {self.length} bytes at {self.offset}"
