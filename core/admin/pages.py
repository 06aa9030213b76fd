"""What the portal does: the change feed, its followers, operations."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from core import followers, operations
from core.access import Verb
from core.admin.base import (
    MAXIMUM_COUNT,
    CountOfRows,
    PagedInline,
    ReadOnlyAdmin,
    ReadOnlyInline,
    actor_of,
    shortened,
)
from core.admin.filters import ChoiceFilter, PartitionFilter
from core.dead_letters import skip_dead_letter
from core.errors import PortalError
from core.follower_orders import rebuild_follower, replay_dead_letters
from core.models import (
    DeadLetter,
    FeedEntry,
    FollowerCursor,
    Operation,
    OperationItemError,
    ResultFile,
)


@admin.register(FeedEntry)
class FeedEntryAdmin(ReadOnlyAdmin):
    """The change feed."""

    view_verb = Verb.MANAGE
    list_display = ("seq", "at", "op", "kind", "what", "partition", "actor")
    list_select_related = ("partition",)
    list_filter = (PartitionFilter,)
    ordering = ("-seq",)
    search_fields = ("key",)
    search_help_text = "What changed: the StudyInstanceUID, or a key, whole."

    @admin.display(description="what")
    def what(self, entry: FeedEntry) -> SafeString:
        """Return which one has changed, in what fits into a list."""
        return format_html_join(" / ", "{}", ((shortened(key),) for key in entry.key))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[FeedEntry], search_term: str
    ) -> tuple[QuerySet[FeedEntry], bool]:
        """Return the changes of a study, or of something else by its outermost key."""
        term = search_term.strip().replace("\0", "")
        return queryset.filter(key__0=term) if term else queryset, False


@admin.register(FollowerCursor)
class FollowerCursorAdmin(ReadOnlyAdmin):
    """The followers of the feed."""

    view_verb = Verb.MANAGE
    list_display = ("name", "version", "seq", "lag", "dead_letters", "moved_at")
    actions = ("rebuild", "replay")

    def get_queryset(self, request: HttpRequest) -> QuerySet[FollowerCursor]:
        """Return the cursors, with what there is of dead letters."""
        rows: QuerySet[FollowerCursor] = super().get_queryset(request)
        letters = DeadLetter.objects.filter(follower=OuterRef("name"))
        number = CountOfRows(letters.values("pk")[:MAXIMUM_COUNT])
        head = FeedEntry.objects.order_by("-seq").values("seq")[:1]
        return rows.annotate(letters=number, head=Subquery(head))

    @admin.display(description="entries behind")
    def lag(self, cursor: Any) -> int:
        """Return how many entries it has yet to take."""
        return max(int(cursor.head or 0) - int(cursor.seq), 0)

    @admin.display(description="dead letters")
    def dead_letters(self, cursor: Any) -> str:
        """Return how many entries it could not apply."""
        number = cursor.letters
        return f"{number:,} or more" if number == MAXIMUM_COUNT else str(number)

    @admin.action(description="Rebuild from the first entry", permissions=["manage"])
    def rebuild(self, request: HttpRequest, rows: QuerySet[FollowerCursor]) -> None:
        """Have workers rebuild the chosen followers."""
        for cursor in rows:
            _order(self, request, rebuild_follower, cursor.name)

    @admin.action(description="Replay the dead letters", permissions=["manage"])
    def replay(self, request: HttpRequest, rows: QuerySet[FollowerCursor]) -> None:
        """Have workers replay the dead letters of the chosen followers."""
        for cursor in rows:
            _order(self, request, replay_dead_letters, cursor.name)


class FollowerFilter(ChoiceFilter):
    """The followers that there are."""

    title = parameter_name = "follower"

    def lookups(
        self, request: HttpRequest, model_admin: object
    ) -> list[tuple[str, str]]:
        """Return their names."""
        return [(one.name, one.name) for one in followers.registered()]


@admin.register(DeadLetter)
class DeadLetterAdmin(ReadOnlyAdmin):
    """Entries that followers could not apply."""

    view_verb = Verb.MANAGE
    list_display = ("follower", "seq", "error", "attempts", "first_at", "last_at")
    list_filter = (FollowerFilter,)
    actions = ("replay", "skip")

    @admin.action(
        description="Replay all letters of these followers", permissions=["manage"]
    )
    def replay(self, request: HttpRequest, rows: QuerySet[DeadLetter]) -> None:
        """Have workers replay the letters; one alone could break the order."""
        names = rows.order_by("follower").values_list("follower", flat=True)
        for name in names.distinct():
            _order(self, request, replay_dead_letters, name)

    @admin.action(
        description="Skip: do without these entries, until a rebuild",
        permissions=["manage"],
    )
    def skip(self, request: HttpRequest, rows: QuerySet[DeadLetter]) -> None:
        """Give the chosen letters up."""
        actor = actor_of(request)
        self.do_each(
            request,
            rows,
            lambda letter: skip_dead_letter(actor=actor, letter_id=letter.pk),
            "skipped",
        )


class ItemErrorInline(PagedInline):
    """The items that an operation could not do, and why."""

    model = OperationItemError
    view_verb = Verb.MANAGE
    fields = ("item", "error")
    ordering = ("pk",)
    verbose_name_plural = "items that failed"
    parameter = "errors"

    def number_of_rows(self, obj: Operation) -> int:
        """Return how many have failed."""
        return obj.number_of_errors


class ResultFileInline(ReadOnlyInline):
    """The files that an operation has made, to be fetched."""

    model = ResultFile
    view_verb = Verb.MANAGE
    fields = readonly_fields = ("file", "size", "created_at", "expires_at")
    ordering = ("pk",)

    @admin.display(description="name")
    def file(self, file: ResultFile) -> SafeString:
        """Return where it is fetched, by who may export."""
        return _fetched(f"operations/{file.operation_id}/files/{file.name}", file.name)

    @admin.display(description="size")
    def size(self, file: ResultFile) -> str:
        """Return its length in a unit that can be read."""
        return filesizeformat(file.size_bytes)


def _readable(value: Any) -> str:
    """Return a value of a result: numbers as people write them, files as links."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, str) and value.startswith("operations/"):
        return _fetched(value, value)
    return str(value)


