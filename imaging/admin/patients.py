"""Patients: found by PatientID, with their studies and projects, and who sees them.

Shown to who may see who all patients of a partition are: whom a single study is open
to sees that study, not whose others there are.
"""

from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.access import Verb
from core.admin import (
    PartitionFilter,
    ReadOnlyInline,
    TextFilter,
    WithGrants,
    actor_of,
    may,
)
from core.models import Scope
from imaging.admin.patient_data import AuditedAdmin, Whose, matches
from imaging.fold import storable
from imaging.models import Patient, Study
from imaging.patients import visible_patients, with_names
from imaging.project_contents import list_projects_with
from imaging.scopes import scope_of_patient

MAXIMUM_PROJECTS: Final = 100  # that a patient's page names


class IssuerFilter(TextFilter):
    """Who issued the PatientID, as a whole."""

    title = "issuer of PatientID"
    parameter_name = "issuer_of_patient_id"


class StudyInline(ReadOnlyInline):
    """The newest studies of a patient."""

    model = Study
    view_verb = Verb.VIEW_PHI
    verbose_name_plural = "newest studies"
    fields = (
        "study", "study_date", "study_description", "modalities", "accession_number",
        "number_of_instances",
    )  # fmt: skip
    readonly_fields = ("study", "modalities")
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Study]:
        """Leave out what is not shown, and long."""
        return super().get_queryset(request).defer("summary", "attributes")

    @admin.display(description="study")
    def study(self, study: Study) -> SafeString:
        """Return the way to the study's page."""
        address = reverse("admin:imaging_study_change", args=[study.pk])
        return format_html('<a href="{}">{}</a>', address, study.study_instance_uid)

    @admin.display(description="modalities")
    def modalities(self, study: Study) -> str:
        """Return what kinds of images the study has."""
        return ", ".join(study.modalities_in_study)


@admin.register(Patient)
class PatientAdmin(WithGrants, AuditedAdmin):
    """The patients that studies name by PatientID and issuer."""

    list_display = (
        "patient_id", "issuer_of_patient_id", "name", "birth_date", "sex", "partition",
    )  # fmt: skip
    list_filter = (IssuerFilter, PartitionFilter)
    search_fields = ("patient_id",)
    search_help_text = (
        "A PatientID: whole, or its beginning and an asterisk (MRN-1*). Case counts."
    )
    # By PatientID, which two indexes give: of one partition, and of all.
    ordering = ("patient_id", "partition_id", "issuer_of_patient_id")
    fields = (
        "patient_id", "issuer_of_patient_id", "partition", "name", "birth_date", "sex",
        "studies", "projects",
    )  # fmt: skip
    readonly_fields = ("name", "birth_date", "sex", "studies", "projects")
    inlines = (StudyInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Patient]:
        """Return the patients that the user may see, with their names."""
        held = visible_patients(actor=actor_of(request))
        return with_names(held).order_by(*self.ordering)

    def whose(self, row: Patient) -> Whose:
        """Return the patient itself."""
        return Whose(row.partition_id, row.patient_id, row.pk)

    def scope_of(self, request: HttpRequest, row: Patient) -> Scope:
        """Return what grants on the patient hang on."""
        return scope_of_patient(
            actor=actor_of(request),
            partition=row.partition.name,
            patient_id=row.patient_id,
            issuer_of_patient_id=row.issuer_of_patient_id,
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Patient], search_term: str
    ) -> tuple[QuerySet[Patient], bool]:
        """Return what has the PatientID, or begins with it, by an index."""
        term = storable(search_term)
        return queryset.filter(matches("patient_id", term)) if term else queryset, False

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Return a patient with the projects that hold it, as far as the user sees."""
        patient: Any = super().get_object(request, object_id, from_field)
        if patient is not None and may(request, Verb.READ):
            actor = actor_of(request)
            patient.held_by = list_projects_with(actor=actor, patient=patient)
        return patient

    @admin.display(description="name")
    def name(self, patient: Any) -> str:
        """Return the name that the newest study has."""
        return patient.patient_name or ""

    @admin.display(description="birth date")
    def birth_date(self, patient: Any) -> str:
        """Return the birth date that the newest study has."""
        return patient.patient_birth_date or ""

    @admin.display(description="sex")
    def sex(self, patient: Any) -> str:
        """Return the sex that the newest study has."""
        return patient.patient_sex or ""

    @admin.display(description="all studies")
    def studies(self, patient: Patient) -> SafeString:
        """Return a link to the list of the patient's studies."""
        address = reverse("admin:imaging_study_changelist")
        query = urlencode({"linked_patient": patient.pk})
        return format_html('<a href="{}?{}">Show them</a>', address, query)

    @admin.display(description="projects with all studies")
    def projects(self, patient: Any) -> SafeString:
        """Return the projects that the patient was put into, with the way there."""
        held = getattr(patient, "held_by", [])
        named = (
            (reverse("admin:imaging_project_change", args=[project.pk]), project.name)
            for project in held[:MAXIMUM_PROJECTS]
        )
        return format_html_join(", ", '<a href="{}">{}</a>', named)
