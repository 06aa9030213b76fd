"""Who is locked out after too many wrong passwords."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.access import Verb
from core.accounts.changes import unlock
from core.accounts.sign_in import LIMITS
from core.admin.base import ReadOnlyAdmin, actor_of, may
from core.models import SignInFailures


@admin.register(SignInFailures)
class SignInFailuresAdmin(ReadOnlyAdmin):
    """Wrong passwords of late."""

    view_verb = Verb.READ_ACCOUNTS
    list_display = ("label", "kind", "number", "is_locked", "since")
    list_filter = ("kind",)
    search_fields = ("label",)
    search_help_text = "The name of an account, or an address, whole."
    actions = ("unlock",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SignInFailures]:
        """Return those of accounts that there are, and of addresses."""
        return super().get_queryset(request).exclude(label="")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return what was counted of an account or address."""
        term = search_term.strip().replace("\0", "")
        return queryset.filter(label=term) if term else queryset, False

    @admin.display(description="locked", boolean=True)
    def is_locked(self, failures: SignInFailures) -> bool:
        """Return whether nobody signs in with it."""
        return failures.number > LIMITS[SignInFailures.Kind(failures.kind)]

    def has_unlock_permission(self, request: HttpRequest) -> bool:
        """Return whether the action may be used."""
        return may(request, Verb.MANAGE_ACCOUNTS)

    @admin.action(description="Let sign in again", permissions=["unlock"])
    def unlock(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        """Forget the wrong passwords of the chosen accounts and addresses."""
        actor = actor_of(request)
        self.do_each(
            request,
            rows,
            lambda failures: unlock(actor=actor, label=failures.label),
            "may sign in again",
        )
