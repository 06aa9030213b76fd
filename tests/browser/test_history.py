"""Patients of the demo hospital on their pages, held against what was planted."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, expect

import portal.demo
from portal.demo.load import load, load_record
from portal.demo.objects import demo_objects
from portal.demo.record.answer import OUT
from portal.demo.record.lives import life_of
from portal.demo.record.record import hospital_record, record_of
from portal.demo.stories import Patient, hospital
from tests.browser.axe import look_at
from tests.browser.pages import heading, signed_in
from tests.browser.people import graph, person
from tests.browser.viewing import USUAL, Looking, portal_with_viewer
from tests.browser.waiting import answer_late, wait_for
from tests.stack import Stack

pytestmark = [pytest.mark.peer("chromium", "node"), pytest.mark.timeout(600)]

TRUTH: Final = Path(portal.demo.__file__).with_name("truth.json")
# Both have an osteosarcoma; of the first many drugs were not given.
SARCOMA: Final = "D1-000001"
OTHER: Final = "D1-000013"
# What the page calls the kinds of the truth; consents and letters are no events.
KINDS: Final = {
    "allergy": "Allergy",
    "condition": "Condition",
    "document": "Document",
    "encounter": "Encounter",
    "immunization": "Vaccination",
    "medication": "Drug",
    "order": "Order",
    "plan": "Plan of care",
    "procedure": "Procedure",
    "report": "Report",
}
# The truth calls these by their reason; the page by what they are.
BY_KIND_ALONE: Final = {"Encounter", "Plan of care"}
COMPONENTS: Final = {
    "Blood pressure": ("Systolic blood pressure", "Diastolic blood pressure")
}
IMAGES: Final = """query ($id: String!) { patient(fhirId: $id) {
  timeline(kinds: [IMAGING]) { columns rows } } }"""

Row = tuple[str, str, str]
"""Day (and minute), kind, name of an event."""


@dataclass(frozen=True)
class House:
    """A portal with two patients of the demo, and what is true of them."""

    stack: Stack
    people: dict[str, Patient]
    truth: dict[str, dict[str, Any]]
    root: tuple[str, str]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    told = json.loads(TRUTH.read_text(encoding="utf-8"))["patients"]
    truth = {
        each["patient_id"]: each
        for each in told
        if each["patient_id"] in {SARCOMA, OTHER}
    }
    everybody = hospital(patients=13, seed=1)
    people = {e.patient_id: e for e in everybody if e.patient_id in truth}
    data = tmp_path_factory.mktemp("stack")
    with portal_with_viewer(data, pages=True) as stack:
        where = {"url": stack.base_url, "token": stack.token}
        load_record(hospital_record(people.values()), **where, report=print)
        assert not load(demo_objects(people.values()), **where, report=print).failures
        for each in truth.values():
            wait_for(lambda patient=each: are_linked(stack, patient))  # type: ignore[misc]
        yield House(stack, people, truth, person(stack, "root", "Administrator"))


def are_linked(stack: Stack, patient: dict[str, Any]) -> bool:
    """Return whether the record has all studies of a patient's images."""
    found = graph(stack, IMAGES, id=fhir_id(patient))["patient"]["timeline"]
    place = found["columns"].index("resource")
    linked = [row for row in found["rows"] if row[place]]
    return len(linked) == int(patient["number_of_studies"])


def fhir_id(patient: dict[str, Any]) -> str:
    return str(patient["resource"]).removeprefix("Patient/")


def planted(patient: dict[str, Any], *, is_all: bool) -> Counter[Row]:
    """Return the events of a patient as the table has to tell them."""
    rows: Counter[Row] = Counter()
    for kind, date, what, status, _ in patient["events"]:
        if kind in KINDS and (is_all or status not in OUT):
            rows[named(minute(date), KINDS[kind], what)] += 1
    for what, days in patient["observations"].items():
        for day in days:
            for name in (what, *COMPONENTS.get(what, ())):
                rows[day, "Finding", name] += 1
    for study in patient["studies"]:
        modalities = ", ".join(sorted(set(study["modalities"])))
        rows[minute(study["at"]), "Imaging", modalities] += 1
    return rows


