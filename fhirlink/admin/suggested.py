"""Patients who may be one person, and the way to say that they are."""

from collections.abc import Sequence
from itertools import chain, combinations
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from core.admin import actor_of
from core.errors import PortalError
from fhirlink.admin.deciding import LINKED_ANEW, DecideForm, called
from fhirlink.admin.reasons import AsksWhy
from fhirlink.linkage.resolve import merge_patients
from fhirlink.linkage.sides import Side, suggested_sides

NAME: Final = "fhirlink_linkdecision_suggestions"
Merges = dict[str, tuple[Side, Side]]


class SuggestsMerges(AsksWhy):
    """A list of decisions, beside a page of what might be decided."""

    change_list_template = "admin/fhirlink/linkdecision/list.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the suggestions."""
        view = self.admin_site.admin_view(self.suggestions_view)
        return [path("suggestions/", view, name=NAME), *super().get_urls()]

    def suggestions_view(self, request: HttpRequest) -> HttpResponse:
        """Show who may be one in a partition; merge, when something is chosen."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        partition = request.GET.get("partition") or "default"
        groups: Sequence[Sequence[Side]] = ()
        try:
            groups = suggested_sides(actor=actor_of(request), partition=partition)
        except PortalError as error:
            self.message_user(request, error.message, messages.WARNING)
        merges = _merges_of(groups)
        choices = [
            (key, f"One person: {called(first)} is {called(second)}")
            for key, (first, second) in merges.items()
        ]
        form = DecideForm(request.POST or None, choices=choices)
        if form.is_valid() and self._merge(request, partition, merges, form):
            return self.to_list()
        return self.own_page(
            request,
            "linkdecision/suggestions",
            "Patients who may be one",
            partition=partition,
            groups=groups,
            form=form,
        )

    def _merge(
        self, request: HttpRequest, partition: str, merges: Merges, form: Any
    ) -> bool:
        first, second = merges[form.cleaned_data["decision"]]
        try:
            merge_patients(
                actor=actor_of(request),
                partition=partition,
                first=first.patient,
                second=second.patient,
                reason=form.cleaned_data["reason"],
            )
        except PortalError as error:
            self.message_user(request, error.message, messages.WARNING)
            return False
        self.message_user(request, f"Merged. {LINKED_ANEW}", messages.SUCCESS)
        return True


def _merges_of(groups: Sequence[Sequence[Side]]) -> Merges:
    """Return what can be merged: each two, one into the other."""
    return {
        f"{first.patient} {second.patient}": (first, second)
        for first, second in chain.from_iterable(combinations(e, 2) for e in groups)
    }
