"""``/account/password/``: people change their own password, in the admin as well."""

from typing import Final

from django import forms
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import password_validators_help_texts
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core.access import Actor
from core.accounts.own_password import change_own_password
from core.errors import PortalError
from core.models import Account
from portal.pages.sign_in import door

ADDRESS: Final = "/account/password/"
TEMPLATE: Final = "own_password.html"


class PasswordForm(forms.Form):
    """The old password, and the new one twice, as they were typed."""

    old = forms.CharField(
        label="Old password",
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(
            attrs={"autofocus": True, "autocomplete": "current-password"}
        ),
    )
    new = forms.CharField(
        label="New password",
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="New password again",
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        """Refuse what was not typed alike twice."""
        again = str(self.cleaned_data["again"])
        if again != self.cleaned_data.get("new"):
            message = "It differs from the new password above."
            raise forms.ValidationError(message)
        return again


@sensitive_post_parameters("old", "new", "again")
@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def own_password(request: HttpRequest) -> HttpResponse:
    """Show the form; change the password of who is signed in.

    The browser stays signed in; wherever else somebody is with this account, is not.
    """
    account = request.user
    if not isinstance(account, Account):
        return HttpResponseRedirect(f"/sign-in/?next={ADDRESS}")
    if account.issuer:
        return door(request, TEMPLATE, {"issuer": account.issuer})
    if request.method != "POST":
        return _page(request, PasswordForm())
    form = PasswordForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    try:
        changed = change_own_password(
            actor=Actor(account.pk, account.username, {}, via="session"),
            old=form.cleaned_data["old"],
            new=form.cleaned_data["new"],
        )
    except PortalError as error:
        return _page(request, form, error=error)
    update_session_auth_hash(request, changed)
    return door(request, TEMPLATE, {"is_done": True})


def _page(
    request: HttpRequest,
    form: PasswordForm,
    *,
    status: int = 200,
    error: PortalError | None = None,
) -> HttpResponse:
    context = {"form": form, "rules": password_validators_help_texts()}
    return door(request, TEMPLATE, context, status=status, error=error)
