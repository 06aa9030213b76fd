"""An administrator's work in the admin, as a person does it, and what comes of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import Visit, visiting
from tests.stack import Stack
from tests.synthetic import encode, instance, multipart, new_uid

pytestmark = pytest.mark.peer("chromium")

PASSWORD: Final = "a Long pass 77"
SEARCH: Final = "/dicomweb/studies?PatientID=TOUR-*"
REASON: Final = "tumour board on Friday"
# What a script of the admin draws in place of a field, once it has.
DRAWN: Final = "span[role=combobox]"


@dataclass(frozen=True)
class House:
    """A portal with two studies, and an administrator."""

    stack: Stack
    password: str
    shown: str
    hidden: str


@pytest.fixture(scope="module")
def house(stack: Stack) -> House:
    studies = [new_uid(), new_uid()]
    body, headers = multipart(
        *(
            encode(instance(StudyInstanceUID=uid, PatientID=f"TOUR-{number}"))
            for number, uid in enumerate(studies)
        )
    )
    headers["Authorization"] = f"Bearer {stack.token}"
    url = f"{stack.base_url}/dicomweb/studies"
    assert httpx.post(url, content=body, headers=headers, timeout=60).status_code == 200
    role = ("--role", "Administrator", "--staff")
    return House(stack, stack.manage("account", "create", "root", *role), *studies)


@pytest.fixture
def root(chromium: Browser, house: House) -> Iterator[Visit]:
    """Yield the browser of the administrator, who has come to the admin and in."""
    with visiting(chromium, house.stack.base_url) as visit:
        visit.open("/admin/")
        visit.picture("sign-in")
        visit.sign_in("root", house.password)
        expect(visit.page.get_by_role("heading", name="Administration")).to_be_visible()
        yield visit


def test_a_person_is_let_in_to_a_project_and_out_again(
    root: Visit, chromium: Browser, house: House
) -> None:
    make_role(root, "Tumour board", "May see data")
    make_account(root, "dr-chen", "Tumour board")
    make_project(root, "Sarcoma", house.shown)
    with visiting(chromium, house.stack.base_url) as chen:
        chen.open("/sign-in/")
        chen.sign_in("dr-chen", PASSWORD)
        assert chen.status_of(SEARCH) == 404  # of the partition nothing is theirs
        open_to(root, "Sarcoma", "dr-chen")
        assert searched(chen) == [house.shown]
        chen.open("/admin/imaging/study/")
        rows = chen.page.locator("#result_list tbody tr")
        expect(rows).to_have_count(1)
        expect(rows).to_contain_text("TOUR-0")
        chen.picture("studies-of-a-member")
        close_again(root)
        assert chen.status_of(SEARCH) == 404
        metadata = f"/dicomweb/studies/{house.shown}/metadata"
        assert chen.status_of(metadata) == 404
        assert root.status_of(metadata) == 200
    audit_tells_of(root, "dr-chen", house.shown)


def make_role(root: Visit, name: str, *allows: str) -> None:
    page = root.page
    follow(page, "Roles and groups")
    page.get_by_role("link", name="Add group").click()
    page.get_by_label("Name").fill(name)
    for each in allows:
        page.get_by_label(each, exact=True).check()
    root.picture("role")
    save(page)
    expect(page.locator("#result_list")).to_contain_text(name)
    root.picture("roles")


def make_account(root: Visit, name: str, role: str) -> None:
    page = root.page
    follow(page, "Accounts")
    page.get_by_role("link", name="Add account").click()
    page.get_by_label("Username").fill(name)
    page.locator("#id_password1").fill(PASSWORD)
    page.locator("#id_password2").fill(PASSWORD)
    root.picture("account")
    save(page)
    page.get_by_label("Staff status").check()
    page.locator("#id_groups_from").select_option(label=role)
    page.locator("#id_groups_add").click()
    root.picture("account-with-role")
    save(page)
    expect(page.locator("#result_list")).to_contain_text(name)


def make_project(root: Visit, name: str, study: str) -> None:
    page = root.page
    follow(page, "Projects")
    page.get_by_role("link", name="Add project").click()
    page.locator(DRAWN).first.click()
    page.locator(".select2-search__field").fill("default")
    page.get_by_role("option", name="default").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Put in studies").fill(study)
    root.picture("project")
    save(page)
    expect(page.locator("#result_list")).to_contain_text(name)


def open_to(root: Visit, project: str, account: str) -> None:
    """Grant a project to an account, from the project's side."""
    page = root.page
    follow(page, "Projects")
    page.get_by_role("link", name=project, exact=True).click()
    page.get_by_role("link", name="Who sees it").click()
    group = page.locator("#account_grants-group")
    group.get_by_role("button", name="Add another").click()
    group.locator(DRAWN).first.click()
    page.locator(".select2-search__field").fill(account)
    page.get_by_role("option", name=account).click()
    level = page.locator("[name=account_grants-0-permission]")
    level.select_option(label="identify: what is in it, and who its patients are")
    page.locator("[name=account_grants-0-reason]").fill(REASON)
    root.picture("grant")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(group).to_contain_text(REASON)
    page.get_by_label("Account:").fill(account)
    page.get_by_role("button", name="Explain").click()
    expect(page.locator("fieldset", has_text="Why does")).to_contain_text("✔ see data")
    root.picture("explained")


def close_again(root: Visit) -> None:
    """Revoke the one grant of the page that the browser is on."""
    page = root.page
    page.locator("[name=account_grants-0-DELETE]").check()
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator("#account_grants-group")).not_to_contain_text(REASON)
    root.picture("revoked")


def audit_tells_of(root: Visit, account: str, study: str) -> None:
    """Find in the audit log what has happened, by its filters."""
    page = root.page
    follow(page, "Audit log")
    page.get_by_text("By actor").click()
    page.get_by_label("actor", exact=True).fill(account)
    page.locator("form", has=page.get_by_label("actor", exact=True)).get_by_role(
        "button", name="Filter"
    ).click()
    rows = page.locator("#result_list")
    expect(rows).to_contain_text("sign-in")
    expect(rows).to_contain_text("TOUR-0")
    expect(rows).not_to_contain_text("TOUR-1")
    root.picture("audit-of-a-person")
    for action, words in (("grant", account), ("revoke", account)):
        root.open(f"/admin/core/auditrecord/?action={action}&actor=root")
        expect(rows).to_contain_text(words)
    root.open(f"/admin/core/auditrecord/?study={study}")
    expect(rows).to_contain_text("retrieve")
    root.picture("audit-of-a-study")


def test_every_page_that_the_index_names_opens(root: Visit) -> None:
    root.picture("index")
    links = root.page.locator("#content-main a").all()
    paths = sorted({str(link.get_attribute("href")) for link in links} - {""})
    assert len(paths) > 15
    for path in paths:
        assert root.open(path).status == 200, path
        root.picture(path.strip("/").replace("/", "-"))


def follow(page: Page, name: str) -> None:
    """Open a page of the admin from its index."""
    page.goto("/admin/")
    page.locator("#content-main").get_by_role("link", name=name, exact=True).click()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".errornote")).to_have_count(0)


def searched(visit: Visit) -> list[str]:
    """Return the studies that QIDO gives to the session of a browser."""
    answer = visit.context.request.get(SEARCH)
    assert answer.status == 200
    return [row["0020000D"]["Value"][0] for row in answer.json()]
