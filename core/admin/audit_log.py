"""The audit log: for auditors, by what `core.audit_search` finds by, read only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from core import audit_search
from core.access import Verb
from core.admin.audit_export import answer_of
from core.admin.base import ReadOnlyAdmin, actor_of, shortened
from core.admin.filters import (
    ChoiceFilter,
    PartitionFilter,
    TextFilter,
    key_of_partition,
)
from core.audit_events import Action, Outcome
from core.audit_search import MASK, AuditFilter
from core.models import AuditRecord
from core.reach import EVERYWHERE

NOBODYS: Final = 0  # the key of no partition
_SHOWN_DETAIL: Final = 60  # characters of a list
_DIGITS: Final = 19  # what a bigint surely holds


class Typed(TextFilter):
    """A filter that is typed; `AuditRecordAdmin` puts all together."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return all: the page has filtered them."""
        return queryset


class ActorFilter(Typed):
    """Who, by the whole name."""

    title, parameter_name = "actor", "actor"


class PatientFilter(Typed):
    """Whose data, by the whole PatientID."""

    title, parameter_name = "PatientID", "patient"


class StudyFilter(Typed):
    """Which study."""

    title, parameter_name = "StudyInstanceUID", "study"


class SourceFilter(Typed):
    """From where."""

    title, parameter_name = "source", "source"


class RequestFilter(Typed):
    """By which request."""

    title, parameter_name = "request", "request"


class SinceFilter(Typed):
    """From when on, in UTC."""

    title, parameter_name = "time, from (UTC)", "since"
    kind = "datetime-local"


class UntilFilter(Typed):
    """Before when, in UTC."""

    title, parameter_name = "time, before (UTC)", "until"
    kind = "datetime-local"


class Chosen(ChoiceFilter):
    """A filter with choices; `AuditRecordAdmin` puts all together."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return all: the page has filtered them."""
        return queryset


class ActionFilter(Chosen):
    """What was done."""

    title = parameter_name = "action"
    choices_of = tuple((action.value, action.value) for action in Action)


class OutcomeFilter(Chosen):
    """How it ended."""

    title = parameter_name = "outcome"
    choices_of = tuple(
        (str(outcome.value), outcome.name.replace("_", " ").lower())
        for outcome in Outcome
    )


class InPartition(PartitionFilter):
    """In which partition: an auditor sees the names of all in the log anyway."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return all: the page has filtered them."""
        return queryset


@admin.register(AuditRecord)
class AuditRecordAdmin(ReadOnlyAdmin):
    """The audit log; each look at it is a line of it."""

    view_verb = Verb.READ_AUDIT
    list_display = (
        "at", "actor", "action", "how", "told", "patient", "study", "source",
        "request",
    )  # fmt: skip
    list_filter = (
        SinceFilter, UntilFilter, ActionFilter, OutcomeFilter, ActorFilter,
        PatientFilter, StudyFilter, InPartition, SourceFilter, RequestFilter,
    )  # fmt: skip
    fields = (
        "at", "actor", "account_id", "via", "action", "how", "partition_id",
        "patient_id", "study_instance_uid", "detail", "query", "patients", "studies",
        "source", "request", "writer", "sequence",
    )  # fmt: skip
    readonly_fields = ("how", "patient", "request", "asked")

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the file."""
        view = self.admin_site.admin_view(self.export_view)
        return [
            path("export/", view, name="core_auditrecord_export"),
            *super().get_urls(),
        ]

    def export_view(self, request: HttpRequest) -> StreamingHttpResponse:
        """Answer what the filters let pass as FHIR AuditEvents, a row a line."""
        return answer_of(actor_of(request), filter_of(request.GET))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the log is shown: not to who is bound to some partitions."""
        is_whole = actor_of(request).reach(Verb.READ_AUDIT) == EVERYWHERE
        return is_whole and super().has_view_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditRecord]:
        """Return what the filters let pass."""
        rows = audit_search.matching(filter_of(request.GET))
        return rows.defer("previous_hash", "hash")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out what tells who a patient is, for who may not see that."""
        if audit_search.sees_patients(actor_of(request)):
            return self.fields
        hidden = {"patient_id": "patient", "query": "asked"}
        return [hidden.get(name, name) for name in self.fields]

    def get_list_display(self, request: HttpRequest) -> Any:
        """Show patients to whom they may be shown."""
        if not audit_search.sees_patients(actor_of(request)):
            return self.list_display
        return [
            "patient_id" if name == "patient" else name for name in self.list_display
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Answer the list, with one line in the log."""
        response = super().changelist_view(request, extra_context)
        changes = getattr(response, "context_data", {}).get("cl")
        if changes is not None:
            audit_search.record_reading(
                actor=actor_of(request),
                what="admin",
                where=filter_of(request.GET),
                number=len(changes.result_list),
            )
        return response

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Answer the page of a row, with one line in the log."""
        response = super().change_view(request, object_id, form_url, extra_context)
        audit_search.record_reading(
            actor=actor_of(request), what=f"admin: row {object_id}", where=AuditFilter()
        )
        return response

    @admin.display(description="outcome")
    def how(self, row: AuditRecord) -> str:
        """Return how it ended, in words."""
        return Outcome(row.outcome).name.replace("_", " ").lower()

    @admin.display(description="patient ID")
    def patient(self, row: AuditRecord) -> str:
        """Return that there is one, and not who."""
        return row.patient_id and MASK

    @admin.display(description="detail")
    def told(self, row: AuditRecord) -> str:
        """Return what fits into a list: a seal names the end of each chain."""
        return Truncator(row.detail).chars(_SHOWN_DETAIL)

    @admin.display(description="study")
    def study(self, row: AuditRecord) -> SafeString:
        """Return what fits into a list."""
        return shortened(row.study_instance_uid)

    @admin.display(description="query")
    def asked(self, row: AuditRecord) -> str:
        """Return that something was asked for, and not what."""
        return row.query and MASK

    @admin.display(description="request")
    def request(self, row: AuditRecord) -> SafeString | str:
        """Return a link to all rows of the request."""
        if not row.request_id:
            return ""
        address = reverse("admin:core_auditrecord_changelist")
        query = urlencode({"request": row.request_id})
        name = shortened(row.request_id)
        return format_html('<a href="{}?{}">{}</a>', address, query, name)


def filter_of(asked: Mapping[str, str]) -> AuditFilter:
    """Return the filter that an address asks for; what cannot be read is left out."""
    action, outcome = asked.get("action", ""), asked.get("outcome", "")
    return AuditFilter(
        since=_moment(asked.get("since", "")),
        until=_moment(asked.get("until", "")),
        actor=asked.get("actor", "").strip(),
        action=Action(action) if action in set(Action) else None,
        outcome=next((one for one in Outcome if str(one.value) == outcome), None),
        partition_id=_partition(asked.get("partition", "").strip()),
        patient_id=asked.get("patient", "").strip(),
        study_instance_uid=asked.get("study", "").strip(),
        source=asked.get("source", "").strip(),
        request_id=asked.get("request", "").strip(),
    )


def _partition(text: str) -> int | None:
    """Return the key of a partition by its name, else by the key as the log has it."""
    key = key_of_partition(text) if text else None
    if key is not None or not text:
        return key
    return int(text) if text.isdecimal() and len(text) < _DIGITS else NOBODYS


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    if moment is None or timezone.is_aware(moment):
        return moment
    return timezone.make_aware(moment)
