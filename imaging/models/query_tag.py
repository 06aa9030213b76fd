"""Extended query tags: attributes that somebody has made searchable, and their values.

Neither values nor errors refer to other rows by foreign keys: a store would lock the
row of each tag for each of its values. Who takes away what they belong to takes them
along (`imaging.query_tags.rows`).
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from imaging.models.fields import Text


class TagLevel(models.TextChoices):
    """Of what a tag is an attribute, spelt as Azure's DICOM service does."""

    STUDY = "study"
    SERIES = "series"
    INSTANCE = "instance"


class TagStatus(models.TextChoices):
    """How far a tag is: from `ready` on searches may use it."""

    ADDING = "adding"
    READY = "ready"
    DELETING = "deleting"


class QueryTag(models.Model):
    """An attribute that can be searched for because somebody has asked for it.

    Written by `imaging.query_tags`. New instances are indexed by it from its first
    moment, those held before by an operation, which makes it ready.
    """

    path = Text(
        help_text="8 hexadecimal digits; inside of sequences all tags, joined by dots."
    )
    private_creator = Text(help_text="Of a private tag: in whatever block it stands.")
    identity = Text(help_text="The path without the block, and the creator.")
    vr = Text()
    level = models.TextField(choices=TagLevel.choices)
    status = models.TextField(
        choices=TagStatus.choices,
        default=TagStatus.ADDING,
        db_default=TagStatus.ADDING.value,
    )
    is_enabled = models.BooleanField(
        default=True,
        db_default=True,
        help_text="Whether searches may use it; not from the first error on.",
    )
    had_errors = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Whether an error has disabled it already: it does so once.",
    )
    operation_id = models.UUIDField(
        null=True, help_text="The operation that indexes, or removes, it."
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        """A path means one attribute, and an attribute has one path."""

        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["path"], name="imaging_querytag_path"),
            models.UniqueConstraint(
                fields=["identity"], name="imaging_querytag_identity"
            ),
            models.CheckConstraint(
                condition=models.Q(level__in=TagLevel.values),
                name="imaging_querytag_level",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=TagStatus.values),
                name="imaging_querytag_status",
            ),
        ]

    def __str__(self) -> str:
        """Return the path."""
        return self.path


class TagValue(models.Model):
    """A value that a study, series or instance has of a tag, as searches compare it.

    One row for each different value. The primary key answers a search by a value in
    the order of its results (decision 0018), the index what belongs to a row, and what
    has any value in that order. How often a tag has a value tells
    ``imaging_tagvalue_of_tag``, which are statistics of both together.
    """

    pk = models.CompositePrimaryKey("tag_id", "partition_id", "part", "text", "row_id")
    tag_id = models.IntegerField()
    partition_id = models.IntegerField(help_text="Of the study; moves along with it.")
    row_id = models.BigIntegerField(
        help_text="Key of the study, series or instance: the tag's level says which."
    )
    part = models.SmallIntegerField(
        help_text="What of the value it is: see `imaging.query_tags.values.Part`."
    )
    text = Text(help_text="Folded; numbers so that they sort; long text shortened.")
    long = Text(help_text="Text in full, where it is shortened.")
    places = ArrayField(
        models.IntegerField(),
        null=True,
        help_text="In which items of the sequence, or values; null: in the first.",
    )

    class Meta:
        """Looked at by value, and by what has it."""

        indexes: ClassVar = [
            models.Index(fields=["tag_id", "row_id"], name="imaging_tagvalue_of_row")
        ]

    def __str__(self) -> str:
        """Return which value of what it is, without the value."""
        return f"{self.tag_id} of {self.row_id}"


class TagError(models.Model):
    """An instance whose value of a tag could not be indexed, and why.

    It counts as long as the version is held; the message never holds the value.
    """

    tag_id = models.IntegerField()
    version_id = models.BigIntegerField()
    message = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        """One for each tag and version."""

        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tag_id", "version_id"], name="imaging_tagerror_one"
            )
        ]

    def __str__(self) -> str:
        """Return what could not be indexed."""
        return f"{self.tag_id} of version {self.version_id}"
