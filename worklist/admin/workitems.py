"""Workitems: found by UID or PatientID, shown, asked to be canceled, deleted."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote_plus

import orjson
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import audit
from core.access import Verb
from core.admin import (
    ChoiceFilter,
    PartitionFilter,
    TextFilter,
    actor_of,
    may,
    shortened,
)
from fhirlink.admin.partitions import RecordAdmin, partition_keys
from imaging.admin.patient_data import matches
from imaging.fold import storable
from worklist.cancel import request_cancel
from worklist.data_set import unpacked
from worklist.delete import delete_workitem
from worklist.models import Workitem
from worklist.models.workitem import OPEN
from worklist.rows import known_patients
from worklist.rules import State
from worklist.write import PRIORITIES


class StateFilter(ChoiceFilter):
    """The state of a workitem."""

    title = parameter_name = "state"
    choices_of = tuple((state.value, state.value.lower()) for state in State)


class PriorityFilter(ChoiceFilter):
    """How urgent a workitem is."""

    title = parameter_name = "priority"
    choices_of = tuple((each, each.lower()) for each in PRIORITIES)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return those of the priority, open or not."""
        if self.value() not in PRIORITIES:
            return queryset
        rank = PRIORITIES.index(str(self.value()))
        return queryset.filter(rank__in=(rank, rank + len(PRIORITIES)))


class OverdueFilter(ChoiceFilter):
    """What is open, and was expected to be done by now."""

    title = "time"
    parameter_name = "overdue"
    choices_of = (("1", "Overdue"),)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return what is late, by its index."""
        if self.value() is None:
            return queryset
        return queryset.filter(OPEN, due_at__lt=timezone.now())


class LabelFilter(TextFilter):
    """The label of the worklist, as a whole."""

    title = "worklist"
    parameter_name = "worklist__label"


class ClaimFilter(TextFilter):
    """The name of the account that has claimed it, as a whole."""

    title = "claimed by"
    parameter_name = "claimed_by__username"


@admin.register(Workitem)
class WorkitemAdmin(RecordAdmin):
    """What is to be done, and was; changed over UPS-RS and in the portal's pages."""

    about = (
        "What is to be done, and what was. Rules make workitems, and other systems do,"
        " over UPS-RS; they are claimed and done on the page Worklist of the portal."
    )
    change_form_template = "admin/worklist/workitem/change_form.html"
    list_display = (
        "uid", "state", "worklist", "priority", "start_at", "due_at", "patient_id",
        "claimed_by", "partition",
    )  # fmt: skip
    list_select_related = ("partition", "worklist", "claimed_by")
    list_filter = (
        StateFilter, PriorityFilter, OverdueFilter, LabelFilter, ClaimFilter,
        PartitionFilter,
    )  # fmt: skip
    search_fields = ("sop_instance_uid",)
    search_help_text = (
        "A UID, or a PatientID: whole, or its beginning and an asterisk (MRN-1*). Case"
        " counts."
    )
    fields = (
        "sop_instance_uid", "partition", "worklist", "state", "priority",
        ("start_at", "due_at"), ("modified_at", "ended_at"), "claimed_by",
        ("patient_id", "issuer_of_patient_id"), "study_instance_uids", "says",
    )  # fmt: skip
    readonly_fields = ("priority", "says")
    actions = ("ask_for_canceling", "delete_ended")

    @admin.display(description="UID")
    def uid(self, workitem: Workitem) -> SafeString:
        """Return what fits into a list."""
        return shortened(workitem.sop_instance_uid)

    @admin.display(description="priority")
    def priority(self, workitem: Workitem) -> str:
        """Return how urgent it is."""
        return PRIORITIES[workitem.rank % len(PRIORITIES)]

    @admin.display(description="says")
    def says(self, workitem: Workitem) -> SafeString:
        """Return its data set, which has no Transaction UID."""
        model = unpacked(bytes(workitem.content))
        return format_html(
            '<pre class="json" tabindex="0" aria-label="DICOM JSON">{}</pre>',
            orjson.dumps(model, option=orjson.OPT_INDENT_2).decode(),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workitem]:
        """Leave out what is not shown, and what nobody is to know."""
        rows: QuerySet[Workitem] = super().get_queryset(request)
        deferred = ["transaction_uid"]
        if request.resolver_match and not request.resolver_match.kwargs:
            deferred.append("content")
        return rows.defer(*deferred)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return what matches, by two indexes."""
        term = storable(search_term).strip()
        if not term:
            return queryset, False
        found = Q(sop_instance_uid=term) | matches("patient_id", term)
        return queryset.filter(found, partition__in=partition_keys(request)), False

    def study_of(self, row: Workitem) -> str | None:
        """Return the first study that it names."""
        return next(iter(row.study_instance_uids), None)

    def audit_rows(self, request: HttpRequest, rows: Sequence[Workitem]) -> None:
        """Record that rows are shown, and whose they are."""
        event = audit.Event(
            actor_of(request),
            audit.Action.SEARCH,
            detail=f"admin: {self.opts.verbose_name_plural} ({len(rows)} results)",
            query=unquote_plus(request.GET.urlencode()),
        )
        pairs: dict[int, set[tuple[str, str]]] = {}
        for row in rows:
            pair = row.patient_id, row.issuer_of_patient_id
            pairs.setdefault(row.partition_id, set()).add(pair)
        known = [known_patients(key, named) for key, named in pairs.items()]
        audit.record_answer(
            event,
            patients=[key for found in known for key in found.values()],
            studies=[self.study_of(row) for row in rows],
        )

    @admin.action(description="Ask for them to be canceled", permissions=["perform"])
    def ask_for_canceling(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        """Ask for each; a scheduled one is canceled at once."""
        self.do_each(
            request,
            rows,
            lambda row: request_cancel(
                actor=actor_of(request),
                partition=row.partition.name,
                uid=row.sop_instance_uid,
            ),
            "canceled, or their performers told",
        )

    @admin.action(
        description="Delete those that have ended", permissions=["delete_data"]
    )
    def delete_ended(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        """Delete each; one that is open is told and stays."""
        self.do_each(
            request,
            rows,
            lambda row: delete_workitem(
                actor=actor_of(request),
                partition=row.partition.name,
                uid=row.sop_instance_uid,
            ),
            "deleted",
        )

    def has_perform_permission(self, request: HttpRequest) -> bool:
        """Return whether workitems may be asked to be canceled."""
        return may(request, Verb.PERFORM)

    def has_delete_data_permission(self, request: HttpRequest) -> bool:
        """Return whether workitems may be deleted."""
        return may(request, Verb.DELETE)
