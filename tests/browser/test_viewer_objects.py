"""The viewer with more than plain images: several studies, drawings, PDFs, slides."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest
from playwright.sync_api import Browser, Dialog, expect
from pydicom.dataset import Dataset

from portal.demo.objects import study_datasets
from tests.browser.people import graph, person
from tests.browser.viewing import (
    Looking,
    demo_study,
    looking,
    portal_with_viewer,
    store_demo,
)
from tests.browser.waiting import box_of, wait_for
from tests.derived import document, slide, structures
from tests.stack import Stack
from tests.synthetic import encode, multipart

pytestmark = pytest.mark.peer("chromium", "node")

THIN: Final = "CT chest high resolution"
PRIOR: Final = "CT chest with contrast"
DRAWN: Final = "Drawn here"
OF_BROWSER: Final = "chrome-extension://"
BESIDE: Final = "&hangingProtocolId=portal.beside"
# A page with words on it, and a script that tells what it can get hold of.
PDF: Final = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R
/OpenAction<</S/JavaScript/JS(app.alert(
typeof window + typeof document + typeof fetch + typeof XMLHttpRequest))>>>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R
/Resources<</Font<</F1 5 0 R>>>>>>endobj
4 0 obj<</Length 48>>stream
BT /F1 24 Tf 40 100 Td (A report in a PDF) Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""


@dataclass(frozen=True)
class House:
    """A portal with two studies of a patient and a slide; who sees and stores what."""

    stack: Stack
    thin: str
    prior: str
    slide: str
    images: list[Dataset]  # of the thin study
    ada: tuple[str, str]  # a radiologist
    ben: tuple[str, str]  # a referrer: stores nothing


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with portal_with_viewer(tmp_path_factory.mktemp("stack")) as stack:
        thin, prior = (store_demo(stack, name) for name in (THIN, PRIOR))
        made = study_datasets(*demo_study(THIN))
        images = [each for each in made if each.Modality == "CT"]
        levels = slide(tiles=8)
        store(stack, *levels)
        seen = (thin, prior, str(levels[0].StudyInstanceUID))
        ada = person(stack, "ada", "Radiologist", *seen)
        ben = person(stack, "ben", "Referrer", thin)
        yield House(stack, *seen, images, ada, ben)


def store(stack: Stack, *objects: Dataset) -> None:
    """Store objects as a program of the house does."""
    body, headers = multipart(*map(encode, objects))
    headers["Authorization"] = f"Bearer {stack.token}"
    url = f"{stack.base_url}/dicomweb/studies"
    answer = httpx.post(url, content=body, headers=headers, timeout=60)
    assert answer.status_code == 200, answer.text


def test_several_studies_are_opened_and_compared(
    chromium: Browser, house: House
) -> None:
    both = house.thin, house.prior
    with looking(chromium, house.stack, house.ada, *both) as viewer:
        viewer.see()
        browser = viewer.by("studyBrowser-panel")
        expect(browser.get_by_text("Chest 1.25 mm")).to_be_visible()
        expect(browser.get_by_text("Chest 5 mm soft tissue")).to_be_visible()
        viewer.visit.picture("viewer-several")
        viewer.open(*both, more=BESIDE)
        viewer.see(number=2)
        panes = viewer.by("viewport-pane")
        expect(panes).to_have_count(2)
        expect(panes.nth(0)).to_contain_text("Chest 1.25 mm")
        expect(panes.nth(1)).to_contain_text("Chest 5 mm soft tissue")
        shown = [viewer.images.nth(at).evaluate("c => c.toDataURL()") for at in (0, 1)]
        assert shown[0] != shown[1]
        viewer.visit.picture("viewer-side-by-side")


def test_a_link_leads_to_one_image_of_a_series(chromium: Browser, house: House) -> None:
    image = next(each for each in house.images if each.InstanceNumber == 20)
    more = (
        f"&initialSeriesInstanceUID={image.SeriesInstanceUID}"
        f"&initialSOPInstanceUID={image.SOPInstanceUID}"
    )
    with looking(chromium, house.stack, house.ada, house.thin, more=more) as viewer:
        viewer.see()
        expect(viewer.words).to_contain_text(re.compile(r"I:\s*20 "))


def test_a_segmentation_that_is_drawn_is_stored_and_there_again(
    chromium: Browser, house: House
) -> None:
    with looking(
        chromium, house.stack, house.ada, house.thin, mode="segmentation"
    ) as viewer:
        assert export_drawn(viewer) == 200
        browser = viewer.by("studyBrowser-panel")
        expect(browser).to_contain_text(DRAWN)
        viewer.visit.picture("viewer-segmentation-stored")
        viewer.page.reload()
        viewer.see()
        without_picture = viewer.by("study-browser-thumbnail-no-image")
        without_picture.filter(has_text=DRAWN).dblclick()
        viewer.by("yes-hydrate-btn").click()
        wait_for(lambda: viewer.reds() > 100)
        viewer.visit.picture("viewer-segmentation-again")
    (row,) = segmentations(house, DRAWN)
    assert row["00201209"]["Value"] == [1]
    stored = graph(house.stack, _STORED_BY_ADA, study=house.thin)["auditLog"]["edges"]
    assert len(stored) == 1


def test_who_may_not_store_is_told_so_and_stores_nothing(
    chromium: Browser, house: House
) -> None:
    with looking(
        chromium, house.stack, house.ben, house.thin, mode="segmentation"
    ) as viewer:
        before = segmentations(house)
        assert export_drawn(viewer) == 403
        said = viewer.page.get_by_text("Your roles do not allow you to store")
        expect(said).to_be_visible()
        said.click(trial=True)  # nothing lies over it
        viewer.visit.picture("viewer-segmentation-refused")
        assert segmentations(house) == before
        viewer.visit.faults.clear()  # what it says of that


_STORED_BY_ADA: Final = """query ($study: String!) {
  auditLog(filter: {action: STORE, actor: "ada", studyInstanceUid: $study}) {
    edges { node { outcome } }
  }
}"""


def export_drawn(viewer: Looking) -> int:
    """Draw with the brush, export it as DICOM SEG; return the server's answer."""
    viewer.see()
    page = viewer.page
    page.get_by_text("Add segmentation").click()
    viewer.by("Brush-btn").click()
    expect(page.get_by_text("Radius (mm)")).to_be_visible()
    viewer.drag(viewer.point(right=-40), viewer.point(right=40, down=20))
    wait_for(lambda: viewer.reds() > 100)
    viewer.by("segmentation-collapsed-more-btn-Labelmap").click()
    page.get_by_role("menuitem", name="Export").hover()
    page.get_by_role("menuitem", name="DICOM SEG").last.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill(DRAWN)
    with page.expect_response(lambda each: each.request.method == "POST") as got:
        dialog.get_by_role("button", name="Save").click()
    return got.value.status


