"""Subscribers to events of workitems: whose they are, and what waits for them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from core.access import Verb
from core.admin import PartitionFilter, ReadOnlyAdmin, TextFilter, actor_of
from fhirlink.admin.partitions import InWholePartitions
from worklist.events.reports import GLOBAL
from worklist.events.standing import MOST, Standing, standing_of
from worklist.events.subscribe import unsubscribe
from worklist.models import Subscriber


class TitleFilter(TextFilter):
    """The AE title, as a whole."""

    title = "AE title"
    parameter_name = "aetitle"


@admin.register(Subscriber)
class SubscriberAdmin(InWholePartitions, ReadOnlyAdmin):
    """Who is told of events of workitems; made by subscribing over UPS-RS."""

    about = (
        "Programs that are told of what happens to workitems. One is here once it has"
        " subscribed over UPS-RS, by its AE title; what it was not told yet waits until"
        " it opens its WebSocket."
    )
    view_verb = Verb.MANAGE
    list_display = (
        "aetitle", "partition", "owner", "subscriptions", "seen_at", "waiting",
        "waiting_since",
    )  # fmt: skip
    list_select_related = ("partition",)
    list_filter = (TitleFilter, PartitionFilter)
    list_per_page = 50
    ordering = ("-id",)
    fields = readonly_fields = (
        "aetitle", "partition", "owner", "subscriptions", "locks", "seen_at",
        "delivered_seq", "waiting", "waiting_since", "lost",
    )  # fmt: skip
    actions = ("end_subscriptions",)

    @admin.display(description="subscriptions")
    def subscriptions(self, subscriber: Any) -> int:
        """Return how many it has: to workitems, to all, to what matches."""
        return _standing(subscriber).subscriptions

    @admin.display(description="deletion locks")
    def locks(self, subscriber: Any) -> int:
        """Return how many of these keep workitems from being deleted."""
        return _standing(subscriber).locks

    @admin.display(description="not told yet")
    def waiting(self, subscriber: Any) -> str:
        """Return how many changes wait for it."""
        number = _standing(subscriber).waiting
        return f"{MOST:,} or more" if number >= MOST else f"{number:,}"

    @admin.display(description="waits since")
    def waiting_since(self, subscriber: Any) -> Any:
        """Return when the first of them was made."""
        return _standing(subscriber).since

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Answer the list; what waits is counted at once."""
        response = super().changelist_view(request, extra_context)
        changes = getattr(response, "context_data", {}).get("cl")
        if changes is not None:
            rows: list[Any] = list(changes.result_list)
            standing = standing_of([row.pk for row in rows])
            for row in rows:
                row.stands = standing.get(row.pk, Standing())
            changes.result_list = rows
        return response

    @admin.action(
        description="End all their subscriptions, and what they keep from deletion",
        permissions=["view"],
    )
    def end_subscriptions(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        """Unsubscribe each from everything."""
        self.do_each(
            request,
            rows,
            lambda row: unsubscribe(
                actor=actor_of(request),
                partition=row.partition.name,
                aetitle=row.aetitle,
                uid=GLOBAL,
            ),
            "told of nothing any more",
        )


def _standing(subscriber: Any) -> Standing:
    if not hasattr(subscriber, "stands"):
        subscriber.stands = standing_of([subscriber.pk]).get(subscriber.pk, Standing())
    return subscriber.stands  # type: ignore[no-any-return]
