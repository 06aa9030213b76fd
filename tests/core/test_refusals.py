"""What Django's views raise is answered from the one map of errors."""

from typing import NoReturn

import pytest
from django.db import OperationalError
from django.http import Http404, HttpRequest
from django.test import Client
from django.urls import path

from core import audit
from core.errors import Busy, Forbidden, Invalid, PortalError, Unauthenticated
from core.refusals import HTML

ERRORS: dict[str, Exception] = {
    "invalid": Invalid("The day is none."),
    "forbidden": Forbidden("Your roles do not allow it."),
    "unauthenticated": Unauthenticated("Sign in."),
    "busy": Busy("Try again later.", retry_after_s=7),
    "broken": PortalError("It broke."),
    "away": OperationalError("connection refused"),
    "missing": Http404(),
    "bug": KeyError("<secret>"),
}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def fail(_request: HttpRequest, name: str) -> NoReturn:
    raise ERRORS[name]


urlpatterns = [path("<name>", fail)]
handler500 = "core.refusals.server_error"


@pytest.fixture
def views() -> Client:
    return Client(raise_request_exception=False)


pytestmark = pytest.mark.urls(__name__)


@pytest.mark.parametrize(
    ("name", "status", "text"),
    [
        ("invalid", 400, "The day is none."),
        ("forbidden", 403, "Your roles do not allow it."),
        ("unauthenticated", 401, "Sign in."),
        ("busy", 503, "Try again later."),
        ("broken", 500, "It broke."),
        ("away", 503, "The database is not available at the moment. Try again soon."),
    ],
)
def test_what_is_raised_on_purpose_is_told(
    views: Client, name: str, status: int, text: str
) -> None:
    answer = views.get(f"/{name}")
    assert (answer.status_code, answer.content.decode()) == (status, f"{text}\n")
    assert answer["content-type"] == "text/plain; charset=utf-8"
    page = views.get(f"/{name}", headers={"accept": BROWSER})
    assert (page.status_code, page["content-type"]) == (
        status,
        f"{HTML}; charset=utf-8",
    )
    assert f"<p>{text}</p>" in page.content.decode()


def test_headers_go_with_the_status(views: Client) -> None:
    assert views.get("/busy")["retry-after"] == "7"
    assert views.get("/unauthenticated")["www-authenticate"] == 'Bearer realm="portal"'


def test_a_bug_is_told_by_its_reference_only(
    views: Client, caplog: pytest.LogCaptureFixture
) -> None:
    token = audit.ORIGIN.set(audit.Origin("10.0.0.1", "abc-1"))
    try:
        answer = views.get("/bug")
    finally:
        audit.ORIGIN.reset(token)
    assert answer.status_code == 500
    text = "Something went wrong on the server. Reference: abc-1\n"
    assert answer.content.decode() == text
    assert "request abc-1 failed" in caplog.text


def test_what_django_knows_stays_django_s(views: Client) -> None:
    assert views.get("/missing").status_code == 404
