"""How much each tenant has stored, by day."""

from typing import ClassVar

from django.db import models


class Usage(models.Model):
    """What a partition has stored and given up in a day (UTC), for operators and bills.

    A day without stores and deletes has no row: what the last one held is held. Derived
    from the change feed by `imaging.usage`.
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
    instances_held = models.BigIntegerField(help_text="At the end of the day.")
    bytes_held = models.BigIntegerField(help_text="At the end of the day.")

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
