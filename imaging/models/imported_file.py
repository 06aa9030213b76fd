"""What became of each file of an import."""

from typing import ClassVar

from django.db import models

from imaging.models.fields import Text, Uid


class ImportOutcome(models.TextChoices):
    """What became of a file."""

    STORED = "stored"
    STORED_WITH_WARNING = "stored with warning"
    REPLACED = "replaced"
    HELD_ALREADY = "held already"
    REFUSED = "refused"


class ImportedFile(models.Model):
    """One line of an import's report. Written by `imaging.folder_import`."""

    operation = models.ForeignKey(
        "core.Operation",
        on_delete=models.CASCADE,
        related_name="imported_files",
        db_index=False,
    )
    path = Text()
    outcome = models.TextField(choices=ImportOutcome.choices)
    sop_instance_uid = Uid()
    comment = models.TextField(blank=True, help_text="Why, or what is wrong with it.")

    class Meta:
        """One line for each file."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["operation", "path"], name="imaging_imported_file_path"
            )
        ]

    def __str__(self) -> str:
        """Return the line."""
        return f"{self.path}: {self.outcome}"
