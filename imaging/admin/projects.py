"""Projects: named sets of studies and patients, and who sees them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.access import Verb
from core.admin import (
    PartitionFilter,
    ReasonForm,
    RoleAdmin,
    TellsRefusals,
    WithGrants,
    actor_of,
    register_names,
)
from core.admin.base import MAXIMUM_COUNT
from core.models import Scope, ScopeKind
from imaging.models import Project, ProjectPatient, ProjectStudy
from imaging.project_contents import (
    PatientIdentity,
    add_patients,
    add_studies,
    remove_patients,
    remove_studies,
)
from imaging.projects import (
    change_project,
    create_project,
    delete_project,
    names_of_projects,
    scope,
    visible_projects,
)

register_names(ScopeKind.PROJECT, names_of_projects)

MAXIMUM_SHOWN: Final = 20  # studies and patients of a project

if TYPE_CHECKING:  # Django's classes take no parameters when they run
    AnyForm = forms.ModelForm[Project]
else:
    AnyForm = forms.ModelForm


class ProjectForm(AnyForm):
    """A project, and what is put into it or taken out."""

    studies_in = forms.CharField(
        required=False,
        label="Put in studies",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="StudyInstanceUIDs, each on a line of its own.",
    )
    studies_out = forms.CharField(
        required=False,
        label="Take out studies",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="StudyInstanceUIDs, each on a line of its own. They stay where they"
        " are: only who sees them by this project does so no more.",
    )
    patients_in = forms.CharField(
        required=False,
        label="Put in patients",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="PatientIDs, each on a line of its own; after a tab the issuer, if"
        " there is one. All studies of theirs come with them, later ones as well.",
    )
    patients_out = forms.CharField(
        required=False,
        label="Take out patients",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="As above. Studies that were put in by themselves stay in.",
    )

    class Meta:
        """What is kept."""

        model = Project
        fields = ("partition", "name", "description")
        widgets: ClassVar = {"description": forms.Textarea(attrs={"rows": 3})}
        help_texts: ClassVar = {
            "partition": "Where its studies lie; it stays there. By its name.",
        }


@admin.register(Project)
class ProjectAdmin(WithGrants, TellsRefusals, RoleAdmin):
    """The projects."""

    view_verb = change_verb = Verb.MANAGE
    form = ProjectForm
    list_display = ("name", "partition", "description", "created_at")
    list_select_related = ("partition",)
    list_filter = (PartitionFilter,)
    sortable_by = ("name",)
    search_fields = ("name",)
    autocomplete_fields = ("partition",)
    actions = ("delete_projects",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Project]:
        """Return those that the user may see."""
        return visible_projects(actor=actor_of(request))

    def get_readonly_fields(
        self, request: HttpRequest, obj: Project | None = None
    ) -> tuple[str, ...]:
        """Keep the partition: what is in the project lies in it."""
        return ("partition", "studies", "patients") if obj is not None else ()

    def get_fields(self, request: HttpRequest, obj: Project | None = None) -> Any:
        """Show what is in it once it is there."""
        words = ("partition", "name", "description")
        if obj is None:
            return (*words, "studies_in", "patients_in")
        changes = ("studies_in", "studies_out", "patients_in", "patients_out")
        return (*words, "studies", "patients", *changes)

    @admin.display(description="studies that were put in")
    def studies(self, project: Project) -> SafeString:
        """Return the first of them, and how many they are."""
        held = ProjectStudy.objects.filter(project=project)
        uids = held.values_list("study__study_instance_uid")[:MAXIMUM_SHOWN]
        return _listed(held, uids)

    @admin.display(description="patients")
    def patients(self, project: Project) -> SafeString:
        """Return the first of them, and how many they are."""
        held = ProjectPatient.objects.filter(project=project)
        ids = held.values_list("patient__patient_id")[:MAXIMUM_SHOWN]
        return _listed(held, ids)

    def scope_of(self, request: HttpRequest, row: Project) -> Scope:
        """Return what grants on it hang on."""
        return scope(row)

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        """Make or change the project, so that feed and audit log follow."""
        actor, given = actor_of(request), form.cleaned_data
        words = {"name": obj.name, "description": obj.description}
        if change:
            change_project(actor=actor, project_id=obj.pk, **words)
        else:
            made = create_project(actor=actor, partition=obj.partition.name, **words)
            obj.pk = made.pk
        self._change_contents(request, obj.pk, given)

    def _change_contents(
        self, request: HttpRequest, project_id: int, given: dict[str, str]
    ) -> None:
        actor = actor_of(request)
        if uids := given["studies_in"].split():
            add_studies(actor=actor, project_id=project_id, uids=uids)
        if uids := given.get("studies_out", "").split():
            remove_studies(actor=actor, project_id=project_id, uids=uids)
        if patients := _identities(given["patients_in"]):
            add_patients(actor=actor, project_id=project_id, patients=patients)
        if patients := _identities(given.get("patients_out", "")):
            remove_patients(actor=actor, project_id=project_id, patients=patients)

    @admin.action(description="Delete projects…", permissions=["change"])
    def delete_projects(
        self, request: HttpRequest, rows: QuerySet[Project]
    ) -> TemplateResponse | None:
        """Ask why; then delete them. The studies stay where they are."""
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            projects = self.chosen(request, rows)
            if not projects:
                return None
            context = {
                **self.admin_site.each_context(request),
                "title": "Delete projects",
                "opts": self.opts,
                "form": form,
                "projects": projects,
            }
            page = "admin/imaging/project/delete.html"
            return TemplateResponse(request, page, context)
        actor, reason = actor_of(request), form.cleaned_data["reason"]

        def delete(project: Project) -> None:
            delete_project(actor=actor, project_id=project.pk, reason=reason)

        self.do_each(request, rows, delete, "deleted")
        return None


def _listed(held: QuerySet[Any], names: Iterable[tuple[str]]) -> SafeString:
    shown = format_html_join("", "<br>{}", names)
    number = held[:MAXIMUM_COUNT].count()
    more = " or more" if number == MAXIMUM_COUNT else ""
    return format_html("{}{}{}", number, more, shown)


def _identities(lines: str) -> list[PatientIdentity]:
    named = (line.partition("\t") for line in lines.splitlines() if line.strip())
    return [PatientIdentity(key.strip(), issuer.strip()) for key, _, issuer in named]
