"""The portal's pages as people use them, on a real portal: find, sort, look, read."""

from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.chromium import Visit, grey_levels, without_webgl
from tests.browser.house import ALL, House, changed, make_project, rows
from tests.browser.pages import EVIL, heading, signed_in
from tests.browser.waiting import box_of, wait_for
from tests.synthetic import encode, instance, new_uid

pytestmark = [pytest.mark.peer("chromium", "node"), pytest.mark.timeout(600)]


def test_home_shows_what_is_new_and_leads_to_it(ada: Visit, house: House) -> None:
    page = ada.page
    recent = page.get_by_role("region", name="Stored last")
    expect(recent.get_by_role("link", name="Chest")).to_be_visible()
    ada.picture("home")
    recent.get_by_role("link", name="Chest").click()
    page.wait_for_url(f"**/studies/{house.chest}")
    heading(page, "Chest")


def test_the_list_goes_on_as_far_as_somebody_scrolls(ada: Visit) -> None:
    page = ada.page
    page.get_by_role("link", name="Studies", exact=True).click()
    expect(page.get_by_role("status").get_by_text(f"{ALL} studies")).to_be_visible()
    ada.picture("studies")
    grid = page.get_by_role("grid", name="Studies")
    assert len(rows(page)) < 60  # the others are not drawn
    grid.focus()
    last = grid.get_by_role("row").last
    for _ in range(100):  # each page lets the next one be asked for
        page.keyboard.press("End")
        if last.get_attribute("aria-rowindex") == str(ALL + 1):
            break
        page.wait_for_timeout(50)
    expect(last).to_contain_text("Many, Number")


def test_what_is_searched_and_sorted_stands_in_the_address(ada: Visit) -> None:
    page = ada.page
    ada.open("/studies")
    page.get_by_label("Accession number").fill("x000")
    page.wait_for_url("**/studies?accession=x000")
    expect(page.get_by_text("10 studies")).to_be_visible()
    page.get_by_role("button", name="Patient ID").click()
    page.get_by_role("button", name="Patient ID").click()
    page.wait_for_url("**sort=-PatientID")
    expect(page.get_by_role("columnheader", name="Patient ID")).to_have_attribute(
        "aria-sort", "descending"
    )
    assert [row.split("M-")[1][:4] for row in rows(page)] == [
        f"{number:04}" for number in reversed(range(10))
    ]
    page.get_by_role("group", name="Modality").get_by_label("US").click()
    expect(page.get_by_text("5 studies")).to_be_visible()
    ada.picture("studies-narrowed")
    page.reload()
    expect(page.get_by_text("5 studies")).to_be_visible()
    expect(page.get_by_label("Accession number")).to_have_value("x000")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text(f"{ALL} studies")).to_be_visible()
    page.get_by_label("Patient name").fill("nobody of this name")
    expect(page.get_by_text("No study matches")).to_be_visible()
    ada.picture("studies-none")


def look_at_the_chest(visit: Visit, house: House) -> None:
    """Look at a study from the list by the keys, and see that its picture is there."""
    page = visit.page
    visit.open("/studies?patient=wolf")
    assert len(rows(page)) == 1
    page.get_by_role("grid", name="Studies").focus()
    page.keyboard.press("Space")
    page.wait_for_url(f"**look={house.chest}")
    images = page.get_by_role("group", name="Images of the series")
    expect(images).to_contain_text("Image 3 of 5, window 4096, level 2048")
    assert grey_levels(images.locator("canvas")) > 20
    images.hover()
    page.mouse.wheel(0, 100)
    expect(images).to_contain_text("Image 4 of 5")
    page.mouse.down()
    page.mouse.move(*middle(images, across=-50))
    page.mouse.up()
    expect(images).not_to_contain_text("window 4096")
    assert grey_levels(images.locator("canvas")) > 10


def middle(place: Locator, across: int) -> tuple[float, float]:
    """Return a point in a place, so far right of its middle."""
    box = box_of(place)
    return box["x"] + box["width"] / 2 + across, box["y"] + box["height"] / 2


