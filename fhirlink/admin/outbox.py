"""What waits for FHIR servers of others, or was given up: the dead letters."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.access import Verb
from core.admin import ReadOnlyAdmin, actor_of
from fhirlink.admin.partitions import InWholePartitions
from fhirlink.models import OutboxItem, OutboxState
from fhirlink.remote import outbox


@admin.register(OutboxItem)
class OutboxItemAdmin(InWholePartitions, ReadOnlyAdmin):
    """What waits for servers, and what was given up: by address, not by content."""

    view_verb = Verb.MANAGE
    partition = "server__partition"
    list_display = (
        "place", "server", "state", "attempts", "next_at", "queued_at", "error",
    )  # fmt: skip
    list_select_related = ("server",)
    list_filter = ("state",)
    ordering = ("-id",)
    actions = ("retry", "discard")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxItem]:
        """Return what is not sent."""
        rows: QuerySet[OutboxItem] = super().get_queryset(request)
        return rows.exclude(state=OutboxState.SENT)

    @admin.display(description="resource")
    def place(self, item: OutboxItem) -> str:
        """Return type and id."""
        return str(item)

    @admin.action(description="Send at once", permissions=["manage"])
    def retry(self, request: HttpRequest, rows: QuerySet[OutboxItem]) -> None:
        """Try the chosen ones again."""
        actor = actor_of(request)
        self.do_each(
            request,
            rows,
            lambda item: outbox.retry_item(actor=actor, item_id=item.pk),
            "are being sent",
        )

    @admin.action(description="Discard: not sent", permissions=["manage"])
    def discard(self, request: HttpRequest, rows: QuerySet[OutboxItem]) -> None:
        """Give up the chosen ones."""
        actor = actor_of(request)
        self.do_each(
            request,
            rows,
            lambda item: outbox.discard_item(actor=actor, item_id=item.pk),
            "discarded",
        )
