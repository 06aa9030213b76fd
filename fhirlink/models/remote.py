"""FHIR servers of others that a partition is kept in step with: what waits for them.

Written by `fhirlink.remote`.
"""

from typing import ClassVar
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from imaging.models.fields import Text


class Auth(models.TextChoices):
    """How a server knows us."""

    NONE = "none"
    BEARER = "bearer", "a token"
    SMART = "smart", "SMART backend services"


class RemoteServer(models.Model):
    """A FHIR server of somebody else, for one partition; several may name the same.

    None is ever removed: the identifiers that it was sent hang on its namespace.
    """

    partition = models.ForeignKey("core.Partition", on_delete=models.PROTECT)
    name = models.SlugField(max_length=64, db_index=False)
    base_url = models.TextField(help_text="Base address: https://host.example/fhir")
    auth = models.TextField(choices=Auth.choices, default=Auth.NONE)
    secret = models.TextField(
        blank=True, default="", help_text="Hidden: the token, or the private key."
    )
    token_url = models.TextField(
        blank=True, default="", help_text="SMART: who gives tokens."
    )
    client_id = models.TextField(blank=True, default="", help_text="SMART: who we are.")
    key_id = models.TextField(
        blank=True, default="", help_text="SMART: kid of the key that it knows."
    )
    scope = models.TextField(blank=True, default="system/*.*", help_text="SMART.")
    types_out = ArrayField(
        models.TextField(), blank=True, default=list, help_text="Types that are sent."
    )
    types_in = ArrayField(
        models.TextField(), blank=True, default=list, help_text="Types that are taken."
    )
    overwrites_patients = models.BooleanField(
        default=False,
        help_text="Whether Patients that the other side made are written.",
    )
    is_enabled = models.BooleanField(default=True)
    namespace = models.UUIDField(default=uuid4, editable=False)
    failures = models.IntegerField(default=0, help_text="In a row, of the server.")
    retry_at = models.DateTimeField(null=True, help_text="Not asked before then.")
    error = models.TextField(default="", help_text="What the server failed with.")
    answered_at = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True, help_text="Of the worker that talks to it.")
    lease_until = models.DateTimeField(null=True)

    class Meta:
        """In the order of their making."""

        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name"], name="fhirlink_remoteserver_name"),
            models.CheckConstraint(
                condition=models.Q(auth__in=Auth.values),
                name="fhirlink_remoteserver_auth",
            ),
        ]

    def __str__(self) -> str:
        """Return its name."""
        return self.name


class InboundCursor(models.Model):
    """How far the resources of a type were taken from a server.

    Attributes
    ----------
    since
        ``meta.lastUpdated`` of the last one that was taken; null: from the beginning.
    next_url
        The page that comes next, where a turn ended between pages.
    deletions_since
        What was deleted before is known.
    """

    server = models.ForeignKey(RemoteServer, on_delete=models.CASCADE, db_index=False)
    type = Text()
    since = models.DateTimeField(null=True)
    next_url = models.TextField(default="")
    deletions_since = models.DateTimeField(null=True)
    has_history = models.BooleanField(default=True)
    caught_up_at = models.DateTimeField(null=True, help_text="All was taken then.")
    error = models.TextField(default="")

    class Meta:
        """One for each type."""

        ordering: ClassVar = ["server", "type"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["server", "type"], name="fhirlink_inboundcursor_type"
            )
        ]

    def __str__(self) -> str:
        """Return which type of which server."""
        return f"{self.type} of server {self.server_id}"


class RemoteResource(models.Model):
    """A resource here, and what it is on a server.

    Attributes
    ----------
    is_ours
        Whether it was made here and sent; else it was made there.
    etag
        ``meta.versionId`` there, as far as known.
    ours, theirs
        Hashes of both contents when they last agreed: what equals them is no news.
    names
        Members that the side which made it had then.
    """

    server = models.ForeignKey(RemoteServer, on_delete=models.CASCADE, db_index=False)
    type = Text()
    fhir_id = Text()
    remote_id = Text()
    is_ours = models.BooleanField()
    etag = models.TextField(default="")
    ours = models.BinaryField(default=b"")
    theirs = models.BinaryField(default=b"")
    names = ArrayField(models.TextField(), default=list)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        """One to one."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["server", "type", "fhir_id"], name="fhirlink_remote_here"
            ),
            models.UniqueConstraint(
                fields=["server", "type", "remote_id"], name="fhirlink_remote_there"
            ),
        ]

    def __str__(self) -> str:
        """Return both addresses."""
        return f"{self.type}/{self.fhir_id} as {self.remote_id}"


class OutboxState(models.TextChoices):
    """How far something to be sent is."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"


class OutboxItem(models.Model):
    """A resource that a server is to have as it is here: one row, whatever its version.

    What is sent is what the resource is when it is sent; `version` (a key of the feed)
    says up to which change that is, and is raised by each new one.
    """

    server = models.ForeignKey(RemoteServer, on_delete=models.CASCADE, db_index=False)
    type = Text()
    fhir_id = Text()
    version = models.BigIntegerField()
    state = models.TextField(
        choices=OutboxState.choices,
        default=OutboxState.WAITING,
        db_default=OutboxState.WAITING.value,
    )
    attempts = models.IntegerField(default=0, db_default=0)
    next_at = models.DateTimeField(db_default=Now())
    error = models.TextField(default="", db_default="")
    queued_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)

    class Meta:
        """One for each resource; those that wait are found in order."""

        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["server", "type", "fhir_id"], name="fhirlink_outboxitem_of"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=OutboxState.values),
                name="fhirlink_outboxitem_state",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["server", "state", "next_at", "version"],
                condition=~models.Q(state=OutboxState.SENT),
                name="fhirlink_outboxitem_open",
            )
        ]

    def __str__(self) -> str:
        """Return which resource it is."""
        return f"{self.type}/{self.fhir_id}"
