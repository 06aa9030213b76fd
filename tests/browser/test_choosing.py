"""Studies are chosen in the list by mouse and keys, and something is done with them."""

import re
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Download, Locator, Page, expect

from tests.browser.chromium import Visit
from tests.browser.house import House, changed, make_project, open_to, rows
from tests.browser.pages import heading, series_of_slices, signed_in, store
from tests.browser.waiting import wait_for
from tests.synthetic import new_uid

pytestmark = pytest.mark.peer("chromium", "node")

SOME: Final = "/studies?accession=X000&sort=PatientID"  # ten studies


def assert_chosen(page: Page, numbers: list[str]) -> None:
    """Hold that those of the list are chosen whose numbers these are."""
    grid = page.get_by_role("grid", name="Studies")
    expect(grid.get_by_role("row", selected=True)).to_have_text(
        [re.compile(f"M-{number}") for number in numbers]
    )


def row(page: Page, number: int) -> Locator:
    name = f"Many {number:04}"
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name))


def bar(page: Page) -> Locator:
    return page.get_by_role("toolbar", name="With the chosen studies")


def open_some(visit: Visit) -> Page:
    visit.open(SOME)
    assert len(rows(visit.page)) == 10
    return visit.page


def test_keys_choose_one_a_range_all_and_none(ada: Visit) -> None:
    page = open_some(ada)
    page.get_by_role("grid", name="Studies").focus()
    press = page.keyboard.press
    press("ArrowDown")
    assert_chosen(page, [])
    press("Shift+Space")
    expect(bar(page)).to_contain_text("1 study chosen")
    assert_chosen(page, ["0001"])
    press("Shift+ArrowDown")
    press("Shift+ArrowDown")
    expect(bar(page)).to_contain_text("3 studies chosen")
    assert_chosen(page, ["0001", "0002", "0003"])
    press("Shift+ArrowUp")
    expect(bar(page)).to_contain_text("2 studies chosen")
    press("Shift+End")
    expect(bar(page)).to_contain_text("9 studies chosen")
    press("Shift+Home")
    expect(bar(page)).to_contain_text("2 studies chosen")
    press("Control+a")
    expect(bar(page)).to_contain_text("10 studies chosen")
    press("Escape")
    expect(bar(page)).to_have_count(0)
    assert_chosen(page, [])


def test_the_mouse_chooses_one_several_and_a_range(ada: Visit) -> None:
    page = open_some(ada)
    row(page, 2).get_by_role("checkbox").click()
    row(page, 4).get_by_text("M-0004").click(modifiers=["Control"])
    assert_chosen(page, ["0002", "0004"])
    row(page, 7).get_by_text("M-0007").click(modifiers=["Shift"])
    assert_chosen(page, ["0004", "0005", "0006", "0007"])
    row(page, 9).get_by_text("M-0009").click()  # only goes there
    expect(bar(page)).to_contain_text("4 studies chosen")
    ada.picture("studies-chosen")
    box = page.get_by_role("checkbox", name="Choose all that are listed")
    assert box.evaluate("box => box.indeterminate")
    # The keys go on where the mouse was.
    page.keyboard.press("Shift+ArrowUp")
    assert_chosen(page, ["0008", "0009"])
    box.click()
    expect(bar(page)).to_contain_text("10 studies chosen")
    # Another list begins anew.
    page.get_by_label("Accession number").fill("X0001")
    expect(bar(page)).to_have_count(0)


def test_links_and_uids_are_copied(ada: Visit, house: House) -> None:
    page = open_some(ada)
    ada.context.grant_permissions(["clipboard-read", "clipboard-write"])
    row(page, 0).get_by_role("checkbox").click()
    row(page, 1).get_by_role("checkbox").click()
    read = "navigator.clipboard.readText()"
    bar(page).get_by_role("button", name="Copy").click()
    page.get_by_role("menuitem", name="Study UIDs").click()
    wait_for(lambda: len(page.evaluate(read).split("\n")) == 2)
    uids = page.evaluate(read).split("\n")
    bar(page).get_by_role("button", name="Copy").click()
    page.get_by_role("menuitem", name="Links").click()
    links = [f"{house.stack.base_url}/studies/{uid}" for uid in uids]
    wait_for(lambda: page.evaluate(read).split("\n") == links)
    ada.open(links[1])
    heading(page, "Many 0001")


