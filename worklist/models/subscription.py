"""Who is told of events of workitems, and of which (DICOM PS3.4 CC.2.3)."""

from typing import ClassVar

from django.db import models

from imaging.models.fields import Text
from worklist.models.workitem import Workitem


class Subscriber(models.Model):
    """An application entity of a partition that is told of events.

    Made by its first subscription or the first opening of its channel, and from then
    on of whoever did that. Written by `worklist.events`.
    """

    partition = models.ForeignKey(
        "core.Partition", on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    aetitle = Text(max_length=16)
    owner = models.TextField(help_text="What who used it first was called.")
    # An account may get another name, and another account its old one.
    account = models.ForeignKey(
        "core.Account",
        on_delete=models.SET_NULL,
        null=True,
        db_index=False,
        related_name="+",
        help_text="Whose it is; empty: of whoever is called as the owner.",
    )
    delivered_seq = models.BigIntegerField(
        help_text="All entries of the feed up to this number count as told."
    )
    seen_at = models.DateTimeField(
        null=True, help_text="When its channel was open last; empty: never."
    )
    holder = models.UUIDField(
        null=True, help_text="Of its channel that was opened last: no other one tells."
    )
    lost = models.IntegerField(
        db_default=0,
        help_text="Workitems that were deleted in spite of its deletion locks.",
    )
    lost_seq = models.BigIntegerField(
        db_default=0,
        help_text="Of an entry up to which it has to be told, to know of these.",
    )

    class Meta:
        """One for each AE title of a partition."""

        ordering: ClassVar = ["aetitle", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partition", "aetitle"], name="worklist_subscriber_aetitle"
            )
        ]

    def __str__(self) -> str:
        """Return its AE title."""
        return self.aetitle


class Subscription(models.Model):
    """What a subscriber is told of: a workitem, a range of them, or what matches.

    With a workitem: what was said of it alone, or made by a filter; it goes before all
    others. Without one and without a filter: the workitems whose keys lie above
    `above` and up to `up_to`; those of one subscriber do not overlap. With a filter:
    workitems that are written from now on and match get a row of their own
    (decision 0046). Written by `worklist.events`.
    """

    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    # No constraint: it would lock rows of workitems, whose writers wait for who
    # subscribes to many of them. What deletes a workitem removes these.
    workitem = models.ForeignKey(
        Workitem,
        null=True,
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    filter = Text(help_text="Matching keys, as a query string; empty: none.")
    is_on = models.BooleanField(
        default=True, help_text="Off: of this workitem nothing is told."
    )
    deletion_lock = models.BooleanField(
        default=False, help_text="Whether workitems stay while it is there."
    )
    is_made_by_filter = models.BooleanField(default=False)
    from_seq = models.BigIntegerField(
        help_text="Entries of the feed after this number are told."
    )
    initial_version = models.BigIntegerField(
        null=True, help_text="Of the state that is told first, where a filter made it."
    )
    above = models.BigIntegerField(default=0, help_text="Key of a workitem.")
    up_to = models.BigIntegerField(
        null=True, help_text="Key of a workitem; empty: all that are to come."
    )

    class Meta:
        """One for each workitem and each filter of a subscriber."""

        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workitem", "subscriber"],
                condition=models.Q(workitem__isnull=False),
                name="worklist_subscription_workitem",
            ),
            models.UniqueConstraint(
                fields=["subscriber", "above"],
                condition=models.Q(workitem__isnull=True, filter=""),
                name="worklist_subscription_range",
            ),
            models.UniqueConstraint(
                fields=["subscriber", "filter"],
                condition=~models.Q(filter=""),
                name="worklist_subscription_filter",
            ),
            models.CheckConstraint(
                condition=models.Q(workitem__isnull=True) | models.Q(filter=""),
                name="worklist_subscription_of_one_kind",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["subscriber", "id"], name="worklist_subscription_of"),
        ]

    def __str__(self) -> str:
        """Return what it is of."""
        return f"{self.subscriber}: {self.workitem or self.filter or 'all'}"
