"""The list of studies at thousands of them: scrolled to its end, and small.

The rows are made in the database, after the pattern of one study that was stored: they
are what search reads. ``PORTAL_TEST_LISTED=20000`` makes more.
"""

from collections.abc import Iterator
from typing import Final

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from portal import env
from tests.browser.chromium import Visit
from tests.browser.house import rows
from tests.browser.pages import portal_with_pages, signed_in, store
from tests.browser.people import somebody
from tests.stack import Stack
from tests.synthetic import instance, new_uid

pytestmark = [pytest.mark.peer("chromium", "node"), pytest.mark.timeout(900)]

LISTED: Final = env.integer("PORTAL_TEST_LISTED", 5_000, minimum=5_000)
PATIENCE_MS: Final = 60_000 + 10 * LISTED
MOST_ELEMENTS: Final = 2_500  # of the whole page, however long the list is
PATTERN: Final = "L000000"
# What a study says of itself lies in columns, and as text that search answers.
SAYS: Final = ("summary", "attributes")
NAMED: Final = ("study_instance_uid", "accession_number", "accession_number_folded")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with portal_with_pages(tmp_path_factory.mktemp("stack")) as stack:
        uid = new_uid()
        words = {"AccessionNumber": PATTERN, "StudyDescription": "One of many"}
        store(stack, instance(StudyInstanceUID=uid, **words))
        multiply(stack, uid, LISTED - 1)
        yield stack


def multiply(stack: Stack, uid: str, number: int) -> None:
    """Make more rows of a study, each with a UID and an accession number of its own."""
    with psycopg.connect(stack.places.database_url) as connection:
        found = connection.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = 'imaging_study' AND column_name <> 'id'"
            " AND is_generated = 'NEVER'"
        )
        columns = [name for (name,) in found]
        values = [value_of(name) for name in columns]
        connection.execute(
            f"INSERT INTO imaging_study ({', '.join(columns)})"
            f" SELECT {', '.join(values)} FROM imaging_study,"
            " generate_series(1, %(number)s) AS number"
            " WHERE study_instance_uid = %(uid)s",
            {"uid": uid, "number": number, "pattern": PATTERN},
        )
        connection.execute("ANALYZE imaging_study")


def value_of(column: str) -> str:
    """Return what a column has in the row of a number."""
    text = f"convert_from({column}, 'UTF8')" if column in SAYS else column
    for old, new in (
        ("%(uid)s", "%(uid)s || '.' || number"),
        ("%(pattern)s", "'L' || lpad(number::text, 6, '0')"),
        ("lower(%(pattern)s)", "'l' || lpad(number::text, 6, '0')"),
    ):
        text = f"replace({text}, {old}, {new})"
    if column in SAYS:
        return f"convert_to({text}, 'UTF8')"
    return text if column in NAMED else column


@pytest.fixture
def ada(chromium: Browser, stack: Stack) -> Iterator[Visit]:
    who = somebody(stack, "ada", "Administrator")
    with signed_in(chromium, stack, who, "/studies?sort=AccessionNumber") as visit:
        yield visit


def elements(page: Page) -> int:
    return int(page.evaluate("document.getElementsByTagName('*').length"))


def test_the_list_goes_to_its_end_and_stays_small(ada: Visit) -> None:
    page = ada.page
    assert "L000000" in rows(page)[0]
    expect(page.get_by_text(f"{LISTED:,} studies")).to_be_visible()
    small = elements(page)
    assert small < MOST_ELEMENTS
    grid = page.get_by_role("grid", name="Studies")
    expect(grid).to_have_attribute("aria-rowcount", str(LISTED + 1))
    last = f"[aria-rowindex='{LISTED + 1}']"
    page.evaluate(
        """last => {
            const grid = document.querySelector("[role=grid]");
            window.most = 0;
            const timer = setInterval(() => {
                grid.scrollTop = grid.scrollHeight;
                const now = document.getElementsByTagName("*").length;
                window.most = Math.max(window.most, now);
                if (grid.querySelector(last)) clearInterval(timer);
            }, 20);
        }""",
        last,
    )
    expect(grid.locator(last)).to_contain_text(f"L{LISTED - 1:06}", timeout=PATIENCE_MS)
    assert page.evaluate("window.most") < MOST_ELEMENTS
    ada.picture("studies-end")
    # All of them are chosen, and the way back is short.
    grid.focus()
    page.keyboard.press("Control+a")
    bar = page.get_by_role("toolbar", name="With the chosen studies")
    expect(bar).to_contain_text(f"{LISTED:,} studies chosen")
    page.keyboard.press("Escape")
    page.keyboard.press("Home")
    expect(grid.locator("[aria-rowindex='2']")).to_contain_text("L000000")
    assert elements(page) < MOST_ELEMENTS
