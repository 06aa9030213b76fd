"""Which tests one process of pytest-xdist runs: a file's, and all those of browsers."""

from typing import Any, Final

import pytest
from xdist.scheduler.loadfile import LoadFileScheduling

BROWSERS: Final = "tests/browser/"


class OneBrowserAtATime(LoadFileScheduling):  # type: ignore[misc] # xdist has no types
    """Tests by file; Chromium draws without a graphics card, on all cores there are."""

    def _split_scope(self, nodeid: str) -> str:
        """Return what the tests of a process have in common."""
        file = str(super()._split_scope(nodeid))
        return BROWSERS if file.startswith(BROWSERS) else file


def pytest_xdist_make_scheduler(
    config: pytest.Config, log: Any
) -> OneBrowserAtATime | None:
    """Return the scheduler, where no other one is asked for."""
    asked = config.getoption("dist")
    return OneBrowserAtATime(config, log) if asked == "loadfile" else None
