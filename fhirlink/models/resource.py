"""Resources, and the immutable versions of each."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from imaging.models.fields import Text


class Resource(models.Model):
    """A resource of a partition, and which of its versions is the current one.

    A deleted one stays, with a current version that has no content, so that its
    history goes on when it is written again. Written by `fhirlink.write`.
    """

    partition = models.ForeignKey(
        "core.Partition", on_delete=models.PROTECT, db_index=False
    )
    type = Text(help_text="As resourceType names it.")
    fhir_id = Text(max_length=64, help_text="The id of its address.")
    version = models.ForeignKey(
        "fhirlink.ResourceVersion",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    number = models.IntegerField(help_text="meta.versionId of the current version.")
    updated_at = models.DateTimeField(help_text="meta.lastUpdated.")
    is_deleted = models.BooleanField(default=False)
    terms = ArrayField(
        models.BigIntegerField(),
        default=list,
        help_text="What it is found by: hashes of parameters with their values.",
    )

    class Meta:
        """One row for each address."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partition", "type", "fhir_id"], name="fhirlink_resource_id"
            )
        ]
        indexes: ClassVar = [
            GinIndex(fields=["terms"], name="fhirlink_resource_terms"),
            models.Index(
                fields=["partition", "type", "id"],
                condition=models.Q(is_deleted=False),
                name="fhirlink_resource_page",
            ),
            models.Index(
                fields=["partition", "type", "updated_at", "id"],
                name="fhirlink_resource_updated",
            ),
        ]

    def __str__(self) -> str:
        """Return its address."""
        return f"{self.type}/{self.fhir_id}"


class ResourceVersion(models.Model):
    """What a resource was from one write to the next; never changed.

    The change feed names versions. Written by `fhirlink.write`.
    """

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, db_index=False)
    number = models.IntegerField(help_text="meta.versionId.")
    at = models.DateTimeField(help_text="meta.lastUpdated.")
    method = models.TextField(help_text="The HTTP verb that made it.")
    body = models.BinaryField(
        help_text="Its JSON as `fhirlink.document` keeps it; empty: deleted."
    )

    class Meta:
        """In their order."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["resource", "number"], name="fhirlink_version_number"
            )
        ]

    def __str__(self) -> str:
        """Return its number."""
        return f"version {self.number} of {self.resource_id}"
