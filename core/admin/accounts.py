"""Accounts and roles, for who may see or manage accounts.

Each change is a line of the audit log.
"""

from typing import TYPE_CHECKING, Any, ClassVar, Final

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from core.access import MEANINGS, Verb
from core.accounts import changes, managing, roles
from core.admin.base import (
    AnyUserAdmin,
    AuditedChanges,
    CountOfRows,
    FirstRows,
    ReadOnlyInline,
    RoleAdmin,
    TellsRefusals,
    actor_of,
    may,
)
from core.admin.levels import level_of
from core.admin.scope_names import look_up_names, way_to
from core.models import Account, AccountGrant, Token

MAXIMUM_MEMBERS: Final = 1_000  # that a list counts
_HELP: Final = {
    "is_active": "May sign in. Take it away instead of deleting an account: its"
    " sessions and tokens end at once, and the audit log goes on naming it.",
    "is_staff": "May open these pages; which of them, its roles decide.",
    "groups": "Its roles say what it may do. Groups without rights are for grants.",
    "email": "For people to reach it by: nothing is sent.",
}

admin.site.unregister(Group)


class FirstGrants(FirstRows):
    """The first grants, what they are on called by name."""

    def get_queryset(self) -> QuerySet[AccountGrant]:
        """Return them, looked up once."""
        rows: QuerySet[AccountGrant] = super().get_queryset()
        look_up_names(given.content_object for given in rows)
        return rows


class GrantInline(ReadOnlyInline):
    """What is granted to an account; it is changed on the page of what it is on."""

    model = AccountGrant
    formset = FirstGrants
    view_verb = Verb.READ_ACCOUNTS
    verbose_name_plural = "granted to it"
    fields = readonly_fields = (
        "what", "level", "expires_at", "reason", "granted_by",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccountGrant]:
        """Return the newest grants, with what they name."""
        rows: QuerySet[AccountGrant] = super().get_queryset(request)
        return rows.select_related("content_object", "permission").order_by("-pk")

    @admin.display(description="on")
    def what(self, given: AccountGrant) -> SafeString:
        """Return what it is on, with the way to who else sees that."""
        return way_to(given.content_object)

    @admin.display(description="level")
    def level(self, given: AccountGrant) -> str:
        """Return how far it goes."""
        return level_of(given.permission)


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
    sortable_by = ("username",)
    search_fields = ("^username", "^last_name", "^email")
    search_help_text = "The beginning of a name or of an e-mail address."
    filter_horizontal = ("groups",)
    actions = ("disable", "enable", "sign_out")
    inlines = (GrantInline, TokenInline)
    fieldsets: ClassVar = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        (
            "What it may",
            {"fields": ("is_active", "is_staff", "groups", "only_granted")},
        ),
        ("When", {"fields": ("last_login", "date_joined", "elsewhere")}),
    )
    readonly_fields = ("last_login", "date_joined", "elsewhere")

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Say of each field what it means here."""
        if db_field.name in _HELP:
            kwargs["help_text"] = _HELP[db_field.name]
        return super().formfield_for_dbfield(db_field, request, **kwargs)

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

    def user_change_password(
        self,
        request: HttpRequest,
        id: str,
        form_url: str = "",
    ) -> HttpResponse:
        """Set a password, unless an issuer keeps it."""
        account = self.get_object(request, id)
        if account is not None and account.issuer:
            text = f"This account signs in at {account.issuer}: its password is there."
            self.message_user(request, text, messages.WARNING)
            return redirect("admin:core_account_change", account.pk)
        return super().user_change_password(request, id, form_url)

    @admin.display(description="roles and groups")
    def names_of_roles(self, account: Account) -> str:
        """Return what it is a member of."""
        names = ", ".join(group.name for group in account.groups.all())
        return f"superuser, {names}".strip(", ") if account.is_superuser else names

    @admin.display(description="elsewhere")
    def elsewhere(self, account: Account) -> SafeString:
        """Return the ways to all that there is of it."""
        name = account.username
        ways = (
            ("core_accountgrant_changelist", {"q": name}, "grants to it"),
            ("core_token_changelist", {"q": name}, "its tokens"),
            ("core_token_add", {"account": account.pk}, "make a token"),
            ("core_auditrecord_changelist", {"actor": name}, "what it did"),
        )
        links = (
            (reverse(f"admin:{page}"), urlencode(query), words)
            for page, query, words in ways
        )
        return format_html_join(" · ", '<a href="{}?{}">{}</a>', links)

    @admin.action(description="Disable: nobody signs in", permissions=["change"])
    def disable(self, request: HttpRequest, rows: QuerySet[Account]) -> None:
        """End sign-ins, sessions and tokens of the chosen accounts."""
        self._set_active(request, rows, is_active=False)

    @admin.action(description="Enable", permissions=["change"])
    def enable(self, request: HttpRequest, rows: QuerySet[Account]) -> None:
        """Have the chosen accounts sign in again."""
        self._set_active(request, rows, is_active=True)

    @admin.action(description="Sign out in all browsers", permissions=["change"])
    def sign_out(self, request: HttpRequest, rows: QuerySet[Account]) -> None:
        """End all sessions of the chosen accounts."""
        actor = actor_of(request)

        def end_sessions(account: Account) -> None:
            changes.end_sessions(actor=actor, name=account.username)

        self.do_each(request, rows, end_sessions, "signed out")

    def _set_active(
        self, request: HttpRequest, rows: QuerySet[Account], *, is_active: bool
    ) -> None:
        actor = actor_of(request)

        def set_active(account: Account) -> None:
            changes.set_active(actor=actor, name=account.username, is_active=is_active)

        done = "enabled" if is_active else "disabled"
        self.do_each(request, rows, set_active, done)


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
    list_display = ("name", "what_it_may", "where", "members")
    sortable_by = ("name",)
    filter_horizontal = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        """Return the roles with what they may, and how many members they have."""
        rows: QuerySet[Group] = super().get_queryset(request)
        # As a range: where most rows are of one group, PostgreSQL expects those of
        # any other to be as many, and would read all to find none.
        group = {"group__gte": OuterRef("pk"), "group__lte": OuterRef("pk")}
        members = Account.groups.through.objects.filter(**group)
        number = CountOfRows(members.values("group")[: MAXIMUM_MEMBERS + 1])
        return rows.annotate(number=number).prefetch_related("permissions")

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

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Say what a role is where it gets its name."""
        if db_field.name == "name":
            kwargs["help_text"] = (
                "A role says what its members may do. One that may nothing is a group"
                " for grants: a team, say."
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

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
        held = {permission.codename for permission in group.permissions.all()}
        return ", ".join(MEANINGS[verb] for verb in Verb if verb in held)

    @admin.display(description="where")
    def where(self, group: Group) -> str:
        """Return how far that goes."""
        held = {permission.codename for permission in group.permissions.all()}
        return "everywhere" if roles.EVERYWHERE in held else "where granted"

    @admin.display(description="members")
    def members(self, group: Any) -> SafeString:
        """Return how many accounts have it, with the way to them."""
        is_more = group.number > MAXIMUM_MEMBERS
        number = f"more than {MAXIMUM_MEMBERS:,}" if is_more else group.number
        address = reverse("admin:core_account_changelist")
        query = urlencode({"groups__id__exact": group.pk})
        return format_html('<a href="{}?{}">{}</a>', address, query, number)
