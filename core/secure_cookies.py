"""Cookies that were given over TLS are for TLS only."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase


class SecureCookies:
    """Middleware: marks cookies ``Secure`` where the client speaks TLS.

    Django's settings know one answer for all; the same server may stand behind a proxy
    with TLS (``PORTAL_TRUSTED_PROXIES``) and be used without on its own machine.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on, and mark what comes back."""
        response = self._get_response(request)
        if request.is_secure():
            for cookie in response.cookies.values():
                cookie["secure"] = True
        return response
