"""The audit log."""

from typing import ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

PENDING_KB: Final = 16 * 1024  # of the patients of new rows, before they are sorted in


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
    via = models.TextField(
        blank=True,
        db_default="",
        help_text="With which token, by session, or by which operation of the actor's.",
    )
    action = models.TextField(help_text="`core.audit.Action`")
    outcome = models.SmallIntegerField(help_text="EventOutcomeIndicator: 0, 4, 8, 12")
    partition_id = models.BigIntegerField(null=True)
    patient_id = models.TextField(blank=True)
    study_instance_uid = models.TextField(blank=True)
    detail = models.TextField(blank=True, help_text="What was done, and how much.")
    query = models.TextField(
        blank=True, db_default="", help_text="What was asked for, in its words."
    )
    patients = ArrayField(
        models.BigIntegerField(),
        null=True,
        help_text="Keys of the patients whose data were given, where several may be.",
    )
    studies = ArrayField(
        models.TextField(),
        null=True,
        help_text="The studies among what was given that have no patient.",
    )
    source = models.TextField(blank=True, help_text="NetworkAccessPointID")
    request_id = models.TextField(blank=True)
    writer = models.TextField(help_text="The thread of a process that wrote it.")
    sequence = models.BigIntegerField(help_text="Gapless for each writer, from 1.")
    previous_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        """Newest first; an index for each thing that `core.audit_search` finds by.

        All end with time and key, in the order of pages, so that what is found is
        read as far as a page is long.
        """

        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["at", "id"], name="core_auditrecord_at"),
            models.Index(fields=["actor", "at", "id"], name="core_auditrecord_actor"),
            models.Index(fields=["action", "at", "id"], name="core_auditrecord_action"),
            models.Index(fields=["source", "at", "id"], name="core_auditrecord_source"),
            models.Index(
                fields=["partition_id", "at", "id"], name="core_auditrecord_partition"
            ),
            models.Index(
                fields=["outcome", "at", "id"],
                name="core_auditrecord_failure",
                condition=models.Q(outcome__gt=0),
            ),
            models.Index(
                fields=["request_id", "at", "id"],
                name="core_auditrecord_request",
                condition=~models.Q(request_id=""),
            ),
            models.Index(
                fields=["partition_id", "patient_id", "at", "id"],
                name="core_auditrecord_patient",
                condition=~models.Q(patient_id=""),
            ),
            models.Index(
                fields=["study_instance_uid", "at", "id"],
                name="core_auditrecord_study",
                condition=~models.Q(study_instance_uid=""),
            ),
            GinIndex(
                fields=["patients"],
                name="core_auditrecord_patients",
                gin_pending_list_limit=PENDING_KB,
                condition=models.Q(patients__gt=[]),
            ),
            GinIndex(
                fields=["studies"],
                name="core_auditrecord_studies",
                condition=models.Q(studies__gt=[]),
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
