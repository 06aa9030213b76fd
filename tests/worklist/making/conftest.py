"""Time, for tests of what is done later."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give what makes it so much later."""
    begun = timezone.now()

    def later(**time: float) -> None:
        now = begun + dt.timedelta(**time)
        monkeypatch.setattr(timezone, "now", lambda: now)

    return later