def segmentations(house: House, description: str = "*") -> list[dict[str, Any]]:
    """Return the series of segmentations of the thin study."""
    answer = httpx.get(
        f"{house.stack.base_url}/dicomweb/studies/{house.thin}/series",
        params={"Modality": "SEG", "SeriesDescription": description},
        headers={"Authorization": f"Bearer {house.stack.token}"},
        timeout=60,
    )
    rows: list[dict[str, Any]] = answer.json()
    return rows


def test_a_structure_is_drawn_where_it_lies(chromium: Browser, house: House) -> None:
    slices = house.images[-6:]
    store(house.stack, structures(slices, "Square", radius_mm=40))
    with looking(chromium, house.stack, house.ada, house.thin) as viewer:
        viewer.see()
        without_picture = viewer.by("study-browser-thumbnail-no-image")
        without_picture.filter(has_text="Square").dblclick()
        viewer.by("yes-hydrate-btn").click()
        drawn = viewer.page.locator("svg.svg-layer path[stroke='rgba(255, 0, 0, 1)']")
        expect(drawn).to_have_count(1)

        def lies_in_the_middle() -> bool:
            box, middle = box_of(drawn), viewer.point()
            across = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
            is_square = box["width"] == pytest.approx(box["height"], abs=2)
            return is_square and across == pytest.approx(middle, abs=5)

        # The picture takes its place after it has been drawn for the first time.
        wait_for(lies_in_the_middle)
        viewer.visit.picture("viewer-structure")


def test_a_pdf_is_shown_and_its_script_is_not_ours(
    chromium: Browser, house: House
) -> None:
    made = document(house.images[0], PDF, "A report")
    store(house.stack, made)
    more = f"&initialSeriesInstanceUID={made.SeriesInstanceUID}"
    said: list[str] = []

    def hear(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.dismiss()

    with looking(chromium, house.stack, house.ada, house.thin, more=more) as viewer:
        viewer.page.on("dialog", hear)
        address = f"{made.SOPInstanceUID}/rendered"
        # What draws it is a part of the browser, apart from all pages.
        wait_for(lambda: any(each.startswith(OF_BROWSER) for each in frames(viewer)))
        (document_url,) = [each for each in frames(viewer) if address in each]
        wait_for(
            lambda: viewer.colours() > 5
        )  # words on white, and on the frame's grey
        viewer.visit.picture("viewer-pdf")
        answer = viewer.visit.context.request.get(document_url)
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("sandbox;")
        # It runs where PDFs are drawn, and has nothing of a page there.
        assert said == ["undefined" * 4]


def frames(viewer: Looking) -> list[str]:
    """Return the addresses of the frames of the page, as they are by now."""
    viewer.page.wait_for_timeout(50)
    return [each.url for each in viewer.page.frames]


def test_a_slide_is_drawn_from_its_tiles(chromium: Browser, house: House) -> None:
    with looking(
        chromium, house.stack, house.ada, house.slide, mode="microscopy"
    ) as viewer:
        wait_for(lambda: viewer.colours() > 1000)
        viewer.visit.picture("viewer-slide")
        tiles = [url for url in viewer.asked if "/frames/" in url]
        assert len(tiles) > 20
