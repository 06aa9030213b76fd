"""The audit log."""

from typing import ClassVar

from django.db import models


class AuditRecord(models.Model):
    """Who did what to which patient's data, from where, with what outcome.

    One row is one audit message of DICOM PS3.15 A.5 and one FHIR R4 AuditEvent.
    Written by `core.audit`; the database chains the rows of each writer by SHA-256,
    and refuses updates, and removals outside of retention (migration 0002).
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(help_text="EventDateTime")
    actor = models.TextField(help_text="ActiveParticipant, UserID")
    account_id = models.BigIntegerField(null=True)
    action = models.TextField(help_text="`core.audit.Action`")
    outcome = models.SmallIntegerField(help_text="EventOutcomeIndicator: 0, 4, 8, 12")
    partition_id = models.BigIntegerField(null=True)
    patient_id = models.TextField(blank=True)
    study_instance_uid = models.TextField(blank=True)
    detail = models.TextField(blank=True, help_text="What was asked for.")
    source = models.TextField(blank=True, help_text="NetworkAccessPointID")
    request_id = models.TextField(blank=True)
    writer = models.TextField(help_text="The thread of a process that wrote it.")
    sequence = models.BigIntegerField(help_text="Gapless for each writer, from 1.")
    previous_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["at"], name="core_auditrecord_at"),
            models.Index(
                fields=["partition_id", "patient_id", "at"],
                name="core_auditrecord_patient",
                condition=~models.Q(patient_id=""),
            ),
            models.Index(
                fields=["study_instance_uid", "at"],
                name="core_auditrecord_study",
                condition=~models.Q(study_instance_uid=""),
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["writer", "sequence"], name="core_auditrecord_chain"
            )
        ]

    def __str__(self) -> str:
        """Return what the admin calls it."""
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor} {self.action}"
