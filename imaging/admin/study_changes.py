"""What is done to chosen studies, once somebody has said why: delete them, move them.

An action of the list asks for a reason and whatever else is needed, then calls the
domain function for each study, so that feed and audit log follow; what was refused is
told for each.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from core.access import Verb
from core.admin import ReasonForm, actor_of, may
from core.errors import PortalError
from imaging.admin.patient_data import PatientDataAdmin
from imaging.delete import delete_instances
from imaging.models import Study
from imaging.move import list_targets, move_study

MAXIMUM_CHOSEN: Final = 100  # studies at once: the browser waits for it


class MoveForm(ReasonForm):
    """Where studies are moved to, and why.

    Parameters
    ----------
    targets
        Names of partitions.
    """

    to = forms.ChoiceField(
        label="To partition", help_text="Partitions in use that you may store into."
    )
    field_order = ("to", "reason")

    def __init__(self, data: Any = None, *, targets: Sequence[str]) -> None:
        super().__init__(data)
        choices = [("", "---------"), *((name, name) for name in targets)]
        self.fields["to"].choices = choices  # type: ignore[attr-defined] # a ChoiceField


@dataclass(frozen=True, slots=True)
class Change:
    """What the page that asks why says.

    Attributes
    ----------
    action
        The name of the action that the answer goes to.
    consequences
        What comes of it, after how many instances there are.
    is_final
        Whether nothing brings back what was there: the page is red.
    """

    action: str
    title: str
    consequences: str
    button: str
    is_final: bool


DELETE: Final = Change(
    "delete_studies",
    "Delete studies",
    "will be deleted. Their bytes are kept for the grace time, and nothing here brings"
    " them back.",
    "Delete",
    is_final=True,
)
MOVE: Final = Change(
    "move_studies",
    "Move studies to another partition",
    "will be moved. Grants on them and their places in projects do not come along:"
    " whoever sees them by these sees them no more. Projects of the other partition"
    " that have their patients show them at once. A study is not moved where the other"
    " partition holds one of its UID.",
    "Move",
    is_final=False,
)


class ChangesStudies(PatientDataAdmin):
    """A list of studies with actions that change them."""

    actions = ("delete_studies", "move_studies")

    def get_urls(self) -> list[URLPattern]:
        """Add the address of moving one study."""
        view = self.admin_site.admin_view(self.move_view)
        name = "imaging_study_move"
        return [path("<path:object_id>/move/", view, name=name), *super().get_urls()]

    def has_delete_data_permission(self, request: HttpRequest) -> bool:
        """Return whether studies may be deleted."""
        return may(request, Verb.DELETE)

    def has_move_data_permission(self, request: HttpRequest) -> bool:
        """Return whether studies may be moved."""
        return may(request, Verb.DELETE) and may(request, Verb.STORE)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a study, with the way to move it for who may."""
        context = dict(extra_context or {})
        if self.has_move_data_permission(request):
            context["move_it"] = reverse("admin:imaging_study_move", args=[object_id])
        return super().change_view(request, object_id, form_url, context)

    @admin.action(description="Delete studies…", permissions=["delete_data"])
    def delete_studies(
        self, request: HttpRequest, rows: QuerySet[Study]
    ) -> TemplateResponse | None:
        """Ask why, then delete."""
        form = ReasonForm(_answers(request))
        if not form.is_valid():
            return self._ask(request, rows, DELETE, form)
        reason = form.cleaned_data["reason"]

        def delete(study: Study) -> int:
            return delete_instances(
                actor=actor_of(request),
                partition=study.partition.name,
                study_instance_uid=study.study_instance_uid,
                reason=reason,
            )

        number = self._change_each(request, rows, delete)
        if number:
            self.message_user(request, f"Deleted {number} instances.")
        return None

    @admin.action(description="Move to another partition…", permissions=["move_data"])
    def move_studies(
        self, request: HttpRequest, rows: QuerySet[Study]
    ) -> TemplateResponse | None:
        """Ask where to and why, then move."""
        actor = actor_of(request)
        form = MoveForm(_answers(request), targets=list_targets(actor=actor))
        if not form.is_valid():
            return self._ask(request, rows, MOVE, form)
        to, reason = form.cleaned_data["to"], form.cleaned_data["reason"]

        def move(study: Study) -> int:
            return move_study(
                actor=actor,
                partition=study.partition.name,
                study_instance_uid=study.study_instance_uid,
                to=to,
                reason=reason,
            )

        number = self._change_each(request, rows, move)
        if number:
            self.message_user(request, f"Moved {number} instances to {to}.")
        return None

    def move_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask where to move one study and why; the answer goes to the action."""
        study = self.get_object(request, object_id)
        if study is None or not self.has_move_data_permission(request):
            text = "There is no such study that you may move."
            self.message_user(request, text, messages.WARNING)
            return HttpResponseRedirect(reverse("admin:index"))
        form = MoveForm(targets=list_targets(actor=actor_of(request)))
        address = reverse("admin:imaging_study_changelist")
        return self._page(request, [study], MOVE, form, address=address)

    def _chosen(self, request: HttpRequest, rows: QuerySet[Study]) -> list[Study]:
        """Return the studies, or none and say that they are too many."""
        studies = list(rows.select_related("partition")[: MAXIMUM_CHOSEN + 1])
        if len(studies) <= MAXIMUM_CHOSEN:
            return studies
        text = f"Choose {MAXIMUM_CHOSEN} studies at most."
        self.message_user(request, text, messages.WARNING)
        return []

    def _ask(
        self,
        request: HttpRequest,
        rows: QuerySet[Study],
        change: Change,
        form: ReasonForm,
    ) -> TemplateResponse | None:
        studies = self._chosen(request, rows)
        return self._page(request, studies, change, form) if studies else None

    def _page(
        self,
        request: HttpRequest,
        studies: Sequence[Study],
        change: Change,
        form: ReasonForm,
        *,
        address: str = "",
    ) -> TemplateResponse:
        """Show what is going to be changed; a view of patients like a list.

        What is filled in goes to `address`, or where it was asked for.
        """
        self._audit_list(request, studies)
        context = {
            **self.admin_site.each_context(request),
            "title": change.title,
            "opts": self.opts,
            "change": change,
            "form": form,
            "address": address,
            "studies": studies,
            "number_of_instances": sum(one.number_of_instances for one in studies),
        }
        name = "admin/imaging/study/confirm.html"
        return TemplateResponse(request, name, context)

    def _change_each(
        self,
        request: HttpRequest,
        rows: QuerySet[Study],
        change: Callable[[Study], int],
    ) -> int:
        """Return how many instances were changed; say which studies were not.

        The oldest first, so that those that are moved keep their order.
        """
        number = 0
        for study in reversed(self._chosen(request, rows)):
            try:
                number += change(study)
            except PortalError as error:
                text = f"{study}: {error.message}"
                self.message_user(request, text, messages.WARNING)
        return number


def _answers(request: HttpRequest) -> QueryDict | None:
    """Return what was filled in; None where the form is yet to be shown."""
    return request.POST if "reason" in request.POST else None
