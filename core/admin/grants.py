"""Who sees what: grants on partitions, projects, patients, studies and worklists.

From the object's side a page lists its grants, takes new ones, and explains why
somebody sees it; from the other side there is a list of all grants. What is saved goes
through `core.accounts.grants`.
"""

from abc import abstractmethod
from typing import Any, ClassVar, Final

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.access import MEANINGS, Verb
from core.accounts.explain import explain_access, subject_of
from core.accounts.grants import Level, Terms, grant, revoke
from core.admin import base
from core.admin.base import (
    AnyAdmin,
    AnyInline,
    FirstRows,
    RoleAdmin,
    TellsRefusals,
    actor_of,
    may,
)
from core.admin.filters import PartitionFilter
from core.admin.levels import GrantForm, LevelField, LevelSelect
from core.admin.scope_names import look_up_names, name_of
from core.errors import PortalError
from core.models import Account, AccountGrant, GroupGrant, Scope, ScopeKind

PAGES: Final[dict[str, str]] = {
    ScopeKind.PARTITION: "core_partition",
    ScopeKind.PROJECT: "imaging_project",
    ScopeKind.PATIENT: "imaging_patient",
    ScopeKind.STUDY: "imaging_study",
    ScopeKind.WORKLIST: "worklist_worklist",
}
"""The pages of what a scope can stand for."""

LEADS_TO: Final = {
    ScopeKind.PARTITION: "All that is in it.",
    ScopeKind.PROJECT: "Its studies, and all studies of its patients.",
    ScopeKind.PATIENT: "All studies of the patient, and the record linked to them.",
    ScopeKind.STUDY: "The study, and the reports linked to it.",
    ScopeKind.WORKLIST: (
        "Its workitems, and the studies that they open: those that their writers saw,"
        " or that a rule made them of. No other studies of the patients."
    ),
}
"""What a grant on each kind of scope opens."""


class GrantRows(FirstRows):
    """The first grants on a scope, and those to be added."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Take the scope from the address: a page may be older than its scope."""
        super().add_fields(form, index)
        form.fields[self.fk.name].disabled = True


class GrantInline(AnyInline):
    """Grants on a scope: added and taken back, never changed."""

    form = GrantForm
    formset = GrantRows
    fields = (
        "permission", "expires_at", "reason", "granted_by", "granted_at",
    )  # fmt: skip
    readonly_fields = ("granted_by", "granted_at")
    extra = 0
    to: ClassVar[str]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return to whom, and the terms."""
        return (self.to, *self.fields)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the grants in the order in which they were given, with names."""
        rows = super().get_queryset(request)
        return rows.select_related(self.to, "permission").order_by("pk")

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Offer the levels only, and nothing around them to edit levels by."""
        if db_field.name == "permission":
            levels = Permission.objects.filter(
                codename__in=list(Level), content_type__model="scope"
            )
            narrow = LevelSelect(attrs={"style": "max-width: 16em"})
            return LevelField(levels.order_by("pk"), label="level", widget=narrow)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether grants may be seen."""
        return may(request, Verb.READ_ACCOUNTS)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether something may be granted."""
        return may(request, Verb.MANAGE_ACCOUNTS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes a grant: it is taken back, and another one given."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether grants may be taken back."""
        return may(request, Verb.MANAGE_ACCOUNTS)


class AccountGrantInline(GrantInline):
    """Grants to accounts."""

    model = AccountGrant
    to = "user"
    verbose_name_plural = "granted to accounts"
    autocomplete_fields = ("user",)


class GroupGrantInline(GrantInline):
    """Grants to groups."""

    model = GroupGrant
    to = "group"
    verbose_name_plural = "granted to groups"
    autocomplete_fields = ("group",)


