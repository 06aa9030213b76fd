"""``/sign-in/oidc/…/``: signing in at an OpenID Connect issuer, and coming back.

What has to be known when somebody comes back lies in a cookie of that browser, signed
and for a few minutes: who only looks at the page leaves nothing here.
"""

from typing import Final

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.accounts.oidc.clients import Client, client_named
from core.accounts.oidc.code_flow import Begun, begin, finish, record_failure
from core.errors import PortalError, Unauthenticated
from portal.pages.sign_in import SignInForm, begin_session, next_page, sign_in_page

CALLBACK: Final = "issuer-callback"  # the name of its address
COOKIE: Final = "issuer-sign-in"
COOKIE_PATH: Final = "/sign-in/oidc/"
COOKIE_S: Final = 600  # in which somebody signs in at the issuer


@never_cache
@require_safe
def begin_at_issuer(request: HttpRequest, name: str) -> HttpResponse:
    """Send the browser to the issuer."""
    client = client_named(name)
    try:
        address, begun = begin(client, redirect_uri=_redirect_uri(request, client))
    except PortalError as error:
        return sign_in_page(request, SignInForm(), error=error)
    answer = HttpResponseRedirect(address)
    kept = signing.dumps([client.name, next_page(request), *begun], salt=COOKIE)
    answer.set_cookie(
        COOKIE,
        kept,
        max_age=COOKIE_S,
        path=COOKIE_PATH,
        httponly=True,
        samesite="Lax",  # it comes along when the issuer sends the browser back
    )
    return answer


@never_cache
@require_safe
def finish_at_issuer(request: HttpRequest, name: str) -> HttpResponse:
    """Begin a session for who comes back from the issuer."""
    client = client_named(name)
    try:
        next_address, begun = _kept(request, client)
        account = finish(
            client,
            redirect_uri=_redirect_uri(request, client),
            begun=begun,
            answer=request.GET.dict(),
        )
    except PortalError as error:
        answer = sign_in_page(request, SignInForm(), error=error)
    else:
        begin_session(request, account)
        answer = HttpResponseRedirect(next_address)
    answer.delete_cookie(COOKIE, path=COOKIE_PATH, samesite="Lax")
    return answer


def _kept(request: HttpRequest, client: Client) -> tuple[str, Begun]:
    """Return the page to go on to, and the sign-in that this browser has begun."""
    cookie = request.COOKIES.get(COOKIE, "")
    try:
        kept = signing.loads(cookie, salt=COOKIE, max_age=COOKIE_S)
    except signing.BadSignature as error:
        raise _not_begun(client) from error
    name, next_address, *begun = kept
    if name != client.name:
        raise _not_begun(client)
    return next_address, Begun(*begun)


def _not_begun(client: Client) -> Unauthenticated:
    message = f"Signing in at {client.label} was not begun here, or too long ago."
    record_failure(client, message)
    return Unauthenticated(f"{message} Try again.")


def _redirect_uri(request: HttpRequest, client: Client) -> str:
    return request.build_absolute_uri(reverse(CALLBACK, args=[client.name]))
