"""Worklists, and who sees what is on them."""

from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.access import Verb
from core.admin import (
    PartitionFilter,
    ReadOnlyAdmin,
    WithGrants,
    actor_of,
    register_names,
)
from core.models import Scope, ScopeKind
from fhirlink.admin.partitions import InWholePartitions
from worklist.models import Worklist
from worklist.worklists import labels_of_worklists, scope_of_worklist

register_names(ScopeKind.WORKLIST, labels_of_worklists)


@admin.register(Worklist)
class WorklistAdmin(WithGrants, InWholePartitions, ReadOnlyAdmin):
    """The labels that workitems have, or had."""

    about = (
        "The labels by which workitems lie on lists. One is here once a workitem has"
        " it, or it was opened to somebody; its page says who sees it."
    )
    view_verb = Verb.MANAGE
    list_display = ("label", "partition", "workitems")
    list_select_related = ("partition",)
    list_filter = (PartitionFilter,)
    search_fields = ("label",)
    search_help_text = "A label, as a whole."
    ordering = ("label", "id")
    fields = readonly_fields = ("label", "partition", "workitems")

    @admin.display(description="workitems")
    def workitems(self, worklist: Worklist) -> SafeString:
        """Return a link to the list of what is on it."""
        address = reverse("admin:worklist_workitem_changelist")
        query = urlencode(
            {
                "worklist__label": worklist.label,
                "partition": worklist.partition.name,
            }
        )
        return format_html('<a href="{}?{}">Show them</a>', address, query)

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Look for the label itself, by its index."""
        return ("=label",)

    def scope_of(self, request: HttpRequest, row: Worklist) -> Scope:
        """Return what grants on the worklist hang on."""
        return scope_of_worklist(
            actor=actor_of(request), partition=row.partition.name, label=row.label
        )
