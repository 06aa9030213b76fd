"""Bearer tokens: made and rotated by who manages accounts, shown once, revoked.

Their text is in the answer that it was made for and nowhere else: no message, no log.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from core.access import MEANINGS, Verb
from core.accounts.tokens import (
    GRACE,
    Limits,
    NewToken,
    create_token_for,
    partitions_of,
    revoke_token,
    rotate_token_for,
    working,
)
from core.admin.base import ReadOnlyAdmin, TellsRefusals, actor_of, may
from core.admin.filters import ChoiceFilter
from core.models import Account, Token

WORKS: Final = "works"
ENDED: Final = "ended"
HOUR: Final = timedelta(hours=1)

if TYPE_CHECKING:  # Django's classes take no parameters when they run
    AnyForm = forms.ModelForm[Token]
else:
    AnyForm = forms.ModelForm


class TokenForm(AnyForm):
    """Whose token, what for, how long and how much it allows."""

    only_verbs = forms.TypedMultipleChoiceField(
        required=False,
        coerce=Verb,
        choices=[(verb.value, meaning) for verb, meaning in MEANINGS.items()],
        widget=forms.CheckboxSelectMultiple,
        label="Only to",
        help_text="None chosen: whatever the account may do. What is not chosen is not"
        " allowed, to see who patients are as well.",
    )
    only_partitions = forms.CharField(
        required=False,
        label="Only in",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Names of partitions, with spaces between them. Empty: wherever the"
        " account may.",
    )

    class Meta:
        """What is kept as it is given."""

        model = Token
        fields = ("account", "name", "expires_at")
        labels: ClassVar = {"expires_at": "Until (UTC)"}
        help_texts: ClassVar = {
            "account": "Who acts with it: the audit log names this account.",
            "name": "What the token is for, for instance the machine that has it.",
            "expires_at": "Empty: until it is revoked.",
        }


class StateFilter(ChoiceFilter):
    """Whether tokens work."""

    title = parameter_name = "state"
    choices_of = ((WORKS, "Working"), (ENDED, "Ended or revoked"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return those that work, or the others."""
        if self.value() == WORKS:
            return queryset.filter(working())
        return queryset.exclude(working()) if self.value() == ENDED else queryset


@admin.register(Token)
class TokenAdmin(TellsRefusals, ReadOnlyAdmin):
    """The tokens of all accounts."""

    view_verb = Verb.READ_ACCOUNTS
    form = TokenForm
    list_display = (
        "name", "account", "created_at", "expires_at", "last_used_at", "revoked_at",
    )  # fmt: skip
    list_select_related = ("account",)
    list_filter = (StateFilter,)
    ordering = ("-pk",)
    search_fields = ("account__username",)
    search_help_text = "The name of an account, whole."
    autocomplete_fields = ("account",)
    actions = ("rotate", "revoke")

    def get_fields(self, request: HttpRequest, obj: Token | None = None) -> Any:
        """Return what is asked for a new one, or what is known of one."""
        if obj is None:
            return (*TokenForm.Meta.fields, "only_verbs", "only_partitions")
        times = ("created_at", "expires_at", "last_used_at", "revoked_at")
        return ("account", "name", *times, "allows", "within")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Change nothing of one that is there."""
        return () if obj is None else self.get_fields(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return whether a token may be made for somebody."""
        return may(request, Verb.MANAGE_ACCOUNTS)

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Return whether the actions may be used."""
        return may(request, Verb.MANAGE_ACCOUNTS)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Token], search_term: str
    ) -> tuple[QuerySet[Token], bool]:
        """Return the tokens of an account, by its key: an index has it."""
        term = search_term.strip().replace("\0", "")
        if not term:
            return queryset, False
        account = Account.objects.filter(username=term).first()
        return queryset.filter(account=account.pk if account else 0), False

    @admin.display(description="only to")
    def allows(self, token: Token) -> str:
        """Return what it allows, where that is less than the account may do."""
        verbs = token.verbs
        if verbs is None:
            return "whatever the account may do"
        return ", ".join(MEANINGS[Verb(verb)] for verb in verbs) or "nothing"

    @admin.display(description="only in")
    def within(self, token: Token) -> str:
        """Return in which partitions, where it is limited to some."""
        if token.partitions is None:
            return "wherever the account may"
        return ", ".join(sorted(partitions_of([token]).values())) or "none that is left"

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        """Make the token within its limits, so that the audit log follows."""
        given = form.cleaned_data
        limits = Limits(
            given["only_verbs"] or None,
            given["only_partitions"].split() or None,
            given["expires_at"],
        )
        obj.made = create_token_for(
            actor=actor_of(request),
            account=given["account"],
            name=given["name"],
            limits=limits,
        )
        obj.pk = obj.made.token.pk

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Answer the text of the token, this once."""
        return self._shown(request, "Token made", [obj.made])

    @admin.action(
        description=f"Rotate: the old ones work for {GRACE // HOUR} more hours",
        permissions=["end"],
    )
    def rotate(
        self, request: HttpRequest, rows: QuerySet[Token]
    ) -> HttpResponse | None:
        """Make a successor of each of the chosen tokens, and show their texts once."""
        made: list[NewToken] = []
        actor = actor_of(request)
        self.do_each(
            request,
            rows,
            lambda token: made.append(rotate_token_for(actor=actor, token_id=token.pk)),
            "rotated",
        )
        return self._shown(request, "Tokens rotated", made) if made else None

    @admin.action(description="Revoke", permissions=["end"])
    def revoke(self, request: HttpRequest, rows: QuerySet[Token]) -> None:
        """Have the chosen tokens work no more."""
        actor = actor_of(request)
        self.do_each(
            request,
            rows.filter(revoked_at=None),
            lambda token: revoke_token(actor=actor, token_id=token.pk),
            "revoked",
        )

    def _shown(
        self, request: HttpRequest, title: str, made: Collection[NewToken]
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "made": made,
        }
        return TemplateResponse(request, "admin/core/token/made.html", context)
