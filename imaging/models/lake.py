"""What the portal remembers of the lake; the lake itself lies elsewhere."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class LakeTableState(models.Model):
    """How a table of the lake is after its last commit.

    Written by `imaging.lake.states`, in the transaction that moves the follower's
    cursor; shown by metrics, which do not look into the lake.
    """

    name = models.TextField(primary_key=True)
    number_of_files = models.BigIntegerField()
    number_of_rows = models.BigIntegerField()
    size_bytes = models.BigIntegerField()
    position = models.BigIntegerField(help_text="The last entry of the feed in it.")
    version = models.BigIntegerField(help_text="Number of its last commit.")
    committed_at = models.DateTimeField()

    def __str__(self) -> str:
        """Return its name."""
        return self.name


class LakeBuild(models.Model):
    """A rebuild that goes on: tables beside the others, until they are switched to.

    Written by `imaging.lake.follower`, removed by `imaging.lake.writing`.
    """

    began_at = models.DateTimeField(db_default=Now())

    class Meta:
        """The last one counts."""

        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        """Return its key."""
        return f"build {self.pk}"
