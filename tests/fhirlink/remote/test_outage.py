"""A real server of somebody else (HAPI) that is away, and comes back.

Its port is closed, and opened again. On demand the server itself is killed::

    PORTAL_OUTAGE=killed python -m pytest tests/fhirlink/remote/test_outage.py
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.fhirlink.hapi.server import FhirServer, own_server, shared_space
from tests.fhirlink.remote.peer import Pair
from tests.fhirlink.remote.relay import Relay

pytestmark = [pytest.mark.peer("hapi"), pytest.mark.usefixtures("committing")]


@contextmanager
def server_with_a_space(data: Path) -> Iterator[tuple[FhirServer | Relay, str]]:
    """Give what can be killed and started again, and an empty space on it."""
    if os.environ.get("PORTAL_OUTAGE") == "killed":
        with own_server(data) as server:
            yield server, server.space()
        return
    space = urlsplit(shared_space())
    relay = Relay(space.port or 0)
    relay.start()
    try:
        yield relay, space._replace(netloc=f"127.0.0.1:{relay.port}").geturl()
    finally:
        relay.kill()


def test_nothing_is_lost_or_doubled_by_an_outage(tmp_path: Path, settings: Any) -> None:
    settings.EXPORT_HOSTS = ["127.0.0.1"]
    with server_with_a_space(tmp_path) as (server, space):
        pair = Pair(space, out=("Patient",), taken=("Condition",))
        pair.own(pair.patient("before"))
        pair.sync()
        server.kill()
        pair.own(pair.patient("before", gender="female"))
        pair.own(pair.patient("during"))
        for number in (1, 2):
            pair.sync()
            assert pair.server.failures == number
        pair.own(pair.patient("during", gender="male"))
        server.start()

        for _ in range(2):
            pair.sync()

        found = {each["gender"]: each for each in pair.found("Patient")}
        assert {g: each["meta"]["versionId"] for g, each in found.items()} == {
            "female": "2",
            "male": "1",
        }
        assert set(pair.states().values()) == {"sent"}
        assert (pair.server.failures, pair.server.error) == (0, "")
