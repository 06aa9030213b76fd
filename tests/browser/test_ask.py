"""A question in English on the demo hospital: read, counted, changed, answered."""

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from portal.demo.load import load_record
from portal.demo.record.record import hospital_record
from portal.demo.stories import EVERYONE, hospital
from tests.browser.axe import look_at
from tests.browser.chromium import Visit
from tests.browser.pages import EVIL, portal_with_pages, signed_in, store
from tests.browser.people import graph, somebody
from tests.browser.waiting import wait_for
from tests.cohorts.hospital import NOW, PLANTED, SENTENCE, TRUTH, instances_of, planted
from tests.stack import Stack

pytestmark = [pytest.mark.peer("chromium", "node"), pytest.mark.timeout(600)]

QUESTION: Final = (
    "Give me all the medications prescribed with all the CT scan documents and their"
    " associated radiology reports for any patient older than 45 that has a diagnosis"
    " of osteosarcoma over the last two years."
)
TWO_SCANS: Final = "patients with 2 CT scans"
_TOTALS: Final = """query ($criteria: Criteria!, $now: Date) {
  cohort(criteria: $criteria, now: $now) {
    outputs { rows(first: 0) { totalCount } }
  }
}"""
_COUNT: Final = """query ($criteria: Criteria!, $now: Date) {
  cohortCount(criteria: $criteria, now: $now) { numberOfPatients { value } }
}"""

_GRANT: Final = """mutation ($account: String!) {
  grant(on: {partition: "default"}, level: SEE, account: $account) {
    ... on Granted { grant { id } }
  }
}"""


_PROJECT: Final = """mutation ($name: String!) {
  createProject(name: $name) { ... on ChangedProject { project { id } } }
}"""
_ADD: Final = """mutation ($project: ID!, $studies: [UI!]!) {
  addStudiesToProject(id: $project, studies: $studies) {
    ... on ChangedContents { number }
  }
}"""
_SEE: Final = """mutation ($account: String!, $project: String!) {
  grant(on: {project: $project}, level: SEE, account: $account) {
    ... on Granted { grant { id } }
  }
}"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Yield a portal with the demo hospital's record and the images planted in it."""
    with portal_with_pages(tmp_path_factory.mktemp("ask")) as stack:
        record = hospital_record(hospital(patients=len(EVERYONE), seed=1))
        told = load_record(
            record, url=stack.base_url, token=stack.token, report=lambda _: None
        )
        assert told.stored, told.failures
        for patient in TRUTH["patients"]:
            if patient["patient_id"] in {row["patient_id"] for row in PLANTED}:
                for study in patient["studies"]:
                    store(stack, *instances_of(patient, study))
        wanted = [len(planted(name)) for name in ("medications", "imaging", "reports")]
        wait_for(lambda: totals(stack)[:3] == wanted)
        yield stack


def totals(stack: Stack) -> list[int]:
    """Return how many medications, studies, reports and documents answer."""
    found = graph(stack, _TOTALS, criteria=SENTENCE, now=str(NOW))["cohort"]
    return [each["rows"]["totalCount"] for each in found["outputs"]]


def number_of(stack: Stack, where: dict[str, Any]) -> str:
    """Return how many patients there are, asked without a page."""
    criteria = {"v": 1, "where": where}
    found = graph(stack, _COUNT, criteria=criteria, now=str(NOW))["cohortCount"]
    return str(found["numberOfPatients"]["value"])


@pytest.fixture(scope="module")
def researcher(stack: Stack) -> tuple[str, str]:
    """Return somebody who may export and sees who patients are."""
    return somebody(stack, "rita", "Data Manager")


@pytest.fixture
def rita(
    chromium: Browser, stack: Stack, researcher: tuple[str, str]
) -> Iterator[Visit]:
    """Yield the browser of a researcher who sees who patients are."""
    with signed_in(chromium, stack, researcher) as visit:
        yield visit


def ask(visit: Visit, question: str) -> None:
    """Type a question on the day of the demo, and ask it."""
    visit.open(f"/ask?now={NOW}")
    visit.page.get_by_label("Your question").fill(question)
    visit.page.keyboard.press("Enter")


