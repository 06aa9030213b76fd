"""What names are meant like: vectors of the names that partitions call things by."""

from typing import ClassVar

from django.db import models

from imaging.models.fields import Text


class NameVector(models.Model):
    """The vector of a name, as a model makes it.

    Written by `cohorts.suggestions.kept` for names that five events of a partition
    have, and removed with the last of these. Derived: it does not depend on whose the
    name is; who may know that, `cohorts.vocabulary` decides with each question.

    Attributes
    ----------
    name
        As `cohorts.language.lexicon.plain_name` says it.
    vector
        Of length 1: 16-bit floats, little-endian.
    """

    model = models.CharField(max_length=100)
    name = Text()
    vector = models.BinaryField()

    class Meta:
        """Each name once for each model."""

        default_permissions: ClassVar = []
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["model", "name"], name="cohorts_namevector_once"
            )
        ]

    def __str__(self) -> str:
        """Return the key only: words may tell of patients."""
        return f"vector {self.pk}"
