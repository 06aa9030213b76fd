"""Accounts, roles and tokens, for who may see or manage accounts.

Each change is a line of the audit log.
"""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from core.access import Verb
from core.accounts import changes, managing, roles
from core.accounts.tokens import revoke_token
from core.admin.base import (
    AnyUserAdmin,
    AuditedChanges,
    ReadOnlyAdmin,
    ReadOnlyInline,
    RoleAdmin,
    TellsRefusals,
    actor_of,
    may,
)
from core.errors import PortalError
from core.models import Account, AccountGrant, Token

admin.site.unregister(Group)


class GrantInline(ReadOnlyInline):
    """What is granted to an account; it is changed on the page of what it is on."""

    model = AccountGrant
    view_verb = Verb.READ_ACCOUNTS
    verbose_name_plural = "granted to it"
    fields = readonly_fields = (
        "content_object", "permission", "expires_at", "reason", "granted_by",
    )  # fmt: skip


class TokenInline(ReadOnlyInline):
    """The tokens of an account."""

    model = Token
    view_verb = Verb.READ_ACCOUNTS
    verbose_name_plural = "tokens"
    fields = readonly_fields = (
        "name", "created_at", "expires_at", "last_used_at", "revoked_at",
    )  # fmt: skip


@admin.register(Account)
class AccountAdmin(TellsRefusals, AuditedChanges, RoleAdmin, AnyUserAdmin):
    """Who may sign in, with which roles."""

    view_verb = Verb.READ_ACCOUNTS
    change_verb = Verb.MANAGE_ACCOUNTS
    list_display = (
        "username", "names_of_roles", "is_active", "is_staff", "only_granted",
        "last_login",
    )  # fmt: skip
    list_filter = ("is_active", "groups")
    search_fields = ("username", "last_name", "email")
    filter_horizontal = ("groups",)
    actions = ("disable", "enable")
    inlines = (GrantInline, TokenInline)
    fieldsets: ClassVar = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        (
            "What it may",
            {"fields": ("is_active", "is_staff", "groups", "only_granted")},
        ),
        ("When", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        """Return the accounts with their roles."""
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Let a superuser make another one."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not request.user.is_superuser:
            return fieldsets
        return (*fieldsets, ("Superuser", {"fields": ("is_superuser",)}))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether an account may be changed: a superuser's by superusers."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Show what it has once it is there; nothing of that comes back in a form."""
        if obj is None or request.method == "POST":
            return ()
        return super().get_inlines(request, obj)

    def save_related(self, request: HttpRequest, *what: Any) -> None:
        """Save what an account is given, unless one locks oneself out by it."""
        super().save_related(request, *what)
        managing.keep_managing(actor=actor_of(request))

    @admin.display(description="roles and groups")
    def names_of_roles(self, account: Account) -> str:
        """Return what it is a member of."""
        names = ", ".join(group.name for group in account.groups.all())
        return f"superuser, {names}".strip(", ") if account.is_superuser else names

    @admin.action(description="Disable: nobody signs in", permissions=["change"])
    def disable(self, request: HttpRequest, rows: QuerySet[Account]) -> None:
        """End sign-ins, sessions and tokens of the chosen accounts."""
        self._set_active(request, rows, is_active=False)

    @admin.action(description="Enable", permissions=["change"])
    def enable(self, request: HttpRequest, rows: QuerySet[Account]) -> None:
        """Have the chosen accounts sign in again."""
        self._set_active(request, rows, is_active=True)

    def _set_active(
        self, request: HttpRequest, rows: QuerySet[Account], *, is_active: bool
    ) -> None:
        for account in rows:
            if not self.has_change_permission(request, account):
                message = f"{account}: only a superuser changes a superuser."
                self.message_user(request, message, messages.WARNING)
                continue
            try:
                changes.set_active(
                    actor=actor_of(request),
                    name=account.username,
                    is_active=is_active,
                )
            except PortalError as error:
                self.message_user(request, error.message, messages.WARNING)


if TYPE_CHECKING:  # Django's classes take no parameters when they run
    AnyChoices = forms.ModelMultipleChoiceField[Permission]
else:
    AnyChoices = forms.ModelMultipleChoiceField


class VerbsField(AnyChoices):
    """What a role may allow, in words."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the name of the permission."""
        return str(obj.name)


@admin.register(Group)
class RolesAdmin(TellsRefusals, AuditedChanges, RoleAdmin, GroupAdmin):
    """Roles, and groups without rights of their own that something is granted to."""

    view_verb = Verb.READ_ACCOUNTS
    change_verb = Verb.MANAGE_ACCOUNTS
    list_display = ("name", "what_it_may", "members")
    filter_horizontal = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        """Return the roles with what they may, and how many members they have."""
        rows: QuerySet[Group] = super().get_queryset(request)
        rows = rows.annotate(number=Count("user", distinct=True))
        return rows.prefetch_related("permissions")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether a role may be removed: not those that come with the portal."""
        is_own = obj is not None and obj.name not in roles.ROLES
        return is_own and may(request, Verb.MANAGE_ACCOUNTS)

    def save_related(self, request: HttpRequest, *what: Any) -> None:
        """Save what a role may, unless one locks oneself out by it."""
        super().save_related(request, *what)
        managing.keep_managing(actor=actor_of(request))

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        """Delete a role, unless one locks oneself out by it."""
        super().delete_model(request, obj)
        managing.keep_managing(actor=actor_of(request))

    def formfield_for_manytomany(
        self, db_field: Any, request: HttpRequest | None = None, **kwargs: Any
    ) -> Any:
        """Offer the portal's verbs only."""
        if db_field.name != "permissions":
            return super().formfield_for_manytomany(db_field, request, **kwargs)
        held = Permission.objects.filter(codename__in=roles.CODENAMES)
        return VerbsField(
            held.order_by("pk"),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            label="may",
            help_text="Where: everywhere, or what is granted to its members.",
        )

    @admin.display(description="may")
    def what_it_may(self, group: Group) -> str:
        """Return its permissions in words."""
        names = [held.name for held in group.permissions.all()]
        return ", ".join(name.removeprefix("May ") for name in names)

    @admin.display(description="members")
    def members(self, group: Any) -> int:
        """Return how many accounts have it."""
        return int(group.number)


@admin.register(Token)
class TokenAdmin(ReadOnlyAdmin):
    """Bearer tokens; ``manage.py token create`` makes one and shows it once."""

    view_verb = Verb.READ_ACCOUNTS
    list_display = (
        "name", "account", "created_at", "expires_at", "last_used_at", "revoked_at",
    )  # fmt: skip
    list_select_related = ("account",)
    search_fields = ("name", "account__username")
    actions = ("revoke",)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Return whether the action may be used."""
        return may(request, Verb.MANAGE_ACCOUNTS)

    @admin.action(description="Revoke", permissions=["revoke"])
    def revoke(self, request: HttpRequest, rows: QuerySet[Token]) -> None:
        """Have the chosen tokens work no more."""
        for key in rows.filter(revoked_at=None).values_list("pk", flat=True):
            revoke_token(actor=actor_of(request), token_id=key)
