"""Saved cohorts and concept sets: whose, since when, and what they say."""

from typing import Any

import orjson
from django.contrib import admin

from cohorts.definitions.found import newest
from cohorts.models import Definition
from core.access import Verb
from core.admin import PartitionFilter, ReadOnlyAdmin
from fhirlink.admin.partitions import InWholePartitions


@admin.register(Definition)
class DefinitionAdmin(InWholePartitions, ReadOnlyAdmin):
    """What accounts have saved; only their owners change it, in the portal."""

    view_verb = Verb.MANAGE
    list_display = ("name", "kind", "partition", "owner", "changed_at")
    list_select_related = ("partition", "owner")
    list_filter = (PartitionFilter,)
    search_fields = ("name",)
    ordering = ("-changed_at", "-id")
    sortable_by = ("changed_at",)
    fields = readonly_fields = (
        "name", "kind", "partition", "owner", "description", "created_at",
        "changed_at", "shared_with", "content",
    )  # fmt: skip

    @admin.display(description="shared with")
    def shared_with(self, definition: Any) -> str:
        """Return the scopes."""
        return ", ".join(
            str(each.scope) for each in definition.shares.select_related("scope")
        )

    @admin.display(description="says")
    def content(self, definition: Any) -> str:
        """Return the newest version."""
        last = newest(definition)
        told = orjson.dumps(last.content, option=orjson.OPT_INDENT_2).decode()
        return f"version {last.number}: {told}"
