"""What persons have said of who is who, undone or not."""

from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse

from core.access import Verb
from core.admin import ChoiceFilter, PartitionFilter, actor_of
from fhirlink.admin.suggested import SuggestsMerges
from fhirlink.linkage.keys import identifier_of
from fhirlink.linkage.resolve import undo_decision
from fhirlink.models import LinkDecision

UNDO: Final = (
    "Undo decisions of who is who",
    "What was merged is apart again, what was split is joined again. The studies"
    " concerned are linked anew.",
    "undone",
)


class StateFilter(ChoiceFilter):
    """Whether it holds."""

    title = parameter_name = "state"
    choices_of = (("holds", "Holds"), ("undone", "Undone"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of the state that was chosen."""
        if self.value() not in {"holds", "undone"}:
            return queryset
        return queryset.filter(undone_at__isnull=self.value() == "holds")


@admin.register(LinkDecision)
class LinkDecisionAdmin(SuggestsMerges):
    """Merges and splits; who has said so, and why."""

    also = (Verb.MANAGE,)
    list_display = (
        "action", "who", "partition", "actor", "reason", "decided_at", "undone_at",
        "undone_by",
    )  # fmt: skip
    list_filter = (StateFilter, "action", PartitionFilter)
    fields = readonly_fields = (
        "action", "who", "partition", "actor", "reason", "decided_at", "undone_at",
        "undone_by",
    )  # fmt: skip
    actions = ("undo",)

    def called(self, row: LinkDecision) -> str:
        """Return what was said of whom."""
        return f"{row.action} of {self.who(row)}: {row.reason}"

    @admin.display(description="whom")
    def who(self, decision: LinkDecision) -> str:
        """Return whom it is about, as people read it."""
        terms = filter(None, (decision.first, decision.second))
        return " = ".join(map(_named, terms))

    @admin.action(description="Undo…", permissions=["manage"])
    def undo(
        self, request: HttpRequest, rows: QuerySet[Any]
    ) -> TemplateResponse | None:
        """Ask why, then take back what was said."""
        actor = actor_of(request)

        def undo(row: LinkDecision, reason: str) -> None:
            name = row.partition.name
            undo_decision(actor=actor, partition=name, key=row.pk, reason=reason)

        return self.ask_why(request, rows.select_related("partition"), UNDO, undo)


def _named(term: str) -> str:
    identifier = identifier_of(term)
    return term.replace("\x1f", " ") if identifier is None else " ".join(identifier)
