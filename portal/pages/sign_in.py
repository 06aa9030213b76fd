"""``/sign-in/`` and ``/sign-out/``: sessions of people, for the admin as well."""

from typing import Final

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
from core.accounts.session_store import SessionStore
from core.accounts.sign_in import check_sign_in, record_sign_out
from core.boundary import refusal_of
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
        return _page(request, SignInForm())
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    try:
        account = check_sign_in(
            name=form.cleaned_data["username"], password=form.cleaned_data["password"]
        )
    except PortalError as error:
        refusal = refusal_of(error, audit.ORIGIN.get().request_id)
        answer = _page(request, form, refusal.text, refusal.status)
        for name, value in refusal.headers.items():
            answer[name] = value
        return answer
    # Whatever session came along may be known to others, of the same account as well.
    request.session.flush()
    login(request, account, BACKEND)
    assert isinstance(request.session, SessionStore)  # noqa: S101 as the settings say
    request.session.begin()
    return HttpResponseRedirect(_next(request))


@never_cache
@csrf_protect
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    if isinstance(request.user, Account):
        record_sign_out(request.user)
    logout(request)
    return HttpResponseRedirect("/sign-in/")


def _page(
    request: HttpRequest, form: SignInForm, refusal: str = "", status: int = 200
) -> HttpResponse:
    context = {"form": form, "next": _next(request), "refusal": refusal}
    answer = render(request, "sign_in.html", context, status=status)
    answer["Content-Security-Policy"] = POLICY
    return answer


def _next(request: HttpRequest) -> str:
    """Return the page of ours to go on to."""
    asked = request.POST.get("next") or request.GET.get("next") or HOME
    # No host is allowed: only a path leads nowhere else, whatever Host says.
    if asked.startswith("/") and url_has_allowed_host_and_scheme(asked, None):
        return asked
    return HOME
