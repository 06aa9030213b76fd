"""Who is told of what changes, by the Subscription resources that ask for it.

Written by `fhirlink.subscriptions`.
"""

from typing import ClassVar

from django.db import models

from imaging.models.fields import Text


class ChannelState(models.TextChoices):
    """As Subscription.status (FHIR R4)."""

    REQUESTED = "requested"
    ACTIVE = "active"
    ERROR = "error"
    OFF = "off"


class SubscriptionChannel(models.Model):
    """A Subscription, as far as it is followed.

    Attributes
    ----------
    version
        The key of its version that was read, or is to be.
    owner
        Who has written it last: what it tells, this account may read.
    """

    partition = models.ForeignKey(
        "core.Partition", on_delete=models.PROTECT, db_index=False
    )
    fhir_id = Text()
    version = models.BigIntegerField()
    owner = models.TextField()
    type = Text(help_text="The type of its criteria; empty until it was read.")
    state = models.TextField(
        choices=ChannelState.choices,
        default=ChannelState.REQUESTED,
        db_default=ChannelState.REQUESTED.value,
    )
    failures = models.IntegerField(default=0, db_default=0)
    retry_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        """One for each Subscription."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partition", "fhir_id"], name="fhirlink_channel_id"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=ChannelState.values),
                name="fhirlink_channel_state",
            ),
        ]

    def __str__(self) -> str:
        """Return which Subscription it is."""
        return f"Subscription/{self.fhir_id}"


class Notification(models.Model):
    """A change that a subscriber may have to be told of, in the order of the feed."""

    channel = models.ForeignKey(
        SubscriptionChannel, on_delete=models.CASCADE, db_index=False
    )
    version = models.BigIntegerField()
    type = Text()
    fhir_id = Text()

    class Meta:
        """Each change once."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["channel", "version"], name="fhirlink_notification_once"
            )
        ]

    def __str__(self) -> str:
        """Return what has changed."""
        return f"{self.type}/{self.fhir_id}"
