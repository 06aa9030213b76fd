"""Rules that make workitems: edited, and tried on what is there."""

import json
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import orjson
from django import forms
from django.contrib import admin, messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from core.access import Verb
from core.admin import PartitionFilter, TellsRefusals, actor_of, shortened
from core.admin_site import name_of_page
from core.errors import Invalid, PortalError
from core.models import DEFAULT_PARTITION, Partition
from fhirlink.admin.partitions import InWholePartitions
from worklist.making.configuring import (
    FIELDS,
    Tried,
    check_rule,
    configure_rule,
    try_rule,
)
from worklist.making.usual import STUDY
from worklist.models import WorkitemRule

if TYPE_CHECKING:  # Django's classes take no parameters when they run
    AnyForm = forms.ModelForm[WorkitemRule]
else:
    AnyForm = forms.ModelForm

TRIED = 10
"""Subjects of a dry run."""
_DRY_RUN = "_dry_run"
_WIDE = "vLargeTextField"
_SHOWN = ("version", "changed_by", "changed_at", "problem", "problem_at")


class _Indented(json.JSONEncoder):
    """JSON as people read it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "indent": 2, "ensure_ascii": False})


class RuleForm(AnyForm):
    """What somebody says of a rule: refused with the place where it has no meaning."""

    class Meta:
        """What somebody says of it."""

        model = WorkitemRule
        fields = ("partition", "name", *FIELDS)
        widgets: ClassVar = {
            "template": forms.Textarea(attrs={"rows": 16, "class": _WIDE}),
            "steps": forms.Textarea(attrs={"rows": 5, "class": _WIDE}),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in {"template", "steps"} & self.fields.keys():
            self.fields[name].encoder = _Indented  # type: ignore[attr-defined] # of JSON

    def clean_template(self) -> Any:
        """Return the template; nothing is an empty one."""
        return self.cleaned_data["template"] or {}

    def clean_steps(self) -> Any:
        """Return the steps; nothing is none."""
        return self.cleaned_data["steps"] or []

    def clean(self) -> dict[str, Any]:
        """Refuse a rule that could not be applied."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return given
        partition = given.get("partition")
        key = partition.pk if partition else self.instance.partition_id
        said: dict[str, Any] = {"name": self.instance.name, "partition_id": key}
        said |= {name: given[name] for name in ("name", *FIELDS) if name in given}
        try:
            check_rule(WorkitemRule(**said))
        except Invalid as error:
            path = error.path or ""
            field = path.partition(".")[0].partition("[")[0]
            words = f"{path}: {error.message}" if path != field else error.message
            self.add_error(field if field in self.fields else None, words)
        return given


class Line(NamedTuple):
    """What is shown of a subject of a dry run."""

    tried: Tried
    text: str


@admin.register(WorkitemRule)
class WorkitemRuleAdmin(TellsRefusals, InWholePartitions):
    """The rules of partitions; nobody deletes one: it remembers what it has made."""

    about = (
        "What makes work of studies and resources as they arrive. A rule looks at what"
        " comes while it is enabled; manage.py worklist_rules has it look at what is"
        " there already."
    )
    view_verb = change_verb = Verb.MANAGE
    form = RuleForm
    list_display = (
        "name", "partition", "source", "is_enabled", "worklist_label", "due",
        "version", "number_of_problems", "problem_at",
    )  # fmt: skip
    list_select_related = ("partition",)
    list_filter = (PartitionFilter,)
    ordering = ("-id",)
    raw_id_fields = ("partition",)
    change_form_template = "admin/worklist/workitemrule/change_form.html"

    def get_fields(self, request: HttpRequest, obj: WorkitemRule | None = None) -> Any:
        """Show how it stands once it is there."""
        asked = ("partition", "name", *FIELDS)
        return asked if obj is None else (*asked, *_SHOWN)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin a new one in the default partition, where there is one."""
        default = Partition.objects.filter(name=DEFAULT_PARTITION).first()
        given = super().get_changeform_initial_data(request)
        return {"source": STUDY, "partition": default and default.pk, **given}

    def get_readonly_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> tuple[str, ...]:
        """Leave partition and name as they are: audit log and keys hang on them."""
        kept = ("partition", "name") if obj is not None else ()
        return (*_SHOWN, *kept)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Answer the form, or what the rule in it would make; then nothing is saved."""
        if request.method == "POST" and _DRY_RUN in request.POST:
            answer = self._dry_run(request, object_id)
            if answer is not None:
                return answer
        return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        """Have the domain check and record it."""
        given = form.cleaned_data
        values = {name: given[name] for name in FIELDS if name in given}
        configure_rule(actor=actor_of(request), rule=obj, values=values)

    def _dry_run(
        self, request: HttpRequest, object_id: str | None
    ) -> HttpResponse | None:
        """Answer what a rule would make; None where the form is to be shown again."""
        held = self.get_object(request, object_id) if object_id else None
        if not self.has_change_permission(request, held) or (object_id and not held):
            return None
        form = self.get_form(request, held, change=held is not None)
        filled = form(request.POST, instance=held)
        if not filled.is_valid():
            return None  # saving says what is wrong, and saves nothing
        rule = filled.instance
        try:
            tried = try_rule(actor=actor_of(request), rule=rule, limit=TRIED)
        except PortalError as error:
            self.message_user(request, error.message, messages.WARNING)
            tried = []
        context = {
            **self.admin_site.each_context(request),
            "title": f"Dry run of {rule.name}",
            "opts": self.opts,
            "list_name": name_of_page(self.opts.object_name),
            "rule": rule,
            "lines": [_line(each) for each in tried],
        }
        page = "admin/worklist/workitemrule/dry_run.html"
        return TemplateResponse(request, page, context)


def _line(tried: Tried) -> Line:
    text = orjson.dumps(tried.model, option=orjson.OPT_INDENT_2).decode()
    name = tried.subject
    return Line(tried._replace(subject=shortened(name)), text)
