"""Reports in the browser: read, and nothing of them run."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import Visit, visiting
from tests.browser.people import somebody
from tests.imaging.reports.trees import item, report
from tests.stack import Stack
from tests.synthetic import encode, multipart

pytestmark = pytest.mark.peer("chromium")


@pytest.fixture
def reader(chromium: Browser, stack: Stack) -> Iterator[Visit]:
    """Yield the browser of somebody who is signed in."""
    who = somebody(stack, "rita", "Administrator")
    with visiting(chromium, stack.base_url) as visit:
        visit.open("/")
        visit.sign_in(*who)
        visit.page.wait_for_url(lambda url: "sign-in" not in url)
        yield visit


def test_a_report_is_shown_and_what_it_holds_does_nothing(
    reader: Visit, stack: Stack
) -> None:
    hostile = "<img src=x onerror=\"document.title='run'\"><script>1</script>"
    dataset = report(
        item("CONTAINER", "Findings", item("TEXT", hostile, TextValue=hostile)),
        title=f"Report {hostile[:40]}",
        PatientName="<script>alert(1)</script>",
    )
    body, headers = multipart(encode(dataset))
    headers["Authorization"] = f"Bearer {stack.token}"
    url = f"{stack.base_url}/dicomweb/studies"
    assert httpx.post(url, content=body, headers=headers, timeout=60).status_code == 200
    answer = reader.open(f"/dicomweb/studies/{dataset.StudyInstanceUID}/rendered")
    assert answer.status == 200
    assert answer.header_value("x-content-type-options") == "nosniff"
    heading = reader.page.get_by_role("heading", name="Findings", level=2)
    expect(heading).to_be_visible()
    expect(reader.page.get_by_text(hostile).last).to_be_visible()
    assert reader.page.title().startswith("Report <img")
    style = "() => getComputedStyle(document.querySelector('dl')).display"
    assert reader.page.evaluate(style) == "grid"  # the policy names its own style
    reader.picture("report")
    assert reader.page.locator("script, img").count() == 0
