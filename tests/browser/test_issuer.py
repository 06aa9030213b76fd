"""Signing in at a real OpenID Connect issuer, through its form, and out again."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import visiting
from tests.oidc.issuer import CLIENT_ID, CLIENT_SECRET, Issuer
from tests.stack import Stack

pytestmark = pytest.mark.peer("chromium", "node")


@pytest.fixture(scope="module")
def trusting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Yield a portal whose people sign in at an issuer."""
    stack = Stack(tmp_path_factory.mktemp("stack"))
    issuer = Issuer(tmp_path_factory.mktemp("issuer"))
    name = f"127.0.0.1-{issuer.port}"
    issuer.redirect_uri = f"{stack.base_url}/sign-in/oidc/{name}/callback/"
    stack.settings = {
        "PORTAL_WEB_WORKERS": "1",
        "PORTAL_OIDC_ISSUER": issuer.url,
        "PORTAL_OIDC_CLIENT_ID": CLIENT_ID,
        "PORTAL_OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "PORTAL_OIDC_SCOPE": "openid profile groups",
        "PORTAL_OIDC_ROLES": "readers=Service Reader",
    }
    issuer.start()
    try:
        stack.start()
        yield stack
    finally:
        stack.kill()
        issuer.stop()


def fill_in(page: Page, login: str) -> None:
    """Do what the issuer asks for: who somebody is, and whether we may know."""
    page.get_by_placeholder("Enter any login").fill(login)
    page.get_by_placeholder("and password").fill("anything")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def test_a_person_signs_in_at_the_issuer_and_out_again(
    trusting: Stack, chromium: Browser
) -> None:
    with visiting(chromium, trusting.base_url) as visit:
        page = visit.page
        visit.open("/sign-in/?next=/account/password/")
        visit.picture("sign-in-with-issuer")
        page.get_by_role("link", name="Sign in with 127.0.0.1").click()
        fill_in(page, "ada+readers")
        page.wait_for_url("**/account/password/")
        expect(page.locator("main")).to_contain_text("Your password is kept there")
        visit.picture("password-at-issuer")
        assert visit.status_of("/dicomweb/studies") in {200, 204}
        visit.open("/sign-in/")
        expect(page.locator("main")).to_contain_text("signed in as ada@127.0.0.1")
        page.get_by_role("button", name="Sign out", exact=True).click()
        expect(page.locator("main")).to_contain_text("You are signed out here")
        visit.picture("signed-out")
        assert visit.status_of("/dicomweb/studies") == 401
        page.get_by_role("link", name="Sign out at 127.0.0.1 as well").click()
        page.get_by_role("button", name="Yes, sign me out").click()
        expect(page.locator("body")).to_contain_text("Sign-out Success")
        visit.open("/sign-in/")
        page.get_by_role("link", name="Sign in with 127.0.0.1").click()
        expect(page.get_by_placeholder("Enter any login")).to_be_visible()


def test_who_cancels_at_the_issuer_is_told_so_and_is_not_in(
    trusting: Stack, chromium: Browser
) -> None:
    with visiting(chromium, trusting.base_url) as visit:
        page = visit.page
        visit.open("/sign-in/")
        page.get_by_role("link", name="Sign in with 127.0.0.1").click()
        page.get_by_role("link", name="Cancel").click()
        expect(page.get_by_role("alert")).to_contain_text("access_denied")
        assert urlsplit(page.url).path.endswith("/callback/")
        visit.picture("cancelled")
        assert visit.status_of("/dicomweb/studies") == 401


def test_a_role_comes_by_a_group_only(trusting: Stack, chromium: Browser) -> None:
    with visiting(chromium, trusting.base_url) as visit:
        visit.open("/sign-in/")
        visit.page.get_by_role("link", name="Sign in with 127.0.0.1").click()
        fill_in(visit.page, "bob")
        visit.page.wait_for_url(f"{trusting.base_url}/**")
        assert visit.status_of("/dicomweb/studies") == 403