def number(page: Page) -> Locator:
    """Return where the page says how many patients there are."""
    card = page.get_by_role("region", name="How many")
    return card.get_by_role("status").first


def test_the_sentence_of_the_mission_is_answered_row_by_row(
    rita: Visit, stack: Stack
) -> None:
    page = rita.page
    rita.open("/ask")
    expect(page.get_by_role("button", name=re.compile("osteosarcoma"))).to_be_visible()
    look_at(rita, "ask-empty")
    ask(rita, QUESTION)
    expect(number(page)).to_have_text(f"{len(PLANTED)} patients")
    patients = page.get_by_role("table", name="Patients")
    expect(patients.get_by_role("row")).to_have_count(len(PLANTED) + 1)
    expect(patients.get_by_role("row").nth(1)).to_contain_text(
        re.compile("osteosarcoma", re.I)
    )
    look_at(rita, "ask")
    for name, of in (
        ("Medications", "medications"),
        ("Studies", "imaging"),
        ("Reports", "reports"),
    ):
        many = len(planted(of))
        page.get_by_role("tab", name=f"{name} {many}").click()
        table = page.get_by_role("table", name=name)
        shown = min(many, 50) + 1
        expect(table.get_by_role("row")).to_have_count(shown)
        look_at(rita, f"ask-{of}")
    page.get_by_role("tab", name="Medications").click()
    page.get_by_role("button", name="Show more").click()
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(101)
    page.get_by_role("tab", name="Studies").click()
    link = page.get_by_role("link", name=re.compile("^Study page")).first
    uid = (link.get_attribute("href") or "").rpartition("/")[2]
    assert uid in planted("imaging")
    link.click()
    expect(page).to_have_url(re.compile(f"/studies/{uid}$"))
    page.go_back()
    expect(page.get_by_role("table", name="Studies")).to_be_visible()
    page.get_by_role("button", name="Export").click()
    page.get_by_role("menuitem", name="Tables (CSV)").click()
    page.get_by_role("link", name="Operations").last.click()
    expect(page.get_by_role("link", name=re.compile("medication.*csv"))).to_be_visible()


def test_an_assumption_is_switched_and_the_counts_follow(
    rita: Visit, stack: Stack
) -> None:
    page = rita.page
    scans = {"type": "imaging", "modality": ["CT"]}
    least = number_of(stack, {"event": {**scans, "count": {"gte": 2}}})
    exactly = number_of(stack, {"event": {**scans, "count": {"eq": 2}}})
    assert least != exactly
    ask(rita, TWO_SCANS)
    expect(number(page)).to_contain_text(f"{least} patient")
    page.get_by_role("button", name=re.compile("2 or more")).click()
    expect(number(page)).to_contain_text(f"{exactly} patient")
    expect(page.get_by_label("Number exactly")).to_have_value("2")
    expect(page).to_have_url(re.compile("switched="))
    page.reload()  # the address is all that it takes
    expect(number(page)).to_contain_text(f"{exactly} patient")
    page.go_back()
    expect(number(page)).to_contain_text(f"{least} patient")


def test_what_is_not_clear_is_asked_back_by_buttons(rita: Visit) -> None:
    page = rita.page
    ask(rita, "patients with MS")
    expect(page.get_by_text("Which is meant by “MS”?")).to_be_visible()
    look_at(rita, "ask-back")
    page.get_by_role("button", name="multiple sclerosis").click()
    criterion = page.get_by_role("region", name="Condition: multiple sclerosis")
    expect(criterion).to_be_visible()


