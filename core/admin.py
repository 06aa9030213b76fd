"""The ground floor in Django's admin: accounts and tenants, and what the portal does.

What the portal writes is shown and not edited; actions call the domain functions.
"""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.core.paginator import Paginator
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

from core import followers, operations
from core.access import Actor, Verb
from core.accounts.tokens import actor_of_account, revoke_token
from core.errors import PortalError
from core.models import (
    Account,
    AuditRecord,
    DeadLetter,
    FeedEntry,
    FollowerCursor,
    Operation,
    OperationItemError,
    Partition,
    Token,
)
from core.tasks import rebuild_follower, replay_follower

if TYPE_CHECKING:  # Django's classes take no parameters when they run
    AnyPaginator = Paginator[Any]
    AnyAdmin = admin.ModelAdmin[Any]
    ItemErrors = admin.TabularInline[OperationItemError, Operation]
else:
    AnyPaginator, AnyAdmin = Paginator, admin.ModelAdmin
    ItemErrors = admin.TabularInline

MAXIMUM_COUNT: Final = 10_000  # rows that a list counts; more take seconds to count


class CappedPaginator(AnyPaginator):
    """Pages of a table that may be very long: nobody leafs to its end."""

    @cached_property
    def count(self) -> int:
        """Return the number of rows, or `MAXIMUM_COUNT` where there are more."""
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment] # of a list view
        return rows[:MAXIMUM_COUNT].count()


class ReadOnlyAdmin(AnyAdmin):
    """Shows what the portal writes."""

    paginator = CappedPaginator
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, *_parent: Any) -> bool:
        """Nobody adds rows here."""
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> bool:
        """Nobody changes rows here."""
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> bool:
        """Nobody removes rows here."""
        return False

    def has_manage_permission(self, request: HttpRequest) -> bool:
        """Return whether the actions may be used."""
        return actor_of(request).may(Verb.MANAGE)


def actor_of(request: HttpRequest) -> Actor:
    """Return who uses the admin."""
    account = request.user
    assert isinstance(account, Account)  # noqa: S101 the admin asks to sign in
    return actor_of_account(account)


admin.site.register(Account, UserAdmin)


@admin.register(Partition)
class PartitionAdmin(AnyAdmin):
    """The tenants. What a partition holds hangs on it: it cannot be removed here."""

    list_display = ("name", "created_at", "assigning_authority")
    search_fields = ("name",)
    readonly_fields = ("created_at",)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Partition | None = None
    ) -> tuple[str, ...]:
        """Keep the name once it stands in addresses."""
        return ("created_at",) if obj is None else ("name", "created_at")

    def has_delete_permission(
        self, request: HttpRequest, obj: Partition | None = None
    ) -> bool:
        """Nobody removes a tenant here."""
        return False


@admin.register(Token)
class TokenAdmin(ReadOnlyAdmin):
    """Bearer tokens; ``manage.py token create`` makes one and shows it once."""

    list_display = ("name", "account", "created_at", "expires_at", "revoked_at")
    list_select_related = ("account",)
    search_fields = ("name", "account__username")
    actions = ("revoke",)

    @admin.action(description="Revoke", permissions=["manage"])
    def revoke(self, request: HttpRequest, rows: QuerySet[Token]) -> None:
        """Have the chosen tokens work no more."""
        for key in rows.filter(revoked_at=None).values_list("pk", flat=True):
            revoke_token(token_id=key)


@admin.register(FeedEntry)
class FeedEntryAdmin(ReadOnlyAdmin):
    """The change feed."""

    list_display = ("seq", "at", "op", "kind", "key", "partition", "actor")
    list_select_related = ("partition",)
    ordering = ("-seq",)


@admin.register(FollowerCursor)
class FollowerCursorAdmin(ReadOnlyAdmin):
    """The followers of the feed."""

    list_display = ("name", "version", "seq", "moved_at")
    actions = ("rebuild", "replay")

    @admin.action(description="Rebuild from the first entry", permissions=["manage"])
    def rebuild(self, request: HttpRequest, rows: QuerySet[FollowerCursor]) -> None:
        """Have workers rebuild the chosen followers."""
        for cursor in rows:
            _send(self, request, rebuild_follower.send, cursor.name)

    @admin.action(description="Replay the dead letters", permissions=["manage"])
    def replay(self, request: HttpRequest, rows: QuerySet[FollowerCursor]) -> None:
        """Have workers replay the dead letters of the chosen followers."""
        for cursor in rows:
            _send(self, request, replay_follower.send, cursor.name)


@admin.register(DeadLetter)
class DeadLetterAdmin(ReadOnlyAdmin):
    """Entries that followers could not apply."""

    list_display = ("follower", "seq", "error", "attempts", "first_at", "last_at")
    list_filter = ("follower",)
    actions = ("replay",)

    @admin.action(
        description="Replay all letters of these followers", permissions=["manage"]
    )
    def replay(self, request: HttpRequest, rows: QuerySet[DeadLetter]) -> None:
        """Have workers replay the letters; one alone could break the order."""
        for name in sorted(set(rows.values_list("follower", flat=True))):
            _send(self, request, replay_follower.send, name)


class ItemErrorInline(ItemErrors):
    """The first items that an operation could not do."""

    model = OperationItemError
    extra = 0
    fields = readonly_fields = ("item", "error")
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[OperationItemError]:
        """Return the first hundred of each operation."""
        first = OperationItemError.objects.filter(
            operation=models.OuterRef("operation")
        )
        return (
            super()
            .get_queryset(request)
            .filter(pk__in=models.Subquery(first.order_by("pk").values("pk")[:100]))
        )

    def has_add_permission(self, request: HttpRequest, *_parent: Any) -> bool:
        """Nobody adds rows here."""
        return False


@admin.register(Operation)
class OperationAdmin(ReadOnlyAdmin):
    """Long work and how far it is."""

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


@admin.register(AuditRecord)
class AuditRecordAdmin(ReadOnlyAdmin):
    """The audit log."""

    list_display = (
        "at", "actor", "action", "outcome", "patient_id", "study_instance_uid",
        "source",
    )  # fmt: skip
    search_fields = ("=patient_id", "=study_instance_uid")
    list_filter = ("action", "outcome")
    exclude = ("previous_hash", "hash")


def _send(
    page: ReadOnlyAdmin, request: HttpRequest, send: Callable[[str], None], name: str
) -> None:
    """Send a follower's name to workers, and tell that they have it."""
    try:
        followers.follower_named(name)
    except PortalError as error:
        page.message_user(request, error.message, messages.WARNING)
        return
    send(name)
    page.message_user(request, f"A worker does it now: {name}.")
