"""HAPI's FHIR R4 server: a real server of somebody else, with real searches.

Whoever needs the shared one first starts it (half a minute, 700 MB); all processes of
the run share it, each test in a space of its own. It keeps its data when it is killed
and started again.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

import httpx

from tests import java
from tests.fhirlink.hapi.kit import KIT, options

PATIENCE_S: Final = 240.0


class FhirServer(java.Program):
    """A server with a data folder of its own; it may be killed and started again."""

    def __init__(self, installed: Path, data: Path) -> None:
        command = [*options(installed, "1200m"), "FhirServer"]
        super().__init__(data, command, _answers, patience_s=PATIENCE_S)

    def space(self) -> str:
        """Return the base address of an empty space, which no other one looks into."""
        return _space(self.url)


def shared_space() -> str:
    """Return the base address of an empty space on the run's shared server.

    Skips (or fails) the test where there can be none. FHIR's addresses follow it:
    ``{space}/Patient/1``.
    """
    return _space(_shared_url())


@contextmanager
def own_server(data: Path) -> Iterator[FhirServer]:
    """Run a server for one test alone, which may kill it, hang it and start it anew."""
    server = FhirServer(KIT.install(), data)
    try:
        server.start()
        yield server
    finally:
        server.kill()


@cache
def _shared_url() -> str:
    home = KIT.install()
    return java.shared_url("fhir-server", lambda folder: FhirServer(home, folder))


def _space(url: str) -> str:
    return f"{url}/fhir/{random.SystemRandom().randint(1, 2**31 - 1)}"


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/fhir/1/metadata", timeout=60).status_code == 200
    except httpx.HTTPError:
        return False
