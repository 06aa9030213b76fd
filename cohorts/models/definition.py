"""What criteria name: questions and sets of concepts that somebody has saved."""

import uuid
from typing import Any, ClassVar, Final

from django.conf import settings
from django.db import models

LONGEST_NAME: Final = 100
LONGEST_DESCRIPTION: Final = 2_000


class DefinitionKind(models.TextChoices):
    """What is defined; the value is the member of criteria that names it."""

    COHORT = "cohort", "saved cohort"
    SET = "set", "concept set"


def keep_shared(collector: Any, field: Any, definitions: Any, using: str) -> None:
    """Have what is shared belong to nobody when its account is removed; all else goes.

    An ``on_delete`` of Django. Others ask by what is shared, and name it in theirs.
    """
    found = list(definitions)
    shares = DefinitionShare.objects.using(using).filter(definition__in=found)
    shared = set(shares.values_list("definition_id", flat=True))
    kept = [each for each in found if each.pk in shared]
    gone = [each for each in found if each.pk not in shared]
    # Django's own collector hands lists to them as well, whatever the stubs say.
    models.SET_NULL(collector, field, kept, using)  # type: ignore[arg-type] # stubs
    models.CASCADE(collector, field, gone, using)  # type: ignore[arg-type] # stubs


class Definition(models.Model):
    """A question, or a set of concepts, under a name, in a partition.

    Written by `cohorts.definitions` for the account that owns it. What it says is in
    its versions, of which the newest counts: none is ever overwritten.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=DefinitionKind.choices)
    partition = models.ForeignKey(
        "core.Partition", on_delete=models.CASCADE, related_name="+"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=keep_shared,
        null=True,
        related_name="cohort_definitions",
        help_text="None: its account was removed, and it was shared.",
    )
    name = models.CharField(max_length=LONGEST_NAME)
    description = models.CharField(max_length=LONGEST_DESCRIPTION, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        """Of one owner each name once, for each kind and partition."""

        default_permissions: ClassVar = []
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["owner", "partition", "kind", "name"],
                name="cohorts_definition_name",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["partition", "kind", "name"], name="cohorts_definition_named"
            ),
            models.Index(fields=["changed_at", "id"], name="cohorts_definition_newest"),
        ]

    def __str__(self) -> str:
        """Return what it is called."""
        return self.name


class DefinitionVersion(models.Model):
    """What a definition says from a moment on; never changed.

    Attributes
    ----------
    number
        From 1.
    content
        Criteria of a cohort, whole; the concept of a set. What it names itself, it
        names by key.
    """

    definition = models.ForeignKey(
        Definition, on_delete=models.CASCADE, related_name="versions"
    )
    number = models.PositiveIntegerField()
    content = models.JSONField()
    actor = models.TextField(help_text="Who has saved it.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Each number once."""

        default_permissions: ClassVar = []
        ordering: ClassVar = ["definition", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["definition", "number"], name="cohorts_definition_version"
            )
        ]

    def __str__(self) -> str:
        """Return the number."""
        return f"version {self.number}"


class DefinitionShare(models.Model):
    """Who else sees a definition: whoever reads all of a project or partition."""

    definition = models.ForeignKey(
        Definition, on_delete=models.CASCADE, related_name="shares"
    )
    scope = models.ForeignKey("core.Scope", on_delete=models.CASCADE, related_name="+")
    shared_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """With each scope once."""

        default_permissions: ClassVar = []
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["definition", "scope"], name="cohorts_definition_share"
            )
        ]

    def __str__(self) -> str:
        """Return the scope."""
        return f"shared with {self.scope}"
