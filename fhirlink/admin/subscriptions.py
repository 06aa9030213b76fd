"""Who is told of what changes, and why somebody is not."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from core.access import Verb
from core.admin import ChoiceFilter, PartitionFilter, ReadOnlyAdmin
from fhirlink.admin.partitions import InWholePartitions
from fhirlink.models import ChannelState, SubscriptionChannel
from fhirlink.subscriptions.errors import errors_of


class StateFilter(ChoiceFilter):
    """Whether somebody is told."""

    title = parameter_name = "state"
    choices_of = ChannelState.choices


@admin.register(SubscriptionChannel)
class SubscriptionChannelAdmin(InWholePartitions, ReadOnlyAdmin):
    """The Subscriptions that are followed; they are written as resources."""

    view_verb = Verb.MANAGE
    list_display = (
        "place", "partition", "type", "owner", "state", "failures", "retry_at",
        "error",
    )  # fmt: skip
    list_select_related = ("partition",)
    list_filter = (StateFilter, PartitionFilter)
    ordering = ("-id",)
    fields = readonly_fields = (
        "place", "partition", "type", "owner", "state", "failures", "retry_at",
        "lease_until", "error",
    )  # fmt: skip

    @admin.display(description="subscription")
    def place(self, channel: SubscriptionChannel) -> str:
        """Return type and id."""
        return str(channel)

    @admin.display(description="last error")
    def error(self, channel: Any) -> str:
        """Return what the Subscription says."""
        if not hasattr(channel, "said"):
            channel.said = errors_of([channel]).get(channel.pk, "")
        return str(channel.said)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Answer the list; its errors are read at once."""
        response = super().changelist_view(request, extra_context)
        changes = getattr(response, "context_data", {}).get("cl")
        if changes is not None:
            rows: list[Any] = list(changes.result_list)
            errors = errors_of(rows)
            for row in rows:
                row.said = errors.get(row.pk, "")
            changes.result_list = rows
        return response
