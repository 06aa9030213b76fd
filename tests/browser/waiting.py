"""Waits for what Playwright's own expectations do not wait for."""

import time
from collections.abc import Callable
from typing import Final

from playwright.sync_api import FloatRect, Locator, Route

LATE_MS: Final = 1_500
PATIENCE_S: Final = 60.0


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def box_of(place: Locator) -> FloatRect:
    """Return where something lies, once it does: pages make their layout anew."""
    found: list[FloatRect] = []

    def lies_there() -> bool:
        box = place.bounding_box()
        found[:] = [box] if box else []
        return bool(found)

    wait_for(lies_there)
    return found[0]


def answer_late(route: Route) -> None:
    """Let what a page asks for come late, as from afar."""
    route.request.frame.page.wait_for_timeout(LATE_MS)
    route.continue_()
