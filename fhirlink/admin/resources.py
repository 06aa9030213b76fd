"""The resources of the record: found by type and id, read with their history."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from core.access import Actor
from core.admin import PartitionFilter, TextFilter, actor_of
from core.errors import Gone, PortalError
from fhirlink.admin.partitions import RecordAdmin, partition_keys
from fhirlink.history import Span, history_of
from fhirlink.json_text import dump, parse
from fhirlink.models import Resource
from fhirlink.read import read, vread
from fhirlink.served import served_types

MAXIMUM_SHOWN: Final = 1_000_000  # bytes of JSON on a page: more, no browser likes
VERSIONS: Final = 50  # of a history on a page
_DIGITS: Final = 10


class TypeFilter(TextFilter):
    """A type of resource, by its name."""

    title = parameter_name = "type"

    def offers(self, request: HttpRequest, model_admin: Any) -> tuple[str, ...]:
        """Return the types that are stored."""
        return served_types()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the resources of the type, by an index that begins with partitions."""
        if not (self.value() or "").strip():
            return queryset
        rows = super().queryset(request, queryset)
        assert rows is not None  # noqa: S101 that of a text always answers
        return rows.filter(partition__in=partition_keys(request))


class Shown(NamedTuple):
    """The content of a version, as a page shows it.

    Attributes
    ----------
    text
        Its JSON; empty where there is none to show.
    told
        Why not.
    """

    text: str
    told: str = ""


@admin.register(Resource)
class ResourceAdmin(RecordAdmin):
    """Resources, and a page of each."""

    list_display = ("place", "partition", "number", "updated_at", "is_deleted")
    list_filter = (TypeFilter, PartitionFilter)
    search_fields = ("fhir_id",)
    search_help_text = (
        "Type and id (Patient/17), also of a deleted one; or an id alone. Both whole."
    )

    @admin.display(description="resource")
    def place(self, resource: Resource) -> str:
        """Return type and id."""
        return str(resource)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Resource]:
        """Leave out what is not shown, and long."""
        rows: QuerySet[Resource] = super().get_queryset(request)
        return rows.defer("terms")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return what is called so, by the index of addresses."""
        term = search_term.strip().replace("\0", "")
        if not term:
            return queryset.filter(is_deleted=False), False
        type_, slash, fhir_id = term.rpartition("/")
        types: Iterable[str] = [type_] if slash else served_types()
        held = partition_keys(request)
        found = queryset.filter(partition__in=held, type__in=types, fhir_id=fhir_id)
        return found, False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the JSON of a version, and the history; both recorded as reads."""
        row = self.get_object(request, object_id)
        if request.method != "GET" or not self.has_view_permission(request, row):
            raise PermissionDenied
        if row is None:
            return self.not_there(request)
        actor = actor_of(request)
        number = _number(request.GET.get("version"))
        page = history_of(
            actor=actor,
            **_address(row),
            span=Span(VERSIONS, after=_number(request.GET.get("after"))),
        )
        return self.own_page(
            request,
            "resource/page",
            str(row),
            original=row,
            shown=shown(actor, row, number),
            number=number or row.number,
            history=page,
        )


def shown(actor: Actor, row: Resource, number: int | None) -> Shown:
    """Return the content of a version, the current one with None."""
    try:
        if number is None:
            version = read(actor=actor, **_address(row))
        else:
            version = vread(actor=actor, **_address(row), number=number)
    except Gone:
        return Shown("", "Deleted: the version before has what it was.")
    except PortalError as error:
        return Shown("", error.message)
    body = version.json()
    if len(body) > MAXIMUM_SHOWN:
        return Shown("", f"Its {len(body):,} bytes are too many for a page.")
    return Shown(dump(parse(body), indented=True).decode())


def _address(row: Resource) -> dict[str, str]:
    return {"partition": row.partition.name, "type_": row.type, "fhir_id": row.fhir_id}


def _number(text: str | None) -> int | None:
    """Return a number of an address; None where it is none that a version has."""
    is_number = text is not None and text.isascii() and text.isdigit()
    return int(text or 0) if is_number and len(text or "") < _DIGITS else None
