"""Studies: found by UID, PatientID or accession number, and deleted with a reason."""

from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.access import Verb
from core.admin import ChoiceFilter, ReadOnlyInline, WithGrants, actor_of, may
from core.errors import PortalError
from core.models import Scope
from core.partitions import list_partitions
from imaging.admin.patient_data import (
    PartitionFilter,
    PatientDataAdmin,
    matches,
    shortened,
)
from imaging.delete import delete_instances
from imaging.fold import fold, storable
from imaging.models import PatientVariant, Series, Study
from imaging.scopes import scope_of_study

MAXIMUM_DELETED: Final = 100  # studies at once: the browser waits for it


class ConflictFilter(ChoiceFilter):
    """Studies that contradict themselves about their patient."""

    title = "patient data"
    parameter_name = "conflict"
    choices_of = (("1", "Conflicting patients"),)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return those of more than one spelling, by their index."""
        if self.value() is None:
            return queryset
        return queryset.filter(number_of_patient_variants__gt=1)


class VariantInline(ReadOnlyInline):
    """How the instances of a study spell the patient."""

    model = PatientVariant
    view_verb = Verb.VIEW_PHI
    verbose_name_plural = "patient as the instances name them"
    fields = (
        "patient_id", "issuer_of_patient_id", "patient_name", "patient_birth_date",
        "patient_sex", "number_of_instances",
    )  # fmt: skip
    ordering = ("-number_of_instances", "pk")


class SeriesInline(ReadOnlyInline):
    """The first series of a study."""

    model = Series
    view_verb = Verb.VIEW_PHI
    verbose_name_plural = "first series"
    fields = (
        "series_number", "modality", "body_part_examined", "number_of_instances",
        "series_instance_uid",
    )  # fmt: skip
    ordering = ("series_number", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Series]:
        """Leave out what is not shown, and long."""
        return super().get_queryset(request).defer("summary", "attributes")


class ReasonForm(forms.Form):
    """Why studies are deleted."""

    reason = forms.CharField(
        max_length=200,
        help_text="Stands in the audit log.",
        widget=forms.TextInput(attrs={"class": "vTextField", "autofocus": True}),
    )


@admin.register(Study)
class StudyAdmin(WithGrants, PatientDataAdmin):
    """The studies that are held."""

    partition = "partition"
    study = "pk"
    binary = ("summary", "attributes")
    list_display = (
        "uid", "patient", "patient_name", "study_date", "accession", "modalities",
        "series_held", "instances_held", "partition",
    )  # fmt: skip
    list_select_related = ("partition",)
    list_filter = (ConflictFilter, PartitionFilter)
    search_fields = ("study_instance_uid",)
    search_help_text = (
        "StudyInstanceUID, PatientID or accession number: whole, or its beginning"
        " and an asterisk (ACC12*)."
    )
    fields = (
        "study_instance_uid", "partition",
        ("patient_id", "patient_name"), ("patient_birth_date", "patient_sex"),
        ("study_date", "study_time"), ("accession_number", "study_description"),
        "modalities", ("number_of_series", "number_of_instances"), "instances",
        ("created_at", "updated_at", "expires_at"),
    )  # fmt: skip
    readonly_fields = ("modalities", "instances")
    inlines = (VariantInline, SeriesInline)
    actions = ("delete_studies",)

    def study_of(self, row: Study) -> Study:
        """Return the study itself."""
        return row

    def scope_of(self, request: HttpRequest, row: Study) -> Scope:
        """Return what grants on the study hang on."""
        return scope_of_study(
            actor=actor_of(request),
            partition=row.partition.name,
            study_instance_uid=row.study_instance_uid,
        )

    @admin.display(description="study UID")
    def uid(self, study: Study) -> SafeString:
        """Return what fits into a list."""
        return shortened(study.study_instance_uid)

    @admin.display(description="patient ID")
    def patient(self, study: Study) -> SafeString:
        """Return the PatientID, and how many patients there are if not one."""
        number = study.number_of_patient_variants
        conflict = format_html(" <strong>({} patients)</strong>", number)
        shown = conflict if number > 1 else ""
        return format_html('<span class="nowrap">{}{}</span>', study.patient_id, shown)

    @admin.display(description="accession")
    def accession(self, study: Study) -> SafeString:
        """Return the accession number."""
        return format_html('<span class="nowrap">{}</span>', study.accession_number)

    @admin.display(description="series")
    def series_held(self, study: Study) -> int:
        """Return how many there are."""
        return study.number_of_series

    @admin.display(description="instances")
    def instances_held(self, study: Study) -> int:
        """Return how many there are."""
        return study.number_of_instances

    @admin.display(description="modalities")
    def modalities(self, study: Study) -> str:
        """Return what kinds of images the study has."""
        return ", ".join(study.modalities_in_study)

    @admin.display(description="list of instances")
    def instances(self, study: Study) -> SafeString:
        """Return a link to the list of the study's instances."""
        address = reverse("admin:imaging_instance_changelist")
        return format_html(
            '<a href="{}?q={}">Show them</a>', address, study.study_instance_uid
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Study], search_term: str
    ) -> tuple[QuerySet[Study], bool]:
        """Return what matches, by three indexes that begin with the partition."""
        term = storable(search_term)
        if not term:
            return queryset, False
        held = list_partitions(actor=actor_of(request))
        found = (
            matches("study_instance_uid", term)
            | matches("patient_id_folded", fold(term))
            | matches("accession_number_folded", fold(term))
        )
        within = Q(partition__in=[partition.pk for partition in held])
        return queryset.filter(found, within), False

    def has_delete_data_permission(self, request: HttpRequest) -> bool:
        """Return whether studies may be deleted."""
        return may(request, Verb.DELETE)

    @admin.action(description="Delete studies…", permissions=["delete_data"])
    def delete_studies(
        self, request: HttpRequest, rows: QuerySet[Study]
    ) -> TemplateResponse | None:
        """Ask why; then delete, so that feed and audit log follow."""
        studies = list(rows.select_related("partition")[: MAXIMUM_DELETED + 1])
        if len(studies) > MAXIMUM_DELETED:
            text = f"Choose {MAXIMUM_DELETED} studies at most."
            self.message_user(request, text, messages.WARNING)
            return None
        asked = "reason" in request.POST
        form = ReasonForm(request.POST if asked else None)
        if form.is_valid():
            self._delete(request, studies, form.cleaned_data["reason"])
            return None
        self._audit_list(request, studies)
        context = {
            **self.admin_site.each_context(request),
            "title": "Delete studies",
            "opts": self.opts,
            "form": form,
            "studies": studies,
            "number_of_instances": sum(one.number_of_instances for one in studies),
        }
        return TemplateResponse(request, "admin/imaging/study/delete.html", context)

    def _delete(
        self, request: HttpRequest, studies: Iterable[Study], reason: str
    ) -> None:
        number = 0
        for study in studies:
            try:
                number += delete_instances(
                    actor=actor_of(request),
                    partition=study.partition.name,
                    study_instance_uid=study.study_instance_uid,
                    reason=reason,
                )
            except PortalError as error:
                text = f"{study}: {error.message}"
                self.message_user(request, text, messages.WARNING)
        if number:
            self.message_user(request, f"Deleted {number} instances.")
