"""The sign-in page: sessions, and the usual attacks of the web on them."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from core.accounts.sign_in import LIMITS
from core.audit import Action
from core.models import Account, AuditRecord, SignInFailures
from core.tasks import forget_ended
from tests.stack import Stack

PASSWORD = "correct horse battery"
COOKIE = settings.SESSION_COOKIE_NAME


@pytest.fixture
def ada(db: None) -> Account:
    return Account.objects.create_user("ada", password=PASSWORD, is_staff=True)


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True)


def sign_in(
    browser: Client,
    password: str = PASSWORD,
    name: str = "ada",
    path: str = "/sign-in/",
    secure: bool = False,
    **more: str,
) -> Any:
    """Return the answer to the form, filled in as a browser does."""
    page = browser.get(path, secure=secure).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token is not None
    fields = {"csrfmiddlewaretoken": token[1], "username": name, "password": password}
    headers = {"referer": "https://testserver/sign-in/"} if secure else {}
    return browser.post(path, fields | more, secure=secure, headers=headers)


def test_a_person_signs_in_and_out(ada: Account, browser: Client) -> None:
    answer = sign_in(browser)
    assert (answer.status_code, answer["location"]) == (302, "/")
    cookie = answer.cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["max-age"]  # ends with the browser
    page = browser.get("/sign-in/").content.decode()
    assert "You are signed in as <strong>ada</strong>" in page
    assert browser.get("/sign-out/").status_code == 405
    assert browser.post("/sign-out/").status_code == 403
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token is not None
    browser.post("/sign-out/", {"csrfmiddlewaretoken": token[1]})
    assert "signed in as" not in browser.get("/sign-in/").content.decode()
    actions = AuditRecord.objects.order_by("pk").values_list("actor", "action")
    assert list(actions) == [("ada", Action.SIGN_IN), ("ada", Action.SIGN_OUT)]


def test_who_signs_out_in_all_browsers_may_sign_in_again(
    ada: Account, browser: Client
) -> None:
    other, third = Client(), Client()
    for each in (browser, other):
        sign_in(each)
        each.get("/sign-in/")
    page = browser.get("/sign-in/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token is not None
    fields = {"csrfmiddlewaretoken": token[1], "everywhere": "Sign out"}
    browser.post("/sign-out/", fields)
    for each in (browser, other):
        assert "signed in as" not in each.get("/sign-in/").content.decode()
    assert AuditRecord.objects.get(action=Action.SIGN_OUT).detail == "everywhere"
    sign_in(third)
    assert "signed in as" in third.get("/sign-in/").content.decode()


def test_sessions_that_ended_are_removed(ada: Account, browser: Client) -> None:
    sign_in(browser)
    other = Client()
    sign_in(other)
    Session.objects.filter(session_key=other.cookies[COOKIE].value).update(
        expire_date=timezone.now() - timedelta(seconds=1)
    )
    forget_ended()
    (left,) = Session.objects.all()
    assert left.session_key == browser.cookies[COOKIE].value


def test_the_admin_is_entered_by_the_same_door(ada: Account, browser: Client) -> None:
    sent = browser.get("/admin/")
    assert sent["location"] == "/admin/login/?next=/admin/"
    answer = sign_in(browser, path="/admin/login/", next="/admin/")
    assert answer["location"] == "/admin/"
    assert browser.get("/admin/").status_code == 200
    for _ in range(LIMITS[SignInFailures.Kind.ACCOUNT]):
        assert sign_in(browser, "wrong", path="/admin/login/").status_code == 401
    assert sign_in(browser, path="/admin/login/").status_code == 429


@pytest.mark.django_db
def test_who_may_not_see_a_page_is_told_and_not_sent_round(browser: Client) -> None:
    Account.objects.create_user("bob", password=PASSWORD)
    assert sign_in(browser, name="bob", next="/admin/")["location"] == "/admin/"
    page = browser.get("/admin/", follow=True)
    assert page.status_code == 200
    assert "this account may not use it" in page.content.decode()


def test_a_refusal_is_a_page_that_says_the_same_of_all_names(
    ada: Account, browser: Client
) -> None:
    pages = set()
    for name in ("ada", "bob"):
        answer = sign_in(browser, "wrong", name=name)
        assert answer.status_code == 401
        assert answer["www-authenticate"]
        assert COOKIE not in answer.cookies
        page = answer.content.decode().replace(name, "NAME")
        pages.add(re.sub(r'(csrfmiddlewaretoken" value=)"\w+"', r"\1", page))
        assert "wrong" not in page
    assert len(pages) == 1
    assert (
        'role="alert">There is no account with this name and password.' in pages.pop()
    )


def test_a_locked_out_person_is_told_when_to_come_again(
    ada: Account, browser: Client
) -> None:
    for _ in range(LIMITS[SignInFailures.Kind.ACCOUNT]):
        sign_in(browser, "wrong")
    answer = sign_in(browser)
    assert answer.status_code == 429
    assert 0 < int(answer["retry-after"]) <= 900
    assert "Try again in 15 minutes" in answer.content.decode()


def test_a_session_that_somebody_planted_is_not_taken(
    ada: Account, browser: Client
) -> None:
    sign_in(browser)
    first = browser.cookies[COOKIE].value
    victim = Client(enforce_csrf_checks=True)
    for planted in (first, "a" * 32, "../../etc"):
        victim.cookies[COOKIE] = planted
        answer = sign_in(victim)
        assert answer.cookies[COOKIE].value not in {planted, ""}
    victim.cookies[COOKIE] = "b" * 32
    assert "signed in as" not in victim.get("/sign-in/").content.decode()


def test_another_sites_form_signs_nobody_in(ada: Account, browser: Client) -> None:
    fields = {"username": "ada", "password": PASSWORD}
    assert browser.post("/sign-in/", fields).status_code == 403
    browser.get("/sign-in/")
    assert browser.post("/sign-in/", fields).status_code == 403
    forged = fields | {"csrfmiddlewaretoken": "x" * 64}
    answer = browser.post("/sign-in/", forged, headers={"accept": "text/html"})
    assert answer.status_code == 403
    assert b"Load the page again" in answer.content
    page = browser.get("/sign-in/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token is not None
    sent = fields | {"csrfmiddlewaretoken": token[1]}
    evil = {"origin": "https://evil.example"}
    assert browser.post("/sign-in/", sent, headers=evil).status_code == 403
    assert not AuditRecord.objects.exists()


@pytest.mark.parametrize(
    ("asked", "location"),
    [
        ("/admin/core/token/?q=1", "/admin/core/token/?q=1"),
        ("//evil.example/", "/"),
        ("///evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("https:evil.example", "/"),
        ("http://testserver/admin/", "/"),
        ("javascript:alert(1)", "/"),
        ("\t//evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("admin/", "/"),
        ("", "/"),
    ],
)
def test_nobody_is_sent_to_another_site(
    ada: Account, browser: Client, asked: str, location: str
) -> None:
    assert sign_in(browser, next=asked)["location"] == location
    page = Client().get("/sign-in/", {"next": asked}).content.decode()
    assert f'name="next" value="{location}"' in page


def test_the_page_runs_nothing_and_is_shown_nowhere_else(
    ada: Account, browser: Client
) -> None:
    answer = browser.get("/sign-in/?next=/%22%3E%3Cscript%3E")
    assert "frame-ancestors 'none'" in answer["content-security-policy"]
    assert "script-src" not in answer["content-security-policy"]
    assert answer["x-frame-options"] == "DENY"
    assert "no-store" in answer["cache-control"]
    assert b"<script" not in answer.content
    assert b"style=" not in answer.content


def test_cookies_that_came_over_tls_are_for_tls_only(
    ada: Account, browser: Client
) -> None:
    answer = sign_in(browser, secure=True)
    assert answer.status_code == 302
    assert answer.cookies[COOKIE]["secure"]
    assert answer.cookies["csrftoken"]["secure"]
    assert not sign_in(Client(), secure=False).cookies[COOKIE]["secure"]


def test_a_form_that_is_not_filled_in_counts_for_nothing(
    ada: Account, browser: Client
) -> None:
    assert sign_in(browser, "").status_code == 400
    assert sign_in(browser, "x" * 5000).status_code == 400
    assert sign_in(browser, name="x" * 151).status_code == 400
    assert not SignInFailures.objects.exists()


def test_an_administrator_lets_in_again_by_the_admin(
    ada: Account, browser: Client
) -> None:
    for _ in range(LIMITS[SignInFailures.Kind.ACCOUNT] + 1):
        sign_in(browser, "wrong")
    root = Client()
    root.force_login(Account.objects.create_superuser("root"))
    page = root.get("/admin/core/signinfailures/")
    assert page.status_code == 200
    (row,) = SignInFailures.objects.filter(label="ada")
    root.post(
        "/admin/core/signinfailures/",
        {"action": "unlock", "_selected_action": [str(row.pk)]},
    )
    assert sign_in(browser).status_code == 302


def test_a_session_of_the_page_opens_the_interfaces(stack: Stack) -> None:
    made = stack.manage("account", "create", "reader", "--role", "Service Reader")
    with httpx.Client(base_url=stack.base_url) as web:
        studies = "/dicomweb/studies"
        assert web.get(studies).status_code == 401
        page = web.get("/sign-in/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token is not None
        fields = {"username": "reader", "password": made, "next": studies}
        answer = web.post("/sign-in/", data={**fields, "csrfmiddlewaretoken": token[1]})
        assert (answer.status_code, answer.headers["location"]) == (302, studies)
        assert web.get(studies).status_code in {200, 204}
        stored = web.post(studies, headers={"origin": "https://evil.example"})
        assert stored.status_code == 403
        style = re.search(r'href="(/static/[^"]+login.css)"', page)
        assert style is not None
        assert web.get(style[1]).status_code == 200
