"""Long work is followed on its page: it is told, and asked for where it is not."""

import re
from pathlib import Path
from threading import Thread
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import assert_for_everybody
from tests.browser.chromium import Visit
from tests.browser.house import House
from tests.browser.pages import heading
from tests.synthetic import encode, instance, new_uid

pytestmark = [pytest.mark.peer("chromium", "node"), pytest.mark.timeout(600)]

FILES: Final = 3_000  # some twenty steps of an import
# What the page says of how far the newest operation is, each once.
WATCH: Final = """() => {
    window.seen = [];
    const look = () => {
        const said = document.querySelector("main li")?.innerText ?? "";
        const percent = /(\\d+) %/.exec(said)?.[1];
        if (percent && window.seen.at(-1) !== Number(percent)) {
            window.seen.push(Number(percent));
        }
    };
    new MutationObserver(look).observe(document.body, {
        subtree: true, childList: true, characterData: true,
    });
    look();
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("import")
    uid = f"{new_uid()[:40]}.10000"
    pattern = encode(instance(SOPInstanceUID=uid))
    for number in range(FILES):
        other = f"{uid[:-5]}{10_000 + number}"
        content = pattern.replace(uid.encode(), other.encode())
        (folder / f"{number:04}.dcm").write_bytes(content)
    return folder


def follow_an_import(visit: Visit, house: House, folder: Path) -> list[int]:
    """Import a folder beside the page; return the percents that it has shown."""
    page = visit.page
    visit.open("/operations")
    heading(page, "Operations")
    page.wait_for_load_state("networkidle")
    before = page.get_by_role("listitem").count()
    partition = ("--partition", f"import-{new_uid()[-8:]}")
    work = Thread(target=house.stack.manage, args=("import", str(folder), *partition))
    work.start()
    try:
        look_until_listed(page, before + 1)
        page.evaluate(WATCH)
        visit.pictures("operation-running")
        newest = page.get_by_role("listitem").first
        expect(newest).to_contain_text(re.compile("Done"), timeout=60_000)
    finally:
        work.join()
    expect(newest.get_by_role("progressbar")).to_have_count(0)
    seen = page.evaluate("window.seen")
    assert isinstance(seen, list)
    return seen


def look_until_listed(page: Page, number: int) -> None:
    """Look anew until so many operations are listed."""
    for _ in range(200):
        if page.get_by_role("listitem").count() == number:
            return
        page.get_by_role("button", name="Look anew").click()
        page.wait_for_timeout(100)
    raise AssertionError(number)


def test_progress_is_told_as_it_is_made(ada: Visit, house: House, folder: Path) -> None:
    asked: list[str] = []
    ada.page.on(
        "request",
        lambda request: (
            asked.append(request.url)
            if "AskedOperation" in (request.post_data or "")
            else None
        ),
    )
    seen = follow_an_import(ada, house, folder)
    assert len(seen) >= 3, seen
    assert seen == sorted(seen)
    # It was told: nobody had to ask but where a step took long.
    assert len(asked) < len(seen)
    assert_for_everybody(ada.page)


def test_progress_is_asked_for_where_nothing_is_told(
    ada: Visit, house: House, folder: Path
) -> None:
    cuts: list[str] = []

    def cut(socket: object) -> None:
        cuts.append("cut")
        socket.close(code=1001)  # type: ignore[attr-defined] # Playwright's own

    ada.page.route_web_socket("**/graphql", cut)
    seen = follow_an_import(ada, house, folder)
    assert cuts
    assert seen == sorted(seen)
    ada.faults = [one for one in ada.faults if "WebSocket" not in one]
