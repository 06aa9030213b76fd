"""What an export takes along, instance by instance."""

from typing import ClassVar

from django.db import models

from imaging.models.fields import Text, Uid


class ExportOutcome(models.TextChoices):
    """What became of an item."""

    WAITING = "waiting"
    EXPORTED = "exported"
    SKIPPED = "skipped"


class ExportItem(models.Model):
    """An instance that an export takes along, or a name under which it found none.

    The set is written down when the export is started (`imaging.export.start`), so that
    a retry gives the same; `imaging.export.steps` writes what became of each. It names
    instances and versions by their keys and refers to no row: a delete does not wait
    for an export.
    """

    operation = models.ForeignKey(
        "core.Operation",
        on_delete=models.CASCADE,
        related_name="export_items",
        db_index=False,
    )
    study_instance_uid = Uid()
    series_instance_uid = Uid()
    sop_instance_uid = Uid()
    instance_key = models.BigIntegerField(null=True, help_text="None: nothing found.")
    version_key = models.BigIntegerField(null=True)
    outcome = models.TextField(
        choices=ExportOutcome.choices,
        default=ExportOutcome.WAITING,
        db_default=ExportOutcome.WAITING,
    )
    path = Text(help_text="Below the folder of the export.")
    transfer_syntax_uid = Uid()
    size_bytes = models.BigIntegerField(null=True)
    sha256 = models.BinaryField(max_length=32, null=True)
    error = models.TextField(blank=True, db_default="", help_text="Why it is skipped.")
    done_at = models.DateTimeField(null=True)

    class Meta:
        """In the order in which they are taken; each instance once."""

        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["operation", "id"], name="imaging_exportitem_order")
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["operation", "instance_key"], name="imaging_exportitem_once"
            )
        ]

    def __str__(self) -> str:
        """Return what the request could have called it."""
        uids = (
            self.study_instance_uid,
            self.series_instance_uid,
            self.sop_instance_uid,
        )
        return "/".join(uid for uid in uids if uid)
