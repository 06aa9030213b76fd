"""The worklist: work arrives, is claimed, read and completed before all eyes."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.axe import look_at
from tests.browser.chromium import Visit, visiting
from tests.browser.house import House
from tests.browser.pages import EVIL, series_of_slices, signed_in, store
from tests.browser.waiting import wait_for
from tests.browser.worklists import (
    Room,
    grid_of,
    number_in,
    open_list,
    panel_of,
    room_in,
    row_of,
)
from tests.synthetic import new_uid
from tests.worklist.steps import attribute, code

pytestmark = [pytest.mark.peer("chromium", "node"), pytest.mark.timeout(600)]

TO_DO: Final = "Read the chest"
STATION: Final[dict[str, Any]] = {"stations": [code("WS1", "Workstation 1")]}
LONG_AGO: Final = {"00404011": attribute("DT", "20200101080000+0000")}


@pytest.fixture
def room(house: House) -> Room:
    return room_in(house)


@contextmanager
def beside(chromium: Browser, room: Room, name: str = "ben") -> Iterator[Visit]:
    """Open the list in the browser of another radiologist."""
    who = room.reader(name)
    with signed_in(chromium, room.house.stack, who) as visit:
        open_list(visit, room)
        yield visit


def arrive(room: Room, to_do: str = TO_DO, **more: Any) -> str:
    """Have a study arrive by STOW, and work on it; return the UID of the study."""
    study = new_uid()
    words = {"StudyDescription": "Chest", "PatientName": "Wolf^Eva"}
    store(room.house.stack, *series_of_slices(study, PatientID="W-1", **words))
    room.put(to_do, study=study, patient_id="W-1", name="Wolf^Eva", **more)
    return study


def test_each_step_is_seen_by_everybody_as_it_is_made(
    ada: Visit, chromium: Browser, house: House, room: Room
) -> None:
    page = open_list(ada, room)
    expect(page.get_by_text("No workitem matches")).to_be_visible()
    with beside(chromium, room) as visit:
        other = visit.page
        study = arrive(room, TO_DO, priority="HIGH", **STATION)
        for each in (page, other):  # nobody has loaded anything anew
            expect(row_of(each, TO_DO)).to_contain_text("Scheduled")
            expect(row_of(each, TO_DO)).to_contain_text("Wolf, Eva")
            expect(number_in(each, "Scheduled")).to_contain_text("1")
        grid_of(page).focus()
        page.keyboard.press("Space")
        panel = panel_of(page)
        expect(panel.get_by_role("button", name="Claim")).to_be_visible()
        grid_of(page).focus()
        page.keyboard.press("c")
        expect(page.get_by_text("It is yours.")).to_be_visible()
        expect(row_of(page, TO_DO)).to_contain_text("You")
        expect(row_of(other, TO_DO)).to_contain_text("In progress")
        expect(row_of(other, TO_DO)).to_contain_text("ada")
        panel.get_by_role("button", name="Progress").click()
        dialog = page.get_by_role("dialog", name="How far is it?")
        dialog.get_by_label("Done, in percent").fill("50")
        dialog.get_by_role("button", name="Tell").click()
        expect(row_of(other, TO_DO)).to_contain_text("50 %")
        expect(panel).to_contain_text("Progress told")
        look_at(ada, "worklist")
        panel.get_by_role("link", name="Open in the viewer").click()
        page.wait_for_url(f"**/studies/{study}/viewer")
        expect(page.get_by_text("Image 3 of 5")).to_be_visible()
        page.go_back()
        panel.get_by_role("button", name="Complete").click()
        page.get_by_role("dialog").get_by_role("button", name="Complete").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(panel).to_contain_text("Completed by ada")
        expect(row_of(other, TO_DO)).to_have_count(0)
        expect(number_in(other, "Completed")).to_contain_text("1")
        number_in(other, "Completed").click()
        expect(row_of(other, TO_DO)).to_contain_text("Completed")
    ada.faults = [one for one in ada.faults if not one.endswith("/viewer/")]


def test_a_rule_of_the_admin_puts_what_is_stored_on_the_list(
    ada: Visit, chromium: Browser, house: House, room: Room
) -> None:
    stack, words = house.stack, new_uid()[-12:]
    name = f"manager-{words}"
    role = ("--role", "Data Manager", "--staff")
    password = stack.manage("account", "create", name, *role)
    page = open_list(ada, room)
    with visiting(chromium, stack.base_url) as visit:
        visit.open("/admin/worklist/workitemrule/add/")
        visit.sign_in(name, password)
        form = visit.page
        form.get_by_label("Name", exact=False).first.fill(words)
        expect(form.get_by_label("Source")).to_have_value("Study")
        form.get_by_label("Conditions").fill(f"StudyDescription={words}")
        form.get_by_label("Template").fill(
            '{"ProcedureStepLabel": {"Value": ["Read {StudyDescription}"]}}'
        )
        form.get_by_label("Worklist label").fill(room.label)
        form.get_by_label("Due").fill("arrival + 4 h")
        form.get_by_label("Is enabled").check()
        visit.picture("admin-rule")
        form.get_by_role("button", name="Save", exact=True).click()
        expect(form.get_by_text("was added successfully")).to_be_visible()
    for study in (new_uid(), new_uid()):
        told = {"StudyDescription": words, "PatientName": "Wolf^Eva"}
        store(stack, *series_of_slices(study, PatientID="W-2", **told))
    expect(row_of(page, f"Read {words}")).to_have_count(2)
    store(stack, *series_of_slices(study, PatientID="W-2", **told))  # once more
    page.get_by_role("button", name="Claim the next one").click()
    expect(panel_of(page).get_by_role("heading", name=f"Read {words}")).to_be_visible()
    expect(row_of(page, f"Read {words}")).to_have_count(2)


def test_of_two_who_claim_at_once_one_is_told_who_has_it(
    ada: Visit, chromium: Browser, house: House, room: Room
) -> None:
    arrive(room)
    page = open_list(ada, room)
    with beside(chromium, room) as visit:
        other = visit.page
        expect(row_of(other, TO_DO)).to_be_visible()
        grid_of(other).focus()
        # Both press the key while neither knows of the other: one request waits.
        waiting: list[Route] = []

        def hold(route: Route) -> None:
            is_claim = "ClaimWorkitem" in (route.request.post_data or "")
            waiting.append(route) if is_claim else route.continue_()

        other.route("**/graphql", hold)
        other.keyboard.press("c")
        row_of(page, TO_DO).click()
        grid_of(page).focus()
        page.keyboard.press("c")
        expect(page.get_by_text("It is yours.")).to_be_visible()
        waiting[0].continue_()
        told = other.get_by_role("main").get_by_role("alert")
        expect(told).to_contain_text("ada was quicker, and has it.")
        expect(row_of(other, TO_DO)).to_contain_text("In progress")
        visit.pictures("worklist-quicker")
        other.unroute("**/graphql", hold)


def test_the_next_one_is_the_most_urgent_that_is_for_nobody_else(
    ada: Visit, room: Room
) -> None:
    arrive(room, "Low", priority="LOW", attributes=LONG_AGO)
    arrive(room, "High, later", priority="HIGH")
    arrive(room, "High, overdue", priority="HIGH", attributes=LONG_AGO)
    arrive(room, "Medium", priority="MEDIUM")
    page = open_list(ada, room)
    expect(number_in(page, "Open")).to_contain_text("4")
    expect(number_in(page, "Overdue")).to_contain_text("2")
    panel = panel_of(page)
    for to_do in ("High, overdue", "High, later", "Medium", "Low"):
        page.get_by_role("button", name="Claim the next one").click()
        expect(panel.get_by_role("heading", name=to_do)).to_be_visible()
        expect(row_of(page, to_do)).to_contain_text("You")
        if to_do == "High, later":
            look_at(ada, "worklist-next")
    page.get_by_role("button", name="Claim the next one").click()
    expect(page.get_by_role("main").get_by_role("alert")).to_contain_text(
        "nothing left on this list"
    )


def test_what_is_missing_to_complete_is_asked_for(ada: Visit, room: Room) -> None:
    arrive(room)
    page = open_list(ada, room)
    page.get_by_role("button", name="Claim the next one").click()
    panel_of(page).get_by_role("button", name="Complete").click()
    dialog = page.get_by_role("dialog", name="Complete it?")
    where = dialog.get_by_role("group", name="Where it was done")
    expect(where).to_be_visible()
    expect(dialog.get_by_role("button", name="Complete")).to_be_disabled()
    look_at(ada, "worklist-complete")
    where.get_by_label("In words").fill("Workstation 7")
    where.get_by_label("Code").fill("WS7")
    where.get_by_label("Scheme").fill("far too long a")
    dialog.get_by_role("button", name="Complete").click()
    expect(dialog).to_have_count(0)
    expect(panel_of(page)).to_contain_text("Completed by ada")


def test_it_is_released_handed_over_and_canceled(
    ada: Visit, chromium: Browser, room: Room
) -> None:
    arrive(room)
    page = open_list(ada, room)
    panel, dialog = panel_of(page), page.get_by_role("dialog")
    with beside(chromium, room) as visit:
        other = visit.page
        page.get_by_role("button", name="Claim the next one").click()
        expect(row_of(other, TO_DO)).to_contain_text("ada")
        panel.get_by_role("button", name="Release").click()
        dialog.get_by_label("Reason").fill("Going home")
        look_at(ada, "worklist-release")
        dialog.get_by_role("button", name="Release").click()
        expect(row_of(other, TO_DO)).to_contain_text("Scheduled")
        expect(panel.get_by_role("button", name="Claim")).to_be_visible()
        panel.get_by_role("button", name="Hand over").click()
        to = dialog.get_by_role("combobox", name="To (the name of an account)")
        to.fill("nobody")
        dialog.get_by_role("button", name="Hand over").click()
        expect(dialog).to_contain_text("There is nobody of this name who may do it.")
        name = re.search(r"ben-\d+", other.get_by_role("banner").inner_text())
        assert name
        to.fill(name[0])
        expect(page.get_by_role("listbox").get_by_role("option")).to_have_text(
            [name[0]]
        )
        look_at(ada, "worklist-hand-over")
        dialog.get_by_role("button", name="Hand over").last.click()
        expect(row_of(page, TO_DO)).to_contain_text(f"for {name[0]}")
        other.get_by_label("Whose").select_option(label="Scheduled for me")
        expect(row_of(other, TO_DO)).to_be_visible()
        grid_of(other).focus()
        other.keyboard.press("n")
        expect(row_of(other, TO_DO)).to_contain_text("You")
        # Whoever has not claimed it can ask for it to be canceled.
        panel.get_by_role("button", name="Ask to cancel").click()
        dialog.get_by_label("Reason").fill("The wrong patient")
        dialog.get_by_role("button", name="Ask").click()
        theirs = panel_of(other)
        expect(theirs).to_contain_text("It is asked to be canceled")
        expect(theirs).to_contain_text("The wrong patient")
        visit.pictures("worklist-asked-to-cancel")
        theirs.get_by_role("button", name="Cancel").click()
        other.get_by_role("dialog").get_by_label("Reason").fill("As asked")
        other.get_by_role("dialog").get_by_role("button", name="Cancel it").click()
        expect(row_of(page, TO_DO)).to_have_count(0)
        expect(panel).to_contain_text("Canceled by")


def test_filters_stand_in_the_address_and_are_kept_as_a_view(
    ada: Visit, room: Room
) -> None:
    for number in range(3):
        more = {"patient_id": f"P-{number}", "name": f"Someone^N{number}"}
        room.put(f"Read {number}", priority=("HIGH", "MEDIUM", "LOW")[number], **more)
    page = open_list(ada, room)
    grid = grid_of(page)
    expect(grid.get_by_role("row")).to_have_count(4)
    page.get_by_label("Priority").select_option(label="Low")
    expect(grid.get_by_role("row")).to_have_count(2)
    expect(page).to_have_url(re.compile("priority=LOW"))
    page.get_by_label("Priority").select_option(label="Any")
    page.get_by_label("Words").fill("n1")
    expect(grid.get_by_role("row")).to_have_count(2)
    expect(row_of(page, "Read 1")).to_be_visible()
    page.get_by_label("Words").fill("")
    page.get_by_label("Patient ID").fill("P-2")
    expect(row_of(page, "Read 2")).to_be_visible()
    expect(grid.get_by_role("row")).to_have_count(2)
    page.reload()
    expect(page.get_by_label("Patient ID")).to_have_value("P-2")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitem", name="Save or remove").click()
    dialog = page.get_by_role("dialog", name="Views")
    expect(dialog).to_contain_text("Words and patient ID are left out")
    dialog.get_by_label("Name of the view").fill(room.label)
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    ada.open("/studies")
    page.get_by_role("button", name="Views").click()
    expect(page.get_by_role("menuitem").first).to_be_visible()
    expect(page.get_by_role("menuitem", name=room.label)).to_have_count(0)
    ada.open("/worklist")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitem", name=room.label).click()
    expect(page.get_by_label("Patient ID")).to_have_value("")
    expect(grid.get_by_role("row")).to_have_count(4)


def test_a_long_list_is_one_and_stays_where_somebody_reads(
    ada: Visit, room: Room
) -> None:
    for number in range(130):
        start = f"2030010108{number // 60:02}{number % 60:02}+0000"
        room.put(f"Read {number:03}", start=start)
    page = open_list(ada, room)
    grid = grid_of(page)
    expect(number_in(page, "Open")).to_contain_text("130")
    grid.focus()
    page.keyboard.press("End")
    expect(row_of(page, "Read 099")).to_have_attribute("data-active", "true")
    last = row_of(page, "Read 129")

    def is_at_the_end() -> bool:
        page.keyboard.press("End")  # of what has come so far
        return last.count() > 0 and last.get_attribute("data-active") == "true"

    wait_for(is_at_the_end)
    room.put("Read this first", priority="HIGH")
    expect(number_in(page, "Open")).to_contain_text("131")
    # It has come above; who reads the last one goes on reading the last one.
    expect(row_of(page, "Read 129")).to_have_attribute("data-active", "true")
    page.keyboard.press("Home")
    expect(row_of(page, "Read this first")).to_have_attribute("data-active", "true")


def test_who_is_not_told_asks(ada: Visit, room: Room) -> None:
    page = ada.page
    page.route_web_socket("**/graphql", lambda socket: socket.close(code=1001))
    open_list(ada, room)
    arrive(room)
    expect(row_of(page, TO_DO)).to_be_visible()
    expect(page.get_by_text("Changes cannot be told at once now")).to_be_visible()
    page.route("**/graphql", lambda route: route.abort())
    expect(page.get_by_text("The portal does not answer")).to_be_visible()
    expect(row_of(page, TO_DO)).to_be_visible()
    look_at(ada, "worklist-lost")
    room.put("Read the rest")
    page.unroute("**/graphql")
    expect(row_of(page, "Read the rest")).to_be_visible()
    expect(page.get_by_text("The portal does not answer")).to_have_count(0)
    ada.faults = []


def test_what_it_says_is_shown_as_tags(ada: Visit, room: Room) -> None:
    arrive(room)
    page = open_list(ada, room)
    row_of(page, TO_DO).click()
    grid_of(page).focus()
    page.keyboard.press("Space")
    panel_of(page).get_by_role("button", name="All it says").click()
    tags = page.get_by_role("table", name="Tags")
    expect(tags).to_contain_text("ProcedureStepLabel")
    expect(tags).not_to_contain_text("TransactionUID")
    look_at(ada, "worklist-tags")


def test_hostile_texts_of_workitems_are_texts(ada: Visit, room: Room) -> None:
    room.put(EVIL, name="<b>Eve</b>^x", patient_id="<img>")
    page: Page = open_list(ada, room)
    expect(row_of(page, "<img")).to_be_visible()
    grid_of(page).focus()
    page.keyboard.press("Space")
    expect(panel_of(page)).to_contain_text("<img")
    expect(page.get_by_role("main").locator("img")).to_have_count(0)
