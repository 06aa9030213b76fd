"""Patients, and what happened to them: found, followed through time, compared."""

import re
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.axe import look_at
from tests.browser.chromium import Visit
from tests.browser.house import WOLF, House
from tests.browser.pages import heading, series_of_slices, signed_in, store
from tests.browser.record import potassium, record_of, write_record
from tests.browser.waiting import answer_late
from tests.synthetic import new_uid

pytestmark = [pytest.mark.peer("chromium", "node"), pytest.mark.timeout(600)]

MANY: Final = 5_000
MOST_ELEMENTS: Final = 2_500  # of the whole page, however much has happened
FOLLOWED_MS: Final = 60_000


def opened(visit: Visit, patient: str, query: str = "", number: int = 1) -> Locator:
    """Open a patient once so many events are derived; return the time line."""
    page = visit.page
    for _ in range(FOLLOWED_MS // 1_000):
        if number_of_events(page, patient) >= number:
            break
        page.wait_for_timeout(1_000)
    visit.open(f"/patients/{patient}{query}")
    line = page.get_by_role("application", name="Time line")
    expect(line).to_be_visible()
    return line


def number_of_events(page: Page, patient: str) -> int:
    """Return how many events the graph tells of a patient."""
    answer: Any = page.evaluate(
        """async query => (await (await fetch("/graphql", {
            method: "POST",
            headers: {"content-type": "application/json"},
            body: JSON.stringify({query}),
        })).json())""",
        f'{{ patient(fhirId: "{patient}") {{ timeline {{ numberOfEvents }} }} }}',
    )
    return int(answer["data"]["patient"]["timeline"]["numberOfEvents"])


def test_a_patient_is_found_and_the_history_told_in_chart_and_table(
    ada: Visit, house: House
) -> None:
    page = ada.page
    opened(ada, WOLF, number=7)
    ada.open("/patients")
    grid = page.get_by_role("grid", name="Patients")
    expect(grid.get_by_role("row")).not_to_have_count(0)
    page.get_by_label("Name or identifier").fill("wolf")
    expect(grid.get_by_role("row").nth(1)).to_contain_text("Ada Wolf")
    look_at(ada, "patients")
    grid.focus()
    page.keyboard.press("Enter")
    heading(page, "Ada Wolf")
    line = page.get_by_role("application", name="Time line")
    for title in ("Imaging", "Conditions", "Drugs", "Potassium", "Reports"):
        expect(line.get_by_text(title, exact=True)).to_be_visible()
    expect(line.get_by_text("6.0 mmol/L (3.5–5.1)")).to_be_visible()  # noqa: RUF001
    look_at(ada, "patient")
    page.get_by_text("Table", exact=True).click()
    table = page.get_by_role("table", name="Time line")
    expect(table.get_by_role("row", name="Osteosarcoma")).to_contain_text("2020-03")
    look_at(ada, "patient-table")
    assert "as=table" in page.url


def test_a_study_is_looked_at_beside_its_report_and_back(
    ada: Visit, house: House
) -> None:
    page = ada.page
    line = opened(ada, WOLF, number=7)
    dot = line.locator("[data-track=imaging] g[data-count]")
    dot.hover()
    expect(line.get_by_role("img")).to_have_count(0)  # the picture is for eyes alone
    expect(line.locator("img")).to_be_visible()
    dot.click()
    panel = page.get_by_role("region", name="The chosen event")
    expect(panel.get_by_text("No metastasis on 2022-05-01.")).to_be_visible()
    look_at(ada, "patient-study")
    panel.get_by_role("link", name="Study page").click()
    heading(page, "Chest")
    record = page.get_by_role("region", name="Clinical record")
    expect(record.get_by_text("No metastasis on 2022-05-01.")).to_be_visible()
    record.get_by_role("link", name="Patient: Ada Wolf").click()
    heading(page, "Ada Wolf")
    expect(panel.get_by_role("link", name="Open in the viewer")).to_be_visible()


def test_two_studies_are_opened_side_by_side_by_the_keyboard(
    ada: Visit, house: House
) -> None:
    page = ada.page
    first, second = new_uid(), new_uid()
    prior = f"prior-{first[-12:]}"  # somebody new, also when this is run again
    for uid, day in ((first, "20210101"), (second, "20230101")):
        store(
            house.stack,
            *series_of_slices(uid, PatientID=prior, StudyDate=day),
        )
    days = {first: "2021-01-01", second: "2023-01-01"}
    write_record(house.stack, record_of(prior, "Prior", "Eve", days))
    line = opened(ada, prior, number=9)
    expect(line.locator("[data-track=imaging] g[data-count]")).to_have_count(2)
    at = line.get_by_role("status")  # a key is pressed once the one before is told
    line.focus()
    page.keyboard.press("ArrowRight")
    expect(at).to_contain_text("of 2.")
    page.keyboard.press("End")
    expect(at).to_contain_text("2 of 2.")
    page.keyboard.press("Space")
    expect(page.get_by_text("choose another")).to_be_visible()
    page.keyboard.press("Home")
    expect(at).to_contain_text("1 of 2.")
    page.keyboard.press("Space")
    both = page.get_by_role("link", name="Open both side by side")
    where = f"/studies/{first}/viewer?beside={second}"
    expect(both).to_have_attribute("href", where)
    # The days that are shown come into the address with a delay: not once this page is
    # left, be the next one loaded ever so slowly.
    page.route("**/ViewerPage-*.js", answer_late)
    page.keyboard.press("+")
    both.click()
    expect(page).to_have_url(f"{house.stack.base_url}{where}")
    # This portal has no viewer: the images of both are shown alone.
    expect(page.get_by_role("group", name="Images of the series")).to_have_count(2)
    ada.faults = [one for one in ada.faults if not one.endswith("/viewer/")]


def test_five_thousand_events_are_zoomed_and_moved(
    chromium: Browser, house: House
) -> None:
    subject = {"reference": "Patient/many"}
    record = record_of("many", "Many", "Events", {})
    for number in range(MANY - len(record) + 1):
        day = f"{1990 + number % 30}-{1 + number % 12:02}-{1 + number % 28:02}"
        told = potassium(subject, day, 3 + number % 7 / 2)
        told["code"] = {"text": f"Lab {number % 12}"}
        record.append({"id": f"many-{number}", **told})
    for begin in range(0, len(record), 1_000):
        write_record(house.stack, record[begin : begin + 1_000])
    with signed_in(chromium, house.stack, house.ada) as visit:
        page = visit.page
        line = opened(visit, "many", number=MANY)
        page.get_by_role("button", name="Show all").filter(has_text="curves").click()
        expect(line.get_by_text("Lab 11")).to_be_visible()
        elements = "document.getElementsByTagName('*').length"
        assert page.evaluate(elements) < MOST_ELEMENTS
        box = line.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 60)
        page.mouse.wheel(0, -800)
        expect(page).to_have_url(re.compile("from=.*to="))
        zoomed = page.url
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 60, steps=5)
        page.mouse.up()
        expect(page).not_to_have_url(zoomed)
        assert page.evaluate(elements) < MOST_ELEMENTS
        moved = page.url
        page.reload()
        expect(line).to_be_visible()
        assert page.url == moved  # the address is all that it takes
        page.get_by_role("button", name="Show all days").click()
        expect(page).not_to_have_url(re.compile("from="))


def test_who_is_who_is_looked_at_by_everybody_who_may(ada: Visit) -> None:
    ada.open("/matching")
    heading(ada.page, "Matching of patients")
    expect(ada.page.get_by_role("region", name="What was decided")).to_be_visible()
    look_at(ada, "matching")