def test_several_are_opened_side_by_side_in_their_partition(
    ada: Visit, house: House
) -> None:
    page, there = ada.page, f"there-{new_uid()[-6:]}"
    changed(
        ada,
        f'createPartition(name: "{there}")'
        " { ... on ChangedPartition { partition { name } } }",
    )
    studies = [new_uid(), new_uid()]
    for number, uid in enumerate(studies):
        words = {"StudyDescription": f"{there} {number}", "PatientID": f"T-{number}"}
        slices = series_of_slices(uid, **words)
        store(house.stack, *slices, partition=there)
    ada.open(f"/studies?description={there}&sort=PatientID")
    assert len(rows(page)) == 2
    page.get_by_role("grid", name="Studies").focus()
    page.keyboard.press("Control+a")
    bar(page).get_by_role("link", name="Open side by side").click()
    expect(page.get_by_text("viewer is not installed")).to_be_visible()
    images = page.get_by_role("group", name="Images of the series")
    expect(images).to_have_count(2)
    for at in range(2):
        expect(images.nth(at)).to_contain_text("Image 3 of 5")
    ada.picture("side-by-side")
    alone = page.get_by_role("link", name="Open in a tab of its own")
    address = alone.get_attribute("href") or ""
    assert f"StudyInstanceUIDs={'%2C'.join(studies)}&partition={there}" in address
    page.get_by_role("link", name="Back to the study").click()
    page.wait_for_url(f"**/studies/{studies[0]}?partition={there}")
    heading(page, f"{there} 0")
    # What lies in two partitions is no pair.
    ada.open(f"/studies?description={there}")
    row_here = page.get_by_role("row").nth(1)
    row_here.get_by_role("checkbox").click()
    expect(bar(page).get_by_role("link", name="Open in the viewer")).to_be_visible()
    ada.faults = [one for one in ada.faults if not one.endswith("/viewer/")]


def test_each_study_is_saved_as_a_zip(ada: Visit) -> None:
    page = open_some(ada)
    row(page, 0).get_by_role("checkbox").click()
    row(page, 1).get_by_role("checkbox").click()
    saved: list[Download] = []
    page.on("download", lambda one: saved.append(one))  # noqa: PLW0108 Playwright marks it
    bar(page).get_by_role("button", name="Download as ZIP").click()
    for _ in range(100):
        if len(saved) == 2:
            break
        page.wait_for_timeout(100)
    names = []
    for download in saved:
        content = Path(download.path()).read_bytes()
        with ZipFile(BytesIO(content)) as archive:
            assert archive.testzip() is None
            names += archive.namelist()
        assert names[-1].startswith(download.suggested_filename.removesuffix(".zip"))
    assert len(names) == 2


def test_studies_are_put_into_a_project(ada: Visit, house: House) -> None:
    page, lungs = ada.page, f"Lungs-{new_uid()[-6:]}"
    make_project(ada, lungs, house.chest)
    open_some(ada)
    page.get_by_role("grid", name="Studies").focus()
    page.keyboard.press("Control+a")
    bar(page).get_by_role("button", name="Add to a project").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Project").select_option(lungs)
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.get_by_role("status")).to_contain_text("10 studies added")
    ada.picture("add-to-project")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.get_by_role("status")).to_contain_text("They were in it already")
    dialog.get_by_role("link", name="Show the project").click()
    page.wait_for_url(f"**/studies?project={lungs}")
    expect(page.get_by_text("11 studies")).to_be_visible()


def test_studies_are_deleted_once_somebody_means_it(ada: Visit, house: House) -> None:
    page, mistake = ada.page, f"mistake-{new_uid()[-6:]}"
    for number in range(3):
        words = {"StudyDescription": f"{mistake} {number}", "PatientID": f"E-{number}"}
        store(house.stack, *series_of_slices(new_uid(), **words))
    ada.open(f"/studies?description={mistake}&sort=PatientID")
    assert len(rows(page)) == 3
    for at in (1, 2):
        page.get_by_role("row").nth(at).get_by_role("checkbox").click()
    bar(page).get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete 2 studies?")
    expect(dialog).to_contain_text("10 instances will be gone for everybody")
    expect(dialog).to_contain_text(f"{mistake} 1")
    expect(dialog).not_to_contain_text(f"{mistake} 2")
    ada.picture("delete")
    dialog.get_by_role("button", name="Keep them").click()
    expect(dialog).to_have_count(0)
    assert len(rows(page)) == 3
    bar(page).get_by_role("button", name="Delete").click()
    dialog.get_by_label("Reason").fill("Stored twice")
    dialog.get_by_role("button", name="Delete 2 studies").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("1 study", exact=True)).to_be_visible()
    assert [f"{mistake} 2" in text for text in rows(page)] == [True]
    expect(bar(page)).to_have_count(0)


