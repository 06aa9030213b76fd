"""The list of studies is narrowed by facets, whose counts follow what is stored."""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import assert_narrow, look_at
from tests.browser.chromium import NARROW, SIZE, Visit
from tests.browser.house import rows
from tests.browser.pages import portal_with_pages, signed_in, store
from tests.browser.people import person
from tests.stack import Stack
from tests.synthetic import instance, new_uid

pytestmark = [pytest.mark.peer("chromium", "node"), pytest.mark.timeout(600)]

PARTS: Final = [f"PART{number:02}" for number in range(13)]
MODEL: Final = '<img src=x onerror="window.ran=1">, *'


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with portal_with_pages(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture(scope="module")
def who(stack: Stack) -> tuple[str, str]:
    return person(stack, "ada", "Administrator")


@pytest.fixture
def ada(chromium: Browser, stack: Stack, who: tuple[str, str]) -> Iterator[Visit]:
    with signed_in(chromium, stack, who) as visit:
        yield visit


@pytest.fixture(scope="module")
def parted(stack: Stack) -> str:
    """Store studies of many parts of the body; return the address of their list."""
    name = f"parts-{new_uid()[-8:]}"
    store(
        stack,
        *(
            instance(
                Modality="CT" if number % 2 else "MR",
                BodyPartExamined=part,
                ManufacturerModelName=MODEL if number < 3 else "Mild",
                StudyDate=f"{2015 + number % 3}0101",
                PatientSex="F" if number < 4 else "M",
            )
            for number, part in enumerate(PARTS)
        ),
        partition=name,
    )
    return f"/studies?partition={name}"


def values(page: Page, facet: str) -> list[str]:
    """Return what a facet offers, once it is counted."""
    group = page.get_by_role("group", name=facet, exact=True)
    expect(group).to_be_visible()
    expect(page.locator("[data-stale]")).to_have_count(0)
    items = group.get_by_role("listitem")
    return [" ".join(text.split()) for text in items.all_inner_texts()]


def choose(page: Page, facet: str, value: str) -> None:
    group = page.get_by_role("group", name=facet, exact=True)
    group.get_by_role("checkbox", name=value).click()


def test_facets_narrow_the_list_and_can_be_taken_back(ada: Visit, parted: str) -> None:
    page = ada.page
    ada.open(parted)
    expect(page.get_by_text("13 studies")).to_be_visible()
    assert values(page, "Modality") == ["MR 7", "CT 6"]
    assert values(page, "Year")[0].startswith("2017")
    ada.pictures("facets")
    choose(page, "Modality", "CT")
    expect(page.get_by_role("status").get_by_text("6 studies")).to_be_visible()
    # What could be chosen besides stays, with its number.
    assert values(page, "Modality") == ["MR 7", "CT 6"]
    assert values(page, "Sex") == ["Male 4", "Female 2"]
    choose(page, "Model", MODEL.lower())
    page.wait_for_url("**modality=CT&model=**")
    expect(page.get_by_role("status").get_by_text("1 study")).to_be_visible()
    assert values(page, "Modality") == ["MR 2", "CT 1"]
    choose(page, "Modality", "MR")
    expect(page.get_by_role("status").get_by_text("3 studies")).to_be_visible()
    assert len(rows(page)) == 3
    chips = page.get_by_role("group", name="The list is narrowed to")
    expect(chips.get_by_role("button")).to_contain_text(["CT", "MR", MODEL.lower()])
    look_at(ada, "facets-chosen")
    page.reload()
    assert len(rows(page)) == 3
    page.go_back()
    expect(page.get_by_role("status").get_by_text("1 study")).to_be_visible()
    chips.get_by_role("button", name="Model: ").click()
    expect(page.get_by_role("status").get_by_text("6 studies")).to_be_visible()
    expect(chips.get_by_role("button")).to_have_count(1)
    page.get_by_role("button", name="Clear").click()
    expect(chips).to_have_count(0)
    assert page.evaluate("window.ran") is None


def test_facets_with_many_values_show_ten_and_find_the_others(
    ada: Visit, parted: str
) -> None:
    page = ada.page
    ada.open(f"{parted}&body=PART12,NONE")
    assert len(rows(page)) == 1
    # What is chosen is there, however rare.
    assert values(page, "Body part")[10:] == ["PART12 1", "NONE 0"]
    page.get_by_role("button", name="More of Body part").press("Enter")
    assert len(values(page, "Body part")) == 14
    page.get_by_label("Find in Body part").fill("t11")
    assert values(page, "Body part") == ["PART11 1"]
    ada.picture("facets-found")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.wait_for_url("**body=PART12%2CNONE%2CPART11")
    assert len(rows(page)) == 2
    # Their place is kept: beside the list, or away.
    page.get_by_role("button", name="Narrow (3)").click()
    expect(page.get_by_role("group", name="Body part", exact=True)).to_have_count(0)
    page.reload()
    assert len(rows(page)) == 2
    page.set_viewport_size(NARROW)
    page.get_by_role("button", name="Narrow (3)").click()
    drawer = page.get_by_role("dialog", name="Narrow the list")
    expect(drawer.get_by_role("checkbox", name="PART11")).to_be_checked()
    ada.picture("facets-drawer")
    assert_narrow(page)
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    page.set_viewport_size(SIZE)
    page.get_by_role("button", name="Narrow (3)").click()
    expect(page.get_by_role("group", name="Body part", exact=True)).to_be_visible()


def test_words_find_and_facets_follow(ada: Visit, parted: str) -> None:
    page = ada.page
    ada.open(f"{parted}&from=2015")
    assert len(rows(page)) == 13
    expect(page.get_by_label("From")).to_have_value("2015")
    page.get_by_label("Words anywhere").fill("jane part1")
    page.wait_for_url("**words=jane+part1")
    expect(page.get_by_role("status").get_by_text("3 studies")).to_be_visible()
    assert values(page, "Body part") == ["PART10 1", "PART11 1", "PART12 1"]
    page.get_by_label("Until").fill("2016-13")
    until = page.get_by_label("Until")
    expect(until).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert")).to_contain_text("No day, month or year")
    look_at(ada, "words")
    until.fill("2016")
    page.wait_for_url("**until=2016-12-31")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_role("status").get_by_text("2 studies")).to_be_visible()
    page.get_by_role("grid", name="Studies").focus()
    expect(until).to_have_value("2016-12-31")


