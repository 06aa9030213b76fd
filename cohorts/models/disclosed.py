"""What was told to whoever may only count, of which sets, and who has asked."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class ToldCount(models.Model):
    """A set of patients of which a protected number was told, to anybody.

    Written by `cohorts.answers.disclosure`. It names nobody, and goes when
    ``PORTAL_COHORT_LOG_DAYS`` are over. One of another event table is not looked at.

    Attributes
    ----------
    generation
        Which event table it was (as of `CohortRun`).
    number
        How many patients it has: not to be told.
    sketch
        `cohorts.execution.tally.Tally.sketch`.
    words
        `cohorts.answers.perturbation.lowest_words` of it, by which it is found.
    value
        What was told; empty: too few to tell.
    """

    partition = models.ForeignKey("core.Partition", on_delete=models.CASCADE)
    generation = models.BigIntegerField()
    number = models.IntegerField()
    sketch = models.BinaryField()
    words = ArrayField(models.BigIntegerField())
    value = models.IntegerField(null=True)
    day = models.DateField(db_index=True)

    class Meta:
        """Found by words of its sketch, which hardly two sets of strangers share."""

        indexes: ClassVar = [GinIndex(fields=["words"], name="cohorts_told_words")]

    def __str__(self) -> str:
        """Return the key only."""
        return f"told count {self.pk}"


class CountedQuestion(models.Model):
    """A question that somebody who may only count has asked on a day.

    Written by `cohorts.answers.question_log`, once a day however often it is asked.
    What it says lies in the audit log.

    Attributes
    ----------
    digest
        SHA-256 of the criteria in their canonical form, and of the day that counted
        as now.
    told
        How many it was told.
    times
        How often it was asked on the day.
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="counted_questions",
        db_index=False,
    )
    partition = models.ForeignKey(
        "core.Partition", on_delete=models.CASCADE, db_index=False
    )
    day = models.DateField(db_index=True)
    digest = models.CharField(max_length=64)
    told = models.CharField(max_length=20, default="", blank=True)
    times = models.IntegerField(default=1)

    class Meta:
        """Each once a day."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "day", "partition", "digest"],
                name="cohorts_countedquestion_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["partition"], name="cohorts_counted_partition")
        ]

    def __str__(self) -> str:
        """Return the beginning of the digest."""
        return self.digest[:12]
