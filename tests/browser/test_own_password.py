"""Somebody who may not use the admin changes the own password, in two browsers."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import visiting
from tests.browser.people import somebody
from tests.stack import Stack

pytestmark = pytest.mark.peer("chromium")

NEW = "another battery staple"


def test_a_new_password_ends_what_is_open_elsewhere(
    stack: Stack, chromium: Browser
) -> None:
    name, old = somebody(stack, "grace", "Service Reader")
    with (
        visiting(chromium, stack.base_url) as here,
        visiting(chromium, stack.base_url) as elsewhere,
    ):
        for each in (here, elsewhere):
            each.open("/")
            each.sign_in(name, old)
            expect(each.page.locator("main")).to_contain_text(f"signed in as {name}")
        page = here.page
        here.picture("landing")
        page.get_by_role("link", name="Change your password").click()
        page.get_by_label("Old password").fill("not this one")
        page.get_by_label("New password:", exact=True).fill(NEW)
        page.get_by_label("New password again").fill(NEW)
        here.picture("own-password")
        page.get_by_role("button", name="Change the password").click()
        expect(page.get_by_role("alert")).to_contain_text("not right")
        here.picture("own-password-refused")
        page.get_by_label("Old password").fill(old)
        page.get_by_label("New password:", exact=True).fill(NEW)
        page.get_by_label("New password again").fill(NEW)
        page.get_by_role("button", name="Change the password").click()
        expect(page.get_by_role("status")).to_contain_text("is changed")
        here.picture("own-password-changed")
        assert here.status_of("/dicomweb/studies") in {200, 204}
        assert elsewhere.status_of("/dicomweb/studies") == 401
        elsewhere.open("/sign-in/")
        elsewhere.sign_in(name, NEW)
        expect(elsewhere.page.locator("main")).to_contain_text(f"signed in as {name}")