def test_what_is_stored_meanwhile_is_counted_and_told(ada: Visit, stack: Stack) -> None:
    page = ada.page
    name = f"live-{new_uid()[-8:]}"

    def store_one(part: str) -> None:
        store(stack, instance(BodyPartExamined=part), partition=name)
        # Who comes back to the page is told at once.
        page.evaluate("window.dispatchEvent(new Event('visibilitychange'))")

    store_one("LUNG")
    ada.open(f"/studies?partition={name}&body=HEAD")
    expect(page.get_by_text("No study matches")).to_be_visible()
    assert values(page, "Body part") == ["LUNG 1", "HEAD 0"]
    page.wait_for_load_state("networkidle")  # it knows what is the newest
    store_one("HEAD")
    # Nobody reads a list that is empty: it fills itself.
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("checkbox", name="HEAD 1")).to_be_checked()
    assert values(page, "Body part") == ["HEAD 1", "LUNG 1"]
    page.wait_for_load_state("networkidle")
    store_one("HEAD")
    anew = page.get_by_role("button", name="Changed: look anew")
    expect(anew).to_be_visible()
    expect(page.get_by_role("checkbox", name="HEAD 2")).to_be_checked()
    assert len(rows(page)) == 1
    ada.pictures("facets-changed")
    anew.click()
    expect(page.get_by_role("row")).to_have_count(3)
    expect(anew).to_have_count(0)