def _fetched(path: str, name: str) -> SafeString:
    return format_html('<a href="/dicomweb/{}">{}</a>', path, name)


@admin.register(Operation)
class OperationAdmin(ReadOnlyAdmin):
    """Long work and how far it is."""

    view_verb = Verb.MANAGE
    list_display = (
        "kind", "state", "percent", "number_of_errors", "actor", "created_at",
        "updated_at",
    )  # fmt: skip
    list_filter = ("state",)
    search_fields = ("id",)
    search_help_text = "The id of an operation, whole."
    ordering = ("-created_at", "-id")
    fields = (
        "kind", "state", "percent", "outcome", "number_of_errors", "error", "actor",
        "account", "created_at", "updated_at", "lease_until", "attempt",
        "cancel_requested", "parameters",
    )  # fmt: skip
    readonly_fields = ("outcome",)
    inlines = (ResultFileInline, ItemErrorInline)
    actions = ("cancel", "retry")

    @admin.display(description="what came of it")
    def outcome(self, operation: Operation) -> SafeString:
        """Return the counts of its result, or how far it is."""
        result = operation.result or {
            name: operation.progress[name]
            for name in ("done", "total")
            if name in operation.progress
        }
        rows = ((name, _readable(value)) for name, value in result.items())
        return format_html_join(mark_safe("<br>"), "{}: {}", rows)

    @admin.action(description="Cancel", permissions=["manage"])
    def cancel(self, request: HttpRequest, rows: QuerySet[Operation]) -> None:
        """End the chosen operations."""
        self._do(request, rows, operations.cancel_operation, "canceled")

    @admin.action(description="Try again", permissions=["manage"])
    def retry(self, request: HttpRequest, rows: QuerySet[Operation]) -> None:
        """Have the chosen operations go on where they ended."""
        self._do(request, rows, operations.retry_operation, "to be tried again")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Operation]:
        """Return all; what may be long is read where it is shown."""
        rows: QuerySet[Operation] = super().get_queryset(request)
        return rows.defer("parameters", "progress", "result")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Operation], search_term: str
    ) -> tuple[QuerySet[Operation], bool]:
        """Return the operation of an id."""
        term = search_term.strip()
        if not term:
            return queryset, False
        try:
            return queryset.filter(pk=UUID(term)), False
        except ValueError:
            return queryset.none(), False

    def _do(
        self,
        request: HttpRequest,
        rows: QuerySet[Operation],
        function: Callable[..., Operation],
        done: str,
    ) -> None:
        actor = actor_of(request)
        self.do_each(
            request, rows, lambda one: function(actor=actor, operation_id=one.pk), done
        )


def _order(
    page: ReadOnlyAdmin, request: HttpRequest, order: Callable[..., None], name: str
) -> None:
    """Order something of a follower, and tell that workers have it."""
    try:
        order(actor=actor_of(request), name=name)
    except PortalError as error:
        page.message_user(request, error.message, messages.WARNING)
        return
    page.message_user(request, f"A worker does it now: {name}.")
