"""``/sign-in/`` and ``/sign-out/``: sessions of people, for the admin as well."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from core import audit
from core.accounts.oidc.clients import all_clients, client_at
from core.accounts.oidc.code_flow import address_to_sign_out
from core.accounts.session_store import SessionStore
from core.accounts.sign_in import check_sign_in, record_sign_out
from core.boundary import Refusal, refusal_of
from core.errors import PortalError
from core.models import Account

BACKEND: Final = "django.contrib.auth.backends.ModelBackend"
HOME: Final = "/"
# Runs nothing, sends the password nowhere else, and is shown in no page of others.
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
    " frame-ancestors 'none'; base-uri 'none'"
)


class SignInForm(forms.Form):
    """A name and a password, as they were typed."""

    username = forms.CharField(
        label="Name",
        max_length=150,
        widget=forms.TextInput(
            attrs={"autofocus": True, "autocomplete": "username", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


@sensitive_post_parameters("password")
@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the form; begin a session for who gives a name and its password.

    Who is signed in already is told so, and may sign in as somebody else: whoever may
    not see a page of the admin is sent here.
    """
    if request.method != "POST":
        return sign_in_page(request, SignInForm())
    form = SignInForm(request.POST)
    if not form.is_valid():
        return sign_in_page(request, form, status=400)
    try:
        account = check_sign_in(
            name=form.cleaned_data["username"], password=form.cleaned_data["password"]
        )
    except PortalError as error:
        return sign_in_page(request, form, error=error)
    begin_session(request, account)
    return HttpResponseRedirect(next_page(request))


@never_cache
@csrf_protect
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; who has signed in at an issuer may go on and sign out there.

    With ``everywhere`` the sessions in other browsers end as well.
    """
    account = request.user
    logout(request)
    client = None
    if isinstance(account, Account):
        record_sign_out(account, everywhere="everywhere" in request.POST)
        client = client_at(account.issuer)
    address = None if client is None else address_to_sign_out(client)
    if client is None or address is None:
        return HttpResponseRedirect("/sign-in/")
    return door(request, "signed_out.html", {"issuer": client, "address": address})


def begin_session(request: HttpRequest, account: Account) -> None:
    """Have a browser be signed in, with a session that nobody knew before."""
    # Whatever session came along may be known to others, of the same account as well.
    request.session.flush()
    login(request, account, BACKEND)
    assert isinstance(request.session, SessionStore)  # noqa: S101 as the settings say
    request.session.begin()


def sign_in_page(
    request: HttpRequest,
    form: SignInForm,
    *,
    status: int = 200,
    error: PortalError | None = None,
) -> HttpResponse:
    """Return the page with the form, and why nobody was let in if so."""
    context = {
        "form": form,
        "next": next_page(request),
        "issuers": all_clients(),
    }
    return door(request, "sign_in.html", context, status=status, error=error)


def door(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
    error: PortalError | None = None,
) -> HttpResponse:
    """Return a page at the door: it runs nothing, and is shown in no page of others.

    Parameters
    ----------
    error
        Why somebody is refused; the page says so, and has its status.
    """
    refusal = Refusal(status, "", {})
    if error is not None:
        refusal = refusal_of(error, audit.ORIGIN.get().request_id)
    shown = {**context, "refusal": refusal.text}
    answer = render(request, template, shown, status=refusal.status)
    answer["Content-Security-Policy"] = POLICY
    for name, value in refusal.headers.items():
        answer[name] = value
    return answer


def next_page(request: HttpRequest) -> str:
    """Return the page of ours to go on to."""
    asked = request.POST.get("next") or request.GET.get("next") or HOME
    # No host is allowed: only a path leads nowhere else, whatever Host says.
    if asked.startswith("/") and url_has_allowed_host_and_scheme(asked, None):
        return asked
    return HOME
