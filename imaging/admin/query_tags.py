"""Extended query tags: added, enabled, disabled, deleted; their values are not here."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.access import Verb
from core.admin import RoleAdmin, TellsRefusals, actor_of
from imaging.models import QueryTag
from imaging.query_tags.definition import define
from imaging.query_tags.managing import add_tags, delete_tag, enable_tag
from imaging.query_tags.tag import name_of

if TYPE_CHECKING:  # Django's classes take no parameters when they run
    AnyForm = forms.ModelForm[QueryTag]
else:
    AnyForm = forms.ModelForm


class QueryTagForm(AnyForm):
    """An attribute that is to be searchable."""

    vr = forms.CharField(
        required=False, help_text="Needed for a private one; others have theirs."
    )

    class Meta:
        """What somebody says of it."""

        model = QueryTag
        fields = ("path", "level", "vr", "private_creator")
        help_texts: ClassVar = {
            "path": "A keyword or 8 hexadecimal digits; inside of sequences several of"
            " these, with dots between.",
        }


@admin.register(QueryTag)
class QueryTagAdmin(TellsRefusals, RoleAdmin):
    """The attributes that can be searched for because somebody has asked for it."""

    view_verb = change_verb = Verb.MANAGE
    form = QueryTagForm
    list_display = (
        "path", "keyword", "vr", "level", "status", "is_enabled", "operation",
    )  # fmt: skip
    list_filter = ("status", "level")
    readonly_fields = ("keyword", "status", "is_enabled", "operation", "errors")
    actions = ("enable", "disable", "delete_tags")

    def get_fields(self, request: HttpRequest, obj: QueryTag | None = None) -> Any:
        """Show how far it is once it is there."""
        words = ("path", "level", "vr", "private_creator")
        return words if obj is None else (*words, *self.readonly_fields)

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        """Let actions change tags; what a tag is stays."""
        return obj is None and super().has_change_permission(request, obj)

    @admin.display(description="attribute")
    def keyword(self, tag: QueryTag) -> str:
        """Return what it is called."""
        return name_of(tag.path)

    @admin.display(description="operation")
    def operation(self, tag: QueryTag) -> SafeString | str:
        """Return the way to what indexes, or removes, it."""
        if tag.operation_id is None:
            return ""
        address = reverse("admin:core_operation_change", args=(tag.operation_id,))
        return format_html('<a href="{}">progress</a>', address)

    @admin.display(description="errors")
    def errors(self, tag: QueryTag) -> SafeString:
        """Return the way to the instances that could not be indexed."""
        address = f"/dicomweb/extendedquerytags/{tag.path}/errors"
        return format_html('<a href="{}">{}</a>', address, "list")

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        """Add the tag, so that it is indexed and the audit log follows."""
        given = form.cleaned_data
        definition = define(
            given["path"],
            level=given["level"],
            vr=given["vr"],
            private_creator=given["private_creator"],
        )
        add_tags(actor=actor_of(request), definitions=[definition])
        obj.pk = QueryTag.objects.get(path=definition.path).pk

    @admin.action(description="Enable: searches may use it", permissions=["change"])
    def enable(self, request: HttpRequest, rows: QuerySet[QueryTag]) -> None:
        """Let searches use the chosen tags."""
        self._enable(request, rows, is_enabled=True)

    @admin.action(description="Disable: no search uses it", permissions=["change"])
    def disable(self, request: HttpRequest, rows: QuerySet[QueryTag]) -> None:
        """Let no search use the chosen tags."""
        self._enable(request, rows, is_enabled=False)

    def _enable(
        self, request: HttpRequest, rows: QuerySet[QueryTag], *, is_enabled: bool
    ) -> None:
        actor = actor_of(request)

        def enable(tag: QueryTag) -> None:
            enable_tag(actor=actor, path=tag.path, is_enabled=is_enabled)

        self.do_each(request, rows, enable, "enabled" if is_enabled else "disabled")

    @admin.action(description="Delete, with their values", permissions=["change"])
    def delete_tags(self, request: HttpRequest, rows: QuerySet[QueryTag]) -> None:
        """Delete the chosen tags."""
        actor = actor_of(request)
        self.do_each(
            request,
            rows,
            lambda tag: delete_tag(actor=actor, path=tag.path),
            "are being deleted",
        )