@admin.register(Scope)
class ScopeAdmin(TellsRefusals, RoleAdmin):
    """What something was granted on, and to whom."""

    view_verb = Verb.READ_ACCOUNTS
    list_display = ("name", "partition")
    list_filter = ("kind", PartitionFilter)
    list_select_related = ("partition",)
    ordering = ("-pk",)
    fields = readonly_fields = ("it", "partition", "leads_to")
    inlines = (AccountGrantInline, GroupGrantInline)

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Return the list, its rows called by name."""
        changes = super().get_changelist_instance(request)
        look_up_names(changes.result_list)
        return changes

    @admin.display(description="what")
    def name(self, scope: Scope) -> str:
        """Return how it is called."""
        return name_of(scope)

    @admin.display(description="what")
    def it(self, scope: Scope) -> SafeString:
        """Return what it stands for, with the way there where it has a page."""
        look_up_names([scope])
        try:
            url = reverse(f"admin:{PAGES[scope.kind]}_change", args=[scope.object_id])
        except (KeyError, NoReverseMatch):
            return format_html("{}", name_of(scope))
        return format_html('<a href="{}">{}</a>', url, name_of(scope))

    @admin.display(description="a grant opens")
    def leads_to(self, scope: Scope) -> str:
        """Return what a grant on it opens."""
        return LEADS_TO[ScopeKind(scope.kind)]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether grants may be added and taken back."""
        return may(request, Verb.MANAGE_ACCOUNTS)

    def save_formset(
        self, request: HttpRequest, form: Any, formset: Any, change: Any
    ) -> None:
        """Grant and revoke, so that audit log and feed follow."""
        formset.save(commit=False)
        actor = actor_of(request)
        for given in formset.deleted_objects:
            revoke(actor=actor, given=given)
        for new in formset.new_objects:
            grant(
                actor=actor,
                scope=form.instance,
                to=new.user if isinstance(new, AccountGrant) else new.group,
                level=Level(new.permission.codename),
                terms=Terms(new.expires_at, new.reason),
            )

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the page, with an explanation if one was asked for."""
        context = {**(extra_context or {}), "title": "Who sees it"}
        context["more"] = _more(object_id) if object_id else []
        name = request.GET.get("explain", "")
        if object_id is not None and name:
            context["explained"] = _explained(request, object_id, name)
        return super().changeform_view(request, object_id, form_url, context)


class WithGrants(AnyAdmin):
    """A page of something that grants can hang on, with a link to who sees it."""

    change_form_template = "admin/with_grants.html"

    @abstractmethod
    def scope_of(self, request: HttpRequest, row: Any) -> Scope:
        """Return what grants on a row hang on."""

    def get_urls(self) -> list[URLPattern]:
        """Add the address of who sees a row."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_grants"
        view = self.admin_site.admin_view(self.grants_view)
        return [path("<path:object_id>/grants/", view, name=name), *super().get_urls()]

    def grants_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Answer the page of who sees a row; who only looks leaves no scope behind."""
        row = self.get_object(request, object_id)
        if row is None or not may(request, Verb.READ_ACCOUNTS):
            message = "You may not see who sees it."
            self.message_user(request, message, messages.WARNING)
            return HttpResponseRedirect(reverse("admin:index"))
        page = self.admin_site.get_model_admin(Scope)
        with transaction.atomic():
            scope = self.scope_of(request, row)
            answer = page.changeform_view(request, str(scope.pk))
            if request.method != "POST":
                if isinstance(answer, TemplateResponse):
                    answer.render()
                transaction.set_rollback(True)
        return answer

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the page, with the link for who may follow it."""
        context = {
            **(extra_context or {}),
            "read_only_rows": not self.has_change_permission(request),
        }
        if may(request, Verb.READ_ACCOUNTS):
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_grants"
            context["who_sees_it"] = reverse(name, args=[object_id])
        return super().change_view(request, object_id, form_url, context)


def _more(scope_id: str) -> list[tuple[str, str]]:
    """Return where the other grants are listed, where a page shows the first only."""
    lists = (
        (AccountGrant, "core_accountgrant_changelist", "to accounts"),
        (GroupGrant, "core_groupgrant_changelist", "to groups"),
    )
    return [
        (reverse(f"admin:{page}", query={"content_object": scope_id}), words)
        for grants, page, words in lists
        if grants.objects.filter(content_object=scope_id)[
            base.MAXIMUM_INLINE :
        ].exists()
    ]


def _explained(request: HttpRequest, scope_id: str, name: str) -> dict[str, Any]:
    """Return what the page says of an account and the scope."""
    account = Account.objects.filter(username=name).first()
    scope = Scope.objects.filter(pk=scope_id).first()
    if account is None or scope is None:
        return {"account": name, "message": f"There is no account {name}."}
    try:
        found = explain_access(
            actor=actor_of(request), account=account, subject=subject_of(scope)
        )
    except PortalError as error:
        return {"account": name, "message": error.message}
    allowed = [(MEANINGS[verb], held) for verb, held in found.allowed.items()]
    return {"account": name, "reasons": found.reasons, "allowed": allowed}
