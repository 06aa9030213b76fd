"""A folder is uploaded from the browser: cut off, reloaded, and all there once.

``PORTAL_TEST_UPLOAD_FILES=2000`` uploads more files than the 60 of every day.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from portal import env
from tests.browser.chromium import Visit
from tests.browser.pages import heading, portal_with_pages, signed_in
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
def ada(
    chromium: Browser, stack: Stack, request: pytest.FixtureRequest
) -> Iterator[Visit]:
    name = f"ada-{request.node.name[:20]}"
    password = stack.manage("account", "create", name, "--role", "Administrator")
    with signed_in(chromium, stack, (name, password), "/upload") as visit:
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
        page.route("**/dicomweb/studies", self._pass)

    def mend(self) -> None:
        self._left = 1_000_000

    def break_after(self, number: int) -> None:
        self._left = number

    def _pass(self, route: Route) -> None:
        self._left -= 1
        if self._left < 0:
            route.abort("internetdisconnected")
        else:
            route.fallback()


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
    network.break_after(FILES // 3)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(cut_off).to_have_count(0)
    expect(cut_off).to_be_visible(timeout=PATIENCE_MS)
    before = held(stack, study)
    assert FILES // 2 < before < FILES
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
    who = ("reader", stack.manage("account", "create", "reader", "--role", "Auditor"))
    with signed_in(chromium, stack, who, "/upload") as visit:
        expect(visit.page.get_by_role("alert")).to_contain_text("You may not see this")
        expect(visit.page.get_by_role("button", name="Choose")).to_have_count(0)
