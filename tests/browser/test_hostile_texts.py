"""What files say is shown as text, on every page, whatever it is and however long."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import expect
from pydicom import config
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset

from tests.browser.axe import assert_narrow
from tests.browser.chromium import NARROW, SIZE, Visit
from tests.browser.house import House, make_project
from tests.browser.pages import store
from tests.browser.waiting import box_of
from tests.synthetic import add_pixels, instance, new_uid

pytestmark = [pytest.mark.peer("chromium", "node"), pytest.mark.timeout(600)]

IMAGE: Final = '<img src=x onerror="window.ran=1">'
ADDRESS: Final = "javascript:window.ran=1"
TURNED: Final = "\u202egnp.exe\u202c\u2066"  # right to left, and never turned back
SCRIPT: Final = "</title><script>window.ran=1</script>"
SHOWN: Final = (
    *("PatientName", "PatientID", "IssuerOfPatientID", "StudyDescription"),
    *("AccessionNumber", "StudyID", "ReferringPhysicianName", "SeriesDescription"),
    *("ImageComments", "TextValue"),
)
CODES: Final = ("BodyPartExamined", "PatientSex", "Modality")
# As much as the store takes: longer values leave the metadata, or refuse the instance
# (PatientID). Of UT it takes any, and the tags show its beginning.
LONGEST: Final = {"SH": 16, "LO": 64, "PN": 64, "LT": 10_240, "UT": 100_000}
CODE: Final = "W" * 16
BAR_PX: Final = 32  # over the viewer: one line
KINDS: Final = {
    "image": IMAGE,
    "address": ADDRESS,
    "turned": f"{TURNED} {SCRIPT}",
    "long": "W" * LONGEST["UT"],
}
# All that could have become markup.
MARKUP: Final = (
    "img[onerror], a[href^='javascript'], main script, title script, [src=x]"
)
# Controls that jut out of the window, and out of nothing that scrolls.
OUT_OF_REACH: Final = """() => {
    const scrolls = one => one && (one.scrollWidth > one.clientWidth
        && getComputedStyle(one).overflowX !== "visible" || scrolls(one.parentElement));
    return [...document.querySelectorAll("button, a, input, select")]
        .filter(one => one.checkVisibility() && !scrolls(one.parentElement))
        .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
        .map(one => one.outerHTML.slice(0, 200));
}"""


@dataclass(frozen=True)
class Hostile:
    """A study, and how what it says begins, as far as all its attributes say it."""

    uid: str
    text: str


@pytest.fixture(scope="module")
def studies(house: House) -> dict[str, Hostile]:
    held = {kind: Hostile(new_uid(), text[:12]) for kind, text in KINDS.items()}
    with config.disable_value_validation():
        for kind, one in held.items():
            store(house.stack, hostile(one.uid, KINDS[kind]))
    return held


def hostile(uid: str, text: str) -> Dataset:
    """Return an instance whose every shown attribute says the same."""
    one = instance(StudyInstanceUID=uid, SpecificCharacterSet="ISO_IR 192")
    for keyword in SHOWN:
        vr = dictionary_VR(keyword)
        # An equals sign begins another form of a person's name.
        said = text.replace("=", ":") if vr == "PN" else text
        setattr(one, keyword, said[: LONGEST[vr]].strip())
    for keyword in CODES:
        setattr(one, keyword, CODE)
    one.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    add_pixels(one, rows=16, columns=16)
    return one


def look_at(visit: Visit, name: str) -> None:
    """Hold that nothing of a page was made by a file, and that all is in its place."""
    page = visit.page
    visit.pictures(f"hostile-{name}")
    assert page.locator(MARKUP).count() == 0
    assert page.evaluate("window.ran") is None
    assert page.evaluate(OUT_OF_REACH) == []
    assert "\u202e" not in page.title()
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, "it scrolls sideways"
    assert_narrow(page)


@pytest.mark.parametrize("kind", KINDS)
def test_lists_show_it_as_text(
    ada: Visit, studies: dict[str, Hostile], kind: str
) -> None:
    page, study = ada.page, studies[kind]
    recent = page.get_by_role("region", name="Stored last")
    expect(recent.get_by_text(study.text).first).to_be_visible()
    look_at(ada, f"{kind}-home")
    columns = "patient,id,issuer,sex,modality,accession,referrer,number,description"
    ada.open(f"/studies?columns={columns}&look={study.uid}")
    look = page.get_by_role("complementary", name="Quick look")
    expect(look.get_by_text("Image 1 of 1")).to_be_visible()
    expect(look).to_contain_text(study.text)
    row = page.get_by_role("grid", name="Studies").locator("[role=row][data-active]")
    cells = row.get_by_role("gridcell")
    for at in (1, 2, 3, 6, 7, 8, 9):
        is_name = at in {1, 8}
        said = study.text.replace("=", ":") if is_name else study.text
        expect(cells.nth(at)).to_contain_text(said)
    look_at(ada, f"{kind}-studies")
    row.get_by_role("checkbox").click()
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(shown_joined(study.text))
    expect(dialog.get_by_role("button", name="Keep them")).to_be_in_viewport()
    look_at(ada, f"{kind}-delete")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.get_by_role("textbox", name="Search the portal").fill(study.uid)
    found = page.get_by_role("dialog").get_by_role("button")
    expect(found).to_have_count(1)
    expect(found).to_contain_text(shown_joined(study.text))
    look_at(ada, f"{kind}-search")


@pytest.mark.parametrize("kind", KINDS)
def test_the_pages_of_a_study_show_it_as_text(
    ada: Visit, house: House, studies: dict[str, Hostile], kind: str
) -> None:
    page, study = ada.page, studies[kind]
    ada.open(f"/studies/{study.uid}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(study.text)
    expect(page.get_by_role("group", name="Series")).to_contain_text(study.text)
    expect(page.get_by_role("group", name="Series")).to_contain_text(CODE)
    table = page.get_by_role("table", name="Tags")
    for keyword in SHOWN:
        page.get_by_label("Search tags").fill(keyword.lower())
        row = table.get_by_role("row").filter(has_text=keyword).first
        said = study.text.replace("=", ":") if "Name" in keyword else study.text
        expect(row.get_by_role("cell").nth(3)).to_contain_text(said)
    expect(row.get_by_role("button", name="Copy the value")).to_be_visible()
    page.get_by_label("Search tags").fill("")
    look_at(ada, f"{kind}-study")
    ada.open(f"/studies/{study.uid}/viewer?beside={house.chest}")
    expect(page.get_by_text("Image 1 of 1")).to_be_visible()
    title = page.get_by_role("heading", level=1)
    expect(title).to_contain_text(shown_joined(study.text))
    page.set_viewport_size(NARROW)
    box = box_of(title)
    assert box
    assert box["height"] <= BAR_PX
    page.set_viewport_size(SIZE)
    look_at(ada, f"{kind}-viewer")
    ada.faults = [one for one in ada.faults if not one.endswith("/viewer/")]


def shown_joined(text: str) -> str:
    """Return a beginning as it stands among others: there it turns nothing."""
    return "gnp.exe" if text.startswith("\u202e") else text


def test_names_of_files_projects_and_views_are_texts(
    ada: Visit, house: House, tmp_path: Path
) -> None:
    page = ada.page
    name = "img src=x onerror=1"
    make_project(ada, name, house.chest)
    ada.open("/")
    expect(page.get_by_role("link", name=name)).to_be_visible()
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / f"{IMAGE}{TURNED}.txt").write_text("no image", encoding="utf-8")
    (folder / f"{'W' * 200}.txt").write_text("no image", encoding="utf-8")
    ada.open("/upload")
    page.get_by_test_id("folder").set_input_files(folder)
    page.get_by_role("button", name="Start").click()
    listed = page.get_by_role("table", name="Files").get_by_role("row")
    expect(listed.filter(has_text=IMAGE)).to_contain_text("Not a DICOM file.")
    look_at(ada, "upload")
    # What a link brings along.
    ada.open(f"/studies?project={'W' * 2000}&patient=%3Cimg%20src=x%20onerror=1%3E")
    expect(page.get_by_text("No study matches")).to_be_visible()
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitem", name="Save or remove").click()
    for view in (IMAGE, "W" * 80):
        page.get_by_label("Name of the view").fill(view)
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_role("button", name="Views").click()
        expect(page.get_by_role("menuitem", name=view)).to_be_visible()
        page.get_by_role("menuitem", name="Save or remove").click()
    expect(page.get_by_role("dialog", name="Views")).to_contain_text(IMAGE)
    look_at(ada, "views")
    page.keyboard.press("Escape")
    look_at(ada, "filters")


def test_what_work_could_not_do_is_told_as_text(
    ada: Visit, house: House, tmp_path: Path
) -> None:
    page = ada.page
    for name in (f"{IMAGE}{TURNED}", "W" * 200):
        (tmp_path / name).write_text("no image", encoding="utf-8")
    house.stack.manage("import", str(tmp_path))
    ada.open("/operations")
    entry = page.get_by_role("main").get_by_role("listitem").first
    entry.get_by_role("button", name="Show what could not be done").click()
    failed = entry.get_by_role("list", name="What could not be done")
    expect(failed).to_contain_text(IMAGE)
    expect(failed).to_contain_text("W" * 200)
    look_at(ada, "operations")


def test_a_long_name_of_a_project_leaves_its_dialog_in_place(
    ada: Visit, house: House
) -> None:
    page = ada.page
    make_project(ada, "W" * 100, house.chest)
    ada.open("/")
    expect(page.get_by_role("link", name="W" * 100)).to_be_visible()
    look_at(ada, "project")
    ada.open("/studies?patient=wolf")
    page.get_by_role("checkbox", name="Choose Chest").click()
    page.get_by_role("button", name="Add to a project").click()
    add = page.get_by_role("dialog").get_by_role("button", name="Add")
    expect(add).to_be_in_viewport()
    look_at(ada, "add")