def test_what_could_not_be_deleted_says_why(ada: Visit, house: House) -> None:
    page, stubborn = ada.page, f"stubborn-{new_uid()[-6:]}"
    words = {"StudyDescription": stubborn, "PatientID": "S-1"}
    store(house.stack, *series_of_slices(new_uid(), **words))
    ada.open(f"/studies?description={stubborn}")
    page.get_by_role("row").nth(1).get_by_role("checkbox").click()
    bar(page).get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete 1 study?")
    # The session has ended elsewhere meanwhile, as far as this question is concerned.
    page.route("**/graphql", lambda route: route.abort("internetdisconnected"))
    dialog.get_by_role("button", name="Delete 1 study").click()
    expect(dialog.get_by_role("alert")).to_contain_text("1 study stayed")
    expect(dialog.get_by_role("alert")).to_contain_text("cannot be reached from here")
    page.unroute("**/graphql")
    dialog.get_by_role("button", name="Close").last.click()
    assert len(rows(page)) == 1


def test_who_lacks_a_right_is_not_offered_what_needs_it(
    chromium: Browser, ada: Visit, house: House
) -> None:
    open_to(ada, house.newcomer[0], house.chest)
    with signed_in(chromium, house.stack, house.newcomer, "/studies") as visit:
        page = visit.page
        assert len(rows(page)) == 1
        page.get_by_role("row").nth(1).get_by_role("checkbox").click()
        expect(bar(page).get_by_role("link", name="Open in the viewer")).to_be_visible()
        for name in ("Delete", "Add to a project"):
            expect(bar(page).get_by_role("button", name=name)).to_have_count(0)


def test_columns_are_chosen_and_kept_for_the_account(ada: Visit) -> None:
    page = open_some(ada)
    head = page.get_by_role("columnheader")
    expect(head.filter(has_text="Born")).to_have_count(1)
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("menuitemcheckbox", name="Born").click()
    page.get_by_role("menuitemcheckbox", name="Study UID").click()
    ada.picture("columns-menu")
    page.keyboard.press("Escape")
    expect(head.filter(has_text="Born")).to_have_count(0)
    expect(head.filter(has_text="Study UID")).to_have_count(1)
    assert "columns=date%2Cpatient" in page.url
    # Also where the address says nothing of them.
    ada.open("/studies")
    assert rows(page)
    expect(head.filter(has_text="Study UID")).to_have_count(1)
    # An address goes before what is kept.
    ada.open("/studies?columns=patient,none-such")
    assert rows(page)
    expect(head).to_have_text(["", "Patient", "Description"])
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("menuitem", name="The usual columns").click()
    expect(head.filter(has_text="Born")).to_have_count(1)
    ada.open("/studies")
    expect(head.filter(has_text="Born")).to_have_count(1)


def test_a_view_is_kept_without_whom_it_was_about(ada: Visit) -> None:
    page = ada.page
    ada.open("/studies?modality=MR&sort=-PatientID&patient=many&columns=id,modality")
    assert rows(page)
    page.get_by_role("button", name="Views").click()
    expect(page.get_by_text("No view is kept yet")).to_be_visible()
    page.get_by_role("menuitem", name="Save or remove").click()
    dialog = page.get_by_role("dialog", name="Views")
    expect(dialog).to_contain_text("Words, patient name, patient ID and accession")
    dialog.get_by_label("Name of the view").fill("Brains")
    ada.picture("views")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    answer = ada.context.request.get("/graphql?query={me{views{name%20query}}}").json()
    (view,) = answer["data"]["me"]["views"]
    assert "many" not in view["query"]
    ada.open("/studies")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitem", name="Brains").click()
    page.wait_for_url("**columns=id%2Cmodality%2Cdescription**")
    assert "modality=MR" in page.url
    assert "sort=-PatientID" in page.url
    expect(page.get_by_label("Patient name")).to_have_value("")
    expect(page.get_by_role("columnheader")).to_have_text(
        ["", "Patient ID ▼", "Modality", "Description"]
    )
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitem", name="Save or remove").click()
    dialog.get_by_role("button", name="Remove the view Brains").click()
    expect(dialog.get_by_role("button", name="Remove")).to_have_count(0)
