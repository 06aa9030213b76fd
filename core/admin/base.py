"""What the pages of the admin have in common: roles decide, and lists open at once."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple
from weakref import WeakKeyDictionary

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin
from django.core.paginator import Paginator
from django.db.models import IntegerField, Model, QuerySet, Subquery
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from core import audit
from core.access import Actor, Verb
from core.accounts.actors import actor_of_account
from core.admin_site import name_of_page
from core.errors import PortalError
from core.models import Account

if TYPE_CHECKING:  # Django's classes take no parameters when they run
    AnyPaginator = Paginator[Any]
    AnyAdmin = admin.ModelAdmin[Any]
    AnyUserAdmin = UserAdmin[Any]
    AnyInline = admin.TabularInline[Any, Any]
    AnyFormSet = BaseInlineFormSet[Any, Any, Any]
else:
    AnyPaginator, AnyAdmin = Paginator, admin.ModelAdmin
    AnyUserAdmin = UserAdmin
    AnyInline, AnyFormSet = admin.TabularInline, BaseInlineFormSet

MAXIMUM_COUNT: Final = 10_000  # rows that a list counts; more take seconds to count
MAXIMUM_INLINE: Final = 100  # rows of another table on a page
MAXIMUM_CHOSEN: Final = 1_000  # rows of an action: the browser waits for it
_DIGITS: Final = 10  # of a page's number, and fewer
_SHOWN_CHARACTERS: Final = 24  # of a UID in a list

_actors: WeakKeyDictionary[HttpRequest, Actor] = WeakKeyDictionary()


def actor_of(request: HttpRequest) -> Actor:
    """Return who uses the admin; looked up once for each request."""
    actor = _actors.get(request)
    if actor is None:
        account = request.user
        assert isinstance(account, Account)  # noqa: S101 the admin asks to sign in
        actor = replace(actor_of_account(account), via="session")
        _actors[request] = actor
    return actor


def shortened(uid: str) -> SafeString:
    """Return the ends of a UID, and the whole for the pointer to find."""
    if len(uid) <= _SHOWN_CHARACTERS:
        return format_html("{}", uid)
    ends = f"{uid[:6]}…{uid[-8:]}"
    return format_html('<span class="nowrap" title="{}">{}</span>', uid, ends)


def may(request: HttpRequest, verb: Verb) -> bool:
    """Return whether a role of who uses the admin has the verb."""
    return request.user.is_authenticated and actor_of(request).may(verb)


class AuditedChanges(AnyAdmin):
    """A page of Django's own forms: what is saved is recorded with it, or not saved.

    Pages whose changes a domain function makes leave it to that.
    """

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        """Record a new row, inside of Django's transaction."""
        return self._recorded(request, super().log_addition(request, obj, message))

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        """Record a change: which fields, not their values."""
        return self._recorded(request, super().log_change(request, obj, message))

    def log_deletions(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> list[LogEntry]:
        """Record the rows that are about to be removed."""
        entries = super().log_deletions(request, queryset)
        return [self._recorded(request, entry) for entry in entries]

    def _recorded(self, request: HttpRequest, entry: LogEntry) -> LogEntry:
        name = f"{self.opts.verbose_name} {entry.object_id}"
        done = entry.get_change_message() or entry.get_action_flag_display()
        detail = f"admin: {name} ({entry.object_repr}): {done}"
        actor = actor_of(request)
        audit.record(audit.Event(actor, audit.Action.CONFIGURE, detail=detail))
        return entry


class TellsRefusals(AnyAdmin):
    """A page whose changes a domain function makes, which may refuse them."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the form again where a change is refused, and say why."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except PortalError as error:
            self.message_user(request, error.message, messages.WARNING)
            return HttpResponseRedirect(request.path)


class CappedPaginator(AnyPaginator):
    """Pages of a table that may be very long: nobody leafs to its end."""

    @cached_property
    def count(self) -> int:
        """Return the number of rows, or `MAXIMUM_COUNT` where there are more."""
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment] # of a list view
        return rows[:MAXIMUM_COUNT].count()


class CountOfRows(Subquery):
    """How many rows a question has that is limited: no more of them are read."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


class RoleAdmin(AnyAdmin):
    """A page whose use the roles decide.

    Attributes
    ----------
    view_verb, change_verb
        What a role must have to see and to write rows; None leaves it to Django's
        permissions for the table, which only a superuser has unless granted.
    """

    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each is a count of the whole table
    view_verb: ClassVar[Verb | None] = None
    change_verb: ClassVar[Verb | None] = None

    def get_sortable_by(self, request: HttpRequest) -> Any:
        """Return the columns that an index orders; others would sort whole tables."""
        return self.sortable_by or ()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Answer the list, named as the index names it."""
        name = name_of_page(self.opts.object_name) or self.opts.verbose_name_plural
        context = {"title": capfirst(name)}
        return super().changelist_view(request, context | (extra_context or {}))

    def chosen(self, request: HttpRequest, rows: QuerySet[Any]) -> list[Any]:
        """Return the rows that an action is for; none, and why, if they are too many.

        A list lets a person choose all that it finds, which a request cannot do.
        """
        held = list(rows[: MAXIMUM_CHOSEN + 1])
        if len(held) <= MAXIMUM_CHOSEN:
            return held
        text = f"Choose {MAXIMUM_CHOSEN:,} rows at most: nothing was done."
        self.message_user(request, text, messages.WARNING)
        return []

    def do_each(
        self,
        request: HttpRequest,
        rows: QuerySet[Any],
        do: Callable[[Any], object],
        done: str,
    ) -> None:
        """Do something with each of the chosen rows, and tell how many it was done to.

        Parameters
        ----------
        do
            May raise `PortalError`, which is told with the row; the others go on.
        done
            What was done, after their number: "revoked".
        """
        number = 0
        for row in self.chosen(request, rows):
            try:
                do(row)
                number += 1
            except PortalError as error:
                text = f"{row}: {error.message}"
                self.message_user(request, text, messages.WARNING)
        if number:
            self.message_user(request, f"{number:,} {done}.", messages.SUCCESS)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return whether the page is named on the index."""
        if self.view_verb is None:
            return super().has_module_permission(request)
        return may(request, self.view_verb)

    def has_view_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        """Return whether rows may be seen."""
        if self.view_verb is None:
            return super().has_view_permission(request, obj)
        return may(request, self.view_verb)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return whether rows may be added."""
        return self.change_verb is not None and may(request, self.change_verb)

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        """Return whether rows may be changed."""
        return self.change_verb is not None and may(request, self.change_verb)

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        """Nobody removes rows here: what hangs on them would go unseen."""
        return False


class ReadOnlyAdmin(RoleAdmin):
    """Shows what the portal writes."""

    change_form_template = "admin/read_only.html"

    def has_manage_permission(self, request: HttpRequest) -> bool:
        """Return whether the actions may be used."""
        return may(request, Verb.MANAGE)


class FirstRows(AnyFormSet):
    """The first rows of another table, where there may be very many."""

    start = 0

    def get_queryset(self) -> QuerySet[Any]:
        """Return `MAXIMUM_INLINE` of them at most, asked for once."""
        if not hasattr(self, "_first"):
            rows = super().get_queryset()
            self._first = rows[self.start : self.start + MAXIMUM_INLINE]
        return self._first


class ReadOnlyInline(AnyInline):
    """Rows of another table on the page of what they belong to."""

    formset = FirstRows
    template = "admin/read_only_inline.html"
    extra = 0
    can_delete = False
    view_verb: ClassVar[Verb]

    def has_view_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        """Return whether rows may be seen."""
        return may(request, self.view_verb)

    def has_add_permission(self, request: HttpRequest, *_parent: Any) -> bool:
        """Nobody adds rows here."""
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        """Nobody changes rows here."""
        return False


class Paging(NamedTuple):
    """Which rows of how many a page shows."""

    parameter: str
    page: int
    total: int

    @property
    def start(self) -> int:
        """Return how many rows come before."""
        return (self.page - 1) * MAXIMUM_INLINE

    @property
    def shown(self) -> str:
        """Return which rows are shown, of how many."""
        end = min(self.start + MAXIMUM_INLINE, self.total)
        return f"{self.start + 1:,} to {end:,} of {self.total:,}"

    @property
    def before(self) -> int | None:
        """Return the page before; None at the first."""
        return self.page - 1 if self.page > 1 else None

    @property
    def after(self) -> int | None:
        """Return the page after; None at the last."""
        return self.page + 1 if self.start + MAXIMUM_INLINE < self.total else None


class PagedInline(ReadOnlyInline):
    """Rows of another table that can be leafed through.

    Attributes
    ----------
    parameter
        Of the address: the number of the page.
    """

    template = "admin/paged_inline.html"
    parameter: ClassVar[str]

    def number_of_rows(self, obj: Any) -> int:
        """Return how many rows there are, which the row that they belong to knows."""
        raise NotImplementedError

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Return a form of the rows of the page that is asked for."""
        total = self.number_of_rows(obj) if obj is not None else 0
        last = max(1, -(-total // MAXIMUM_INLINE))
        asked = request.GET.get(self.parameter, "")
        is_number = asked.isascii() and asked.isdigit() and len(asked) < _DIGITS
        page = min(max(int(asked), 1), last) if is_number else 1
        paging = Paging(self.parameter, page, total)
        formset = super().get_formset(request, obj, **kwargs)
        members = {"start": paging.start, "paging": paging}
        return type(formset.__name__, (formset,), members)
