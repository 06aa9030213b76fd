"""Long work with progress."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models


class OperationState(models.TextChoices):
    """States of an operation, spelt as Azure's DICOM service does."""

    NOT_STARTED = "notStarted"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class Operation(models.Model):
    """A piece of long work: who asked for it, how far it is, what came of it.

    Written by `core.operations`. This row and not the broker is the truth: who holds
    its lease works on it, and whose lease has run out has died.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.TextField()
    state = models.TextField(
        choices=OperationState.choices, default=OperationState.NOT_STARTED
    )
    percent = models.PositiveSmallIntegerField(default=0)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="operations",
        help_text="Who started it; empty: the portal itself.",
    )
    actor = models.TextField()
    parameters = models.JSONField(default=dict)
    progress = models.JSONField(default=dict, help_text="Where the next step begins.")
    result = models.JSONField(null=True)
    error = models.TextField(blank=True, help_text="Why it failed.")
    number_of_errors = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    lease_until = models.DateTimeField(
        null=True, help_text="Until when nobody else may work on it."
    )
    attempt = models.PositiveIntegerField(
        default=0, help_text="Counts who took the lease; only the last may write."
    )
    attempts_without_progress = models.PositiveIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)

    class Meta:
        """Newest first; open ones are found without reading the finished."""

        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="core_operation_newest"),
            models.Index(fields=["account", "-created_at"], name="core_operation_own"),
            models.Index(
                fields=["lease_until"],
                name="core_operation_open",
                condition=models.Q(state__in=["notStarted", "running"]),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state__in=OperationState.values),
                name="core_operation_state",
            ),
            models.CheckConstraint(
                condition=models.Q(percent__lte=100), name="core_operation_percent"
            ),
        ]

    def __str__(self) -> str:
        """Return what the admin calls it."""
        return f"{self.kind} {self.id}"


class OperationItemError(models.Model):
    """One item that an operation could not do, and why.

    Written by `core.operations` with the progress of the step that met it.
    """

    operation = models.ForeignKey(
        Operation, on_delete=models.CASCADE, related_name="item_errors"
    )
    item = models.TextField()
    error = models.TextField()

    class Meta:
        """One for each item, in the order in which they were met."""

        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["operation", "item"], name="core_operationitemerror_one"
            )
        ]

    def __str__(self) -> str:
        """Return what the admin calls it."""
        return f"{self.item}: {self.error}"
