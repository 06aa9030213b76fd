"""What accounts keep of lists that they come back to."""

from typing import ClassVar, Final

from django.db import models

LONGEST_NAME: Final = 80
LONGEST_QUERY: Final = 4_000


class SavedView(models.Model):
    """A list as somebody wants to see it again: filters, order and columns.

    Written by `core.saved_views` for the account that it belongs to. The query is what
    stands in the address of the page behind the question mark; the pages leave out what
    tells who a patient is.
    """

    account = models.ForeignKey(
        "core.Account", on_delete=models.CASCADE, related_name="saved_views"
    )
    name = models.CharField(max_length=LONGEST_NAME)
    query = models.CharField(max_length=LONGEST_QUERY, blank=True)

    class Meta:
        """One for each name of an account."""

        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "name"], name="core_savedview_name"
            )
        ]

    def __str__(self) -> str:
        """Return the name."""
        return self.name
