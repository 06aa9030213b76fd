"""What storage costs: usage by partition and day, and bytes that wait for their end."""

from typing import Any

from django.contrib import admin
from django.template.defaultfilters import filesizeformat

from core.access import Verb
from core.admin import PartitionFilter, ReadOnlyAdmin
from imaging.models import FreedBlob, Usage


def _number(column: str, description: str) -> Any:
    """Return a column of numbers under a short head."""

    @admin.display(description=description)
    def number(_page: Any, usage: Usage) -> int:
        value: int = getattr(usage, column)
        return value

    return number


def _size(column: str, description: str) -> Any:
    """Return a column of bytes in a unit that can be read."""

    @admin.display(description=description)
    def size(_page: Any, usage: Usage) -> str:
        return filesizeformat(getattr(usage, column))

    return size


@admin.register(Usage)
class UsageAdmin(ReadOnlyAdmin):
    """What each partition has stored and given up in a day, and holds at its end."""

    view_verb = Verb.MANAGE
    list_display = (
        "day", "partition", "held", "size_held", "stored", "replaced", "deleted",
        "size_stored", "size_freed",
    )  # fmt: skip
    list_select_related = ("partition",)
    list_filter = (PartitionFilter,)
    ordering = ("-day", "partition_id")

    held = _number("instances_held", "instances held")
    stored = _number("instances_stored", "stored")
    replaced = _number("instances_replaced", "replaced")
    deleted = _number("instances_deleted", "deleted")
    size_held = _size("bytes_held", "size held")
    size_stored = _size("bytes_stored", "size stored")
    size_freed = _size("bytes_freed", "size freed")


@admin.register(FreedBlob)
class FreedBlobAdmin(ReadOnlyAdmin):
    """Blobs that were deleted or replaced, and wait for the end of the grace time."""

    view_verb = Verb.MANAGE
    list_display = ("blob_key", "freed_at")
    search_fields = ("blob_key__exact",)
    search_help_text = "The whole key."
    ordering = ("-pk",)
