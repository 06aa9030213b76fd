"""Chromium for the tests of a module, and a portal to look at."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import Visit, running_chromium
from tests.browser.house import House, furnished_house
from tests.browser.pages import heading, signed_in


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Yield Chromium."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Yield a portal with many studies."""
    with furnished_house(tmp_path_factory.mktemp("stack")) as house:
        yield house


@pytest.fixture
def ada(chromium: Browser, house: House) -> Iterator[Visit]:
    """Yield the browser of an administrator, who has just signed in."""
    with signed_in(chromium, house.stack, house.ada) as visit:
        heading(visit.page, "Welcome, ada")
        yield visit
