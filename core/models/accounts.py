"""Who may sign in, and with which tokens."""

from collections.abc import Iterator
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import Upper


class Account(AbstractUser):
    """A person or a program that acts; its roles are Django groups.

    Written by administrators, by ``manage.py token create`` and ``account``, and at the
    first sight of a bearer token of an OpenID Connect issuer (`core.accounts.oidc`).
    """

    only_granted = models.BooleanField(
        default=False,
        help_text="Whatever its roles reach, this account reaches only what is granted"
        " to it or to a group of its own.",
    )
    issuer = models.CharField(
        max_length=255,
        blank=True,
        editable=False,
        help_text="The OpenID Connect issuer that it belongs to; empty: it is ours.",
    )
    subject = models.CharField(
        max_length=255,
        blank=True,
        editable=False,
        help_text="What the issuer calls it, for ever.",
    )
    groups_as_of = models.DateTimeField(
        null=True,
        editable=False,
        help_text="When the token was made whose groups gave it its roles.",
    )
    sessions_ended_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text="All sessions from before are over.",
    )

    class Meta(AbstractUser.Meta):
        """By name; found by the beginning of a name or address, in any case."""

        verbose_name = "account"
        verbose_name_plural = "accounts"
        ordering: ClassVar = ["username"]
        indexes: ClassVar = [
            models.Index(
                OpClass(Upper(column), name="text_pattern_ops"),
                name=f"core_account_{column}",
            )
            for column in ("username", "last_name", "email")
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["issuer", "subject"],
                condition=~models.Q(issuer=""),
                name="core_account_identity",
            )
        ]

    def get_session_auth_hash(self) -> str:
        """Return what a session keeps, and what ends it when it is another."""
        return self._until_ended(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Yield the same under each older secret key."""
        yield from map(self._until_ended, super().get_session_auth_fallback_hash())

    def _until_ended(self, session_hash: str) -> str:
        at = self.sessions_ended_at
        return session_hash if at is None else f"{session_hash}/{at.timestamp()}"


class Token(models.Model):
    """A bearer token of an account (RFC 6750); only its SHA-256 is kept.

    Written by `core.accounts.tokens`. A token works until it expires or is revoked, and
    allows what its account may do, or less.
    """

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="tokens"
    )
    name = models.CharField(max_length=100, help_text="What the token is for.")
    digest = models.BinaryField(
        max_length=32, unique=True, editable=False, help_text="SHA-256 of the token."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="Empty: does not expire."
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    verbs = ArrayField(
        models.CharField(max_length=32),
        null=True,
        blank=True,
        help_text="The only verbs that it allows; none named: all of the account's.",
    )
    partitions = ArrayField(
        models.BigIntegerField(),
        null=True,
        blank=True,
        help_text="Keys of the only partitions that it allows; none named: all.",
    )
    last_used_at = models.DateTimeField(
        null=True, blank=True, help_text="Within a minute or so."
    )

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        """Return what the admin calls it."""
        return f"{self.name} ({self.account})"


class SignInFailures(models.Model):
    """How often a password was wrong of late, for one account or from one address.

    Written by `core.accounts.sign_in`. The row of an account that there is not looks
    alike. Above a limit nobody signs in with it until its time is over; removing the
    row ends the lock-out.
    """

    class Kind(models.TextChoices):
        """What is counted."""

        ACCOUNT = "account"
        ADDRESS = "address"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    digest = models.BinaryField(
        max_length=32, editable=False, help_text="SHA-256 of the name, or address."
    )
    label = models.CharField(
        max_length=150,
        blank=True,
        help_text="The address, or the account's name where there is such an account.",
    )
    number = models.IntegerField(help_text="Attempts since then.")
    since = models.DateTimeField()

    class Meta:
        """The newest first."""

        verbose_name_plural = "sign-in failures"
        default_permissions: ClassVar = []
        ordering: ClassVar = ["-since"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "digest"], name="core_signinfailures_key"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["since"], name="core_signinfailures_since"),
            models.Index(
                fields=["-since", "-id"],
                condition=~models.Q(label=""),
                name="core_signinfailures_named",
            ),
            models.Index(
                fields=["label"],
                condition=~models.Q(label=""),
                name="core_signinfailures_label",
            ),
        ]

    def __str__(self) -> str:
        """Return what is counted."""
        return f"{self.kind} {self.label or 'that there is not'}"
