"""What lists are filtered by: values that a column may have, and what is typed.

None looks a whole table through for what it offers, as Django's own filters do, and
none offers more than a person reads.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar, Final

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin.base import actor_of
from core.models import Partition
from core.reach import EVERYWHERE

MAXIMUM_OFFERED: Final = 50  # names; any other one can be typed


class ChoiceFilter(admin.SimpleListFilter):
    """The values that a column may have.

    Attributes
    ----------
    choices_of
        Values and how they are called.
    """

    choices_of: ClassVar[Iterable[tuple[str, str]]] = ()

    def lookups(
        self, request: HttpRequest, model_admin: Any
    ) -> Iterable[tuple[str, str]]:
        """Return the choices."""
        return self.choices_of

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of the value that was chosen."""
        if self.value() not in dict(self.lookup_choices):
            return queryset
        return queryset.filter(**{str(self.parameter_name): self.value()})


class TextFilter(admin.SimpleListFilter):
    """A value that is typed, whole; a column of the same name is asked for it."""

    template = "admin/text_filter.html"
    kind: ClassVar[str] = "text"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return something, or Django would not show the filter."""
        self.offered = self.offers(request, model_admin)
        return [("", "")]

    def offers(self, request: HttpRequest, model_admin: Any) -> Sequence[str]:
        """Return values that may be chosen instead of typed."""
        return ()

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Yield the value, and what else is chosen."""
        held = changelist.get_filters_params()
        others = [
            (name, value)
            for name, values in held.items()
            if name != self.parameter_name
            for value in (values if isinstance(values, list) else [values])
        ]
        yield {"value": self.value() or "", "others": others, "offered": self.offered}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows with the value; all where none is typed."""
        value = (self.value() or "").strip().replace("\0", "")
        return (
            queryset.filter(**{str(self.parameter_name): value}) if value else queryset
        )


class PartitionFilter(TextFilter):
    """A partition, by its name; the first ones that the user may see are offered."""

    title = parameter_name = "partition"

    def offers(self, request: HttpRequest, model_admin: Any) -> Sequence[str]:
        """Return the names of the first partitions that the page may show."""
        verb = model_admin.view_verb
        reach = actor_of(request).reach(verb) if verb else EVERYWHERE
        held = Partition.objects.filter(deleted_at=None).order_by("pk")
        if reach.entered is not None:
            held = held.filter(pk__in=reach.entered)
        return list(held.values_list("name", flat=True)[:MAXIMUM_OFFERED])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of the partition: none where there is no such one."""
        value = (self.value() or "").strip()
        if not value:
            return queryset
        key = key_of_partition(value)
        return queryset.none() if key is None else queryset.filter(partition=key)


def key_of_partition(name: str) -> int | None:
    """Return the key of a partition, of the last one of its name if it is deleted."""
    named = Partition.objects.filter(name=name.replace("\0", "")).order_by("-pk")
    held = named.filter(deleted_at=None).first() or named.first()
    return None if held is None else held.pk
