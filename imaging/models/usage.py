"""How much each tenant has stored, by day."""

from typing import ClassVar

from django.db import models


class Usage(models.Model):
    """What a partition has stored and given up in a day (UTC), for operators and bills.

    What is held at the end of a day is the sum of all days up to it. Derived from the
    change feed by `imaging.usage`, and nothing but a rebuild changes a day long gone.
    """

    partition = models.ForeignKey(
        "core.Partition", on_delete=models.PROTECT, db_index=False
    )
    day = models.DateField(db_index=True)
    instances_stored = models.BigIntegerField(help_text="That were not held before.")
    instances_replaced = models.BigIntegerField()
    instances_deleted = models.BigIntegerField()
    bytes_stored = models.BigIntegerField(help_text="By stores and replacements.")
    bytes_freed = models.BigIntegerField(
        help_text="Of what was replaced or deleted; gone after the grace time."
    )

    class Meta:
        """One row for each partition and day."""

        verbose_name_plural = "usage"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partition", "day"], name="imaging_usage_day"
            )
        ]

    def __str__(self) -> str:
        """Return what the admin calls it."""
        return f"{self.partition} {self.day}"
