"""Studies: found by UID, PatientID or accession number, deleted and moved."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.access import Verb
from core.admin import ChoiceFilter, ReadOnlyInline, WithGrants, actor_of
from core.models import Scope
from core.partitions import list_partitions
from imaging.admin.patient_data import PartitionFilter, matches, shortened
from imaging.admin.study_changes import ChangesStudies
from imaging.fold import fold, storable
from imaging.models import PatientVariant, Series, Study
from imaging.scopes import scope_of_study


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


@admin.register(Study)
class StudyAdmin(WithGrants, ChangesStudies):
    """The studies that are held."""

    change_form_template = "admin/imaging/study/page.html"
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
        "study_instance_uid", "partition", "linked_patient",
        ("patient_id", "patient_name"), ("patient_birth_date", "patient_sex"),
        ("study_date", "study_time"), ("accession_number", "study_description"),
        "modalities", ("number_of_series", "number_of_instances"), "instances",
        ("created_at", "updated_at", "expires_at"),
    )  # fmt: skip
    readonly_fields = ("modalities", "instances")
    inlines = (VariantInline, SeriesInline)

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
