"""Instances and the version that is held of each; versions never change."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.formats import localize
from django.utils.safestring import SafeString

from core.admin import actor_of
from core.partitions import list_partitions
from imaging.admin.patient_data import PatientDataAdmin, shortened
from imaging.fold import storable
from imaging.models import Instance, Study


@admin.register(Instance)
class InstanceAdmin(PatientDataAdmin):
    """The instances that are held."""

    partition = "study__partition"
    study = "study_id"
    binary = (
        "summary", "version__metadata", "version__layout", "version__frames",
        "study__summary", "study__attributes", "series__summary", "series__attributes",
    )  # fmt: skip
    list_display = (
        "uid", "study_uid", "instance_number", "size", "transfer_syntax_uid",
        "stored_at",
    )  # fmt: skip
    list_select_related = ("study", "series", "version")
    search_fields = ("sop_instance_uid",)
    search_help_text = "A SOPInstanceUID or StudyInstanceUID, whole."
    fields = readonly_fields = (
        "sop_instance_uid", "sop_class_uid", "instance_number", "series", "study",
        "version", "transfer_syntax_uid", "size", "sha256", "blob_key", "stored_at",
    )  # fmt: skip

    def study_of(self, row: Instance) -> Study:
        """Return the study that the instance is in."""
        return row.study

    @admin.display(description="SOP instance UID")
    def uid(self, instance: Instance) -> SafeString:
        """Return what fits into a list."""
        return shortened(instance.sop_instance_uid)

    @admin.display(description="study UID")
    def study_uid(self, instance: Instance) -> SafeString:
        """Return what fits into a list."""
        return shortened(instance.study.study_instance_uid)

    @admin.display(description="size")
    def size(self, instance: Instance) -> str:
        """Return the size of the bytes as stored."""
        return filesizeformat(instance.version.size_bytes)

    @admin.display(description="transfer syntax UID")
    def transfer_syntax_uid(self, instance: Instance) -> str:
        """Return how the bytes are encoded."""
        return instance.version.transfer_syntax_uid

    @admin.display(description="SHA-256")
    def sha256(self, instance: Instance) -> str:
        """Return the digest of the bytes as stored."""
        return bytes(instance.version.sha256).hex()

    @admin.display(description="blob")
    def blob_key(self, instance: Instance) -> str:
        """Return where the bytes lie."""
        return instance.version.blob_key

    @admin.display(description="stored at")
    def stored_at(self, instance: Instance) -> str:
        """Return when the bytes were stored."""
        return str(localize(instance.version.stored_at))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Instance], search_term: str
    ) -> tuple[QuerySet[Instance], bool]:
        """Return the instance, or those of the study, by their indexes."""
        term = storable(search_term)
        if not term:
            return queryset, False
        held = [one.pk for one in list_partitions(actor=actor_of(request))]
        studies = Study.objects.filter(partition__in=held, study_instance_uid=term)
        # Keys and not a subquery: PostgreSQL would walk all instances for that.
        keys = list(studies.values_list("pk", flat=True))
        return queryset.filter(Q(sop_instance_uid=term) | Q(study__in=keys)), False
