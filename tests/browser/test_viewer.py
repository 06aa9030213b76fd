"""The viewer as people use it, on a real portal: open, look, measure, store."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import httpx
import pytest
from playwright.sync_api import Browser, expect

from portal.pages.viewer_policy import WORKER_POLICY
from tests.browser.people import graph, person
from tests.browser.viewing import (
    Looking,
    looking,
    portal_with_viewer,
    store_demo,
)
from tests.browser.waiting import wait_for
from tests.frontend.built_viewer import built_viewer
from tests.stack import Stack

pytestmark = pytest.mark.peer("chromium", "node")

THIN: Final = "CT chest high resolution"  # of the patient who has most studies
PRIOR: Final = "CT chest with contrast"
# A series of each kind, as it is stored.
KINDS: Final = (
    ("CT abdomen portal venous", "Portal venous 5 mm"),  # Implicit VR
    ("MR brain", "T1 axial"),
    ("MR brain", "T2 axial"),  # JPEG 2000
    ("Ultrasound abdomen", "Liver sweep"),  # 24 frames, RLE
    ("PET/CT FDG trunk", "FDG attenuation corrected"),
    ("Femur and knee AP", "Distal femur AP"),  # RLE
    ("Chest PA", "Chest PA"),  # Deflated
)


@dataclass(frozen=True)
class House:
    """A portal with studies by description, and who sees which of them."""

    stack: Stack
    studies: dict[str, str]
    ada: tuple[str, str]  # a radiologist, of the thin CT and one before
    ben: tuple[str, str]  # a referrer, of the thin CT alone: stores nothing
    root: tuple[str, str]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with portal_with_viewer(tmp_path_factory.mktemp("stack")) as stack:
        names = dict.fromkeys((THIN, PRIOR, *(study for study, _ in KINDS)))
        studies = {name: store_demo(stack, name) for name in names}
        yield House(
            stack,
            studies,
            person(stack, "ada", "Radiologist", studies[THIN], studies[PRIOR]),
            person(stack, "ben", "Referrer", studies[THIN]),
            person(stack, "root", "Administrator"),
        )


def test_a_link_opens_a_study_whose_images_can_be_gone_through(
    chromium: Browser, house: House
) -> None:
    with looking(chromium, house.stack, house.ada, house.studies[THIN]) as viewer:
        viewer.see()
        viewer.visit.picture("viewer")
        expect(viewer.words).to_contain_text("Chest 1.25 mm")
        expect(viewer.words).to_contain_text("1/48")
        before = viewer.shown()
        viewer.page.mouse.move(*viewer.point())
        for _ in range(5):
            viewer.page.mouse.wheel(0, 100)
        expect(viewer.words).not_to_contain_text("(1/48)")
        wait_for(lambda: viewer.shown() != before)
        before = viewer.shown()
        level = viewer.by("viewport-overlay-bottom-left").first
        expect(level).to_contain_text(re.compile(r"W:\s*400\s*L:\s*40"))
        viewer.drag(viewer.point(), viewer.point(right=80, down=40))
        expect(level).not_to_contain_text(re.compile(r"W:\s*400\s"))
        wait_for(lambda: viewer.shown() != before)
        viewer.visit.picture("viewer-window")
        assert [url for url in viewer.asked if "/frames/1" in url] != []


def test_studies_before_are_those_that_may_be_seen(
    chromium: Browser, house: House
) -> None:
    seen = {}
    for who in (house.ada, house.ben):
        with looking(chromium, house.stack, who, house.studies[THIN]) as viewer:
            viewer.see()
            assert [url for url in viewer.asked if "00100020=D1-000001" in url] != []
            browser = viewer.by("studyBrowser-panel")
            expect(browser).to_contain_text(THIN)
            seen[who[0]] = [name for name in house.studies if name in text_of(viewer)]
            viewer.visit.picture(f"viewer-of-{who[0]}")
    assert seen == {"ada": [THIN, PRIOR], "ben": [THIN]}


def text_of(viewer: Looking) -> str:
    return viewer.by("studyBrowser-panel").inner_text()


def test_every_kind_of_image_is_drawn(chromium: Browser, house: House) -> None:
    first = house.studies[THIN]
    with looking(chromium, house.stack, house.root, first) as viewer:
        for study, series in KINDS:
            uid = house.studies[study]
            found = series_of(house.stack, uid, series)
            viewer.open(uid, more=f"&initialSeriesInstanceUID={found}")
            viewer.see()
            expect(viewer.words).to_contain_text(series)
            viewer.visit.picture(series)
        viewer.open(house.studies["Ultrasound abdomen"])
        viewer.see()
        viewer.page.mouse.move(*viewer.point())
        viewer.page.mouse.wheel(0, 100)
        expect(viewer.words).to_contain_text("2/24")


def series_of(stack: Stack, study: str, description: str) -> str:
    """Return the UID of a series by its description."""
    rows = httpx.get(
        f"{stack.base_url}/dicomweb/studies/{study}/series",
        params={"SeriesDescription": description},
        headers={"Authorization": f"Bearer {stack.token}"},
        timeout=60,
    ).json()
    (row,) = rows
    return str(row["0020000E"]["Value"][0])


def test_a_volume_is_shown_in_three_planes(chromium: Browser, house: House) -> None:
    mpr = "&hangingProtocolId=mpr"
    with looking(
        chromium, house.stack, house.ada, house.studies[THIN], more=mpr
    ) as viewer:
        viewer.see(number=3)
        for plane in viewer.images.all():
            assert plane.is_visible()
        pictures = {
            plane.evaluate("c => c.toDataURL()") for plane in viewer.images.all()
        }
        assert len(pictures) == 3
        viewer.visit.picture("viewer-mpr")


def test_segments_are_drawn_over_the_image(chromium: Browser, house: House) -> None:
    with looking(chromium, house.stack, house.ada, house.studies[THIN]) as viewer:
        viewer.see()
        assert viewer.reds() == 0
        without_picture = viewer.by("study-browser-thumbnail-no-image")
        without_picture.filter(has_text="SEG").dblclick()
        viewer.by("yes-hydrate-btn").click()
        wait_for(lambda: viewer.reds() > 20)
        viewer.visit.picture("viewer-segment")


def test_a_measurement_is_stored_under_the_users_rights(
    chromium: Browser, house: House
) -> None:
    study = house.studies[THIN]
    reports = f"/dicomweb/studies/{study}/series?Modality=SR"
    with looking(chromium, house.stack, house.ben, study) as viewer:
        assert report(viewer, "By a referrer") == 403
        assert viewer.visit.status_of(reports) == 204
        viewer.visit.faults.clear()  # what it says of that
    with looking(chromium, house.stack, house.ada, study) as viewer:
        assert report(viewer, "Lesion size") == 202  # with a warning: Implicit VR
        expect(viewer.by("studyBrowser-panel")).to_contain_text("Lesion size")
        viewer.visit.picture("viewer-stored")
        (row,) = viewer.visit.context.request.get(reports).json()
        assert row["0008103E"]["Value"] == ["Lesion size"]
    stored = graph(house.stack, _STORED_BY_ADA, study=study)["auditLog"]["edges"]
    assert len(stored) == 1


_STORED_BY_ADA: Final = """query ($study: String!) {
  auditLog(filter: {action: STORE, actor: "ada", studyInstanceUid: $study}) {
    edges { node { outcome } }
  }
}"""


def report(viewer: Looking, name: str) -> int:
    """Measure a length, store it as a report of this name; return the answer."""
    viewer.see()
    viewer.by("MeasurementTools-split-button-primary").click()
    viewer.drag(viewer.point(right=-100), viewer.point(right=60, down=30))
    viewer.by("prompt-begin-tracking-yes-btn").click()
    viewer.by("trackedMeasurements-btn").click()
    viewer.page.get_by_role("button", name="Create SR").click()
    dialog = viewer.page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill(name)
    with viewer.page.expect_response(lambda each: each.request.method == "POST") as got:
        dialog.get_by_role("button", name="Save").click()
    return got.value.status


def test_studies_of_another_partition_are_opened_by_its_name(
    chromium: Browser, house: House
) -> None:
    path = "/dicomweb/partitions/site-b"
    study = store_demo(house.stack, "Femur and knee AP", path)
    more = "&partition=site-b"
    with looking(chromium, house.stack, house.root, study, more=more) as viewer:
        viewer.see()
        assert [url for url in viewer.asked if path not in url] == []
        browser = viewer.by("studyBrowser-panel")
        expect(browser).to_contain_text("Femur and knee AP")
        expect(browser).not_to_contain_text(THIN)  # of the same PatientID elsewhere


def test_files_are_sent_small_and_kept_where_their_names_have_hashes(
    house: House,
) -> None:
    files = built_viewer() / "files/viewer"
    (app,) = files.glob("app.bundle.*.js")
    (decoder,) = files.glob("37fa160cc3a47cfd.wasm")
    with httpx.Client(base_url=house.stack.base_url) as web:
        for path, kind in ((app, "text/javascript"), (decoder, "application/wasm")):
            address = f"/viewer/{path.name}"
            small = path.with_name(f"{path.name}.br")
            brotli = web.get(address, headers={"accept-encoding": "br, gzip"})
            assert brotli.headers["content-encoding"] == "br"
            assert brotli.headers["content-type"].startswith(kind)
            assert "immutable" in brotli.headers["cache-control"]
            assert brotli.headers["content-security-policy"] == WORKER_POLICY
            assert brotli.content == small.read_bytes()
            gzip = web.get(address, headers={"accept-encoding": "gzip"})
            assert gzip.headers["content-encoding"] == "gzip"
            assert gzip.content == path.read_bytes()
        assert "immutable" not in web.get("/viewer/start.js").headers["cache-control"]
        gone = web.get("/viewer/0123456789abcdef.wasm")
        assert gone.status_code == 404
        assert "html" not in gone.headers["content-type"]