def test_criteria_are_edited_and_bars_filter(rita: Visit, stack: Stack) -> None:
    page = rita.page
    ask(rita, QUESTION)
    expect(number(page)).to_have_text(f"{len(PLANTED)} patients")
    tumour = {
        "type": "condition",
        "code": {"text": "osteosarcoma"},
        "when": {"last": "P2Y"},
    }
    older = {"all": [{"patient": {"age": {"gt": 60}}}, {"event": tumour}]}
    page.get_by_label("Age more than").fill("60")
    expect(number(page)).to_contain_text(f"{number_of(stack, older)} patient")
    page.get_by_role("button", name="Back to the question").click()
    expect(number(page)).to_have_text(f"{len(PLANTED)} patients")
    sexes = page.get_by_role("group", name="Sex")
    female = sexes.get_by_role("button", name=re.compile("^Female"))
    female.click()
    women = {
        "all": [{"patient": {"age": {"gt": 45}, "gender": "female"}}, {"event": tumour}]
    }
    left = number_of(stack, women)
    expect(
        page.get_by_text(f"Filtered: {left} of {len(PLANTED)} patients.")
    ).to_be_visible()
    expect(page.get_by_role("table", name="Patients").get_by_role("row")).to_have_count(
        int(left) + 1
    )
    expect(sexes.get_by_role("button", name=re.compile("^Male"))).to_contain_text(
        "0 of "
    )
    look_at(rita, "ask-filtered")
    page.get_by_role("button", name="JSON").click()
    expect(page.get_by_label("Criteria as JSON")).to_have_value(
        re.compile("osteosarcoma")
    )
    look_at(rita, "ask-json")


def test_a_question_is_saved_and_is_a_criterion_of_another(
    rita: Visit, stack: Stack
) -> None:
    page = rita.page
    ask(rita, QUESTION)
    expect(number(page)).to_have_text(f"{len(PLANTED)} patients")
    page.get_by_role("button", name="Saved cohorts").click()
    page.get_by_label("Name of the question").fill("Planted")
    page.get_by_role("button", name="Save", exact=True).click()
    saved = page.get_by_role("list", name="Cohorts that are saved")
    expect(saved.get_by_text("Version 1, yours")).to_be_visible()
    look_at(rita, "ask-saved")
    page.keyboard.press("Escape")
    ask(rita, "women")
    expect(number(page)).to_contain_text("patients")
    page.get_by_role("button", name="Saved cohorts").click()
    page.get_by_role("button", name="Add as a criterion: Planted").click()
    expect(page.get_by_role("region", name="In the cohort Planted")).to_be_visible()
    tumour = {
        "type": "condition",
        "code": {"text": "osteosarcoma"},
        "when": {"last": "P2Y"},
    }
    women = {
        "all": [{"patient": {"age": {"gt": 45}, "gender": "female"}}, {"event": tumour}]
    }
    left = number_of(stack, women)
    assert 0 < int(left) < len(PLANTED)
    expect(number(page)).to_contain_text(f"{left} patient")
    # Rows of a saved cohort have its criterion as their reason.
    patients = page.get_by_role("table", name="Patients")
    expect(patients.get_by_role("row")).to_have_count(int(left) + 1)
    expect(patients.get_by_role("row").nth(1)).to_contain_text(
        re.compile("osteosarcoma", re.I)
    )


def test_what_is_saved_has_versions_is_renamed_and_chosen_from(rita: Visit) -> None:
    page = rita.page
    for question in ("women", "men"):
        ask(rita, question)
        expect(number(page)).to_contain_text("patients")
        page.get_by_role("button", name="Saved cohorts").click()
        page.get_by_label("Name of the question").fill("People")
        page.get_by_role("button", name="Save", exact=True).click()
    saved = page.get_by_role("list", name="Cohorts that are saved")
    expect(saved.get_by_text("Version 2, yours")).to_be_visible()
    page.get_by_role("button", name="Rename: People").click()
    page.get_by_label("New name of People").fill("Some people")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Versions: Some people").click()
    versions = page.get_by_role("list", name="Versions of Some people")
    expect(versions.get_by_role("listitem")).to_have_count(2)
    look_at(rita, "ask-versions")
    page.get_by_role("button", name="Open version 1 of Some people").click()
    expect(page.get_by_role("textbox", name="Sex")).to_have_value("female")
    # By the keyboard: the form has the focus, and gives it back.
    page.get_by_role("button", name="Add a criterion").press("Enter")
    expect(page.get_by_label("Kind")).to_be_focused()
    page.get_by_label("Kind").select_option("In a saved cohort")
    page.get_by_label("Which cohort").select_option("Some people")
    look_at(rita, "ask-adding")
    page.get_by_role("button", name="Add", exact=True).press("Enter")
    expect(page.get_by_role("button", name="Add a criterion")).to_be_focused()
    region = page.get_by_role("region", name="In the cohort Some people")
    expect(region).to_be_visible()
    expect(page.get_by_text("Nobody here answers the question")).to_be_visible()
    look_at(rita, "ask-nobody")
    page.get_by_role("button", name="Saved cohorts").click()
    page.get_by_role("button", name="Remove: Some people").click()
    page.get_by_role("button", name="Remove for good").click()
    expect(page.get_by_role("button", name="Remove: Some people")).to_have_count(0)


