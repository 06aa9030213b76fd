"""A partition for each test of the linker."""

from typing import Any

import pytest

from tests.fhirlink.linkage.world import AUTHORITY, World


@pytest.fixture
def world(settings: Any, db: None) -> World:
    """Return an empty partition, whose studies are linked at once."""
    settings.LINK_QUIET_S = 0
    settings.ASSIGNING_AUTHORITY = AUTHORITY
    settings.ACCESSION_SYSTEM = "urn:oid:1.2.3.5"
    settings.LINK_ADDRESS = "https://portal.example/dicomweb"
    return World()
