"""Who may sign in, and with which tokens."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models


class Account(AbstractUser):
    """A person or a program that acts; its roles are Django groups.

    Written by administrators and by ``manage.py token create``.
    """

    only_granted = models.BooleanField(
        default=False,
        help_text="Whatever its roles reach, this account reaches only what is granted"
        " to it or to a group of its own.",
    )

    class Meta(AbstractUser.Meta):
        """Order by name, as the admin shows them."""

        ordering: ClassVar = ["username"]


class Token(models.Model):
    """A bearer token of an account (RFC 6750); only its SHA-256 is kept.

    Written by `core.accounts.tokens`. A token works until it expires or is revoked.
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

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        """Return what the admin calls it."""
        return f"{self.name} ({self.account})"
