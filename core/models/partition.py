"""The tenants."""

from typing import ClassVar, Final

from django.core.validators import RegexValidator
from django.db import models

DEFAULT_PARTITION: Final = "default"
AS_IT_COMES: Final = ""
STORED_AS: Final = (
    (AS_IT_COMES, "as it comes"),
    ("1.2.840.10008.1.2.1", "Explicit VR Little Endian"),
    ("1.2.840.10008.1.2.5", "RLE Lossless"),
    ("1.2.840.10008.1.2.4.70", "JPEG Lossless"),
    ("1.2.840.10008.1.2.4.80", "JPEG-LS Lossless"),
    ("1.2.840.10008.1.2.4.90", "JPEG 2000 Lossless"),
    ("1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000 Lossless"),
)
"""Transfer syntaxes, all without loss, into which a partition may bring images."""


class Partition(models.Model):
    """A data partition: everything that one tenant holds, kept apart from all others.

    The same UIDs may live in two partitions independently. Written by
    `core.partitions`, which creates one at the first store into it. A deleted one
    stays as a row, for what names it: feed, audit log, usage.
    """

    name = models.CharField(
        max_length=64,
        validators=[RegexValidator(r"\A[A-Za-z0-9_.-]{1,64}\Z")],
        help_text="Its name in addresses: A-Z, a-z, 0-9, '_', '.' and '-'.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    disabled_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="Since when nothing in it is read or stored; empty: it is in use.",
    )
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    assigning_authority = models.CharField(
        max_length=64,
        blank=True,
        help_text="Identifier system of a PatientID that names no issuer.",
    )
    stored_as = models.CharField(
        max_length=64,
        blank=True,
        choices=STORED_AS,
        default=AS_IT_COMES,
        db_default=AS_IT_COMES,
        help_text="Transfer syntax into which images are brought as they are stored.",
    )

    class Meta:
        """In the order of creation, as ``GET /partitions`` lists them."""

        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(deleted_at=None),
                name="core_partition_name",
            )
        ]

    def __str__(self) -> str:
        """Return its name in the address."""
        return self.name


class FormerPartitionName(models.Model):
    """A name that a partition gave up, by a rename or its end.

    Nobody else gets it until no process can remember whose it was
    (`core.partitions`), so that nothing lands in the wrong partition.
    """

    name = models.CharField(max_length=64, primary_key=True)
    partition = models.ForeignKey(
        Partition, on_delete=models.CASCADE, related_name="former_names"
    )
    given_up_at = models.DateTimeField()

    class Meta:
        """By name."""

        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        """Return the name."""
        return self.name
