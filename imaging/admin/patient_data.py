"""Pages that show patient data: for who may read it, and each view is audited."""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Final, NamedTuple
from urllib.parse import unquote_plus

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse

from core import audit
from core.access import Verb
from core.admin import PartitionFilter, ReadOnlyAdmin, actor_of, shortened
from core.models import ScopedStudy
from core.partitions import disabled_partitions
from imaging.models import Study

__all__ = [
    "AuditedAdmin",
    "PartitionFilter",
    "PatientDataAdmin",
    "Whose",
    "matches",
    "shortened",
]

ANY: Final = "*"
_AFTER_PREFIX: Final = "\U0010ffff"


class Whose(NamedTuple):
    """Whose data a row is, as the audit log tells it.

    Attributes
    ----------
    patient_key
        Of `Patient`; None where the study names none.
    """

    partition_id: int
    patient_id: str
    patient_key: int | None
    study_instance_uid: str = ""


class AuditedAdmin(ReadOnlyAdmin):
    """A page of patient data: each look at it is a line of the audit log."""

    view_verb = Verb.VIEW_PHI
    list_per_page = 50

    @abstractmethod
    def whose(self, row: Any) -> Whose:
        """Return whose data a row is."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Answer the list, with one line in the audit log."""
        response = super().changelist_view(request, extra_context)
        changes = getattr(response, "context_data", {}).get("cl")
        if changes is not None:
            self._audit_list(request, changes.result_list)
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
            whose = self.whose(row)
            event = audit.Event(
                actor_of(request),
                audit.Action.RETRIEVE,
                partition_id=whose.partition_id,
                patient_id=whose.patient_id,
                study_instance_uid=whose.study_instance_uid,
                detail=f"admin: {self.opts.verbose_name} {row}",
            )
            audit.record_soon(event)
        return response

    def _audit_list(self, request: HttpRequest, rows: Iterable[Any]) -> None:
        named = [self.whose(row) for row in rows]
        event = audit.Event(
            actor_of(request),
            audit.Action.SEARCH,
            detail=f"admin: {self.opts.verbose_name_plural} ({len(named)} results)",
            query=unquote_plus(request.GET.urlencode()),
        )
        audit.record_answer(
            event,
            patients=[whose.patient_key for whose in named],
            studies=[
                whose.study_instance_uid for whose in named if whose.patient_key is None
            ],
        )


class PatientDataAdmin(AuditedAdmin):
    """Rows of studies that the user may see, the newest first.

    Attributes
    ----------
    partition
        The lookup that leads to a row's partition.
    study
        The column with the key of a row's study.
    binary
        Columns that a page does not show, and that are long.
    """

    ordering = ("-id",)
    partition: ClassVar[str]
    study: ClassVar[str]
    binary: ClassVar[Sequence[str]]

    @abstractmethod
    def study_of(self, row: Any) -> Study:
        """Return the study that a row belongs to."""

    def whose(self, row: Any) -> Whose:
        """Return whose study it is."""
        study = self.study_of(row)
        return Whose(
            study.partition_id,
            study.patient_id,
            study.linked_patient_id,
            study.study_instance_uid,
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows that the user may see, in partitions that are in use."""
        rows = super().get_queryset(request).defer(*self.binary)
        reach = actor_of(request).reach(Verb.VIEW_PHI)
        closed = disabled_partitions()
        if closed:
            rows = rows.exclude(**{f"{self.partition}__in": closed})
        if reach.partitions is None:
            return rows
        whole = Q(**{f"{self.partition}__in": reach.partitions})
        if not reach.scopes:
            return rows.filter(whole)
        scoped = ScopedStudy.objects.filter(scope_id__in=reach.scope_keys)
        scoped = scoped.exclude(study_id=None)
        return rows.filter(
            whole | Q(**{f"{self.study}__in": scoped.values("study_id")})
        )


def matches(column: str, term: str) -> Q:
    """Return the condition that a column is `term`, or begins with it before ``*``.

    A range, which an index of the ``C`` collation answers.
    """
    if not term.endswith(ANY):
        return Q(**{column: term})
    prefix = term.rstrip(ANY)
    bounds = {f"{column}__gte": prefix, f"{column}__lt": prefix + _AFTER_PREFIX}
    return Q(**bounds)
