"""A question that was answered: who was found, kept for a while so that it is paged."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class CohortRun(models.Model):
    """Criteria as they were asked on a day, by somebody, and how many answer them.

    Written by `cohorts.answers.running`; who may see what of it is decided anew with
    each page. Derived: it can be asked again, and is removed when it has expired.

    Attributes
    ----------
    criteria
        As they were asked.
    meant
        The same with the saved cohorts and sets written in their place, as they were
        then; null where none is named.
    used
        Which those were, and their versions.
    resolved
        What the words and codes of the criteria have meant: codes of the data.
    day
        What counts as now.
    project
        What it was asked within; empty: all of the partition that its asker sees.
    sequence
        The entry of the change feed that the event table had come to.
    generation
        Which event table it was: one that is derived anew calls patients and events
        by other keys.
    is_protected
        Whether its asker may only count: then numbers are what was told, and empty
        where that is that there are too few.
    attrition
        What each criterion leaves: path, criterion, number.
    number_possible
        How many of the patients are there only because a partial date could match.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partition = models.ForeignKey("core.Partition", on_delete=models.CASCADE)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.CASCADE,
        related_name="cohort_runs",
        help_text="Who asked; empty: the portal itself.",
    )
    project = models.ForeignKey(
        "imaging.Project", null=True, on_delete=models.CASCADE, related_name="+"
    )
    actor = models.TextField()
    criteria = models.JSONField()
    meant = models.JSONField(null=True)
    used = models.JSONField(default=list)
    resolved = models.JSONField(default=dict)
    day = models.DateField()
    sequence = models.BigIntegerField()
    generation = models.BigIntegerField()
    is_protected = models.BooleanField(default=False)
    number_of_patients = models.IntegerField(null=True)
    number_possible = models.IntegerField(default=0, null=True)
    attrition = models.JSONField(default=list)
    took_ms = models.IntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        """Newest first, and by whose they are."""

        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            models.Index(fields=["account", "-created_at"], name="cohorts_run_own")
        ]

    def __str__(self) -> str:
        """Return the key only: criteria may tell of patients."""
        return f"cohort {self.pk}"


class CohortRunPart(models.Model):
    """Some of the patients of a run, in the order of their keys, and why they match.

    Attributes
    ----------
    first, last
        The keys of the first and last patient.
    patients
        `fhirlink.models.ClinicalPatient`, in order.
    leaves, matched, events
        For each event that satisfied a leaf of the criteria: the leaf, whose, which.
    """

    run = models.ForeignKey(
        CohortRun, on_delete=models.CASCADE, related_name="parts", db_index=False
    )
    first = models.IntegerField()
    last = models.IntegerField()
    patients = ArrayField(models.IntegerField())
    leaves = ArrayField(models.SmallIntegerField())
    matched = ArrayField(models.IntegerField())
    events = ArrayField(models.BigIntegerField())

    class Meta:
        """Each once; found by who is in it."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["run", "last"], name="cohorts_runpart_place"
            )
        ]

    def __str__(self) -> str:
        """Return the key only."""
        return f"part {self.pk}"
