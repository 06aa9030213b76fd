"""Chromium as people use it: pages of the portal, looked at and clicked.

Playwright drives the Chromium that is installed; it brings none of its own. What a page
must not do in anybody's browser is noted on the way (`Visit.faults`): ask another site
for something, break its own policy, fail a request, write an error to the console.

References
----------
Playwright for Python: locators find what a person would: by role, label and text.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    Response,
    StorageState,
    ViewportSize,
    expect,
    sync_playwright,
)

from portal import env
from tests.peers import require_peer

SIZE: Final = ViewportSize(width=1300, height=900)
NARROW: Final = ViewportSize(width=390, height=844)
SCHEMES: Final = ("light", "dark")
PATIENCE_MS: Final = 60_000
# WebGL without a graphics card. Pages are put together by the processor at once: by way
# of what stands in for the card it takes longer.
SOFTWARE_WEBGL: Final = (
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",
)
# What Playwright says of a way to a page that another one has crossed.
LED_AWAY: Final = ("ERR_ABORTED", "interrupted by another navigation")
# What a page asks of other sites ends here, also where this machine could reach them.
AT_HOME: Final = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
# How many grey levels a picture has, drawn as 64 by 64 points: black has one.
GREY_LEVELS: Final = """canvas => {
    const small = document.createElement("canvas");
    small.width = small.height = 64;
    const pen = small.getContext("2d");
    pen.drawImage(canvas, 0, 0, 64, 64);
    const { data } = pen.getImageData(0, 0, 64, 64);
    return new Set(data.filter((_, at) => at % 4 === 1)).size;
}"""


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Run Chromium, without a window; skips (or fails) the test where there is none.

    Playwright's loop runs in this thread meanwhile: no test beside it may run another,
    or use the database of the tests.
    """
    program = require_peer("chromium")["chromium"]
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=[AT_HOME, *SOFTWARE_WEBGL]
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def without_webgl(browser: Browser) -> Iterator[Browser]:
    """Run another Chromium beside one, as on a machine whose graphics are unusable."""
    program = require_peer("chromium")["chromium"]
    other = browser.browser_type.launch(
        executable_path=program, args=[AT_HOME, "--disable-3d-apis"]
    )
    try:
        yield other
    finally:
        other.close()


class Visit:
    """One person's browser on the portal: cookies of its own, one page.

    Attributes
    ----------
    page
        What the person sees, driven by Playwright's locators.
    faults
        What pages of the portal did that none may do.
    absent
        Ends of addresses that this portal does not have: no fault of a page.
    """

    def __init__(self, context: BrowserContext, base_url: str) -> None:
        """`context` is the browser, with nothing open in it."""
        self.context = context
        self.faults: list[str] = []
        self.absent: tuple[str, ...] = ()
        self._origin = _origin(base_url)
        self._pictures = count(1)
        self.context.on("request", self._note)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("response", self._look)

    def leave(self) -> None:
        """Close all that is open, and look no longer."""
        for page in self.context.pages:
            page.close()
        self.context.remove_listener("request", self._note)

    def open(self, path: str) -> Response:
        """Go to a page by its address, and return what the server has answered."""
        try:
            answer = self.page.goto(path)
        except Error as error:
            if (
                "ERR_ABORTED" not in error.message
                and "another nav" not in error.message
            ):
                raise
            # The page before has asked at that moment, and was led to the sign-in.
            answer = self.page.goto(path)
        assert answer is not None
        return answer

    def sign_in(self, name: str, password: str) -> None:
        """Fill in the form that is shown, and send it."""
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def status_of(self, path: str) -> int:
        """Return the status of an address, asked with the cookies of this browser."""
        return self.context.request.get(path).status

    def picture(self, name: str) -> None:
        """Keep how the page looks, where ``PORTAL_SCREENSHOTS`` names a folder."""
        folder = env.text("PORTAL_SCREENSHOTS")
        if folder:
            path = Path(folder) / f"{name}-{next(self._pictures):02}.png"
            self.page.screenshot(path=path, full_page=True)

    def pictures(self, name: str) -> None:
        """Keep how the page looks in light and dark, on a desk and on a telephone."""
        if not env.text("PORTAL_SCREENSHOTS"):
            return
        for scheme in SCHEMES:
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            for word, size in (("", SIZE), ("-narrow", NARROW)):
                self.page.set_viewport_size(size)
                self.picture(f"{name}-{scheme}{word}")
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size(SIZE)

    def _note(self, request: Request) -> None:
        """Note what a page asks another site for; it does not get there."""
        parts = urlsplit(request.url)
        if (
            parts.scheme not in {"http", "https"}
            or _origin(request.url) == self._origin
        ):
            return  # the browser's own parts show PDFs
        if _is_ours(request, self._origin):
            self.faults.append(f"asks another site: {request.url}")

    def _hear(self, message: ConsoleMessage) -> None:
        """Note what the console says; a refused policy is told there as well."""
        is_ours = _origin(message.location.get("url", "")) in {"", self._origin}
        is_status = message.text.startswith("Failed to load resource")  # `_look` knows
        if message.type in {"error", "warning"} and is_ours and not is_status:
            self.faults.append(f"console: {message.text}")

    def _look(self, response: Response) -> None:
        """Note what the portal fails at; a page may well be a refusal."""
        if response.status == 404 and "/thumbnail" in response.url:
            return  # of objects without pixels; the page shows words for them
        if response.status == 404 and response.url.endswith(self.absent):
            return
        least = 500 if response.request.is_navigation_request() else 400
        if _origin(response.url) == self._origin and response.status >= least:
            self.faults.append(f"{response.status}: {response.url}")


def new_context(
    browser: Browser, base_url: str, state: StorageState | None = None
) -> BrowserContext:
    """Return a browser for one person; `state` is what another one has kept."""
    context = browser.new_context(
        base_url=base_url,
        viewport=SIZE,
        locale="en-GB",
        timezone_id="UTC",
        storage_state=state,
    )
    context.set_default_timeout(PATIENCE_MS)
    return context


@contextmanager
def visiting(browser: Browser, base_url: str) -> Iterator[Visit]:
    """Open a new browser; what its pages may not do fails the test."""
    context = new_context(browser, base_url)
    try:
        with visiting_in(context, base_url) as visit:
            yield visit
    finally:
        context.close()


@contextmanager
def visiting_in(context: BrowserContext, base_url: str) -> Iterator[Visit]:
    """Visit the portal; what its pages may not do fails the test."""
    visit = Visit(context, base_url)
    try:
        yield visit
    finally:
        visit.leave()
    assert not visit.faults, visit.faults


def grey_levels(canvas: Locator) -> int:
    """Return how many grey levels a canvas shows; 1 where nothing is drawn."""
    return int(canvas.evaluate(GREY_LEVELS))


def _is_ours(request: Request, origin: str) -> bool:
    """Return whether a page of the portal asks; where people go by a link, they do."""
    return not request.is_navigation_request() and _origin(request.frame.url) == origin


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