def test_a_quick_look_shows_the_picture(ada: Visit, house: House) -> None:
    look_at_the_chest(ada, house)
    page = ada.page
    ada.picture("quick-look")
    page.reload()
    images = page.get_by_role("group", name="Images of the series")
    expect(images).to_contain_text("Image 3 of 5")
    page.get_by_role("link", name="Chest", exact=True).click()
    heading(page, "Chest")
    page.go_back()
    expect(images).to_be_visible()
    expect(page.get_by_label("Patient name")).to_have_value("wolf")
    page.get_by_role("grid", name="Studies").focus()
    page.keyboard.press("Space")
    expect(images).to_have_count(0)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/studies/{house.chest}/viewer")
    expect(page.get_by_text("viewer is not installed")).to_be_visible()
    expect(images).to_contain_text("Image 3 of 5")
    assert ada.faults == [f"404: {house.stack.base_url}/viewer/"]
    ada.faults.clear()
    ada.picture("viewer-absent")


def test_a_quick_look_needs_no_webgl(house: House, chromium: Browser) -> None:
    with (
        without_webgl(chromium) as plain,
        signed_in(plain, house.stack, house.ada) as visit,
    ):
        webgl = "() => document.createElement('canvas').getContext('webgl2')"
        assert visit.page.evaluate(webgl) is None
        look_at_the_chest(visit, house)


def test_a_study_tells_its_tags(ada: Visit, house: House) -> None:
    page = ada.page
    ada.open(f"/studies/{house.chest}")
    heading(page, "Chest")
    expect(page.get_by_text("Wolf, Ada")).to_be_visible()
    card = page.get_by_role("button", name="Thin slices")
    expect(card).to_have_attribute("aria-pressed", "true")
    expect(card).to_contain_text("5 instances")
    table = page.get_by_role("table", name="Tags")
    page.get_by_label("Search tags").fill("series instance")
    expect(table.get_by_role("row")).to_have_count(2)  # with the head
    expect(table.get_by_role("row").last).to_contain_text("SeriesInstanceUID")
    page.get_by_label("Search tags").fill("seriesdesc")
    expect(table.get_by_role("row").last).to_contain_text("Thin slices")
    ada.picture("study")
    ada.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the value of SeriesDescription").click()
    copied = "navigator.clipboard.readText()"
    wait_for(lambda: page.evaluate(copied) == "Thin slices")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as ZIP").click()
    with ZipFile(download.value.path()) as archive:
        assert len(archive.namelist()) == 5


def test_the_search_box_finds_patients_numbers_uids_and_pages(
    ada: Visit, house: House
) -> None:
    page = ada.page
    box = page.get_by_role("textbox", name="Search the portal")
    found = page.get_by_role("dialog").get_by_role("button")
    for text, label in (
        ("wol", "Wolf, Ada"),
        ("x0042", "Many, Number0042"),
        (house.chest, "Wolf, Ada"),
        ("operat", "Operations"),
    ):
        page.keyboard.press("Control+k")
        box.fill(text)
        expect(found).to_have_count(1)
        expect(found).to_contain_text(label)
        ada.picture("search")
        page.keyboard.press("Enter")
        expect(box).to_have_count(0)
    heading(page, "Operations")
    page.get_by_role("button", name="Search the portal").click()
    box.fill("nobody of this name")
    expect(page.get_by_text("Nothing was found")).to_be_visible()


def test_a_project_leads_to_its_studies(ada: Visit, house: House) -> None:
    page = ada.page
    name = f"Sarcoma-{new_uid()[-6:]}"
    make_project(ada, name, house.chest)
    page.reload()
    mine = page.get_by_role("region", name="My projects")
    mine.get_by_role("link", name=name).click()
    page.wait_for_url(f"**/studies?project={name}")
    expect(page.get_by_text("1 study", exact=True)).to_be_visible()
    assert "Wolf, Ada" in rows(page)[0]
    page.get_by_role("button", name="show all studies instead").click()
    expect(page.get_by_text(f"{ALL} studies")).to_be_visible()


