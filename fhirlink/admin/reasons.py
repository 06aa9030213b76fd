"""The page that asks for a reason before what was chosen is done."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse

from core.admin import ReasonForm
from fhirlink.admin.partitions import RecordAdmin


class AsksWhy(RecordAdmin):
    """A list with actions that want a reason."""

    @abstractmethod
    def called(self, row: Any) -> str:
        """Return how a row is called where it is about to be changed."""

    def ask_why(
        self,
        request: HttpRequest,
        rows: QuerySet[Any],
        words: Sequence[str],
        do: Callable[[Any, str], object],
    ) -> TemplateResponse | None:
        """Do something with each row, once somebody has said why.

        Parameters
        ----------
        words
            The title of the page, what comes of it, and what was done.
        do
            Gets a row and the reason.
        """
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        title, consequences, done = words
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            self.do_each(request, rows, lambda row: do(row, reason), done)
            return None
        chosen = self.chosen(request, rows)
        if not chosen:
            return None
        self.audit_rows(request, chosen)
        return self.own_page(
            request,
            "why",
            title,
            consequences=consequences,
            form=form,
            rows=[(row.pk, self.called(row)) for row in chosen],
            action=request.POST.get("action", ""),
        )
