"""Rules that make workitems, what they have made, and what waits for them."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from imaging.models.fields import Text, Uid
from worklist.rules.attributes_table import ENUMERATED


class WorkitemRule(models.Model):
    """What workitems are made of the studies, or resources, of a partition.

    Written by `worklist.making.configuring`; what its fields mean says
    `worklist.making.plan`.
    """

    uuid = models.UUIDField(
        default=uuid.uuid4, editable=False, help_text="What its keys are made with."
    )
    partition = models.ForeignKey(
        "core.Partition", on_delete=models.PROTECT, db_index=False
    )
    name = Text(max_length=64)
    is_enabled = models.BooleanField(default=False)
    source = Text(
        max_length=64, help_text="What is looked at: Study, or a type of resource."
    )
    conditions = Text(
        help_text="A search of it, as in an address: ModalitiesInStudy=CT, or"
        " status=active&intent=order. Empty: all."
    )
    template = models.JSONField(
        default=dict,
        blank=True,
        help_text="A data set in DICOM JSON; texts may hold {paths}.",
    )
    key_path = Text(
        help_text="One workitem for each value that stands there; empty: one alone."
    )
    priority = models.CharField(
        max_length=6,
        blank=True,
        default="",
        choices=[(each, each) for each in ENUMERATED["ScheduledProcedureStepPriority"]],
        help_text="Empty: as the template or the resource says, else MEDIUM.",
    )
    worklist_label = Text(
        max_length=64, help_text="The pool; empty: that of workitems without one."
    )
    station = Text(help_text="code, scheme, meaning")
    performer = Text(
        help_text="The name of an account, Practitioner/id, or code, scheme, name,"
        " organization."
    )
    start = Text(help_text="arrival, arrival + 30 min, {path} + 1 d. Empty: arrival.")
    due = Text(help_text="arrival + 4 h, and the like. Empty: it does not say.")
    quiet = Text(
        help_text="60 s: how long nothing more of it has come before the rule looks."
        " Empty: it looks at once."
    )
    longest_wait = Text(
        help_text="2 h: after so long the rule looks though it is not quiet."
        " Empty: 1 h, or as long as it is to be quiet."
    )
    steps = models.JSONField(
        default=list,
        blank=True,
        help_text='When it is overdue: [{"after": "1 h", "priority": "HIGH"}].',
    )
    version = models.PositiveIntegerField(default=1, help_text="One more each change.")
    after_seq = models.BigIntegerField(
        default=0, help_text="Of the feed: what came up to it was there before."
    )
    changed_by = Text()
    changed_at = models.DateTimeField(db_default=Now())
    problem = Text(help_text="Why it did not make a workitem that it should have.")
    problem_at = models.DateTimeField(null=True, blank=True)
    number_of_problems = models.PositiveIntegerField(default=0)

    class Meta:
        """One of each name in a partition."""

        verbose_name = "rule of a worklist"
        verbose_name_plural = "rules of worklists"
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partition", "name"], name="worklist_rule_name"
            )
        ]

    def __str__(self) -> str:
        """Return its name."""
        return self.name


class MadeWorkitem(models.Model):
    """That a rule has made a workitem: it makes no second one by the same key.

    It stays when the workitem is deleted. Written by `worklist.making.make`, and by
    who takes its steps, ends it, or has another in its place.
    """

    rule = models.ForeignKey(WorkitemRule, on_delete=models.PROTECT, db_index=False)
    key = models.UUIDField()
    partition_id = models.BigIntegerField()
    subject = Text(help_text="StudyInstanceUID, or type and id of a resource.")
    sop_instance_uid = Uid(help_text="Of the workitem.")
    made_at = models.DateTimeField(db_default=Now())
    version = models.PositiveIntegerField(help_text="Of the rule.")
    steps_taken = models.SmallIntegerField(default=0, db_default=0)
    next_at = models.DateTimeField(
        null=True, help_text="Of the next step, where it is overdue then."
    )

    refusal = Text(help_text="Why what its Task has wished was not done.")
    owner_seen = Text(help_text="Digest of Task.owner as both agreed.")
    performers_seen = Text(help_text="Digest of the scheduled performers then.")
    ended_at = models.DateTimeField(
        null=True, help_text="When it was ended as what it was made of had ended."
    )

    class Meta:
        """Once for each key; found by workitem, resource, and its next step."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rule", "key"], name="worklist_made_key")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["sop_instance_uid", "partition_id"], name="worklist_made_uid"
            ),
            models.Index(
                fields=["next_at", "id"],
                condition=models.Q(next_at__isnull=False),
                name="worklist_made_next",
            ),
            models.Index(
                fields=["subject", "partition_id"],
                condition=models.Q(subject__contains="/"),  # UIDs of studies have none
                name="worklist_made_resource",
            ),
        ]

    def __str__(self) -> str:
        """Return what it was made of."""
        return self.subject


class WaitingSubject(models.Model):
    """A study or resource that rules are to look at.

    Noted by `worklist.making.follower` once, however often it changes meanwhile.
    """

    partition_id = models.BigIntegerField()
    source = Text()
    subject = Text(help_text="StudyInstanceUID, or id of the resource.")
    seq = models.BigIntegerField(help_text="Of the feed: its newest change.")

    class Meta:
        """Each once; those first that came first."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partition_id", "source", "subject"],
                name="worklist_waiting_subject",
            )
        ]

    def __str__(self) -> str:
        """Return what waits."""
        return f"{self.source}/{self.subject}"


class RestlessSubject(models.Model):
    """A study or resource that a rule looks at once it is quiet.

    Written by `worklist.making.quiet`: once for each rule that waits, however often it
    changes meanwhile.
    """

    rule = models.ForeignKey(WorkitemRule, on_delete=models.CASCADE, db_index=False)
    subject = Text(help_text="StudyInstanceUID, or id of the resource.")
    first_at = models.DateTimeField(help_text="Since when it waits.")
    noted_at = models.DateTimeField(help_text="When its newest change was noted.")
    due_at = models.DateTimeField(help_text="Before then it is not looked at.")

    class Meta:
        """Once for each rule; those first that are due first."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rule", "subject"], name="worklist_restless_subject"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at", "id"], name="worklist_restless_due")
        ]

    def __str__(self) -> str:
        """Return what waits."""
        return self.subject
