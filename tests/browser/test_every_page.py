"""Every page while it loads, with nothing, denied, failed and full: for everybody.

Each is looked at by axe-core, in light and dark and on a telephone;
``PORTAL_SCREENSHOTS=FOLDER`` keeps pictures of all of them.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.axe import assert_for_everybody, assert_narrow, look_at
from tests.browser.chromium import Visit
from tests.browser.house import WOLF, House, make_project, rows
from tests.browser.pages import heading, signed_in, store
from tests.browser.waiting import wait_for
from tests.synthetic import instance, new_uid

pytestmark = [pytest.mark.peer("chromium", "node"), pytest.mark.timeout(600)]

GRAPH: Final = "**/graphql"
PLACES: Final = (
    "home",
    "ask",
    *("patients", "patient", "studies", "study"),
    *("worklist", "matching", "operations"),
)
ASKING: Final = (*PLACES, "viewer")
DENIED: Final = (*ASKING, "upload")


def path_of(name: str, house: House) -> str:
    """Return the address of a page by its name."""
    study = f"/studies/{house.chest}"
    named = {
        "home": "/",
        "ask": "/ask?q=women+with+osteosarcoma",
        "patient": f"/patients/{WOLF}",
        "study": study,
        "viewer": f"{study}/viewer",
    }
    return named.get(name, f"/{name}")


@contextmanager
def graph(page: Page, answer: Callable[[Route], None]) -> Iterator[None]:
    """Have the questions of a page answered in another way."""
    page.route(GRAPH, answer)
    try:
        yield
    finally:
        page.unroute(GRAPH, answer)


def faults_of_graph(house: House) -> set[str]:
    """Return what a browser notes where the graph refuses."""
    return {f"{status}: {house.stack.base_url}/graphql" for status in (400, 500, 503)}


@pytest.fixture
def ada(ada: Visit) -> Visit:
    """Pass over that the viewer is not there, whenever a page asks: here is none."""
    ada.absent = ("/viewer/",)
    return ada


def alerts(page: Page) -> Locator:
    return page.get_by_role("main").get_by_role("alert")


@pytest.mark.parametrize("name", ASKING)
def test_a_page_that_loads_says_so(ada: Visit, house: House, name: str) -> None:
    page = ada.page
    held: list[Route] = []
    with graph(page, lambda route: held.append(route)):  # noqa: PLW0108 Playwright marks it
        ada.open(path_of(name, house))
        busy = page.get_by_role("main").locator("[role=status][aria-busy=true]")
        expect(busy.first).to_be_visible()
        expect(busy.first).to_contain_text("Loading")
        ada.pictures(f"{name}-loading")
        assert_narrow(page)
    page.reload()  # what was held is let go with its page
    expect(busy).to_have_count(0)


@pytest.mark.parametrize("name", ASKING)
def test_a_page_without_a_server_says_so_and_is_tried_again(
    ada: Visit, house: House, name: str
) -> None:
    page = ada.page
    with graph(page, lambda route: route.abort("connectionrefused")):
        ada.open(path_of(name, house))
        expect(alerts(page).first).to_contain_text("The portal cannot be reached")
        expect(alerts(page).first).to_contain_text("then try again")
        ada.pictures(f"{name}-away")
        assert_narrow(page)
    alerts(page).first.get_by_role("button", name="Try again").click()
    expect(alerts(page)).to_have_count(0)


@pytest.mark.parametrize("name", ASKING)
def test_a_page_that_fails_names_what_the_log_knows_it_by(
    ada: Visit, house: House, name: str
) -> None:
    page = ada.page
    fault = {
        "message": "Something went wrong.",
        "extensions": {"code": "INTERNAL", "requestId": "0123-abcd"},
    }
    body = json.dumps({"data": None, "errors": [fault]})
    with graph(
        page,
        lambda route: route.fulfill(
            status=500, body=body, content_type="application/json"
        ),
    ):
        ada.open(path_of(name, house))
        expect(alerts(page).first).to_contain_text("Something went wrong")
        expect(alerts(page).first).to_contain_text("tell whoever runs the portal")
        expect(alerts(page).first).to_contain_text("Reference: 0123-abcd")
        ada.pictures(f"{name}-failed")
    alerts(page).first.get_by_role("button", name="Try again").click()
    expect(alerts(page)).to_have_count(0)
    assert set(ada.faults) <= faults_of_graph(house)
    ada.faults.clear()


def test_a_viewer_that_is_not_reached_says_so_and_is_tried_again(
    ada: Visit, house: House
) -> None:
    page = ada.page

    def refuse(route: Route) -> None:
        route.abort("connectionrefused")

    page.route("**/viewer/", refuse)
    ada.open(path_of("viewer", house))
    expect(alerts(page)).to_contain_text("The portal cannot be reached")
    heading(page, "Wolf, Ada, Chest")
    ada.pictures("viewer-not-reached")
    assert_for_everybody(page)
    page.unroute("**/viewer/", refuse)
    alerts(page).get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Image 3 of 5")).to_be_visible()


@pytest.mark.parametrize("name", [*PLACES, "upload"])
def test_a_session_that_has_ended_leads_to_the_sign_in_and_back(
    ada: Visit, house: House, name: str
) -> None:
    page = ada.page
    path = path_of(name, house)
    main = page.get_by_role("main")
    ada.open(path)
    expect(main.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")
    # The next page asks, and finds that the session is over; if this one did not
    # ask before, which some do by themselves.
    ada.context.clear_cookies(name="sessionid")
    other = "Operations" if name != "operations" else "Studies"
    password = page.get_by_label("Password")
    page.get_by_role("link", name=other, exact=True).or_(password).click()
    expect(password).to_be_visible()
    ada.sign_in(*house.ada)
    expect(main.get_by_role("heading", level=1)).to_be_visible()
    page.goto("about:blank")  # so that nothing else leads away meanwhile
    ada.context.clear_cookies(name="sessionid")
    ada.open(path)
    expect(password).to_be_visible()
    ada.sign_in(*house.ada)
    expect(main.get_by_role("heading", level=1)).to_be_visible()
    assert page.url == f"{house.stack.base_url}{path}"
    ada.faults = [one for one in ada.faults if not one.startswith("401")]


def test_pages_with_nothing_say_what_to_do(chromium: Browser, house: House) -> None:
    with signed_in(chromium, house.stack, house.newcomer) as visit:
        page = visit.page
        words = {
            "home": "No project is open to you",
            "studies": "There are no studies that you may see",
            "operations": "There is no long work of yours",
            "worklist": "There is nothing to do that you may see",
        }
        for name, text in words.items():
            visit.open(path_of(name, house))
            expect(page.get_by_text(text).first).to_be_visible()
            visit.pictures(f"{name}-empty")
            assert_for_everybody(page)
        # The graph refuses the worklist of a partition that nothing of is seen.
        assert set(visit.faults) <= faults_of_graph(house)
        visit.faults.clear()


def test_pages_that_are_denied_say_whom_to_ask(chromium: Browser, house: House) -> None:
    with signed_in(chromium, house.stack, house.auditor) as visit:
        page = visit.page
        for name in DENIED:
            visit.open(path_of(name, house))
            if name == "home":
                expect(page.get_by_text("sees no patient data")).to_be_visible()
            else:
                expect(alerts(page)).to_contain_text("You may not see this")
                expect(alerts(page)).to_contain_text("Ask whoever manages access")
                expect(page.get_by_role("heading", level=1)).to_have_count(1)
            visit.pictures(f"{name}-denied")
            assert_for_everybody(page)
        assert set(visit.faults) <= faults_of_graph(house)
        visit.faults.clear()


def test_matching_is_empty_where_nothing_is_in_doubt(ada: Visit, house: House) -> None:
    known = instance(PatientID="QUIET", IssuerOfPatientID="WARD")
    store(house.stack, known, partition="quiet")
    ada.open("/matching?partition=quiet")
    expect(
        ada.page.get_by_text("All studies have found their patients")
    ).to_be_visible()
    expect(ada.page.get_by_text("Nothing yet.")).to_be_visible()
    look_at(ada, "matching-empty")


def test_matching_shows_what_is_in_doubt_and_what_was_decided(
    ada: Visit, house: House
) -> None:
    page = ada.page
    study = new_uid()
    for patient in ("ONE", "TWO"):
        doubtful = instance(
            StudyInstanceUID=study,
            StudyDescription="Whose is it",
            PatientID=patient,
            IssuerOfPatientID="WARD",
        )
        store(house.stack, doubtful, partition="doubt")
    place = "/matching?partition=doubt"
    link = page.get_by_role("link", name="Whose is it")

    def is_told() -> bool:
        ada.open(place)
        expect(page.get_by_role("region", name="What was decided")).to_be_visible()
        return link.count() > 0

    wait_for(is_told)
    look_at(ada, "matching")
    page.get_by_role("button", name="Split").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    look_at(ada, "matching-split")
    dialog.get_by_label("Reason").fill("Two forms were mixed up.")
    dialog.get_by_role("button", name="Split").click()
    decided = page.get_by_role("table", name="What was decided")
    expect(decided).to_contain_text("Two forms were mixed up.")
    look_at(ada, "matching-decided")
    decided.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("dialog", name="Undo the decision?")).to_be_visible()
    look_at(ada, "matching-undo")


def test_full_pages_are_for_everybody(ada: Visit, house: House) -> None:
    page = ada.page
    make_project(ada, "Sarcoma", house.chest)
    page.reload()
    region = page.get_by_role("region", name="My projects")
    expect(region.get_by_role("link", name="Sarcoma")).to_be_visible()
    look_at(ada, "home")
    ada.open("/studies")
    assert rows(page)
    look_at(ada, "studies")
    ada.open(f"/studies/{house.chest}")
    expect(page.get_by_role("table", name="Tags")).to_be_visible()
    look_at(ada, "study")
    ada.open(f"/studies/{house.chest}/viewer")
    expect(page.get_by_text("Image 3 of 5")).to_be_visible()
    look_at(ada, "viewer")
    ada.open("/upload")
    heading(page, "Upload")
    look_at(ada, "upload")


def test_dialogs_and_menus_are_for_everybody(ada: Visit, house: House) -> None:
    page = ada.page
    # The name of another one, where this test is run once more.
    make_project(ada, f"Lymphoma {new_uid()[-6:]}", house.chest)
    ada.open("/studies?patient=wolf")
    assert rows(page)
    page.get_by_role("button", name="Account ada").click()
    expect(page.get_by_role("menuitem", name="Sign out")).to_be_visible()
    look_at(ada, "account-menu")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.get_by_role("textbox", name="Search the portal").fill("wol")
    expect(page.get_by_role("dialog").get_by_role("button")).to_have_count(1)
    look_at(ada, "search")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Columns").click()
    expect(page.get_by_role("menuitemcheckbox").first).to_be_visible()
    look_at(ada, "columns")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitem", name="Save or remove").click()
    expect(page.get_by_role("dialog", name="Views")).to_be_visible()
    look_at(ada, "views")
    page.keyboard.press("Escape")
    page.get_by_role("grid", name="Studies").focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("Image 3 of 5")).to_be_visible()
    look_at(ada, "quick-look")
    page.get_by_role("grid", name="Studies").focus()
    page.keyboard.press("Shift+Space")
    bar = page.get_by_role("toolbar", name="With the chosen studies")
    expect(bar).to_be_visible()
    look_at(ada, "chosen")
    bar.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog", name="Delete 1 study?")).to_be_visible()
    look_at(ada, "delete")
    page.keyboard.press("Escape")
    bar.get_by_role("button", name="Add to a project").click()
    expect(page.get_by_role("dialog").get_by_label("Project")).to_be_visible()
    look_at(ada, "add")


def test_the_keyboard_alone_leads_from_home_into_the_viewer(
    ada: Visit, house: House
) -> None:
    page = ada.page
    tab_to(page, page.get_by_role("link", name="Skip to the page"))
    tab_to(page, page.get_by_role("link", name="Studies", exact=True))
    page.keyboard.press("Enter")
    heading(page, "Studies")
    tab_to(page, page.get_by_label("Patient name"))
    page.keyboard.type("wolf")
    expect(page.get_by_text("1 study", exact=True)).to_be_visible()
    tab_to(page, page.get_by_role("grid", name="Studies"))
    page.keyboard.press("Space")
    expect(page.get_by_text("Image 3 of 5")).to_be_visible()
    tab_to(page, page.get_by_role("link", name="Study page"))
    page.keyboard.press("Enter")
    heading(page, "Chest")
    tab_to(page, page.get_by_role("link", name="Open in the viewer"))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/studies/{house.chest}/viewer")
    images = page.get_by_role("group", name="Images of the series")
    expect(images).to_contain_text("Image 3 of 5")
    tab_to(page, images)
    page.keyboard.press("ArrowDown")
    expect(images).to_contain_text("Image 4 of 5")
    tab_to(page, page.get_by_role("link", name="Back to the study"))
    page.keyboard.press("Enter")
    heading(page, "Chest")


def tab_to(page: Page, place: Locator) -> None:
    """Go on with the key Tab until a place has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if place.evaluate("place => place === document.activeElement"):
            return
    raise AssertionError(place)
