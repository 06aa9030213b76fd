"""All grants, to find what somebody has and take it back."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core.access import Verb
from core.accounts.grants import AnyGrant, receiver_of, revoke
from core.admin.base import ReadOnlyAdmin, actor_of, may
from core.admin.levels import level_of
from core.admin.scope_names import look_up_names, way_to
from core.models import Account, AccountGrant, GroupGrant


class AllGrantsAdmin(ReadOnlyAdmin):
    """All grants of a kind, to find what somebody has."""

    view_verb = Verb.READ_ACCOUNTS
    ordering = ("-pk",)
    actions = ("revoke_all",)
    to: ClassVar[str]
    names: ClassVar[type[Account | Group]]
    name: ClassVar[str]
    fields = readonly_fields = (
        "receiver", "what", "level", "expires_at", "reason", "granted_by", "granted_at",
    )  # fmt: skip
    list_display = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the grants with what they name."""
        rows = super().get_queryset(request)
        return rows.select_related(self.to, "content_object", "permission")

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Return the list, what grants are on called by name."""
        changes = super().get_changelist_instance(request)
        look_up_names(given.content_object for given in changes.result_list)
        return changes

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Return a grant, what it is on called by name."""
        given: Any = super().get_object(request, object_id, from_field)
        look_up_names([given.content_object] if given is not None else [])
        return given

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the grants to somebody, by their key: an index has it."""
        term = search_term.strip().replace("\0", "")
        if not term:
            return queryset, False
        keys = self.names.objects.filter(**{self.name: term}).values_list("pk")
        return queryset.filter(**{f"{self.to}__in": [key for (key,) in keys]}), False

    @admin.display(description="to")
    def receiver(self, given: AnyGrant) -> str:
        """Return who has it."""
        return str(receiver_of(given))

    @admin.display(description="on")
    def what(self, given: AnyGrant) -> SafeString:
        """Return what it is on, with the way to who else sees that."""
        return way_to(given.content_object)

    @admin.display(description="level")
    def level(self, given: AnyGrant) -> str:
        """Return how far it goes."""
        return level_of(given.permission)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Return whether the action may be used."""
        return may(request, Verb.MANAGE_ACCOUNTS)

    @admin.action(description="Revoke", permissions=["revoke"])
    def revoke_all(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        """Take the chosen grants back."""
        actor = actor_of(request)
        self.do_each(
            request, rows, lambda given: revoke(actor=actor, given=given), "revoked"
        )


@admin.register(AccountGrant)
class AccountGrantAdmin(AllGrantsAdmin):
    """Grants to accounts."""

    to, names, name = "user", Account, "username"
    search_fields = ("user__username",)
    search_help_text = "The name of an account, whole."


@admin.register(GroupGrant)
class GroupGrantAdmin(AllGrantsAdmin):
    """Grants to groups."""

    to, names, name = "group", Group, "name"
    search_fields = ("group__name",)
    search_help_text = "The name of a role or group, whole."
