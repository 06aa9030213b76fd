"""What axe-core finds in a page: a list of what hinders people, by its rules.

axe-core is a development dependency of the pages (``frontend/package.json``).
"""

import json
from functools import cache
from typing import Final

from playwright.sync_api import Page

from tests.browser.chromium import NARROW, SCHEMES, SIZE, Visit
from tests.frontend.built import FRONTEND

_SCRIPT: Final = FRONTEND / "node_modules/axe-core/axe.min.js"
# Colours that still change are no colours to be measured.
_RUN: Final = """async () => {
    for (const one of document.getAnimations()) {
        if (Number.isFinite(one.effect.getComputedTiming().endTime)) one.finish();
    }
    // What is loaded before is for a rule of sounds, which are none here.
    const asked = { resultTypes: ["violations"], preload: false };
    const { violations } = await axe.run(document, asked);
    return violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => [id, nodes.map(({ html, any }) =>
            [html.slice(0, 200), any[0]?.message])]);
}"""


def hindrances(page: Page) -> str:
    """Return what axe-core finds serious or critical in a page; empty: nothing."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(_source())
    found = page.evaluate(_RUN)
    return json.dumps(found, indent=1) if found else ""


def look_at(visit: Visit, name: str) -> None:
    """Keep pictures of a page, and hold that it is for everybody."""
    visit.pictures(name)
    assert_for_everybody(visit.page)


def assert_for_everybody(page: Page) -> None:
    """Hold that a page hinders nobody: in light and dark, and on a telephone."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = hindrances(page)
        assert not found, f"{scheme}: {found}"
    page.emulate_media(color_scheme="light")
    assert_narrow(page)


def assert_narrow(page: Page) -> None:
    """Hold that a page fits on a telephone, without scrolling sideways."""
    page.set_viewport_size(NARROW)
    try:
        found = hindrances(page)
        assert not found, f"on a telephone: {found}"
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= NARROW["width"], "it scrolls sideways"
    finally:
        page.set_viewport_size(SIZE)


@cache
def _source() -> str:
    return _SCRIPT.read_text(encoding="utf-8")
