"""What a person should look at: studies that may be another patient's."""

from typing import Any, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from core.access import Verb
from core.admin import ChoiceFilter, PartitionFilter, actor_of, shortened
from core.errors import PortalError
from fhirlink.admin.deciding import DecideForm, choices_of, decide, rows_of
from fhirlink.admin.partitions import partition_keys
from fhirlink.admin.reasons import AsksWhy
from fhirlink.linkage.resolve import resolve_conflict
from fhirlink.linkage.sides import Sides, sides_of
from fhirlink.models import LinkConflict

RESOLVE: Final = (
    "Resolve matching conflicts",
    "Links stay as they are. A conflict comes back when its cause has become another.",
    "resolved",
)


class KindFilter(ChoiceFilter):
    """What is wrong."""

    title = parameter_name = "kind"
    choices_of = [(kind.value, capfirst(kind.label)) for kind in LinkConflict.Kind]


class StateFilter(ChoiceFilter):
    """Whether somebody has resolved it: the open ones, unless others are asked for."""

    title = parameter_name = "state"
    choices_of = (("resolved", "Resolved"), ("any", "Open and resolved"))

    def choices(self, changelist: Any) -> Any:
        """Call what is shown first by its name."""
        for each in super().choices(changelist):
            is_first = each["query_string"] == changelist.get_query_string(
                remove=[self.parameter_name]
            )
            yield {**each, "display": "Open"} if is_first else each

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of the state that was chosen."""
        if self.value() == "any":
            return queryset
        is_open = self.value() != "resolved"
        return queryset.filter(resolved_at__isnull=is_open)


@admin.register(LinkConflict)
class LinkConflictAdmin(AsksWhy):
    """Conflicts, and a page of each that shows both sides."""

    also = (Verb.MANAGE,)
    list_display = (
        "what", "study", "partition", "found_at", "resolved_at", "resolved_by",
        "resolution",
    )  # fmt: skip
    list_filter = (StateFilter, KindFilter, PartitionFilter)
    search_fields = ("study_instance_uid",)
    search_help_text = "A StudyInstanceUID, whole."
    actions = ("resolve",)

    def study_of(self, row: LinkConflict) -> str:
        """Return the UID of its study."""
        return row.study_instance_uid

    def called(self, row: LinkConflict) -> str:
        """Return its kind and study."""
        return f"{self.what(row)}: study {row.study_instance_uid}"

    @admin.display(description="what is wrong")
    def what(self, row: LinkConflict) -> str:
        """Return its kind in words."""
        return str(capfirst(LinkConflict.Kind(row.kind).label))

    @admin.display(description="study UID")
    def study(self, row: LinkConflict) -> SafeString:
        """Return what fits into a list."""
        return shortened(row.study_instance_uid)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return those of a study, by the index that begins with the partition."""
        term = search_term.strip().replace("\0", "")
        if not term:
            return queryset, False
        held = partition_keys(request)
        return queryset.filter(partition__in=held, study_instance_uid=term), False

    @admin.action(description="Resolve: it is no conflict…", permissions=["manage"])
    def resolve(
        self, request: HttpRequest, rows: QuerySet[Any]
    ) -> TemplateResponse | None:
        """Ask why, then resolve."""
        actor = actor_of(request)

        def resolve(row: LinkConflict, reason: str) -> None:
            name = row.partition.name
            resolve_conflict(actor=actor, partition=name, key=row.pk, resolution=reason)

        chosen = rows.select_related("partition")
        return self.ask_why(request, chosen, RESOLVE, resolve)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show both sides; decide, when something is chosen."""
        row = self.get_object(request, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if row is None:
            return self.not_there(request)
        actor = actor_of(request)
        sides = sides_of(actor=actor, partition=row.partition.name, key=row.pk)
        form = DecideForm(request.POST or None, choices=choices_of(sides))
        if request.method != "POST" or not form.is_valid():
            return self._page(request, row, sides, form)
        try:
            told = decide(actor=actor, sides=sides, row=row, given=form.cleaned_data)
        except PortalError as error:
            self.message_user(request, error.message, messages.WARNING)
            return self._page(request, row, sides, form)
        self.message_user(request, told, messages.SUCCESS)
        return self.to_list()  # it goes with its cause, soon

    def _page(
        self, request: HttpRequest, row: LinkConflict, sides: Sides, form: DecideForm
    ) -> TemplateResponse:
        return self.own_page(
            request,
            "linkconflict/page",
            self.what(row),
            original=row,
            sides=sides,
            rows=rows_of(sides),
            form=form,
        )
