"""FHIR servers of others that partitions are kept in step with."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from core.access import Verb
from core.admin import TellsRefusals, actor_of
from fhirlink.admin.partitions import InWholePartitions
from fhirlink.models import RemoteServer
from fhirlink.remote import managing

if TYPE_CHECKING:  # Django's classes take no parameters when they run
    AnyForm = forms.ModelForm[RemoteServer]
else:
    AnyForm = forms.ModelForm


class RemoteServerForm(AnyForm):
    """How a server is talked to. Its secret is entered and never shown."""

    new_secret = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        help_text="The token, or the private key in PEM. Empty: as it is, unless the"
        " address or the way of authentication changes. It is never shown.",
    )

    class Meta:
        """What somebody says of it."""

        model = RemoteServer
        fields = ("partition", "name", *managing.FIELDS)


@admin.register(RemoteServer)
class RemoteServerAdmin(TellsRefusals, InWholePartitions):
    """The servers that partitions are kept in step with."""

    view_verb = change_verb = Verb.MANAGE
    form = RemoteServerForm
    list_display = (
        "name", "partition", "base_url", "is_enabled", "answered_at", "failures",
        "error",
    )  # fmt: skip
    list_select_related = ("partition",)
    actions = ("resync",)
    raw_id_fields = ("partition",)
    readonly_fields: ClassVar = ("answered_at", "retry_at", "error", "progress")

    def get_fields(self, request: HttpRequest, obj: RemoteServer | None = None) -> Any:
        """Show how it stands once it is there."""
        asked = ("partition", "name", *managing.FIELDS, "new_secret")
        return asked if obj is None else (*asked, *self.readonly_fields)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> tuple[str, ...]:
        """Leave partition and name as they are: ids there hang on them."""
        kept = ("partition", "name") if obj is not None else ()
        return (*self.readonly_fields, *kept)

    @admin.display(description="how far it is")
    def progress(self, server: RemoteServer) -> str:
        """Return what waits, was given up, and was taken."""
        status = managing.status_of(actor=managing.SHOWN, server=server)
        words = [f"{status.waiting:,} wait to be sent, {status.dead:,} given up"]
        for each in status.inbound:
            lag = "never" if each.lag_s is None else f"{each.lag_s:,.0f} s ago"
            words.append(f"{each.type} taken {lag} {each.error}".strip())
        return "; ".join(words)

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        """Have the domain check and record it."""
        given = form.cleaned_data
        values = {name: given[name] for name in managing.FIELDS if name in given}
        managing.configure_server(
            actor=actor_of(request),
            server=obj,
            values=values,
            secret=given["new_secret"].strip(),
        )

    @admin.action(description="Compare everything anew", permissions=["change"])
    def resync(self, request: HttpRequest, rows: QuerySet[RemoteServer]) -> None:
        """Have all that is sent and taken be compared."""
        actor = actor_of(request)

        def resync(server: RemoteServer) -> None:
            managing.resync(actor=actor, name=server.name)

        self.do_each(request, rows, resync, "are being compared")
