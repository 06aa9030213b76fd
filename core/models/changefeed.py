"""The change feed, and how far its followers have come."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from core.models.partition import Partition


class FeedEntry(models.Model):
    """One change of anything that the portal holds; never changed itself.

    Written by `core.changefeed.append` only. The database refuses updates, and
    removals outside of retention (migration 0002). It holds no patient data: the key
    and the version point at what does.
    """

    seq = models.BigIntegerField(primary_key=True, help_text="Gapless, from 1.")
    at = models.DateTimeField(help_text="Never before that of the entry before it.")
    kind = models.TextField(help_text="What changed, for instance 'instance'.")
    op = models.TextField(help_text="create, update or delete.")
    key = ArrayField(models.TextField(), help_text="Which one, outermost part first.")
    # No constraint: it would lock the partition's row in every write transaction.
    partition = models.ForeignKey(
        Partition,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        help_text="Empty: something that belongs to no partition.",
    )
    version = models.BigIntegerField(
        null=True, help_text="The version of its moment, kept by the kind's app."
    )
    actor = models.TextField()
    reason = models.TextField()

    class Meta:
        """In the order of the feed."""

        ordering: ClassVar = ["seq"]
        verbose_name_plural = "feed entries"
        indexes: ClassVar = [
            models.Index(fields=["at", "seq"], name="core_feedentry_at"),
            models.Index(fields=["partition", "seq"], name="core_feedentry_tenant"),
            models.Index(models.F("key__0"), "seq", name="core_feedentry_key"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(op__in=["create", "update", "delete"]),
                name="core_feedentry_op",
            )
        ]

    def __str__(self) -> str:
        """Return what the admin calls it."""
        return f"{self.seq} {self.op} {self.kind} {'/'.join(self.key)}"


class FollowerCursor(models.Model):
    """How far a follower of the feed has come.

    Written by `core.followers`, in the transaction that writes what the follower
    derived: what the cursor says has been applied has been, exactly once.
    """

    name = models.TextField(primary_key=True)
    version = models.IntegerField(help_text="Form of what the follower derives.")
    seq = models.BigIntegerField(default=0, help_text="The last entry applied.")
    moved_at = models.DateTimeField(auto_now=True)

    class Meta:
        """By name."""

        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        """Return the follower's name."""
        return self.name


class DeadLetter(models.Model):
    """An entry that a follower could not apply and has passed over.

    Written by `core.followers`; removed when a replay succeeds or by a rebuild.
    """

    follower = models.TextField()
    seq = models.BigIntegerField()
    error = models.TextField()
    attempts = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField(auto_now_add=True)
    last_at = models.DateTimeField(auto_now=True)

    class Meta:
        """In the order of the feed; one for each follower and entry."""

        ordering: ClassVar = ["follower", "seq"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["follower", "seq"], name="core_deadletter_one"
            )
        ]

    def __str__(self) -> str:
        """Return what the admin calls it."""
        return f"{self.follower} {self.seq}"