def test_rows_without_names_have_a_course_and_no_way_to_anybody(
    chromium: Browser, stack: Stack
) -> None:
    who = somebody(stack, "nora", "Researcher")
    name = f"Project of {who[0]}"
    made = graph(stack, _PROJECT, name=name)["createProject"]["project"]
    first = PLANTED[0]["imaging"][0]
    graph(stack, _ADD, project=made["id"], studies=[first])
    graph(stack, _SEE, account=who[0], project=name)
    with signed_in(chromium, stack, who) as visit:
        page = visit.page
        ask(visit, QUESTION)
        expect(page.get_by_text(f"rows of project {name}")).to_be_visible()
        expect(page.get_by_text("dates count by whole months")).to_be_visible()
        patients = page.get_by_role("table", name="Patients")
        expect(patients.get_by_role("row")).to_have_count(2)
        expect(patients.get_by_role("link")).to_have_count(0)
        look_at(visit, "ask-unnamed")
        page.get_by_role("tab", name=re.compile("^Studies")).click()
        studies = page.get_by_role("table", name="Studies")
        expect(studies.get_by_role("list", name="Series").first).to_contain_text("CT")
        assert first not in page.content()
        page.get_by_role("tab", name=re.compile("^Patients")).click()
        page.get_by_role("button", name=re.compile("^Time line of")).click()
        expect(page.get_by_role("table", name="Events")).to_be_visible()
        look_at(visit, "ask-course")


def test_a_concept_opens_its_codes_and_becomes_a_set(rita: Visit) -> None:
    page = rita.page
    ask(rita, QUESTION)
    page.get_by_role("button", name="Codes of Condition: osteosarcoma").click()
    codes = page.get_by_role("list", name="Codes that it means")
    expect(codes.get_by_role("listitem").first).to_contain_text(
        re.compile(r"osteosarcoma.* patients?", re.I)
    )
    look_at(rita, "ask-codes")
    page.get_by_label("Save as a concept set").fill("Bone tumours")
    codes.locator("..").get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("region", name="Condition: Bone tumours")).to_be_visible()
    expect(number(page)).to_have_text(f"{len(PLANTED)} patients")
    codes.get_by_role("button", name=re.compile("^Leave out")).first.click()
    expect(page.get_by_role("status").first).not_to_have_text(
        f"{len(PLANTED)} patients"
    )


def test_whoever_may_only_count_sees_no_rows(chromium: Browser, stack: Stack) -> None:
    who = somebody(stack, "carl", "Researcher")
    graph(stack, _GRANT, account=who[0])
    with signed_in(chromium, stack, who) as visit:
        page = visit.page
        ask(visit, "patients older than 18")
        expect(number(page)).to_have_text(re.compile(r"^about \d*[05] patients$"))
        expect(page.get_by_text("You have asked 1 question today")).to_be_visible()
        expect(page.get_by_role("region", name="What they have")).to_be_visible()
        look_at(visit, "ask-protected")
        ask(visit, QUESTION)
        expect(number(page)).to_have_text(
            re.compile("^(<5|about 5|about 10) patients$")
        )
        expect(page.get_by_text("You see how many, and not who")).to_be_visible()
        expect(page.get_by_text("They are too few to draw")).to_be_visible()
        page.get_by_label("Age more than").fill("99")
        expect(number(page)).to_have_text("<5 patients")
        expect(page.get_by_role("table")).to_have_count(0)
        look_at(visit, "ask-counts")


def test_texts_of_an_address_stay_texts(rita: Visit) -> None:
    page = rita.page
    rita.open(f"/ask?q={EVIL}&now={NOW}")
    expect(page.get_by_label("Your question")).to_have_value(EVIL)
    expect(page.get_by_role("heading", level=1, name="Ask")).to_be_visible()
    expect(page.locator("img[src=x]")).to_have_count(0)
