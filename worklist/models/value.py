"""The values of workitems that searches compare."""

from typing import ClassVar

from django.db import models

from imaging.models.fields import Text


class WorkitemValue(models.Model):
    """A value that a workitem has of an attribute, as searches compare it.

    One row for each value and the item that it stands in. The primary key answers a
    search by a value in the order of lists, the index what belongs to a workitem
    (decision 0045). Written with the workitem by `worklist.write_values`.
    """

    pk = models.CompositePrimaryKey(
        *("partition_id", "path", "part", "text"),
        *("rank", "start_at", "workitem_id", "item"),
    )
    partition_id = models.IntegerField()
    workitem_id = models.BigIntegerField()
    rank = models.SmallIntegerField(help_text="Of the workitem.")
    start_at = models.DateTimeField(help_text="Of the workitem.")
    path = Text(help_text="Tags of the sequences and of the attribute, with dots.")
    part = models.SmallIntegerField(
        help_text="What of the value it is: see `imaging.query_tags.values.Part`."
    )
    text = Text(help_text="Folded; numbers so that they sort; long text shortened.")
    long = Text(help_text="Text in full, where it is shortened.")
    item = Text(help_text="In which item of each sequence: four digits each, base 16.")

    class Meta:
        """Looked at by value, and by what has it."""

        indexes: ClassVar = [
            models.Index(
                fields=["workitem_id", "path"], name="worklist_value_of_workitem"
            )
        ]

    def __str__(self) -> str:
        """Return which value of what it is, without the value."""
        return f"{self.path} of {self.workitem_id}"