def left_out(person: Patient) -> Counter[Row]:
    """Return what the record tells and the truth does not: specimens and devices."""
    rows: Counter[Row] = Counter()
    for each in record_of(life_of(person)):
        kind = each["resourceType"]
        if kind == "Specimen":
            when = minute(each["collection"]["collectedDateTime"])
            rows[when, kind, each["type"]["text"]] += 1
        elif kind == "Device":
            rows["No date", kind, each["type"]["text"]] += 1
    return rows


def minute(date: str) -> str:
    """Return a moment as the table writes it: 2024-09-08T14:42:00 or a day."""
    return date[:16].replace("T", " ")


def named(when: str, kind: str, what: str) -> Row:
    return when, kind, "" if kind in BY_KIND_ALONE else what


def shown(page: Page) -> Counter[Row]:
    """Return what the table tells, after all of it is shown."""
    table = page.get_by_role("table", name="Time line")
    expect(table).to_be_visible()
    more = page.get_by_role("button", name="Show more")
    while more.count():
        more.click()
    cells: list[list[str]] = table.locator("tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.innerText))"
    )
    rows: Counter[Row] = Counter()
    for when, what, kind, _, _ in cells:
        name = what.partition(": ")[0]
        rows[named(when[:10] if kind == "Finding" else when, kind, name)] += 1
    return rows


@pytest.mark.parametrize("patient_id", [SARCOMA, OTHER])
def test_the_table_tells_all_that_was_planted_and_nothing_else(
    chromium: Browser, house: House, patient_id: str
) -> None:
    patient = house.truth[patient_id]
    path = f"/patients/{fhir_id(patient)}?as=table"
    with signed_in(chromium, house.stack, house.root, path) as visit:
        page = visit.page
        family, _, given = patient["name"].partition("=")[0].partition("^")
        heading(page, f"{given} {family}")
        others = left_out(house.people[patient_id])
        found = shown(page)
        assert found == planted(patient, is_all=False) + others
        page.get_by_role("switch", name="Also not done or wrong").click()
        wrong = page.get_by_role("row").filter(has_text="entered-in-error")
        expect(wrong).not_to_have_count(0)
        whole = shown(page)
        assert whole == planted(patient, is_all=True) + others
        assert sum(whole.values()) > sum(found.values()) > 200
        look_at(visit, f"history-{patient_id}")


def test_two_studies_of_the_time_line_are_side_by_side_in_the_viewer(
    chromium: Browser, house: House
) -> None:
    patient = house.truth[SARCOMA]
    prior, after = (
        study["study_instance_uid"]
        for study in patient["studies"]
        if study["description"] == "CT chest with contrast"
    )
    path = f"/patients/{fhir_id(patient)}"
    with signed_in(chromium, house.stack, house.root, path) as visit:
        page = visit.page
        line = page.get_by_role("application", name="Time line")
        dots = line.locator("[data-track=imaging] g[data-count]")
        expect(dots).to_have_count(3)  # six studies, of which some lie close
        dots.nth(2).click()  # comes nearer
        expect(dots).to_have_count(2)
        dots.nth(0).click(modifiers=["Shift"])
        expect(page.get_by_text("choose another")).to_be_visible()
        # What days are shown is written late, and who has left is not led back.
        page.route("**/ViewerPage-*.js", answer_late)
        page.get_by_role("button", name="Show all days").click()
        expect(dots).to_have_count(3)
        dots.nth(1).click(modifiers=["Shift"])
        visit.picture("history-chosen")
        viewer = Looking(visit, page.frame_locator("iframe[title='Viewer']"))
        page.get_by_role("link", name="Open both side by side").click()
        viewer.see(number=2)
        panes = viewer.by("viewport-pane")
        expect(panes).to_have_count(2)
        for at, (day, study) in enumerate(
            (("17-Dec-2024", prior), ("17-Mar-2025", after))
        ):
            expect(panes.nth(at)).to_contain_text(day)
            expect(panes.nth(at)).to_contain_text("Chest 5 mm soft tissue")
            frames = [e for e in viewer.asked if study in e and "/frames/1" in e]
            assert len(frames) > 1, study
        shown = {viewer.images.nth(at).evaluate("c => c.toDataURL()") for at in (0, 1)}
        assert len(shown) == 2
        visit.picture("history-side-by-side")
        visit.faults[:] = [each for each in visit.faults if not each.startswith(USUAL)]
