"""The demo hospital, for tests that read answers."""

from typing import Any

import pytest

from tests.cohorts.hospital import open_hospital
from tests.fhirlink.linkage.world import World


@pytest.fixture
def hospital(settings: Any, committing: None) -> World:
    """Return a partition that holds the demo hospital; linked at once."""
    settings.LINK_QUIET_S = 0
    return open_hospital()