def test_long_work_is_listed_with_how_far_it_is(
    ada: Visit, house: House, tmp_path: Path
) -> None:
    page = ada.page
    of_evil = {"StudyDescription": EVIL, "PatientID": "EVIL"}
    one = instance(StudyInstanceUID=house.evil, **of_evil)
    (tmp_path / "one.dcm").write_bytes(encode(one))
    (tmp_path / "two.dcm").write_bytes(b"not DICOM")
    house.stack.manage("import", str(tmp_path))
    ada.open("/operations")
    entry = page.get_by_role("listitem").filter(has_text="import").first
    expect(entry).to_contain_text("Done")
    expect(entry).to_contain_text("1 item could not be done")
    entry.get_by_role("button", name="Show what could not be done").click()
    failed = entry.get_by_role("list", name="What could not be done")
    expect(failed).to_contain_text("two.dcm")
    changed(
        ada,
        f'startExport(source: {{identifiers: ["{house.chest}", "1.2.3.4"]}}'
        ", destination: {download: true}) { __typename }",
    )
    page.get_by_role("button", name="Look anew").click()
    entry = page.get_by_role("main").get_by_role("listitem").first
    expect(entry).to_contain_text("export")
    expect(entry).to_contain_text("Done")
    expect(entry.get_by_role("button", name="Try again")).to_have_count(0)
    entry.get_by_role("button", name="Show what could not be done").click()
    expect(entry).to_contain_text("1.2.3.4")
    with page.expect_download() as download:
        entry.get_by_role("link", name="export.zip").click()
    assert house.chest in str(ZipFile(download.value.path()).namelist())
    ada.pictures("operations")


def test_what_files_say_is_shown_as_text(ada: Visit, house: House) -> None:
    page = ada.page
    ada.open("/studies?id=EVIL")
    expect(page.get_by_role("link", name=EVIL)).to_be_visible()
    ada.open(f"/studies/{house.evil}")
    heading(page, EVIL)
    expect(page.get_by_role("table", name="Tags")).to_be_visible()
    assert page.locator("img[onerror]").count() == 0


def test_what_is_not_there_says_so(ada: Visit) -> None:
    page = ada.page
    ada.open("/studies/1.2.3.4.5.6")
    expect(page.get_by_role("alert")).to_contain_text("nothing here that you may see")
    ada.picture("study-absent")
    ada.open("/studies/1.2.3/no/such/page")
    heading(page, "No such page")


def test_a_newcomer_sees_nothing_and_is_told_what_to_do(
    chromium: Browser, house: House
) -> None:
    with signed_in(chromium, house.stack, house.newcomer, "/studies") as visit:
        expect(visit.page.get_by_text("no studies that you may see")).to_be_visible()
        visit.picture("studies-empty")
        visit.open("/")
        expect(visit.page.get_by_text("No project is open to you")).to_be_visible()
        visit.picture("home-empty")
        visit.open(f"/studies/{house.chest}")
        alert = visit.page.get_by_role("alert")
        expect(alert).to_contain_text("nothing here that you may see")
        expect(visit.page.get_by_text("Wolf")).to_have_count(0)


def test_who_may_not_see_data_is_told_so(chromium: Browser, house: House) -> None:
    with signed_in(chromium, house.stack, house.auditor, "/studies") as visit:
        expect(visit.page.get_by_role("alert")).to_contain_text("You may not see this")
        visit.picture("studies-denied")
        # A refusal is one of HTTP as well.
        assert set(visit.faults) == {f"400: {house.stack.base_url}/graphql"}
        visit.faults.clear()
        expect(visit.page.get_by_role("link", name="Studies")).to_have_count(0)


def test_the_colours_are_kept(ada: Visit) -> None:
    page = ada.page
    page.get_by_role("button", name="Account ada").click()
    page.get_by_role("menuitemradio", name="Dark").click()
    page.get_by_role("menuitemcheckbox", name="Compact lists").click()
    ada.picture("account-menu")
    ada.open("/studies")
    assert rows(page)
    root = page.locator("html")
    expect(root).to_have_attribute("data-mantine-color-scheme", "dark")
    expect(root).to_have_attribute("data-density", "compact")
    ada.picture("studies-dark")
    ada.open("/")
    heading(page, "Welcome, ada")
    ada.picture("home-dark")


def test_a_session_that_has_ended_leads_to_the_sign_in_and_back(
    ada: Visit, house: House
) -> None:
    page = ada.page
    ada.open("/studies")
    assert rows(page)
    ada.context.clear_cookies(name="sessionid")
    page.get_by_label("Patient ID").fill("M-00")
    expect(page.get_by_label("Password")).to_be_visible()
    ada.faults.clear()  # the 401
    ada.sign_in(*house.ada)
    expect(page.get_by_label("Patient ID")).to_have_value("M-00")
    page.get_by_role("button", name="Account ada").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.wait_for_url("**/sign-in/")
