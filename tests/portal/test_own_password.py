"""People change their own password, and nobody else's."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from core.accounts.sign_in import LIMITS
from core.audit import Action, Outcome
from core.models import Account, AuditRecord, SignInFailures
from tests.portal.test_sign_in import PASSWORD, sign_in

pytestmark = pytest.mark.django_db
ADDRESS = "/account/password/"
NEW = "another battery staple"
COOKIE = settings.SESSION_COOKIE_NAME


@pytest.fixture
def ada() -> Account:
    return Account.objects.create_user("ada", password=PASSWORD)


@pytest.fixture
def browser(ada: Account) -> Client:
    """Return the browser of somebody who may not use the admin, signed in."""
    return signed_in()


def signed_in(password: str = PASSWORD) -> Client:
    browser = Client(enforce_csrf_checks=True)
    assert sign_in(browser, password).status_code == 302
    return browser


def change(
    browser: Client,
    old: str = PASSWORD,
    new: str = NEW,
    again: str | None = None,
    path: str = ADDRESS,
) -> Any:
    page = browser.get(path).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token is not None
    fields = {"old": old, "new": new, "again": new if again is None else again}
    return browser.post(path, {**fields, "csrfmiddlewaretoken": token[1]})


def is_in(browser: Client) -> bool:
    return b"You are signed in as" in browser.get("/sign-in/").content


def test_a_new_password_ends_the_other_sessions(ada: Account, browser: Client) -> None:
    elsewhere = signed_in()
    before = browser.cookies[COOKIE].value
    answer = change(browser)
    assert answer.status_code == 200
    assert "Your password is changed" in answer.content.decode()
    assert browser.cookies[COOKIE].value != before
    assert is_in(browser)
    assert not is_in(elsewhere)
    assert sign_in(Client(enforce_csrf_checks=True)).status_code == 401
    signed_in(NEW)
    (row,) = AuditRecord.objects.filter(action=Action.CONFIGURE)
    assert (row.actor, row.detail) == ("ada", "own password changed")


def test_the_pages_that_people_see_lead_there(ada: Account, browser: Client) -> None:
    page = browser.get("/", follow=True).content.decode()
    assert f'href="{ADDRESS}"' in page
    Account.objects.update(is_staff=True)
    page = browser.get("/admin/").content.decode()
    assert "/admin/password_change/" in page
    assert "Old password" in browser.get("/admin/password_change/").content.decode()
    assert change(browser, path="/admin/password_change/").status_code == 200
    signed_in(NEW)


def test_who_does_not_know_the_old_one_changes_nothing(
    ada: Account, browser: Client
) -> None:
    answer = change(browser, old="wrong")
    assert answer.status_code == 400
    assert "The old password is not right" in answer.content.decode()
    row = AuditRecord.objects.latest("pk")
    assert (row.actor, row.action) == ("ada", Action.SIGN_IN)
    assert row.outcome == Outcome.MINOR_FAILURE
    for _ in range(LIMITS[SignInFailures.Kind.ACCOUNT] - 1):
        assert change(browser, old="wrong").status_code == 400
    assert change(browser).status_code == 429
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("new", "again", "why"),
    [
        ("short", None, "too short"),
        ("password1234", None, "too common"),
        (NEW, "another one", "differs"),
        ("", None, "This field is required"),
        ("x" * 1100, None, "at most 1024"),
    ],
)
def test_a_password_that_nobody_may_have_is_refused(
    ada: Account, browser: Client, new: str, again: str | None, why: str
) -> None:
    answer = change(browser, new=new, again=again)
    assert answer.status_code == 400
    page = answer.content.decode()
    assert why in page
    assert PASSWORD not in page
    signed_in()


def test_who_signs_in_at_an_issuer_is_sent_there(db: None) -> None:
    held = Account.objects.create(username="eve", issuer="https://sso.example/a")
    browser = Client()
    browser.force_login(held)
    page = browser.get(ADDRESS).content.decode()
    assert "You sign in at <strong>https://sso.example/a</strong>" in page
    assert "<form" not in page
    fields = {"old": "x", "new": NEW, "again": NEW}
    browser.post(ADDRESS, fields)
    held.refresh_from_db()
    assert not held.check_password(NEW)


def test_a_visitor_is_asked_to_sign_in_and_another_site_changes_nothing(
    ada: Account, browser: Client
) -> None:
    answer = Client().get(ADDRESS)
    assert answer["location"] == f"/sign-in/?next={ADDRESS}"
    fields = {"old": PASSWORD, "new": NEW, "again": NEW}
    assert browser.post(ADDRESS, fields).status_code == 403
    signed_in()


def test_the_page_runs_nothing_and_is_shown_nowhere_else(browser: Client) -> None:
    answer = browser.get(ADDRESS)
    assert "frame-ancestors 'none'" in answer["content-security-policy"]
    assert "no-store" in answer["cache-control"]
    assert b"<script" not in answer.content
