"""A folder is uploaded from the browser: cut off, reloaded, and all there once.

``PORTAL_TEST_UPLOAD_FILES=2000`` uploads more files than the 60 of every day.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from portal import env
from tests.browser.axe import assert_for_everybody
from tests.browser.chromium import Visit
from tests.browser.pages import heading, portal_with_pages, signed_in
from tests.browser.people import somebody
from tests.browser.waiting import box_of
from tests.stack import Stack
from tests.synthetic import encode, instance, new_uid

pytestmark = [pytest.mark.peer("chromium", "node"), pytest.mark.timeout(900)]

FILES: Final = env.integer("PORTAL_TEST_UPLOAD_FILES", 60, minimum=60)
OTHERS: Final = 2  # files of the folder that are none to keep
PATIENCE_MS: Final = 15_000 + 100 * FILES


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with portal_with_pages(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture
def ada(chromium: Browser, stack: Stack) -> Iterator[Visit]:
    who = somebody(stack, "ada", "Administrator")
    with signed_in(chromium, stack, who, "/upload") as visit:
        heading(visit.page, "Upload")
        # Who leaves an upload is asked whether they mean it.
        visit.page.on("dialog", lambda dialog: dialog.accept())
        yield visit


def make_folder(folder: Path, study: str, number: int) -> Path:
    """Fill a folder with instances of a study, and with what is none."""
    series = new_uid()
    for at in range(number):
        below = folder / f"series {at % 3}"
        below.mkdir(parents=True, exist_ok=True)
        one = instance(StudyInstanceUID=study, SeriesInstanceUID=series)
        (below / f"{at:05}.dcm").write_bytes(encode(one))
    (folder / "notes.txt").write_text("not an image", encoding="utf-8")
    disc = instance(SOPClassUID="1.2.840.10008.1.3.10")
    (folder / "DICOMDIR").write_bytes(encode(disc))
    return folder


def choose(page: Page, folder: Path) -> None:
    page.get_by_test_id("folder").set_input_files(folder)
    page.get_by_role("button", name="Start").click()


def drop(visit: Visit, *paths: Path) -> None:
    """Drop files and folders on the page, as the desk of a computer does."""
    zone = visit.page.get_by_text("Drop a folder with DICOM files here")
    box = box_of(zone)
    devtools = visit.context.new_cdp_session(visit.page)
    data = {
        "items": [],
        "files": [str(path) for path in paths],
        "dragOperationsMask": 1,
    }
    for kind in ("dragEnter", "dragOver", "drop"):
        devtools.send(
            "Input.dispatchDragEvent",
            {"type": kind, "x": box["x"] + 5, "y": box["y"] + 5, "data": data},
        )


def held(stack: Stack, study: str) -> int:
    """Return how many instances of a study the portal holds."""
    answer = httpx.get(
        f"{stack.base_url}/dicomweb/studies",
        params={"StudyInstanceUID": study, "includefield": "00201208"},
        headers={"Authorization": f"Bearer {stack.token}"},
        timeout=30,
    )
    return int(answer.json()[0]["00201208"]["Value"][0]) if answer.content else 0


class Cut:
    """A network that breaks after so many stores, until it is mended."""

    def __init__(self, page: Page, after: int) -> None:
        self._left = after
        self._page = page
        self._under_way: set[Request] = set()
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)
        page.route("**/dicomweb/studies", self._pass)

    def wait_until_still(self) -> None:
        """Wait until each store that was let through is answered."""
        while self._under_way:
            self._page.wait_for_timeout(50)

    def mend(self) -> None:
        self._left = 1_000_000

    def break_after(self, number: int) -> None:
        self._left = number

    def _pass(self, route: Route) -> None:
        self._left -= 1
        if self._left < 0:
            route.abort("internetdisconnected")
        else:
            self._under_way.add(route.request)
            route.fallback()

    def _ended(self, request: Request) -> None:
        self._under_way.discard(request)


def test_a_folder_is_there_once_after_two_cuts_and_a_reload(
    ada: Visit, stack: Stack, tmp_path: Path
) -> None:
    page = ada.page
    study = new_uid()
    folder = make_folder(tmp_path / "study", study, FILES)
    network = Cut(page, after=FILES // 3)
    status = page.get_by_role("status")
    choose(page, folder)
    cut_off = page.get_by_role("heading", name="The portal is not reached")
    expect(cut_off).to_be_visible(timeout=PATIENCE_MS)
    ada.picture("upload-cut")
    network.wait_until_still()
    first = held(stack, study)
    network.break_after(FILES // 6)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(cut_off).to_have_count(0)
    expect(cut_off).to_be_visible(timeout=PATIENCE_MS)
    network.wait_until_still()
    before = held(stack, study)
    assert 0 < first < before < FILES
    network.mend()
    page.reload()
    heading(page, "Upload")
    choose(page, folder)
    done = page.get_by_role("heading", name="All files have been dealt with")
    expect(done).to_be_visible(timeout=PATIENCE_MS)
    expect(status.first).to_have_text(
        f"Stored: {FILES - before:,} · Held already: {before:,} · Left out: {OTHERS}"
    )
    ada.picture("upload-done")
    assert held(stack, study) == FILES
    # What is done is left out when it is chosen once more.
    page.get_by_role("button", name="Clear what has ended").click()
    choose(page, folder)
    expect(status.first).to_contain_text(f"Held already: {FILES:,}")


def test_a_folder_is_dropped_seen_through_and_sent_when_told(
    ada: Visit, stack: Stack, tmp_path: Path
) -> None:
    page = ada.page
    study, other = new_uid(), new_uid()
    folder = make_folder(tmp_path / "study", study, 130)  # a folder is read by hundreds
    alone = tmp_path / "alone.dcm"
    alone.write_bytes(encode(instance(StudyInstanceUID=other)))
    size = sum(path.stat().st_size for path in [alone, *folder.rglob("*.*")])
    size += (folder / "DICOMDIR").stat().st_size
    drop(ada, folder, alone)
    card = page.get_by_role("region", name="Ready to be sent")
    expect(card).to_contain_text(
        f"{131 + OTHERS} files of {round(size / 1000, 1):g} kB"
    )
    ada.pictures("upload-ready")
    assert_for_everybody(page)
    rows = page.get_by_role("table", name="Files").get_by_role("row")
    expect(rows.first).to_contain_text("alone.dcm")
    expect(rows.nth(1)).to_contain_text("study/DICOMDIR")
    assert held(stack, study) == 0
    card.get_by_role("button", name="Send nothing").click()
    expect(card).to_have_count(0)
    drop(ada, folder, alone)
    card.get_by_role("button", name="Start").click()
    expect(page.get_by_role("status").first).to_have_text(
        f"Stored: 131 · Left out: {OTHERS}", timeout=PATIENCE_MS
    )
    assert held(stack, study) == 130
    assert held(stack, other) == 1


def test_what_became_of_each_file_is_saved(
    ada: Visit, stack: Stack, tmp_path: Path
) -> None:
    page = ada.page
    folder = make_folder(tmp_path / "study", new_uid(), 3)
    choose(page, folder)
    expect(page.get_by_role("status").first).to_contain_text("Stored: 3")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save this list").click()
    assert download.value.suggested_filename == "upload.csv"
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        lines = {line["File"]: line for line in csv.DictReader(file)}
    assert len(lines) == 3 + OTHERS
    assert lines["study/notes.txt"]["Result"] == "Left out"
    assert lines["study/notes.txt"]["Remark"] == "Not a DICOM file."
    first = lines["study/series 0/00000.dcm"]
    stored = folder / "series 0/00000.dcm"
    assert first["Result"] == "Stored"
    assert int(first["Bytes"]) == stored.stat().st_size


def test_what_is_refused_says_why_and_the_rest_goes_on(
    ada: Visit, stack: Stack, tmp_path: Path
) -> None:
    page = ada.page
    study = new_uid()
    folder = make_folder(tmp_path / "study", study, 3)
    broken = encode(instance(StudyInstanceUID=study, PatientID=None))
    (folder / "broken.dcm").write_bytes(broken[:-30])
    choose(page, folder)
    expect(page.get_by_role("status").first).to_have_text(
        f"Stored: 3 · Left out: {OTHERS} · Refused: 1"
    )
    page.get_by_text("With remarks").click()
    rows = page.get_by_role("table", name="Files").get_by_role("row")
    expect(rows).to_have_count(1 + OTHERS)
    refused = rows.filter(has_text="broken.dcm")
    expect(refused).to_contain_text("Refused")
    expect(rows.filter(has_text="notes.txt")).to_contain_text("Not a DICOM file.")
    expect(rows.filter(has_text="DICOMDIR")).to_contain_text("contents of a disc")
    ada.picture("upload-refused")
    assert held(stack, study) == 3
    assert ada.faults == [f"409: {stack.base_url}/dicomweb/studies"]  # the answer
    ada.faults.clear()


def test_an_upload_goes_on_while_somebody_looks_elsewhere_and_rests_when_told(
    ada: Visit, stack: Stack, tmp_path: Path
) -> None:
    page = ada.page
    study = new_uid()
    folder = make_folder(tmp_path / "study", study, 40)
    network = Cut(page, after=10)
    choose(page, folder)
    heading_of_cut = page.get_by_role("heading", name="The portal is not reached")
    expect(heading_of_cut).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("heading", name="Paused")).to_be_visible()
    network.mend()
    network.wait_until_still()
    before = held(stack, study)
    page.wait_for_timeout(1_500)  # longer than the pause after a cut
    assert held(stack, study) == before < 40
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("link", name="Home").click()
    heading(page, "Welcome")
    page.get_by_role("link", name="Upload").click()
    expect(page.get_by_role("status").first).to_contain_text("Stored: 40")
    assert held(stack, study) == 40


def test_who_may_not_store_is_told_so(chromium: Browser, stack: Stack) -> None:
    who = somebody(stack, "olga", "Auditor")
    with signed_in(chromium, stack, who, "/upload") as visit:
        expect(visit.page.get_by_role("alert")).to_contain_text("You may not see this")
        expect(visit.page.get_by_role("button", name="Choose")).to_have_count(0)
