"""What may be granted, to whom, and which studies it leads to."""

from typing import ClassVar

from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from core.models.partition import Partition


class ScopeKind(models.TextChoices):
    """What a scope stands for."""

    PARTITION = "partition"
    PROJECT = "project"
    PATIENT = "patient"
    STUDY = "study"
    WORKLIST = "worklist"


class Scope(models.Model):
    """Something a grant hangs on: a partition, project, patient, study, worklist.

    Written by `core.accounts.scopes`, the first time that something is granted on it.
    A scope whose object is deleted goes with its grants. A worklist leads to its
    workitems, and to the studies that they open (decision 0049).

    Permissions of django-guardian on it are the levels of a grant.
    """

    kind = models.CharField(max_length=16, choices=ScopeKind.choices)
    object_id = models.BigIntegerField(help_text="Key of what it stands for.")
    partition = models.ForeignKey(
        Partition,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="The tenant that it lies in.",
    )

    class Meta:
        """One for each object."""

        verbose_name = "what has grants"
        verbose_name_plural = "what has grants"
        permissions: ClassVar = [
            ("see_scope", "What is in it"),
            ("identify_scope", "What is in it, and who its patients are"),
            ("own_scope", "What is in it, and who else sees it"),
        ]
        default_permissions: ClassVar = []
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "object_id"], name="core_scope_object"
            )
        ]

    def __str__(self) -> str:
        """Return what it stands for, without telling who that is."""
        return f"{self.kind} {self.object_id}"


class Grant(models.Model):
    """What grants to accounts and to groups have in common."""

    granted_at = models.DateTimeField(auto_now_add=True)
    granted_by = models.CharField(max_length=150, blank=True, editable=False)
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="Empty: until it is revoked."
    )
    reason = models.CharField(
        max_length=200, blank=True, help_text="Why; it stands in the audit log."
    )

    class Meta:
        """No table of its own."""

        abstract = True


class AccountGrant(Grant, UserObjectPermissionBase):
    """A grant to one account, as django-guardian keeps object permissions."""

    content_object = models.ForeignKey(
        Scope, on_delete=models.CASCADE, related_name="account_grants"
    )

    class Meta(UserObjectPermissionBase.Meta):
        """One of each level for an account and a scope."""

        verbose_name = "grant to an account"
        verbose_name_plural = "grants to accounts"
        default_permissions: ClassVar = []

    def __str__(self) -> str:
        """Return to whom, and on what."""
        return f"{self.user} on {self.content_object}"


class GroupGrant(Grant, GroupObjectPermissionBase):
    """A grant to all accounts of a group, as django-guardian keeps it."""

    content_object = models.ForeignKey(
        Scope, on_delete=models.CASCADE, related_name="group_grants"
    )

    class Meta(GroupObjectPermissionBase.Meta):
        """One of each level for a group and a scope."""

        verbose_name = "grant to a group"
        verbose_name_plural = "grants to groups"
        default_permissions: ClassVar = []

    def __str__(self) -> str:
        """Return to whom, and on what."""
        return f"{self.group} on {self.content_object}"


class ScopedStudy(models.Model):
    """A study that a scope leads to; what lists are filtered by.

    Written by triggers only: of `imaging`, whenever a study, its patient, a project or
    a scope changes; of `worklist`, whenever a workitem names other studies, too. The
    row of a deleted study stays without its key, so that what the change feed says of
    it is still seen by those who saw the study.
    """

    pk = models.CompositePrimaryKey("scope_id", "partition_id", "study_instance_uid")
    scope = models.ForeignKey(Scope, on_delete=models.CASCADE, related_name="+")
    partition = models.ForeignKey(Partition, on_delete=models.CASCADE, related_name="+")
    study_instance_uid = models.CharField(max_length=64)
    study_id = models.BigIntegerField(null=True)

    class Meta:
        """By scope in the order of lists, and by study."""

        default_permissions: ClassVar = []
        indexes: ClassVar = [
            models.Index(
                fields=["scope", "study_id"],
                name="core_scopedstudy_page",
                condition=models.Q(study_id__isnull=False),
            ),
            models.Index(fields=["study_id", "scope"], name="core_scopedstudy_study"),
            models.Index(
                fields=["study_instance_uid", "partition", "scope"],
                name="core_scopedstudy_uid",
            ),
        ]

    def __str__(self) -> str:
        """Return the keys only."""
        return f"study {self.study_id} in scope {self.scope_id}"
