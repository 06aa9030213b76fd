"""Chromium for the tests of a module, beside the portal that all tests share."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import running_chromium


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Yield Chromium."""
    with running_chromium() as browser:
        yield browser
