"""What happened to workitems: one row for each entry of the change feed."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from imaging.models.fields import Text, Uid


class Happened(models.TextChoices):
    """What a change was, as far as events tell of it (DICOM PS3.4 CC.2.4)."""

    CREATED = "created"
    STATE = "state"  # it has another one
    READINESS = "readiness"  # Input Readiness State is another one
    PROGRESS = "progress"
    ASSIGNED = "assigned"
    CANCEL_REQUESTED = "cancel requested"
    CHANGED = "changed"  # anything else


class WorkitemVersion(models.Model):
    """What happened to a workitem at one moment; never changed.

    Entries of the change feed name it. `information` is what events of that moment
    tell: state, readiness, progress, performers, who asks for cancelling and why.
    Written by `worklist.write`, and gone when the workitem is deleted.
    """

    id = models.BigAutoField(primary_key=True)
    partition = models.ForeignKey(
        "core.Partition",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    sop_instance_uid = Uid()
    at = models.DateTimeField()
    actor = models.TextField(help_text="As feed and audit log call who did it.")
    happened = ArrayField(models.CharField(max_length=16, choices=Happened.choices))
    state = Text(max_length=11, help_text="Since then.")
    passed = ArrayField(
        models.CharField(max_length=11),
        default=list,
        help_text="States that it came to one after the other, the last one with it.",
    )
    information = models.BinaryField(help_text="DICOM JSON of what events tell.")

    class Meta:
        """In the order of the feed for each workitem."""

        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(
                fields=["partition", "sop_instance_uid", "id"],
                name="worklist_version_of",
            )
        ]

    def __str__(self) -> str:
        """Return what happened."""
        return f"{', '.join(self.happened)}: {self.sop_instance_uid}"
