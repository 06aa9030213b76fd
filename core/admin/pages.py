"""What the portal does: the change feed, its followers, operations."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from core import changefeed, follower_status, followers, operations
from core.access import Verb
from core.admin.base import (
    ReadOnlyAdmin,
    ReadOnlyInline,
    actor_of,
)
from core.errors import PortalError
from core.models import (
    DeadLetter,
    FeedEntry,
    FollowerCursor,
    Operation,
    OperationItemError,
)
from core.tasks import rebuild_follower, replay_follower


@admin.register(FeedEntry)
class FeedEntryAdmin(ReadOnlyAdmin):
    """The change feed."""

    view_verb = Verb.MANAGE
    list_display = ("seq", "at", "op", "kind", "key", "partition", "actor")
    list_select_related = ("partition",)
    ordering = ("-seq",)


@admin.register(FollowerCursor)
class FollowerCursorAdmin(ReadOnlyAdmin):
    """The followers of the feed."""

    view_verb = Verb.MANAGE
    list_display = ("name", "version", "seq", "lag", "dead_letters", "moved_at")
    actions = ("rebuild", "replay")

    @admin.display(description="entries behind")
    def lag(self, cursor: FollowerCursor) -> int:
        """Return how many entries it has yet to take."""
        return max(changefeed.head() - cursor.seq, 0)

    @admin.display(description="dead letters")
    def dead_letters(self, cursor: FollowerCursor) -> int:
        """Return how many entries it could not apply."""
        return DeadLetter.objects.filter(follower=cursor.name).count()

    @admin.action(description="Rebuild from the first entry", permissions=["manage"])
    def rebuild(self, request: HttpRequest, rows: QuerySet[FollowerCursor]) -> None:
        """Have workers rebuild the chosen followers."""
        for cursor in rows:
            _send(self, request, rebuild_follower.send, cursor.name, "rebuild")

    @admin.action(description="Replay the dead letters", permissions=["manage"])
    def replay(self, request: HttpRequest, rows: QuerySet[FollowerCursor]) -> None:
        """Have workers replay the dead letters of the chosen followers."""
        for cursor in rows:
            _send(self, request, replay_follower.send, cursor.name, "replay")


@admin.register(DeadLetter)
class DeadLetterAdmin(ReadOnlyAdmin):
    """Entries that followers could not apply."""

    view_verb = Verb.MANAGE
    list_display = ("follower", "seq", "error", "attempts", "first_at", "last_at")
    list_filter = ("follower",)
    actions = ("replay",)

    @admin.action(
        description="Replay all letters of these followers", permissions=["manage"]
    )
    def replay(self, request: HttpRequest, rows: QuerySet[DeadLetter]) -> None:
        """Have workers replay the letters; one alone could break the order."""
        for name in sorted(set(rows.values_list("follower", flat=True))):
            _send(self, request, replay_follower.send, name, "replay")


class ItemErrorInline(ReadOnlyInline):
    """The first items that an operation could not do."""

    model = OperationItemError
    view_verb = Verb.MANAGE
    fields = ("item", "error")
    ordering = ("pk",)


@admin.register(Operation)
class OperationAdmin(ReadOnlyAdmin):
    """Long work and how far it is."""

    view_verb = Verb.MANAGE
    list_display = (
        "kind", "state", "percent", "number_of_errors", "actor", "created_at",
        "updated_at",
    )  # fmt: skip
    list_filter = ("state",)
    inlines = (ItemErrorInline,)
    actions = ("cancel", "retry")

    @admin.action(description="Cancel", permissions=["manage"])
    def cancel(self, request: HttpRequest, rows: QuerySet[Operation]) -> None:
        """End the chosen operations."""
        self._do(request, rows, operations.cancel_operation)

    @admin.action(description="Try again", permissions=["manage"])
    def retry(self, request: HttpRequest, rows: QuerySet[Operation]) -> None:
        """Have the chosen operations go on where they ended."""
        self._do(request, rows, operations.retry_operation)

    def _do(
        self,
        request: HttpRequest,
        rows: QuerySet[Operation],
        function: Callable[..., Operation],
    ) -> None:
        actor = actor_of(request)
        keys: list[UUID] = list(rows.values_list("pk", flat=True))
        for key in keys:
            try:
                function(actor=actor, operation_id=key)
            except PortalError as error:
                self.message_user(request, error.message, messages.WARNING)


def _send(
    page: ReadOnlyAdmin,
    request: HttpRequest,
    send: Callable[[str], None],
    name: str,
    order: str,
) -> None:
    """Send a follower's name to workers, and tell that they have it."""
    try:
        followers.follower_named(name)
    except PortalError as error:
        page.message_user(request, error.message, messages.WARNING)
        return
    follower_status.record_order(actor=actor_of(request), name=name, order=order)
    send(name)
    page.message_user(request, f"A worker does it now: {name}.")
