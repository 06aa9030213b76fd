"""Failures of Django's views, answered from the one map of errors (`core.boundary`).

Browsers get a page, all others the plain text that `core.asgi` sends.
"""

import logging
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote_plus

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string

from core import audit
from core.access import ANONYMOUS, Actor
from core.audit_requests import address_of, outcome_of
from core.boundary import Refusal, log_failure, refusal_of
from core.database import AWAY, busy
from core.errors import Forbidden, PortalError
from core.models import Account
from core.request_rules import SAFE_METHODS

logger = logging.getLogger(__name__)

ADMIN: Final = "/admin/"
SIGN_IN: Final = f"{ADMIN}login/"  # records for itself who signs in, and who does not
TEXT: Final = "text/plain"
HTML: Final = "text/html"


class AnswerErrors:
    """Middleware: what a view raises on purpose is told to the client."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on, and record where a page of data was refused."""
        answer = self._get_response(request)
        is_ours = request.path.startswith(ADMIN) and request.path != SIGN_IN
        if is_ours and not _is_given(request, answer):
            _record(request, answer)
        return answer

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


def _is_given(request: HttpRequest, answer: HttpResponseBase) -> bool:
    """Return whether somebody who may got a page; a visitor is asked to sign in."""
    if answer.status_code >= HTTPStatus.BAD_REQUEST:
        return False
    return not (
        answer.status_code == HTTPStatus.FOUND
        and request.user.is_authenticated
        and answer.headers["Location"].startswith(SIGN_IN)
    )


def _record(request: HttpRequest, answer: HttpResponseBase) -> None:
    account = request.user
    actor = ANONYMOUS
    if isinstance(account, Account):
        actor = Actor(account.pk, account.username, {}, via="session")
    is_write = request.method not in SAFE_METHODS
    event = audit.Event(
        actor,
        audit.Action.CONFIGURE if is_write else audit.Action.VIEW,
        outcome_of(max(answer.status_code, HTTPStatus.BAD_REQUEST)),
        detail=f"admin: {answer.status_code}",
        query=address_of(
            str(request.method), request.path, unquote_plus(request.GET.urlencode())
        ),
    )
    try:
        audit.record_refusal(event)
    except (PortalError, *AWAY) as error:  # the answer is a refusal anyway
        logger.warning("a refusal is not in the audit log: %s", type(error).__name__)


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
