"""The words of the record: what is said of conditions, drugs, values, places, parts.

Events name a CodeableConcept, the codings and words that stood together. There are few
of them: a question finds those that mean what it asks for, and then events by their
keys alone. `Concept` and `ConceptAncestor` are what code systems say, where they are
loaded. Written by `fhirlink.events.follower` and by ``import_terminology``.
"""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from fhirlink.events.words import Words
from imaging.models.fields import Text


class Concept(models.Model):
    """A code of a code system, seen in data or loaded; systems are compared exactly."""

    system = Text()
    code = Text()
    display = Text(help_text="As the loaded code system calls it; else empty.")
    is_loaded = models.BooleanField(default=False)

    class Meta:
        """One row for each code."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["system", "code"], name="fhirlink_concept_code"
            )
        ]
        indexes: ClassVar = [GinIndex(Words("display"), name="fhirlink_concept_words")]

    def __str__(self) -> str:
        """Return system and code."""
        return f"{self.system}|{self.code}"


class ConceptAncestor(models.Model):
    """A concept below another one, at any distance: the closure of a loaded hierarchy.

    A concept is not its own ancestor.
    """

    ancestor = models.ForeignKey(
        Concept,
        on_delete=models.CASCADE,
        related_name="descent",
        db_index=False,
        db_constraint=False,
    )
    concept = models.ForeignKey(
        Concept,
        on_delete=models.CASCADE,
        related_name="ancestry",
        db_constraint=False,
    )

    class Meta:
        """Found from above; from below by the key's index."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["ancestor", "concept"], name="fhirlink_conceptancestor_pair"
            )
        ]

    def __str__(self) -> str:
        """Return the keys."""
        return f"{self.concept_id} below {self.ancestor_id}"


class CodeableConcept(models.Model):
    """Codings and words that stood together in resources of a partition."""

    id = models.AutoField(primary_key=True)
    partition = models.ForeignKey(
        "core.Partition", on_delete=models.CASCADE, db_index=False
    )
    digest = models.BinaryField(max_length=16, help_text="Of all its codings.")

    class Meta:
        """One row for each combination."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partition", "digest"], name="fhirlink_codeableconcept_once"
            )
        ]

    def __str__(self) -> str:
        """Return the key only: words may tell of patients."""
        return f"codeable concept {self.pk}"


class Coding(models.Model):
    """One coding of a CodeableConcept, or its words: then there is no concept."""

    codeable_concept = models.ForeignKey(
        CodeableConcept,
        on_delete=models.CASCADE,
        related_name="codings",
        db_index=False,
        db_constraint=False,
    )
    position = models.SmallIntegerField()
    concept = models.ForeignKey(
        Concept,
        null=True,
        on_delete=models.PROTECT,
        related_name="codings",
        db_constraint=False,
    )
    display = Text()

    class Meta:
        """In their order, and found by their words."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["codeable_concept", "position"], name="fhirlink_coding_position"
            )
        ]
        indexes: ClassVar = [GinIndex(Words("display"), name="fhirlink_coding_words")]

    def __str__(self) -> str:
        """Return the key only: words may tell of patients."""
        return f"coding {self.pk}"


class CodeUse(models.Model):
    """How many events of a kind have a CodeableConcept as their code, value and so on.

    What is used nowhere any more has no row.
    """

    class Role(models.IntegerChoices):
        """What it is to the events."""

        CODE = 0
        CATEGORY = 1
        VALUE = 2
        SITE = 3
        BODY = 4

    codeable_concept = models.ForeignKey(
        CodeableConcept,
        on_delete=models.CASCADE,
        related_name="uses",
        db_index=False,
        db_constraint=False,
    )
    role = models.SmallIntegerField(choices=Role)
    kind = models.SmallIntegerField(help_text="fhirlink.events.shapes.Kind")
    number_of_events = models.BigIntegerField()

    class Meta:
        """One row for each use."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["codeable_concept", "role", "kind"], name="fhirlink_codeuse_one"
            )
        ]

    def __str__(self) -> str:
        """Return the key only."""
        return f"use {self.pk}"


class Unit(models.Model):
    """A unit as it is written, and the one that its numbers are kept in."""

    id = models.AutoField(primary_key=True)
    system = Text()
    code = Text()
    words = Text(help_text="As people write it.")
    canonical = Text(
        help_text="The unit of its dimension (fhirlink.search.units); empty: its own."
    )

    class Meta:
        """One row for each way to write it."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["system", "code", "words"], name="fhirlink_unit_written"
            )
        ]

    def __str__(self) -> str:
        """Return how it is written."""
        return self.words or self.code
