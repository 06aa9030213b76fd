"""Workitems: Unified Procedure Steps."""

from typing import ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from imaging.models.fields import Text, Uid
from worklist.models.worklist import Worklist
from worklist.rules import State

_STATES: Final = [state.value for state in State]
OPEN: Final = models.Q(rank__lt=3)
"""What has not ended, as lists ask for it (`worklist.write.rank_of`)."""


class Workitem(models.Model):
    """A Unified Procedure Step of a partition (DICOM PS3.3 B.26.2).

    `content` is the truth; the columns are what lists are ordered and filtered by.
    The Transaction UID is the lock of whoever works at it: it stands in its column
    only, and no answer has it. Written by `worklist.write`.
    """

    partition = models.ForeignKey(
        "core.Partition", on_delete=models.PROTECT, db_index=False
    )
    sop_instance_uid = Uid()
    state = models.CharField(max_length=11, choices=[(each, each) for each in _STATES])
    transaction_uid = Uid(help_text="Of whoever has claimed it; empty: nobody.")
    version = models.ForeignKey(
        "worklist.WorkitemVersion",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_index=False,
        db_constraint=False,
        help_text="What happened last.",
    )
    content = models.BinaryField(help_text="Its DICOM JSON, deflated.")
    worklist = models.ForeignKey(
        Worklist, on_delete=models.PROTECT, db_index=False, related_name="workitems"
    )
    rank = models.SmallIntegerField(
        help_text="Where lists have it: by priority from 0, after the end from 3."
    )
    start_at = models.DateTimeField(help_text="Scheduled start (0040,4005).")
    modified_at = models.DateTimeField(help_text="Of its description (0040,4010).")
    ended_at = models.DateTimeField(
        null=True, help_text="When it was completed or canceled; empty: it is open."
    )
    due_at = models.DateTimeField(
        null=True, help_text="When it is expected to be done; empty: nobody said."
    )
    claimed_by = models.ForeignKey(
        "core.Account",
        on_delete=models.SET_NULL,
        null=True,
        db_index=False,
        related_name="+",
        help_text="Whose the Transaction UID is; empty: nobody's, or the portal's own.",
    )
    is_claimed_here = models.BooleanField(
        default=False,
        help_text="Whether the portal made the Transaction UID, and tells its account.",
    )
    patient_id = Text()
    issuer_of_patient_id = Text()
    study_instance_uids = ArrayField(
        models.TextField(), default=list, help_text="All that it names, anywhere in it."
    )

    class Meta:
        """One for each UID of a partition; read by rank and start."""

        ordering: ClassVar = ["rank", "start_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partition", "sop_instance_uid"], name="worklist_workitem_uid"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=_STATES),
                name="worklist_workitem_state",
            ),
            models.CheckConstraint(
                condition=models.Q(state=State.CANCELED.value)
                | models.Q(state=State.SCHEDULED.value, transaction_uid="")
                | (
                    models.Q(state__in=[State.IN_PROGRESS.value, State.COMPLETED.value])
                    & ~models.Q(transaction_uid="")
                ),
                name="worklist_workitem_lock",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=[State.COMPLETED.value, State.CANCELED.value],
                    ended_at__isnull=False,
                )
                | models.Q(
                    state__in=[State.SCHEDULED.value, State.IN_PROGRESS.value],
                    ended_at__isnull=True,
                ),
                name="worklist_workitem_end",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["partition", "rank", "start_at", "id"],
                name="worklist_workitem_page",
            ),
            models.Index(
                fields=["partition", "state", "rank", "start_at", "id"],
                name="worklist_workitem_of_state",
            ),
            models.Index(
                fields=["worklist", "rank", "start_at", "id"],
                name="worklist_workitem_of_list",
            ),
            models.Index(
                fields=["ended_at", "id"],
                condition=models.Q(ended_at__isnull=False),
                name="worklist_workitem_ended",
            ),
            models.Index(
                fields=["claimed_by", "rank", "start_at", "id"],
                condition=models.Q(claimed_by__isnull=False),
                name="worklist_workitem_claimed",
            ),
            models.Index(
                fields=["partition", "start_at", "id"],
                condition=OPEN,
                name="worklist_workitem_start",
            ),
            models.Index(
                fields=["partition", "due_at", "id"],
                condition=OPEN,
                name="worklist_workitem_due",
            ),
            models.Index(
                fields=["worklist", "due_at"],
                condition=OPEN & models.Q(due_at__isnull=False),
                name="worklist_workitem_list_due",
            ),
            models.Index(
                fields=["partition", "-modified_at", "-id"],
                name="worklist_workitem_changed",
            ),
            models.Index(
                fields=["worklist", "state"], name="worklist_workitem_list_state"
            ),
            models.Index(
                fields=["patient_id", "partition"],
                condition=~models.Q(patient_id=""),
                name="worklist_workitem_patient",
            ),
            GinIndex(fields=["study_instance_uids"], name="worklist_workitem_studies"),
        ]

    def __str__(self) -> str:
        """Return its UID."""
        return self.sop_instance_uid
