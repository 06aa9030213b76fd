"""Failures of Django's views, answered from the one map of errors (`core.boundary`).

Browsers get a page, all others the plain text that `core.asgi` sends.
"""

import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string

from core import audit
from core.boundary import Refusal, log_failure, refusal_of
from core.database import AWAY, busy
from core.errors import Forbidden, PortalError

TEXT: Final = "text/plain"
HTML: Final = "text/html"


class AnswerErrors:
    """Middleware: what a view raises on purpose is told to the client."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        return self._get_response(request)

    def process_exception(
        self, request: HttpRequest, error: Exception
    ) -> HttpResponse | None:
        """Answer a `PortalError`, and a database that is away; bugs are Django's."""
        if isinstance(error, AWAY):
            error = busy(error)
        if not isinstance(error, PortalError):
            return None
        request_id = audit.ORIGIN.get().request_id
        log_failure(error, request_id)
        return _answer(request, refusal_of(error, request_id))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a request that met a bug: Django's ``handler500``."""
    error = sys.exc_info()[1]
    request_id = audit.ORIGIN.get().request_id
    known = error if isinstance(error, Exception) else RuntimeError()
    if isinstance(known, AWAY):
        known = busy(known)
    log_failure(known, request_id)
    return _answer(request, refusal_of(known, request_id))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that did not come from a page of ours: ``CSRF_FAILURE_VIEW``."""
    message = "This form was not from here, or is too old. Load the page again."
    return _answer(request, refusal_of(Forbidden(message), ""))


def _answer(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    if request.get_preferred_type([TEXT, HTML]) == HTML:
        title = HTTPStatus(refusal.status).phrase
        context = {"title": title, "text": refusal.text}
        answer = HttpResponse(render_to_string("refusal.html", context))
    else:
        answer = HttpResponse(f"{refusal.text}\n", f"{TEXT}; charset=utf-8")
    answer.status_code = refusal.status
    for name, value in refusal.headers.items():
        answer[name] = value
    return answer
