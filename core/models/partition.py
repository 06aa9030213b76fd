"""The tenants."""

from typing import ClassVar, Final

from django.core.validators import RegexValidator
from django.db import models

DEFAULT_PARTITION: Final = "default"


class Partition(models.Model):
    """A data partition: everything that one tenant holds, kept apart from all others.

    The same UIDs may live in two partitions independently. Written by
    `core.partitions`, which creates one at the first store into it.
    """

    name = models.CharField(
        max_length=64,
        unique=True,
        validators=[RegexValidator(r"\A[A-Za-z0-9_.-]{1,64}\Z")],
    )
    created_at = models.DateTimeField(auto_now_add=True)
    assigning_authority = models.CharField(
        max_length=64,
        blank=True,
        help_text="Identifier system of a PatientID that names no issuer.",
    )

    class Meta:
        """In the order of creation, as ``GET /partitions`` lists them."""

        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        """Return its name in the address."""
        return self.name
