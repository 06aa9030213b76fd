"""How the studies of a partition are read, where that is not as settings say."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from core.access import Verb
from core.admin import PartitionFilter, TellsRefusals, actor_of
from fhirlink.admin.partitions import InWholePartitions
from fhirlink.linkage.sources import FIELDS, configure_source
from fhirlink.models import LinkSource


@admin.register(LinkSource)
class LinkSourceAdmin(TellsRefusals, InWholePartitions):
    """What is configured of partitions; a change has their studies linked anew."""

    view_verb = change_verb = Verb.MANAGE
    list_display = (
        "where", "assigning_authority", "accession_system", "zone", "address",
        "names_staff",
    )  # fmt: skip
    list_select_related = ("partition",)
    list_filter = (PartitionFilter,)
    ordering = ("-id",)
    raw_id_fields = ("partition",)
    fields = ("partition", *FIELDS)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> tuple[str, ...]:
        """Leave the partition as it is: another one has settings of its own."""
        return ("partition",) if obj is not None else ()

    @admin.display(description="partition")
    def where(self, source: LinkSource) -> str:
        """Return which partition it is of."""
        return source.partition.name

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        """Have the domain check and record it, and the studies linked anew."""
        given = form.cleaned_data
        held = configure_source(
            actor=actor_of(request),
            partition=obj.partition.name,
            values={name: given[name] for name in FIELDS},
        )
        obj.pk = held.pk
