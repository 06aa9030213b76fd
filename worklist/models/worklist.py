"""Worklists: what workitems of one label have in common."""

from typing import ClassVar

from django.db import models

from imaging.models.fields import Text


class Worklist(models.Model):
    """The workitems of a partition with one Worklist Label (0074,1202).

    What grants on a worklist hang on. Made by the first workitem with the label
    (`worklist.write`), or when something is granted on it (`worklist.worklists`).
    """

    partition = models.ForeignKey(
        "core.Partition", on_delete=models.PROTECT, db_index=False
    )
    label = Text(max_length=64, help_text="As workitems have it (0074,1202).")
    label_folded = Text(help_text="As searches compare it.")

    class Meta:
        """One for each label of a partition."""

        ordering: ClassVar = ["label", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partition", "label"], name="worklist_worklist_label"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["label", "id"], name="worklist_worklist_list")
        ]

    def __str__(self) -> str:
        """Return its label."""
        return self.label
