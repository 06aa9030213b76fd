"""Values of resources that are compared by order; all others are hashed terms.

A slot is the hash of a partition, a type and a search parameter (and of a code, for
the composites of a code and a quantity): `fhirlink.search.slots`. Rows go and come
with the current version of their resource. Written by `fhirlink.write`.
"""

from typing import ClassVar

from django.db import models

from fhirlink.models.resource import Resource
from imaging.models.fields import Text


class SearchValue(models.Model):
    """What the tables of values have in common."""

    slot = models.BigIntegerField()
    # No constraint: it would be looked at for each of many rows, which are derived.
    resource = models.ForeignKey(
        Resource, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )

    class Meta:
        """No table of its own."""

        abstract = True


class StringValue(SearchValue):
    """A text, folded; a long one is cut."""

    text = Text()

    class Meta:
        """Found by how it begins."""

        indexes: ClassVar = [
            models.Index(
                fields=["slot", "text", "resource"], name="fhirlink_stringvalue_at"
            )
        ]

    def __str__(self) -> str:
        """Return the key only: texts are not for logs."""
        return f"text {self.pk}"


class DateValue(SearchValue):
    """From a moment until before another one; open ends are the ends of time."""

    first = models.DateTimeField()
    end = models.DateTimeField()

    class Meta:
        """Found by both ends."""

        indexes: ClassVar = [
            models.Index(
                fields=["slot", "first", "end", "resource"],
                name="fhirlink_datevalue_at",
            )
        ]

    def __str__(self) -> str:
        """Return the key only."""
        return f"interval {self.pk}"


class QuantityValue(SearchValue):
    """A number, or a range of them; in a canonical unit where UCUM has one.

    Attributes
    ----------
    unit
        The hash of system and code of the unit that the bounds are in; 0 for plain
        numbers, `AS_WRITTEN` where another row has them in the canonical unit.
    """

    low = models.FloatField()
    high = models.FloatField()
    unit = models.BigIntegerField(default=0)

    class Meta:
        """Found by both bounds."""

        indexes: ClassVar = [
            models.Index(
                fields=["slot", "low", "high", "resource"],
                name="fhirlink_quantityvalue_at",
            )
        ]

    def __str__(self) -> str:
        """Return the key only."""
        return f"quantity {self.pk}"


class TermText(models.Model):
    """A text or a code that stands for a term in `Resource.terms`.

    One row for each that any resource has had: by it terms are found by how their texts
    begin (``:text``, ``:below``), and resources sorted by codes. Written by
    `fhirlink.write`.

    Attributes
    ----------
    slot
        Of a partition, a type, a parameter and what the text is of it.
    """

    term = models.BigIntegerField(primary_key=True)
    slot = models.BigIntegerField()
    text = Text()

    class Meta:
        """Found by how it begins."""

        indexes: ClassVar = [
            models.Index(fields=["slot", "text", "term"], name="fhirlink_termtext_at")
        ]

    def __str__(self) -> str:
        """Return the key only."""
        return f"text of term {self.pk}"
