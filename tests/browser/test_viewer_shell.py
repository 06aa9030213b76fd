"""The viewer inside of the portal's pages: the way there, its place, what stands in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import grey_levels, without_webgl
from tests.browser.pages import signed_in
from tests.browser.people import person
from tests.browser.viewing import (
    SEEN,
    USUAL,
    Looking,
    portal_with_viewer,
    store_demo,
)
from tests.browser.waiting import wait_for
from tests.stack import Stack

pytestmark = pytest.mark.peer("chromium", "node")

THIN: Final = "CT chest high resolution"
PRIOR: Final = "CT chest with contrast"
PLACE: Final = "/dicomweb/partitions/site-b"


@dataclass(frozen=True)
class House:
    """A portal with two studies of a patient, none in the default partition."""

    stack: Stack
    thin: str
    prior: str
    root: tuple[str, str]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    data = tmp_path_factory.mktemp("stack")
    with portal_with_viewer(data, pages=True) as stack:
        thin, prior = (store_demo(stack, name, PLACE) for name in (THIN, PRIOR))
        yield House(stack, thin, prior, person(stack, "root", "Administrator"))


def test_a_study_is_opened_in_its_partition(chromium: Browser, house: House) -> None:
    path = f"/studies/{house.thin}?partition=site-b"
    with signed_in(chromium, house.stack, house.root, path) as visit:
        viewer = Looking(visit, visit.page.frame_locator("iframe[title='Viewer']"))
        visit.page.get_by_role("link", name="Open in the viewer").click()
        viewer.see()
        expect(viewer.words).to_contain_text("Chest 1.25 mm")
        visit.picture("shell")
        assert [url for url in viewer.asked if PLACE not in url] == []
        visit.faults[:] = [each for each in visit.faults if not each.startswith(USUAL)]


def test_chosen_studies_are_side_by_side_in_their_partition(
    chromium: Browser, house: House
) -> None:
    path = "/studies?description=chest&sort=-StudyDate"
    with signed_in(chromium, house.stack, house.root, path) as visit:
        page = visit.page
        viewer = Looking(visit, page.frame_locator("iframe[title='Viewer']"))
        expect(
            page.get_by_role("grid", name="Studies").get_by_role("row")
        ).to_have_count(3)
        page.get_by_role("grid", name="Studies").focus()
        page.keyboard.press("Control+a")
        page.get_by_role("link", name="Open side by side").click()
        viewer.see(number=2)
        panes = viewer.by("viewport-pane")
        expect(panes.nth(0)).to_contain_text("Chest 5 mm soft tissue")
        expect(panes.nth(1)).to_contain_text("Chest 1.25 mm")
        visit.picture("shell-side-by-side")
        assert [url for url in viewer.asked if PLACE not in url] == []
        # The link for a tab of its own leads to the same.
        alone = page.get_by_role("link", name="Open in a tab of its own")
        visit.open(alone.get_attribute("href") or "")
        whole = Looking(visit)
        whole.see(number=2)
        assert whole.asked != []
        assert [url for url in whole.asked if PLACE not in url] == []
        visit.faults[:] = [each for each in visit.faults if not each.startswith(USUAL)]


def test_without_webgl_the_pages_show_the_images_themselves(
    chromium: Browser, house: House
) -> None:
    path = f"/studies/{house.thin}/viewer?partition=site-b"
    with (
        without_webgl(chromium) as plain,
        signed_in(plain, house.stack, house.root, path) as visit,
    ):
        page = visit.page
        expect(page.get_by_text("The viewer needs WebGL")).to_be_visible()
        images = page.get_by_role("group", name="Images of the series")
        expect(images).to_contain_text("of 48")
        wait_for(lambda: grey_levels(images.locator("canvas")) >= SEEN)
        expect(page.locator("iframe")).to_have_count(0)
        visit.picture("shell-without-webgl")
