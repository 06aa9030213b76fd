"""What the pages of the clinical record have in common: they are of whole partitions.

Who is led to single patients or studies by grants reads these in the portal's pages.
"""

from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import unquote_plus

from django.contrib import messages
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db.models import Model, QuerySet, TextField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from core import audit
from core.access import Verb
from core.admin import ReadOnlyAdmin, RoleAdmin, actor_of, may
from core.admin_site import name_of_page
from core.partitions import disabled_partitions, list_partitions


class InWholePartitions(RoleAdmin):
    """Rows of the partitions in use that the user reaches as a whole.

    Attributes
    ----------
    partition
        The lookup that leads to a row's partition.
    also
        Verbs that are needed besides `view_verb`.
    """

    partition: ClassVar[str] = "partition"
    also: ClassVar[Sequence[Verb]] = ()
    # Names, addresses and the like: all are of one line.
    formfield_overrides: ClassVar = {TextField: {"widget": AdminTextInputWidget}}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows that the user may see."""
        rows: QuerySet[Any] = super().get_queryset(request)
        if closed := disabled_partitions():
            rows = rows.exclude(**{f"{self.partition}__in": closed})
        for verb in self._verbs():
            held = actor_of(request).reach(verb).partitions
            if held is not None:
                rows = rows.filter(**{f"{self.partition}__in": held})
        return rows

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return whether the page is named on the index."""
        return all(may(request, verb) for verb in self._verbs())

    def has_view_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        """Return whether rows may be seen."""
        return self.has_module_permission(request)

    def _verbs(self) -> list[Verb]:
        return [*([self.view_verb] if self.view_verb else []), *self.also]


class RecordAdmin(InWholePartitions, ReadOnlyAdmin):
    """Rows that tell of patients: each list is a line of the audit log.

    The page of a row is another one, unless a function of the domain records it.
    """

    view_verb = Verb.VIEW_PHI
    list_per_page = 50
    list_select_related: ClassVar[tuple[str, ...]] = ("partition",)
    ordering = ("-id",)

    def study_of(self, row: Any) -> str | None:
        """Return the UID of the study that a row is about; None for none."""
        return None

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Answer the list, with one line in the audit log."""
        response = super().changelist_view(request, extra_context)
        changes = getattr(response, "context_data", {}).get("cl")
        if changes is not None:
            self.audit_rows(request, list(changes.result_list))
        return response

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Answer the page of a row, with one line in the audit log."""
        response = super().change_view(request, object_id, form_url, extra_context)
        row = getattr(response, "context_data", {}).get("original")
        if row is not None:
            event = audit.Event(
                actor_of(request),
                audit.Action.RETRIEVE,
                partition_id=row.partition_id,
                study_instance_uid=self.study_of(row) or "",
                detail=f"admin: {self.opts.verbose_name} {row}",
            )
            audit.record_soon(event)
        return response

    def audit_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Record that rows are shown."""
        event = audit.Event(
            actor_of(request),
            audit.Action.SEARCH,
            detail=f"admin: {self.opts.verbose_name_plural} ({len(rows)} results)",
            query=unquote_plus(request.GET.urlencode()),
        )
        studies = [self.study_of(row) for row in rows]
        audit.record_answer(event, patients=(), studies=studies)

    def own_page(
        self, request: HttpRequest, name: str, title: str, **more: Any
    ) -> TemplateResponse:
        """Answer with a page of our own, of the name below ``admin/fhirlink``."""
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "list_name": name_of_page(self.opts.object_name),
            **more,
        }
        return TemplateResponse(request, f"admin/fhirlink/{name}.html", context)

    def not_there(self, request: HttpRequest) -> HttpResponseRedirect:
        """Answer that a row is not, or no more."""
        text = f"There is no such {self.opts.verbose_name}, or no more."
        self.message_user(request, text, messages.WARNING)
        return self.to_list()

    def to_list(self) -> HttpResponseRedirect:
        """Lead back to the list."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_changelist"
        return HttpResponseRedirect(reverse(f"admin:{name}"))


def partition_keys(request: HttpRequest) -> list[int]:
    """Return the keys of the partitions in which patients may be seen.

    Indexes begin with the partition: a search that names them all is answered by one.
    """
    held = list_partitions(actor=actor_of(request), verb=Verb.VIEW_PHI)
    return [each.pk for each in held]
